// The engine's invariants (src/database/invariants.ts) over all rows, and what holds beside them once everything has ended.
// Each violation is one sentence with the ids.
import type pg from 'pg'
import { findViolations, openTask, type Invariant } from '../../src/database/invariants.ts'

/** Any number of violations, empty when all is well. True at every moment, whatever runs. */
export async function checkInvariants(client: pg.ClientBase, schema: string): Promise<string[]> {
  return [
    ...(await violationsOf(client, schema)),
    ...(await violationsOf(client, schema, ofTheJournal)),
  ]
}

/** The same, and what holds once every task has ended and every worker has settled its calls. */
export async function checkAfterTheEnd(client: pg.ClientBase, schema: string): Promise<string[]> {
  return [
    ...(await checkInvariants(client, schema)),
    ...(await violationsOf(client, schema, afterTheEnd)),
  ]
}

async function violationsOf(
  client: pg.ClientBase,
  schema: string,
  of?: readonly Invariant[],
): Promise<string[]> {
  const found = await findViolations(
    async (text, values) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
    { schema, ...(of === undefined ? {} : { of }) },
  )
  return found.map(({ says, subject }) => `${says}: ${subject}`)
}

// Not among the engine's own: it reads all of the journal, and old rows are not in it any more.
const ofTheJournal: readonly Invariant[] = [
  {
    name: 'journal',
    says: 'an entry of the history that does not stand once in the journal',
    of: 'tasks',
    sql: `
      select e.entry || ' stands ' || count(k.task_id) || ' times' as subject
      from (
        select h.task_id, h.seq, null::integer as step_no, null::integer as claim_no, h.at, h.task_id || '/' || h.seq as entry
        from tasker.task_transitions h
        union all
        select h.task_id, h.seq, null, null, h.at, h.task_id || '/' || h.seq
        from tasker.workflow_step_transitions h
        union all
        select c.task_id, case when c.is_fused then c.since_seq end, case when not c.is_fused then c.step_no end,
          case when not c.is_fused then c.claim_no end, c.at, c.task_id || '/' || c.step_no || '/' || c.claim_no
        from tasker.step_claims c
      ) e
      left join (
        select k.*
        from tasker.history_journal j
        cross join lateral unnest(
          j.task_ids, j.first_seqs, coalesce(j.last_seqs, j.first_seqs), j.step_nos, j.claim_nos)
          as k(task_id, first_seq, last_seq, step_no, claim_no)
      ) k on k.task_id = e.task_id
        and (e.seq between k.first_seq and k.last_seq or (e.step_no = k.step_no and e.claim_no = k.claim_no))
      group by e.entry
      having count(k.task_id) <> 1`,
  },
]

const afterTheEnd: readonly Invariant[] = [
  {
    name: 'task-ended',
    says: 'a task that never ended',
    of: 'tasks',
    sql: `select t.task_id || ' is ' || t.state as subject from tasker.tasks t where ${openTask}`,
  },
  {
    name: 'nothing-runs',
    says: 'a step in progress that nobody runs',
    of: 'tasks',
    sql: `
      select s.task_id || '/' || s.step_no as subject
      from tasker.workflow_steps s where s.state = 'in_progress'`,
  },
  {
    name: 'receipts-settled',
    says: 'a receipt that nobody settled',
    of: 'workers',
    sql: `select r.worker_id || ' ' || r.call_id as subject from tasker.receipts r`,
  },
  {
    name: 'nothing-due',
    says: 'a due row that is left over',
    of: 'tasks',
    sql: `select d.task_id || '/' || d.step_no as subject from tasker.due d`,
  },
]
