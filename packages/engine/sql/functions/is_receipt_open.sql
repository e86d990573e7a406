-- Whether a receipt still says something: a step in it runs under the claim that it names.
create or replace function tasker.is_receipt_open(p_receipt tasker.receipts) returns boolean
language sql
stable
as $$
  select exists (
    select 1
    from unnest(p_receipt.task_ids, p_receipt.step_nos, p_receipt.claim_nos) as c(task_id, step_no, claim_no)
    join tasker.workflow_steps s on s.task_id = c.task_id and s.step_no = c.step_no
    where s.state = 'in_progress' and s.claim_no = c.claim_no
  );
$$;
