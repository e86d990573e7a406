-- Notes in the journal what a statement appended to the history: the trigger of its three tables. `added` holds its rows.
-- Runs at the end of the statement, in its transaction. Entries of tasks are noted one by one, because entries of steps may
-- lie between them; those of steps as one run for each task, because a statement gives them numbers without a gap.
-- A fused claim is noted by the entry it follows: both come from one call, which alone has that number.
create or replace function tasker.journal_history() returns trigger
language plpgsql
set jit = off
as $$
begin
  case tg_table_name
    when 'task_transitions' then
      insert into tasker.history_journal (task_ids, first_seqs)
      select array_agg(n.task_id), array_agg(n.seq)
      from added n
      having count(*) > 0;
    when 'workflow_step_transitions' then
      insert into tasker.history_journal (task_ids, first_seqs, last_seqs)
      select array_agg(n.task_id), array_agg(n.first_seq), nullif(array_agg(n.last_seq), array_agg(n.first_seq))
      from (select n.task_id, min(n.seq) as first_seq, max(n.seq) as last_seq from added n group by n.task_id) n
      having count(*) > 0;
    when 'step_claims' then
      insert into tasker.history_journal (task_ids, step_nos, claim_nos)
      select array_agg(n.task_id), array_agg(n.step_no), array_agg(n.claim_no)
      from added n
      where not n.is_fused
      having count(*) > 0;
  end case;
  return null;
end
$$;
