-- Ends the transactions that attempts of lost workers have left open: what their handlers locked would stay locked until
-- the limits of the session end it.
-- A session says which attempt it works for in its application_name, only while that transaction lasts (see
-- database/transaction-steps.ts). So what is ended is that transaction and no other, whoever has its process id since.
-- p_attempts: [{task_id, step_no, claim_no}]. `remaining`: what this role may not end, and what did not end within a
-- moment; those wait for their limits.
create or replace function tasker.end_zombies(p_attempts jsonb, out ended integer, out remaining integer)
language plpgsql
as $$
declare
  v_pid integer;
begin
  ended := 0;
  remaining := 0;
  perform pg_stat_clear_snapshot();
  for v_pid in
    select a.pid
    from pg_stat_activity a
    join jsonb_to_recordset(p_attempts) as p(task_id uuid, step_no integer, claim_no integer)
      on a.application_name = format('tasker step %s/%s/%s', p.task_id, p.step_no, p.claim_no)
    where a.datname = current_database() and a.pid <> pg_backend_pid()
      and a.backend_type is distinct from 'parallel worker' -- null where it is hidden from this role
  loop
    begin
      -- Waits for its locks to go, since the step is taken over next.
      if pg_terminate_backend(v_pid, 250) then
        ended := ended + 1;
      else
        remaining := remaining + 1;
      end if;
    exception when insufficient_privilege then
      remaining := remaining + 1;
    end;
  end loop;
end
$$;
