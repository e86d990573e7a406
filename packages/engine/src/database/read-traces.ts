// Where tasks and lost attempts belong, for whoever traces them and did not run them.
import type { TaskId } from '../ids.ts'
import { correlationIdOf } from '../correlation.ts'
import type { LostAttempt, LostClaim, StoredTrace } from '../instrumentation.ts'
import type { Database, Row } from './connect.ts'

export async function readTraces(
  database: Database,
  taskIds: readonly string[],
): Promise<StoredTrace[]> {
  const { schema } = database
  const rows = await database.run(
    'read_traces',
    `select t.task_id, t.started_at, c.trace_parent, c.correlation_id,
       c.context -> 'correlation_id' as correlation_id_in_context
     from ${schema}.tasks t
     left join ${schema}.task_contexts c on c.task_id = t.task_id
     where t.task_id = any ($1::uuid[])`,
    [taskIds],
  )
  return rows.map((row) => ({
    taskId: row['task_id'] as TaskId,
    traceParent: row['trace_parent'] as string | null,
    correlationId: correlationOf(row),
    taskStartedAt: row['started_at'] as Date | null,
  }))
}

/** What tasks are known by. */
export async function readCorrelationIds(
  database: Database,
  taskIds: readonly TaskId[],
): Promise<ReadonlyMap<TaskId, string>> {
  const traces = await readTraces(database, taskIds)
  return new Map(traces.map(({ taskId, correlationId }) => [taskId, correlationId]))
}

/** Claims that were taken over. */
export async function readLostAttempts(
  database: Database,
  claims: readonly LostClaim[],
): Promise<LostAttempt[]> {
  const { schema } = database
  const rows = await database.run(
    'read_lost_attempts',
    `select k.task_id, k.step_no, k.claim_no, n.name as namespace, nt.name as task_name, d.version, g.name, g.depends_on,
       h.attempt, h.at, s.losses, c.trace_parent, c.correlation_id,
       c.context -> 'correlation_id' as correlation_id_in_context
     from unnest($1::uuid[], $2::integer[], $3::integer[]) as k(task_id, step_no, claim_no)
     join ${schema}.tasks t on t.task_id = k.task_id
     join ${schema}.definitions d on d.definition_id = t.definition_id
     join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
     join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
     join ${schema}.step_claims h on h.task_id = k.task_id and h.step_no = k.step_no and h.claim_no = k.claim_no
     join ${schema}.workflow_steps s on s.task_id = k.task_id and s.step_no = k.step_no
     cross join lateral (
       select g.name, array(
         select p.name from ${schema}.graph_steps p
         where p.graph_id = t.graph_id and p.step_no = any (g.parents)
         order by p.step_no
       ) as depends_on
       from ${schema}.graph_steps g
       where g.graph_id = t.graph_id and g.step_no = k.step_no
       offset 0 -- see finish_steps.sql
     ) g
     left join ${schema}.task_contexts c on c.task_id = k.task_id`,
    [
      claims.map(({ taskId }) => taskId),
      claims.map(({ stepNo }) => stepNo),
      claims.map(({ claimNo }) => claimNo),
    ],
  )
  return rows.map((row) => ({
    taskId: row['task_id'] as TaskId,
    namespace: row['namespace'] as string,
    taskName: row['task_name'] as string,
    version: row['version'] as string,
    stepNo: row['step_no'] as number,
    claimNo: row['claim_no'] as number,
    name: row['name'] as string,
    attempts: row['attempt'] as number,
    losses: row['losses'] as number,
    dependsOn: row['depends_on'] as string[],
    startedAt: row['at'] as Date,
    traceParent: row['trace_parent'] as string | null,
    correlationId: correlationOf(row),
  }))
}

/** Of the columns task_id, correlation_id and correlation_id_in_context. */
export const correlationOf = (row: Row): string =>
  correlationIdOf({
    taskId: row['task_id'] as TaskId,
    correlationId: row['correlation_id'] as string | null,
    context: { correlation_id: row['correlation_id_in_context'] },
  })
