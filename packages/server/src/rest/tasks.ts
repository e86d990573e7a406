// Tasks over REST: find, show, create.
import { namespaceDefault, taskStates } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import {
  json,
  jsonObject,
  limitText,
  listText,
  page,
  timestamp,
  timeText,
  uuid,
} from './schemas.ts'
import { showTask, showTaskRow, taskPayload } from './show-task.ts'

const taskRow = {
  task_id: uuid,
  name: z.string(),
  namespace: z.string(),
  version: z.string(),
  full_name: z.string().meta({ example: 'payments.process_order@1.2.0' }),
  status: z.enum(taskStates),
  priority: z.string(),
  initiator: z.string(),
  source_system: z.string(),
  reason: z.string(),
  tags: z.array(z.string()),
  requested_at: timestamp,
  created_at: timestamp,
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
  deadline_at: timestamp.nullable(),
  is_held: z.boolean(),
  rerun_of: uuid.nullable(),
}

const step = z
  .strictObject({
    task_id: uuid,
    step_no: z.int(),
    name: z.string(),
    status: z.string(),
    attempts: z.int(),
    retry_limit: z.int(),
    results: json,
  })
  .meta({ id: 'WorkflowStep' })

const task = z
  .strictObject({
    ...taskRow,
    context: jsonObject.nullable().meta({
      description: 'Null for a caller without `tasker.task:show_payload`.',
    }),
    correlation_id: z.string().nullable(),
    workflow_steps: z.array(step),
  })
  .meta({ id: 'Task' })

const taskId = z.strictObject({ task_id: uuid })

const newTask = z
  .strictObject({
    name: z.string().min(1).max(256),
    namespace: z.string().min(1).max(256).optional(),
    version: z.string().min(1).max(256).optional(),
    context: jsonObject,
    initiator: z.string().max(128).optional(),
    source_system: z.string().max(128).optional(),
    reason: z.string().max(128).optional(),
    tags: z.array(z.string()).optional(),
  })
  .meta({ id: 'NewTask' })

export const taskOperations: readonly Operation[] = [
  operation({
    id: 'listTasks',
    method: 'get',
    path: '/tasks',
    permission: 'tasker.task:index',
    authentication: 'global',
    tag: 'Tasks',
    summary: 'Find tasks',
    query: z.strictObject({
      limit: limitText,
      cursor: z.string().max(4_096).optional(),
      status: listText(z.enum(taskStates)).optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
      created_from: timeText.optional(),
    }),
    answers: {
      200: {
        description: 'Newest first.',
        schema: z.strictObject({ tasks: z.array(z.strictObject(taskRow)), page }).meta({
          id: 'TaskList',
        }),
      },
    },
    refuses: ['TASK_NOT_FOUND'], // the one that the cursor names
    async handle({ tasker, access, query }) {
      const { limit, cursor, status, created_from: createdFrom, ...rest } = query
      const scope = await access.scope('tasker.task:index')
      const { tasks, nextCursor } = await tasker.tasks.find({
        ...rest,
        ...(scope?.initiator === undefined ? {} : { initiator: scope.initiator }),
        states: status,
        createdFrom,
        limit,
        after: cursor,
      })
      return { body: { tasks: tasks.map(showTaskRow), page: { next_cursor: nextCursor } } }
    },
  }),
  operation({
    id: 'getTask',
    method: 'get',
    path: '/tasks/{task_id}',
    permission: 'tasker.task:show',
    authentication: 'global',
    tag: 'Tasks',
    summary: 'Show one task',
    params: taskId,
    answers: {
      200: { description: 'The task.', schema: z.strictObject({ task }).meta({ id: 'TaskBody' }) },
    },
    async handle({ tasker, access, params }) {
      const view = await tasker.tasks.get(params.task_id)
      return { body: { task: showTask(view, await taskPayload(access, view.taskId)) } }
    },
  }),
  operation({
    id: 'createTask',
    method: 'post',
    path: '/tasks',
    permission: 'tasker.task:create',
    authentication: 'global',
    tag: 'Tasks',
    summary: 'Create a task',
    body: z.union([newTask, z.strictObject({ task: newTask }).transform((body) => body.task)]),
    answers: {
      201: {
        description: 'Created.',
        schema: z.strictObject({ task }).meta({ id: 'TaskBody' }),
        headers: { location: 'Where it is.' },
      },
    },
    addresses: ({ body: { namespace = namespaceDefault, name } }) => ({
      namespace,
      addressed: { name },
    }),
    refuses: ['DEFINITION_NOT_FOUND', 'CONTEXT_INVALID'],
    async handle({ tasker, access, body, request }) {
      const { name, namespace, version, context, source_system: sourceSystem, ...rest } = body
      const { taskId: id, created } = await tasker.tasks.create(
        { name, namespace, version },
        { context, sourceSystem, ...rest, initiator: rest.initiator ?? access.caller?.id },
      )
      const view = await tasker.tasks.get(id)
      return {
        status: created ? 201 : 200,
        body: { task: showTask(view, await taskPayload(access, id)) },
        headers: { location: `${new URL(request.url).pathname}/${id}` },
        audit: { taskId: id },
      }
    },
  }),
]
