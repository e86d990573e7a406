-- Locks the tasks of these outcomes, by id, and says which. A busy task is left out; with p_waits it is waited for.
-- Part of finish_steps, whose plan settings hold here too.
create or replace function tasker.lock_tasks_of(p_outcomes jsonb, p_waits boolean) returns uuid[]
language plpgsql
as $$
begin
  if p_waits then
    return array(
      select p.task_id
      from tasker.task_progress p
      where p.task_id in (select (o ->> 'task_id')::uuid from jsonb_array_elements(p_outcomes) o)
      order by p.task_id
      for no key update
    );
  end if;
  return array(
    select p.task_id
    from tasker.task_progress p
    where p.task_id in (select (o ->> 'task_id')::uuid from jsonb_array_elements(p_outcomes) o)
    order by p.task_id
    for no key update skip locked
  );
end
$$;
