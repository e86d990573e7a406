// The engine's invariants (src/database/invariants.ts) over all rows, and what holds beside them once everything has ended.
// Each violation is one sentence with the ids.
import type pg from 'pg'
import { findViolations, openTask, type Invariant } from '../../src/database/invariants.ts'

/** Any number of violations, empty when all is well. True at every moment, whatever runs. */
export async function checkInvariants(client: pg.ClientBase, schema: string): Promise<string[]> {
  return violationsOf(client, schema)
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
