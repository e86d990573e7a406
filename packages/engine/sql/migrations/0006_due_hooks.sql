-- What is due and runs no step handler (deadlines and annotations hooks, step_no -1 and 0) is looked for apart while no slot
-- is free, however many steps are due before it.
create index due_hooks_idx on tasker.due (lane, step_no, run_at) where step_no <= 0;
