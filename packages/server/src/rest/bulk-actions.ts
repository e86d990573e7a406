// One action on every task that matches a filter and that the caller may see.
import {
  operatorActions,
  type Json,
  type JsonObject,
  type BulkReport,
  type OperatorAction,
  type Tasker,
} from '@tasker/engine'
import { z } from 'zod'
import type { Permission } from '../auth/permissions.ts'
import { operation, type Operation } from '../operation.ts'
import { requireNoKey } from './idempotency.ts'
import { operation as operationDone, reasonText, showOperation } from './operated.ts'
import { json, text, uuid } from './schemas.ts'
import { filterBody, requireFilter, selectionOf, type TaskFilter } from './task-filter.ts'

const permissionOf: Readonly<Record<OperatorAction, Permission>> = {
  cancel: 'tasker.task:cancel',
  retry: 'tasker.task:retry',
  retry_now: 'tasker.task:retry',
  wake: 'tasker.task:retry',
  resolve: 'tasker.task:update',
  skip: 'tasker.task:update',
  set_retry_limit: 'tasker.task:update',
  hold: 'tasker.task:update',
  resume: 'tasker.task:update',
}

const tasksMax = 10_000

const report = z
  .strictObject({
    action: z.enum(operatorActions),
    dry_run: z.boolean(),
    matched: z.int().meta({ description: 'Tasks looked at.' }),
    changed: z.int(),
    unchanged: z.int().meta({ description: 'Tasks in which there was nothing to do.' }),
    refused: z.int().meta({ description: 'Tasks that the action is not legal for.' }),
    is_complete: z.boolean().meta({
      description: 'False: it ended at `limit`, or early.',
    }),
    next_cursor: uuid.nullable().meta({
      description: 'Send as `cursor` to go on; null: it is complete, or ended before it began.',
    }),
    has_failed: z.boolean().meta({
      description: 'The database refused a batch; what the batches before did stays done.',
    }),
    changed_tasks: z.array(operationDone).meta({ description: 'The first 100.' }),
    refused_tasks: z
      .array(z.strictObject({ task_id: uuid, why: z.string() }))
      .meta({ description: 'The first 100.' }),
  })
  .meta({ id: 'BulkReport' })

export const operateTasks: Operation = operation({
  id: 'operateTasks',
  method: 'post',
  path: '/tasks/actions',
  permission: 'tasker.task:index',
  authentication: 'global',
  tag: 'Operator actions',
  summary: 'Act on all tasks that match',
  description:
    'Of those that the caller may see, in batches, newest first; states default to those that the action is legal in. Needs the permission of the action on tasks too: `tasker.task:cancel`, `:retry` (retry, retry_now, wake) or `:update` (the others). A dry run makes every change and undoes it.',
  body: z
    .strictObject({
      action: z.enum(operatorActions),
      filter: filterBody,
      dry_run: z.boolean().default(false),
      limit: z.int().min(1).max(tasksMax).default(1_000).meta({ description: 'Tasks at most.' }),
      cursor: uuid.optional().meta({ description: '`next_cursor` of a report: goes on there.' }),
      step: z
        .union([text(256), z.array(text(256)).min(1).max(1_000)])
        .optional()
        .meta({ description: 'Names of steps. Needed to skip and to set the limit.' }),
      attempts: z.int().min(1).max(1_000).optional().meta({ description: 'To retry.' }),
      result: json.optional().meta({ description: 'To resolve steps.' }),
      retry_limit: z.int().min(1).max(32_767).optional().meta({ description: 'To set the limit.' }),
      reason: reasonText,
    })
    .meta({
      id: 'BulkAction',
      example: {
        action: 'retry',
        filter: { namespace: ['payments'], status: ['error'] },
        dry_run: true,
      },
    }),
  answers: {
    200: {
      description: 'What was done, or would be.',
      schema: z.strictObject({ report }).meta({ id: 'BulkReportBody' }),
    },
  },
  addresses: ({ body: { action, filter, dry_run: dryRun } }) => ({
    addressed: { action, dry_run: dryRun, filter: withoutPayload(filter) },
  }),
  async handle({ tasker, access, request, body }) {
    requireNoKey(request)
    const { action, filter, dry_run: dryRun, limit, cursor, ...rest } = body
    const { retry_limit: retryLimit, ...options } = rest
    const permission = permissionOf[action]
    await access.require(permission)
    await requireFilter(access, filter)
    const done = await tasker.tasks.operate({
      ...options,
      action,
      filter: selectionOf(filter, await access.scope(permission)),
      dryRun,
      tasksMax: limit,
      after: cursor,
      signal: request.signal,
      actor: access.actor,
      ...(retryLimit === undefined ? {} : { limit: retryLimit }),
    })
    if (done.failure !== null)
      tasker.log.error({ action, failure: done.failure }, 'a bulk action ended early')
    return {
      body: { report: showReport(tasker, done) },
      audit: { detail: { matched: done.matched, changed: done.changed, refused: done.refused } },
    }
  },
})

/** For the audit log, which holds no payloads: that such a condition was there. */
const withoutPayload = (filter: TaskFilter): JsonObject =>
  Object.fromEntries(
    Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]): [string, Json] => [
        key,
        key.endsWith('_contains') ? '…' : (value as Json), // texts, times and lists of texts
      ]),
  )

const showReport = (tasker: Tasker, done: BulkReport) => ({
  action: done.action,
  dry_run: done.dryRun,
  matched: done.matched,
  changed: done.changed,
  unchanged: done.unchanged,
  refused: done.refused,
  is_complete: !done.isStopped,
  next_cursor: done.nextCursor,
  has_failed: done.failure !== null,
  changed_tasks: done.changedTasks.map((one) => showOperation(tasker, one)),
  refused_tasks: done.refusedTasks.map(({ taskId, why }) => ({ task_id: taskId, why })),
})
