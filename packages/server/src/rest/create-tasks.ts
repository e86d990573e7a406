// Creating tasks over REST: one, once per idempotency key, or many, all or none.
import { namespaceDefault, type TaskOptions, type Tasker } from '@tasker/engine'
import { z } from 'zod'
import type { Access } from '../auth/access.ts'
import { initiatorOf } from '../auth/initiator.ts'
import { withoutOtherNamespaces } from '../auth/unknown-definition.ts'
import { operation, type Operation } from '../operation.ts'
import { refused } from '../request-faults.ts'
import { idempotencyKey } from './idempotency.ts'
import { taskPathOf } from './operated.ts'
import { etagHeader, etagOf } from './preconditions.ts'
import { fieldsOfListed, fieldsOfTask, readTask, showListed } from './read-tasks.ts'
import { jsonObject, text, timestamp, uuid } from './schemas.ts'
import { priority, taskBody, taskRow } from './task-schemas.ts'

const newTaskFields = {
  name: text(256).meta({ example: 'process_order' }),
  namespace: text(256).optional().meta({ description: 'Default `default`.', example: 'payments' }),
  version: text(256).optional().meta({ description: 'Default: the newest one.' }),
  context: jsonObject.meta({ example: { order_id: 7 } }),
  initiator: text(128).optional().meta({
    description: 'The caller, where callers are known: nobody else can be named.',
  }),
  source_system: text(128).optional(),
  reason: text(128).optional(),
  tags: z.array(text(128)).max(50).optional(),
  priority: priority.optional().meta({ description: 'Default: that of the definition.' }),
  requested_at: timestamp.transform((value) => new Date(value)).optional(),
  deadline_ms: z.int().min(1).max(315_360_000_000).optional().meta({
    description: 'From its creation, after which it ends in error. Default: of the definition.',
  }),
  bypass_steps: z.array(text(256)).max(10_000).optional().meta({
    description: 'Steps that count as satisfied without running; each must be skippable.',
  }),
}

const newTask = z.strictObject(newTaskFields).meta({ id: 'NewTask' })

const keyedTask = z
  .strictObject({ ...newTaskFields, idempotency_key: text(255).optional() })
  .meta({ id: 'NewTaskOfMany' })

const replayed = {
  'idempotent-replayed': '`true`: an earlier request with the same key made it.',
}

const createTask = operation({
  id: 'createTask',
  method: 'post',
  path: '/tasks',
  permission: 'tasker.task:create',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Create a task',
  description: 'The fields stand by themselves or under `task`.',
  headers: idempotencyKey,
  body: z.union([newTask, z.strictObject({ task: newTask }).transform(({ task }) => task)]),
  answers: {
    200: {
      description: 'An earlier request with the same idempotency key made it.',
      schema: taskBody,
      headers: { location: 'Where it is.', ...etagHeader, ...replayed },
    },
    201: {
      description: 'Created.',
      schema: taskBody,
      headers: { location: 'Where it is.', ...etagHeader },
    },
  },
  addresses: ({ body: { namespace = namespaceDefault, name, reason = null } }) => ({
    namespace,
    addressed: { name },
    reason,
  }),
  refuses: [
    'DEFINITION_NOT_FOUND',
    'CONTEXT_INVALID',
    'IDEMPOTENCY_CONFLICT',
    'IDEMPOTENCY_KEY_BUSY',
  ],
  async handle({ tasker, access, headers, body }) {
    const { definition, context, ...options } = requestOf(body, access)
    const { taskId, created } = await withoutOtherNamespaces(access, () =>
      tasker.tasks.create(definition, {
        ...options,
        context,
        idempotencyKey: headers['idempotency-key'],
      }),
    )
    const { shown, revision } = await readTask({ tasker, access }, taskId, fieldsOfTask({}))
    return {
      status: created ? 201 : 200,
      body: { task: shown },
      headers: {
        location: taskPathOf(tasker, taskId),
        etag: etagOf(revision),
        ...(created ? {} : { 'idempotent-replayed': 'true' }),
      },
      audit: { taskId },
    }
  },
})

const createdMany = z
  .strictObject({
    tasks: z.array(taskRow).meta({ description: 'In the order of the request.' }),
    replayed_task_ids: z
      .array(uuid)
      .meta({ description: 'Those that earlier requests with the same keys made.' }),
  })
  .meta({ id: 'CreatedTasks' })

const createTasks = operation({
  id: 'createTasks',
  method: 'post',
  path: '/tasks/batch',
  permission: 'tasker.task:create',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Create many tasks, all or none',
  description: 'An idempotency key stands with its task.',
  body: z.strictObject({ tasks: z.array(keyedTask).min(1).max(100) }).meta({ id: 'NewTasks' }),
  answers: {
    200: { description: 'Earlier requests made all of them.', schema: createdMany },
    201: { description: 'Created.', schema: createdMany },
  },
  refuses: [
    'DEFINITION_NOT_FOUND',
    'CONTEXT_INVALID',
    'IDEMPOTENCY_CONFLICT',
    'IDEMPOTENCY_KEY_BUSY',
  ],
  async handle({ tasker, access, request, body }) {
    if (request.headers.has('idempotency-key')) {
      const message = 'is for one task; give each its own idempotency_key'
      throw refused([{ path: 'header.idempotency-key', message }])
    }
    for (const namespace of new Set(body.tasks.map((one) => one.namespace ?? namespaceDefault)))
      await access.require('tasker.task:create', { namespace })
    const made = await withoutOtherNamespaces(access, () =>
      tasker.tasks.createMany(
        body.tasks.map(({ idempotency_key: key, ...fields }) => ({
          ...requestOf(fields, access),
          idempotencyKey: key,
        })),
      ),
    )
    return {
      status: made.some(({ created }) => created) ? 201 : 200,
      body: {
        tasks: await rowsOf(tasker, access, made),
        replayed_task_ids: made.flatMap(({ taskId, created }) => (created ? [] : [taskId])),
      },
      audit: { detail: { task_ids: made.map(({ taskId }) => taskId) } },
    }
  },
})

async function rowsOf(
  tasker: Tasker,
  access: Access,
  made: readonly { readonly taskId: string }[],
): Promise<readonly object[]> {
  const tasks = await tasker.tasks.getMany(made.map(({ taskId }) => taskId))
  const rows = tasks.filter((task) => task !== null)
  return showListed({ tasker, access }, rows, fieldsOfListed({}))
}

function requestOf(fields: z.infer<typeof newTask>, access: Access) {
  const { name, namespace, version, context, ...rest } = fields
  const options: TaskOptions = {
    initiator: initiatorOf(access, rest.initiator),
    sourceSystem: rest.source_system,
    reason: rest.reason,
    tags: rest.tags,
    priority: rest.priority,
    requestedAt: rest.requested_at,
    deadlineMs: rest.deadline_ms,
    bypassSteps: rest.bypass_steps,
  }
  return { definition: { name, namespace, version }, context, ...options }
}

export const creation: readonly Operation[] = [createTask, createTasks]
