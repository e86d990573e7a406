// The log of what was asked of the server: an entry is begun before a change is attempted, and completed by what became of it.
import type { TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import type { Database, Row } from './connect.ts'

export const auditOutcomes = ['done', 'denied', 'refused', 'failed'] as const
/** `denied`: not allowed. `refused`: not possible as things stand. `failed`: the server's fault, so unknown. */
export type AuditOutcome = (typeof auditOutcomes)[number]

/** One attempt to change something. */
export interface AuditAttempt {
  readonly actor: string
  /** As the REST interface calls it: `cancelTask`. */
  readonly operation: string
  readonly permission: string | null
  /** `rest`, `graphql`, `cli`. */
  readonly transport: string
  readonly taskId: TaskId | null
  /** Names of steps of that task. */
  readonly steps: readonly string[] | null
  readonly namespace: string | null
  /** What else says which things were meant. */
  readonly addressed: JsonObject
  readonly reason: string | null
  readonly correlationId: string | null
  /** Of the caller. */
  readonly address: string | null
}

export interface AuditEnd {
  readonly outcome: AuditOutcome
  /** Of the error, if there was one. */
  readonly code: string | null
  /** Of a task that did not exist before. */
  readonly taskId: TaskId | null
  /** What became of it, beside the states after it. */
  readonly detail: JsonObject | null
}

/** Positions are texts: they are 64 bits wide. */
export type AuditId = string

/** `end` is given of an attempt that nothing was done about. */
export async function beginAuditEntry(
  database: Database,
  attempt: AuditAttempt,
  { end, now }: { readonly end: AuditEnd | null; readonly now: Date | null },
): Promise<AuditId> {
  const { taskId, steps, namespace } = attempt
  const addressed = {
    ...attempt.addressed,
    ...(steps === null ? {} : { steps }),
    ...(namespace === null ? {} : { namespace }),
  }
  const rows = await database.run(
    'begin_audit_entry',
    `insert into ${database.schema}.audit_entries
       (at, actor, operation, permission, transport, task_id, addressed, reason, correlation_id, address, before,
        outcome, code, ended_at)
     select w.at, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, ${database.schema}.audited_state($6, $11, $12),
       $13, $14, case when $13::text is not null then w.at end
     from (select coalesce($1, statement_timestamp()) as at) w
     returning audit_id::text`,
    [
      now,
      attempt.actor,
      attempt.operation,
      attempt.permission,
      attempt.transport,
      taskId,
      JSON.stringify(addressed),
      attempt.reason,
      attempt.correlationId,
      attempt.address,
      steps,
      namespace,
      end?.outcome ?? null,
      end?.code ?? null,
    ],
  )
  return rows[0]?.['audit_id'] as AuditId // returning, of one row
}

/** What became of it, with the states after it. */
export async function endAuditEntry(
  database: Database,
  { auditId, ...attempt }: Pick<AuditAttempt, 'steps' | 'namespace'> & { auditId: AuditId },
  { end, now }: { readonly end: AuditEnd; readonly now: Date | null },
): Promise<void> {
  const { schema } = database
  await database.run(
    'end_audit_entry',
    `update ${schema}.audit_entries a set
       outcome = $2, code = $3, ended_at = coalesce($4, statement_timestamp()), task_id = coalesce(a.task_id, $5),
       after = nullif(
         coalesce(${schema}.audited_state(coalesce(a.task_id, $5), $6, $7), '{}') || coalesce($8::jsonb, '{}'), '{}')
     where a.audit_id = $1::bigint`,
    [
      auditId,
      end.outcome,
      end.code,
      now,
      end.taskId,
      attempt.steps,
      attempt.namespace,
      end.detail === null ? null : JSON.stringify(end.detail),
    ],
  )
}

export interface AuditEntry {
  readonly auditId: AuditId
  readonly at: Date
  /** Null: under way, or the process died in it. */
  readonly endedAt: Date | null
  readonly actor: string
  readonly operation: string
  readonly permission: string | null
  readonly transport: string
  readonly taskId: TaskId | null
  readonly addressed: JsonObject
  readonly reason: string | null
  readonly correlationId: string | null
  readonly address: string | null
  /** Null: under way, or the process died in it. */
  readonly outcome: AuditOutcome | null
  readonly code: string | null
  readonly before: JsonObject | null
  readonly after: JsonObject | null
}

export interface AuditFilter {
  readonly actor?: string | undefined
  readonly operation?: string | undefined
  readonly outcomes?: readonly AuditOutcome[] | undefined
  readonly taskId?: TaskId | undefined
  readonly correlationId?: string | undefined
  /** Only what was addressed in one of these; what names no namespace is left out, and so are tasks that are gone. */
  readonly namespaces?: readonly string[] | undefined
  readonly from?: Date | undefined
  readonly before?: Date | undefined
  /** The last entry of the page before. */
  readonly after?: AuditId | undefined
  readonly limit: number
}

/** Newest first. */
export async function readAuditEntries(
  database: Database,
  filter: AuditFilter,
): Promise<AuditEntry[]> {
  const { schema } = database
  const values: unknown[] = []
  const conditions: string[] = []
  const where = (condition: (place: string) => string, value: unknown): void => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((place) => `a.actor = ${place}`, filter.actor)
  where((place) => `a.operation = ${place}`, filter.operation)
  where((place) => `a.outcome = any (${place}::text[])`, filter.outcomes)
  where((place) => `a.task_id = ${place}`, filter.taskId)
  where((place) => `a.correlation_id = ${place}`, filter.correlationId)
  where(
    (place) => `coalesce(a.addressed ->> 'namespace', (
      select n.name from ${schema}.tasks t
      join ${schema}.definitions d on d.definition_id = t.definition_id
      join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
      join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
      where t.task_id = a.task_id)) = any (${place}::text[])`,
    filter.namespaces,
  )
  where((place) => `a.at >= ${place}`, filter.from)
  where((place) => `a.at < ${place}`, filter.before)
  where((place) => `a.audit_id < ${place}::bigint`, filter.after)
  values.push(filter.limit)
  const rows = await database.run(
    'read_audit_entries',
    `select a.*, a.audit_id::text as id from ${schema}.audit_entries a
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by a.audit_id desc limit $${values.length}`,
    values,
    { isPrepared: false }, // its text depends on which conditions were given
  )
  return rows.map(readEntry)
}

// Casts: the columns of sql/migrations/0011_audit_and_tokens.sql.
const readEntry = (row: Row): AuditEntry => ({
  auditId: row['id'] as AuditId,
  at: row['at'] as Date,
  endedAt: row['ended_at'] as Date | null,
  actor: row['actor'] as string,
  operation: row['operation'] as string,
  permission: row['permission'] as string | null,
  transport: row['transport'] as string,
  taskId: row['task_id'] as TaskId | null,
  addressed: row['addressed'] as JsonObject,
  reason: row['reason'] as string | null,
  correlationId: row['correlation_id'] as string | null,
  address: row['address'] as string | null,
  outcome: row['outcome'] as AuditOutcome | null,
  code: row['code'] as string | null,
  before: row['before'] as JsonObject | null,
  after: row['after'] as JsonObject | null,
})

/** How many of the oldest went; as many as asked means that there may be more. */
export async function pruneAuditEntries(
  database: Database,
  { olderThanMs, rowsMax, now }: { olderThanMs: number; rowsMax: number; now: Date | null },
): Promise<number> {
  const { schema } = database
  const rows = await database.run(
    'prune_audit_entries',
    `with gone as (
       delete from ${schema}.audit_entries a
       where a.audit_id in (
         select o.audit_id from ${schema}.audit_entries o
         where o.at < coalesce($1, statement_timestamp()) - $2 * interval '1 millisecond'
         order by o.at limit $3
       )
       returning 1
     )
     select count(*)::integer as count from gone`,
    [now, olderThanMs, rowsMax],
  )
  return rows[0]?.['count'] as number // count, of one row
}
