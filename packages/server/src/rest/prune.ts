// Removing ended tasks for good.
import { TaskerError } from '@tasker/engine'
import { z } from 'zod'
import type { Access } from '../auth/access.ts'
import { operation, type Operation } from '../operation.ts'
import { text, timestamp } from './schemas.ts'
import { taskStatus } from './task-schemas.ts'

const permission = 'tasker.task:destroy'

const report = z
  .strictObject({
    dry_run: z.boolean(),
    ended_before: timestamp,
    task_count: z.int(),
    busy_count: z.int().meta({ description: 'Held by another call, and left for the next one.' }),
    bytes: z.number().meta({ description: 'Of the rows, roughly.' }),
    groups: z.array(
      z.strictObject({
        namespace: z.string(),
        name: z.string(),
        version: z.string(),
        status: taskStatus,
        count: z.int(),
      }),
    ),
    key_count: z.int().meta({ description: 'Idempotency keys that had expired.' }),
    worker_count: z.int().meta({ description: 'Rows of workers that were gone for a day.' }),
    is_complete: z
      .boolean()
      .meta({ description: 'False: it ended at `limit`; there may be more.' }),
  })
  .meta({ id: 'PruneReport' })

export const pruneTasks: Operation = operation({
  id: 'pruneTasks',
  method: 'post',
  path: '/tasks/prune',
  permission,
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Remove ended tasks for good',
  description:
    'With their steps, results and history; and idempotency keys that have expired. In batches, each its own transaction. A caller who sees only some namespaces names one of them.',
  body: z
    .strictObject({
      older_than_ms: z.int().min(0).max(3_155_760_000_000).meta({
        description: 'Only tasks that ended longer ago than this.',
        example: 2_592_000_000,
      }),
      status: z
        .array(z.enum(['complete', 'cancelled', 'resolved_manually', 'error']))
        .min(1)
        .optional()
        .meta({ description: 'Default: all but error.' }),
      namespace: text(256).optional(),
      limit: z.int().min(1).max(1_000_000).default(10_000).meta({ description: 'Tasks at most.' }),
      dry_run: z.boolean().default(false).meta({ description: 'Count, and remove nothing.' }),
    })
    .meta({ id: 'PruneOrder' }),
  answers: {
    200: {
      description: 'What went, or would go.',
      schema: z.strictObject({ report }).meta({ id: 'PruneReportBody' }),
    },
  },
  addresses: ({ body }) => ({
    namespace: body.namespace ?? null,
    addressed: {
      older_than_ms: body.older_than_ms,
      status: body.status ?? null,
      dry_run: body.dry_run,
    },
  }),
  async handle({ tasker, access, request, body }) {
    await requireWhole(access, body.namespace)
    const done = await tasker.prune({
      olderThanMs: body.older_than_ms,
      states: body.status,
      namespace: body.namespace,
      limit: body.limit,
      dryRun: body.dry_run,
      signal: request.signal,
    })
    const shown = {
      dry_run: done.isDryRun,
      ended_before: done.endedBefore,
      task_count: done.taskCount,
      busy_count: done.busyCount,
      bytes: done.bytes,
      groups: done.groups.map(({ state, ...group }) => ({ ...group, status: state })),
      key_count: done.keyCount,
      worker_count: done.workerCount,
      is_complete: done.isComplete,
    }
    return { body: { report: shown }, audit: { detail: { task_count: done.taskCount } } }
  },
})

/** It removes all of a namespace, or of every one, so that is what the caller must see. @throws {TaskerError} FORBIDDEN */
async function requireWhole(access: Access, namespace: string | undefined): Promise<void> {
  const { namespaces, ...narrower } = (await access.scope(permission)) ?? {}
  const isWhole =
    Object.values(narrower).every((condition) => condition === undefined) &&
    (namespaces === undefined || (namespace !== undefined && namespaces.includes(namespace)))
  if (isWhole) return
  throw new TaskerError(
    'FORBIDDEN',
    'Tasks are pruned by whole namespaces: name one of which you see every task.',
    { permission },
  )
}
