-- Begins the statistics anew from the tasks themselves: for tables that were written by hand, such as a partial restore.
-- All ended tasks are noted, and the roll-up adds them up again; until it has, statistics are right and slow. Nobody ends
-- a task while it runs.
create or replace function tasker.recount_tasks() returns void
language plpgsql
as $$
begin
  lock table tasker.task_ends, tasker.task_counts, tasker.slow_runs, tasker.slow_hours in access exclusive mode;
  delete from tasker.task_ends;
  delete from tasker.task_counts;
  delete from tasker.slow_runs;
  delete from tasker.slow_hours;
  insert into tasker.task_ends (task_ids)
  select array_agg(t.task_id)
  from (
    select t.task_id, row_number() over (order by t.task_id) / 200 as page
    from tasker.tasks t
    where t.ended_at is not null
  ) t
  group by t.page;
end
$$;
