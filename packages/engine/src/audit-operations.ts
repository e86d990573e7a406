// The audit log as the server and operators use it: an attempt is begun and ended, entries are found, old ones removed.
import { z } from 'zod'
import type { Clock } from './clock.ts'
import {
  auditOutcomes,
  beginAuditEntry,
  endAuditEntry,
  pruneAuditEntries,
  readAuditEntries,
  type AuditAttempt,
  type AuditEnd,
  type AuditEntry,
  type AuditFilter,
  type AuditId,
} from './database/audit.ts'
import type { Database } from './database/connect.ts'
import { parseTaskId, type TaskId } from './ids.ts'
import type { JsonObject } from './json.ts'
import { date, faultsOf, refuseInput, text, type InputKind } from './tasks/check-input.ts'

/** An attempt as it is told; what is left out is not known. */
export type AuditedAttempt = Pick<AuditAttempt, 'actor' | 'operation' | 'transport'> &
  Partial<Omit<AuditAttempt, 'actor' | 'operation' | 'transport' | 'taskId'>> & {
    readonly taskId?: string | null
  }

export type AuditedEnd = Pick<AuditEnd, 'outcome'> &
  Partial<Pick<AuditEnd, 'code' | 'detail'>> & { readonly taskId?: string | null }

/** An attempt that is under way. */
export interface AuditedChange {
  readonly auditId: AuditId
  /** What became of it. */
  end(end: AuditedEnd): Promise<void>
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[]
  /** Pass as `after` for the next page; null on the last. */
  readonly nextCursor: AuditId | null
}

export type FindAuditEntries = Omit<AuditFilter, 'limit' | 'taskId'> & {
  readonly taskId?: string | undefined
  /** 1 to 1,000. Default 50. */
  readonly limit?: number | undefined
}

export interface Audit {
  /** Writes it down before it is made: should the process die in it, the entry says who tried what. */
  begin(attempt: AuditedAttempt): Promise<AuditedChange>
  /** Writes down an attempt that nothing was done about. */
  record(attempt: AuditedAttempt, end: AuditedEnd): Promise<AuditId>
  /** @throws {TaskerError} REQUEST_INVALID */
  list(filter?: FindAuditEntries): Promise<AuditPage>
  /**
   * Removes older entries for good, in batches; answers how many.
   * @throws {TaskerError} REQUEST_INVALID
   */
  prune(order: { readonly olderThanMs: number }): Promise<number>
}

const filterSchema = z.strictObject({
  actor: text(128).optional(),
  operation: text(128).optional(),
  outcomes: z.array(z.enum(auditOutcomes)).min(1).readonly().optional(),
  taskId: z
    .string()
    .transform((id, context) => {
      const taskId = parseTaskId(id)
      if (taskId !== null) return taskId
      context.addIssue('is not a UUID')
      return z.NEVER
    })
    .optional(),
  correlationId: text(128).optional(),
  namespaces: z.array(text(64)).max(1_000).readonly().optional(),
  from: date.optional(),
  before: date.optional(),
  after: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'is not a cursor of this list')
    .optional(),
  limit: z.int().min(1).max(1_000).default(50),
})

const hundredYearsMs = 3_155_760_000_000
const pruneSchema = z.strictObject({ olderThanMs: z.number().min(0).max(hundredYearsMs) })

const kindOf = (schema: z.ZodObject, keyIs: string): InputKind => ({
  keyIs,
  knownKeys: Object.keys(schema.shape),
})

const rowsPerBatch = 5_000

export function auditOperations({
  clock,
  database,
}: {
  readonly clock: Clock
  readonly database: Database
}): Audit {
  return {
    async begin(told) {
      const attempt = attemptOf(told)
      const now = clock.databaseNow()
      const auditId = await beginAuditEntry(database, attempt, { end: null, now })
      const { steps, namespace } = attempt
      return {
        auditId,
        end: (end) =>
          endAuditEntry(
            database,
            { auditId, steps, namespace },
            { end: endOf(end), now: clock.databaseNow() },
          ),
      }
    },
    record: (attempt, end) =>
      beginAuditEntry(database, attemptOf(attempt), { end: endOf(end), now: clock.databaseNow() }),
    async list(asked = {}) {
      const read = filterSchema.safeParse(asked)
      if (!read.success)
        throw refuseInput('The filter', faultsOf(read.error, kindOf(filterSchema, 'a filter')))
      const { limit, ...filter } = read.data
      const rows = await readAuditEntries(database, { ...filter, limit: limit + 1 })
      const entries = rows.slice(0, limit)
      const hasMore = rows.length > limit
      return { entries, nextCursor: hasMore ? (entries.at(-1)?.auditId ?? null) : null }
    },
    async prune(order) {
      const read = pruneSchema.safeParse(order)
      if (!read.success)
        throw refuseInput('The order', faultsOf(read.error, kindOf(pruneSchema, 'an option')))
      const { olderThanMs } = read.data
      let removed = 0
      for (;;) {
        const now = clock.databaseNow()
        const count = await pruneAuditEntries(database, { olderThanMs, rowsMax: rowsPerBatch, now })
        removed += count
        if (count < rowsPerBatch) return removed
      }
    },
  }
}

const nothing = {
  permission: null,
  steps: null,
  namespace: null,
  addressed: {},
  reason: null,
  correlationId: null,
  address: null,
}

/** What is no task id addresses no task; it stays among what was addressed. Texts are cut to what can be stored. */
function attemptOf({ taskId = null, ...told }: AuditedAttempt): AuditAttempt {
  const id = taskIdOf(taskId)
  const attempt = { ...nothing, ...told, taskId: id }
  const unreadable = taskId === null || id !== null ? {} : { task_id: taskId.slice(0, 128) }
  return {
    ...attempt,
    addressed: storableObject({ ...attempt.addressed, ...unreadable }),
    steps: attempt.steps?.map(storableText) ?? null,
    namespace: attempt.namespace === null ? null : storableText(attempt.namespace),
    reason: attempt.reason === null ? null : storableText(attempt.reason).slice(0, reasonMax),
  }
}

const reasonMax = 2_000

const storableText = (given: string): string => given.toWellFormed().replaceAll('\0', '')

const storableObject = (object: JsonObject): JsonObject =>
  // Texts are replaced by texts, so it is what it was.
  JSON.parse(
    JSON.stringify(object, (_key, value: unknown) =>
      typeof value === 'string' ? storableText(value) : value,
    ),
  ) as JsonObject

const endOf = ({ code = null, detail = null, taskId = null, outcome }: AuditedEnd): AuditEnd => ({
  outcome,
  code,
  detail,
  taskId: taskIdOf(taskId),
})

const taskIdOf = (taskId: string | null): TaskId | null =>
  taskId === null ? null : parseTaskId(taskId)
