-- What a worker says of its slots with each heartbeat. `slots` is how many steps it may run at once now; beside it stand the
-- most it may ever run, how many it runs, and what holds it below the most (null: nothing). A version that does not know
-- these columns leaves them null.
alter table tasker.workers
  add column slots_max integer,
  add column slots_in_use integer,
  add column slots_reason text;
