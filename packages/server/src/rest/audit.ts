// The audit log over REST: who tried to change what, and what became of it.
import { auditOutcomes, type AuditEntry } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { jsonObject, limitText, listText, page, timestamp, timeText, uuid } from './schemas.ts'

const auditEntry = z
  .strictObject({
    audit_id: z.string().meta({ example: '4711' }),
    at: timestamp,
    ended_at: timestamp.nullable().meta({
      description: 'Null while it is under way, or when its process died in it.',
    }),
    actor: z.string(),
    operation: z.string().meta({ example: 'cancelTask' }),
    permission: z.string().nullable(),
    transport: z.string().meta({ example: 'rest' }),
    task_id: uuid.nullable(),
    addressed: jsonObject.meta({ description: 'What else says which things were meant.' }),
    reason: z.string().nullable(),
    correlation_id: z.string().nullable(),
    address: z.string().nullable().meta({ description: 'Of the caller.' }),
    outcome: z.enum(auditOutcomes).nullable().meta({
      description:
        '`denied`: not allowed. `refused`: not possible as things stood. `failed`: the fault of the server, so it may have been done.',
    }),
    code: z.string().nullable().meta({ description: 'Of the error.' }),
    before: jsonObject.nullable().meta({
      description: 'States, limits and tags of what was addressed; never contexts or results.',
    }),
    after: jsonObject.nullable(),
  })
  .meta({ id: 'AuditEntry' })

export const auditOperations: readonly Operation[] = [
  operation({
    id: 'listAuditEntries',
    method: 'get',
    path: '/audit',
    permission: 'tasker.audit:index',
    authentication: 'global',
    tag: 'Audit',
    summary: 'Who tried to change what, and what became of it',
    query: z.strictObject({
      limit: limitText,
      cursor: z
        .string()
        .regex(/^[1-9]\d{0,17}$/, 'is not a cursor of this list')
        .optional(),
      actor: z.string().min(1).max(128).optional(),
      operation: z.string().min(1).max(128).optional(),
      outcome: listText(z.enum(auditOutcomes)).optional(),
      task_id: uuid.optional(),
      correlation_id: z.string().min(1).max(128).optional(),
      from: timeText.optional(),
      before: timeText.optional(),
    }),
    answers: {
      200: {
        description: 'Newest first.',
        schema: z.strictObject({ entries: z.array(auditEntry), page }).meta({ id: 'AuditList' }),
      },
    },
    async handle({ tasker, access, query }) {
      const { cursor, outcome, task_id: taskId, correlation_id: correlationId, ...rest } = query
      const scope = await access.scope('tasker.audit:index')
      const found = await tasker.audit.list({
        ...rest,
        outcomes: outcome,
        taskId,
        correlationId,
        after: cursor,
        ...(scope?.namespaces === undefined ? {} : { namespaces: scope.namespaces }),
      })
      return {
        body: {
          entries: found.entries.map(showEntry),
          page: { next_cursor: found.nextCursor },
        },
      }
    },
  }),
]

const showEntry = (entry: AuditEntry) => ({
  audit_id: entry.auditId,
  at: entry.at,
  ended_at: entry.endedAt,
  actor: entry.actor,
  operation: entry.operation,
  permission: entry.permission,
  transport: entry.transport,
  task_id: entry.taskId,
  addressed: entry.addressed,
  reason: entry.reason,
  correlation_id: entry.correlationId,
  address: entry.address,
  outcome: entry.outcome,
  code: entry.code,
  before: entry.before,
  after: entry.after,
})
