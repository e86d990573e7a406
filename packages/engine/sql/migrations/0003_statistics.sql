-- What statistics are answered from when there are many tasks. Ended tasks do not change, so their counts are kept; open
-- tasks are few, so they are counted when somebody asks. Who ends a task only notes its id; one worker adds it up later.

-- Ended tasks that are not added up yet: one row per call that ended some. No index, because appending is on everybody's
-- way and the table is short. In the row itself as long as it fits: a copy elsewhere would cost more.
create table tasker.task_ends (
  end_id uuid not null default gen_random_uuid(),
  task_ids uuid[] not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500); -- every row goes soon
alter table tasker.task_ends alter column task_ids set storage main;

-- Sums over ended tasks by definition and by when they were created: of all time (starts_at -infinity), of each hour and
-- of each minute (UTC). task_time: creation to end of complete tasks. run_time and wait_time: of complete steps, start to
-- end of the last attempt, and creation of the task to that start. first_task_id: no smaller id is in the row.
create table tasker.task_counts (
  span text not null check (span in ('all', 'hour', 'minute')),
  starts_at timestamptz not null,
  definition_id integer not null,
  tasks_complete bigint not null,
  tasks_error bigint not null,
  tasks_cancelled bigint not null,
  tasks_resolved_manually bigint not null,
  steps_pending bigint not null,
  steps_in_progress bigint not null,
  steps_complete bigint not null,
  steps_error bigint not null,
  steps_cancelled bigint not null,
  steps_resolved_manually bigint not null,
  steps_skipped bigint not null,
  steps_run bigint not null,
  task_time interval not null,
  run_time interval not null,
  wait_time interval not null,
  first_task_id uuid not null,
  primary key (span, starts_at, definition_id)
) with (fillfactor = 50);

-- The longest runs among the tasks that are added up: of each definition and hour of creation no more than 30 tasks and
-- 30 steps. step_no 0 is the task itself. In no order: thirty are sorted faster than a second index is kept.
create table tasker.slow_runs (
  kind text not null check (kind in ('task', 'step')),
  definition_id integer not null,
  starts_at timestamptz not null,
  duration interval not null,
  created_at timestamptz not null,
  task_id uuid not null,
  step_no integer not null,
  primary key (kind, starts_at, definition_id, task_id, step_no)
);

-- The hours that slow_runs is about: the longest run it has of each, and the longest that was left out of it: down to
-- there it is complete.
create table tasker.slow_hours (
  kind text not null check (kind in ('task', 'step')),
  starts_at timestamptz not null,
  definition_id integer not null,
  longest interval,
  left_out interval,
  primary key (kind, starts_at, definition_id)
) with (fillfactor = 70);

-- Tasks that ended before these tables came.
insert into tasker.task_ends (task_ids)
select array_agg(t.task_id)
from (select t.task_id, row_number() over (order by t.task_id) / 200 as page from tasker.tasks t where t.ended_at is not null) t
group by t.page;
