// The engine's invariants (src/database/invariants.ts) over all tasks, with the replay of the history (replay.ts), that the
// statistics know each ended task once, and what holds beside them once everything has ended. Each violation is one sentence with the ids.
import type pg from 'pg'
import { findViolations, openTask, type Invariant } from '../../src/database/invariants.ts'
import { replayHistory } from './replay.ts'

/** Any number of violations, empty when all is well. True at every moment, whatever runs. */
export async function checkInvariants(client: pg.ClientBase, schema: string): Promise<string[]> {
  const violations = await violationsOf(client, schema)
  return [
    ...violations,
    ...(await violationsOf(client, schema, ofStatistics)),
    ...(await replayHistory(client, schema)),
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

/** Read whole, so for tests only. */
const ofStatistics: readonly Invariant[] = [
  {
    says: 'a definition whose ended tasks are not those of the statistics',
    sql: `
      with ended as (
        select n.definition_id, n.tasks_complete, n.tasks_error, n.tasks_cancelled, n.tasks_resolved_manually,
          n.steps_pending, n.steps_in_progress, n.steps_complete, n.steps_error, n.steps_cancelled,
          n.steps_resolved_manually, n.steps_skipped, n.steps_run, n.task_time, n.run_time, n.wait_time
        from tasker.count_tasks(array(select t.task_id from tasker.tasks t where not ${openTask}), null, null) n
      ),
      noted as (
        select n.*
        from tasker.count_tasks(array(
          select k.task_id from tasker.task_ends e cross join lateral unnest(e.task_ids) as k(task_id)), null, null) n
      ),
      known as (
        select k.definition_id, sum(k.tasks_complete)::bigint, sum(k.tasks_error)::bigint, sum(k.tasks_cancelled)::bigint,
          sum(k.tasks_resolved_manually)::bigint, sum(k.steps_pending)::bigint, sum(k.steps_in_progress)::bigint,
          sum(k.steps_complete)::bigint, sum(k.steps_error)::bigint, sum(k.steps_cancelled)::bigint,
          sum(k.steps_resolved_manually)::bigint, sum(k.steps_skipped)::bigint, sum(k.steps_run)::bigint,
          sum(k.task_time), sum(k.run_time), sum(k.wait_time)
        from (
          select c.definition_id, c.tasks_complete, c.tasks_error, c.tasks_cancelled, c.tasks_resolved_manually,
            c.steps_pending, c.steps_in_progress, c.steps_complete, c.steps_error, c.steps_cancelled,
            c.steps_resolved_manually, c.steps_skipped, c.steps_run, c.task_time, c.run_time, c.wait_time
          from tasker.task_counts c
          where c.span = 'all'
          union all
          select n.definition_id, n.tasks_complete, n.tasks_error, n.tasks_cancelled, n.tasks_resolved_manually,
            n.steps_pending, n.steps_in_progress, n.steps_complete, n.steps_error, n.steps_cancelled,
            n.steps_resolved_manually, n.steps_skipped, n.steps_run, n.task_time, n.run_time, n.wait_time
          from noted n
        ) k
        group by k.definition_id
      )
      (select 'only in the tasks: ' || e as subject from (select * from ended except select * from known) e)
      union all
      (select 'only in the statistics: ' || k from (select * from known except select * from ended) k)`,
  },
  {
    says: 'a task that is noted for the statistics twice or not ended',
    sql: `
      select k.task_id::text as subject
      from tasker.task_ends e
      cross join lateral unnest(e.task_ids) as k(task_id)
      left join tasker.tasks t on t.task_id = k.task_id
      group by k.task_id
      having count(*) > 1 or bool_or(t.ended_at is null)`,
  },
  {
    says: 'a long run of a task that is not in the statistics',
    sql: `
      select r.task_id || '/' || r.step_no as subject
      from tasker.slow_runs r
      where exists (select 1 from tasker.task_ends e where r.task_id = any (e.task_ids))
        or not exists (select 1 from tasker.tasks t where t.task_id = r.task_id and not ${openTask})`,
  },
]

const afterTheEnd: readonly Invariant[] = [
  {
    says: 'a task that never ended',
    sql: `select t.task_id || ' is ' || t.state as subject from tasker.tasks t where ${openTask}`,
  },
  {
    says: 'a step in progress that nobody runs',
    sql: `
      select s.task_id || '/' || s.step_no as subject
      from tasker.workflow_steps s where s.state = 'in_progress'`,
  },
  {
    says: 'a receipt that nobody settled',
    sql: `select r.worker_id || ' ' || r.call_id as subject from tasker.receipts r`,
  },
  {
    says: 'a due row that is left over',
    sql: `select d.task_id || '/' || d.step_no as subject from tasker.due d`,
  },
]
