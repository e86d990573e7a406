// One task over REST: show it, change what is said of it, cancel it.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { analysisOf } from './dependency-analysis.ts'
import { partsOf } from './find-tasks.ts'
import { cancelled, cancelOnce, operationReply, reasonText } from './operated.ts'
import { etagHeader, etagOf, expectedBy, ifMatch, ifNoneMatch, versioned } from './preconditions.ts'
import { fieldsOfTask, readTask, taskFieldNames } from './read-tasks.ts'
import { booleanText, listText, text } from './schemas.ts'
import { priority, shownTaskBody, taskBody, taskPartFields, taskPath } from './task-schemas.ts'

const included = ['annotations', ...Object.keys(taskPartFields)]

const showTask = operation({
  id: 'getTask',
  method: 'get',
  path: '/tasks/{task_id}',
  permission: 'tasker.task:show',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Show one task',
  description:
    'With its steps, annotations, context and standing; `include` adds results and the dependency analysis, `fields` names exactly what is wanted.',
  params: taskPath,
  query: z.strictObject({
    include: listText(z.enum(included)).optional(),
    include_dependencies: booleanText.optional().meta({
      description: 'The same as `include=dependency_analysis`.',
    }),
    fields: listText(z.enum(taskFieldNames)).optional(),
  }),
  headers: ifNoneMatch,
  answers: {
    200: { description: 'The task.', schema: shownTaskBody, headers: etagHeader },
    304: { description: 'It is as `if-none-match` has it.', schema: null, headers: etagHeader },
  },
  async handle({ tasker, access, request, params, query }) {
    const { include = [], include_dependencies: withAnalysis = false, fields } = query
    const shownFields = fieldsOfTask({
      fields,
      include: [...partsOf(include), ...(withAnalysis ? ['dependency_analysis'] : [])],
    })
    const { shown, revision } = await readTask({ tasker, access }, params.task_id, shownFields)
    const analysis = shownFields.has('dependency_analysis')
      ? { dependency_analysis: await analysisOf(tasker, params.task_id) }
      : {}
    return versioned(request, revision, { task: { ...shown, ...analysis } })
  },
})

const taskChange = z
  .strictObject({
    reason: text(128).optional(),
    tags: z.array(text(128)).max(50).optional(),
    priority: priority.optional().meta({ description: 'Of a task that may go on.' }),
    why: text(2_000).optional().meta({ description: 'Why it is changed, for the history.' }),
  })
  .refine(
    ({ reason, tags, priority: level }) =>
      [reason, tags, level].some((value) => value !== undefined),
    'changes nothing: give tags, a reason or a priority',
  )
  .meta({ id: 'TaskChange', example: { tags: ['vip'], reason: 'asked by phone' } })

const changeTask = (method: 'patch' | 'put'): Operation =>
  operation({
    id: method === 'patch' ? 'updateTask' : 'putTask',
    method,
    path: '/tasks/{task_id}',
    permission: 'tasker.task:update',
    authentication: 'global',
    tag: 'Tasks',
    summary: 'Change tags, reason and priority',
    description:
      'What is left out stays, whichever of PATCH and PUT it is. The fields stand by themselves or under `task`. Tags and reason can be changed at any time, the priority as long as the task may go on.',
    params: taskPath,
    headers: ifMatch,
    body: z.union([taskChange, z.strictObject({ task: taskChange }).transform(({ task }) => task)]),
    answers: { 200: { description: 'Changed.', schema: taskBody, headers: etagHeader } },
    addresses: ({ body: { why = null, tags = null, reason = null, priority: level = null } }) => ({
      reason: why,
      addressed: { tags, reason, priority: level },
    }),
    refuses: ['MOVE_NOT_ALLOWED', 'REVISION_CONFLICT'],
    async handle({ tasker, access, params, headers, body }) {
      const { revision } = await tasker.tasks.update(params.task_id, {
        ...body,
        ...expectedBy(headers),
        actor: access.actor,
      })
      const { shown } = await readTask({ tasker, access }, params.task_id)
      return { body: { task: shown }, headers: { etag: etagOf(revision) } }
    },
  })

const deleteTask = operation({
  id: 'deleteTask',
  method: 'delete',
  path: '/tasks/{task_id}',
  permission: 'tasker.task:cancel',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Cancel a task',
  description:
    'The same as the action `cancel`: its steps are cancelled with it, what runs is called off. Nothing is removed. Of a cancelled task nothing changes.',
  params: taskPath,
  query: z.strictObject({ reason: reasonText }),
  headers: ifMatch,
  answers: {
    200: {
      description: 'It is cancelled.',
      schema: cancelled,
      headers: etagHeader,
    },
  },
  addresses: ({ query }) => ({ reason: query.reason ?? null }),
  refuses: ['MOVE_NOT_ALLOWED', 'REVISION_CONFLICT'],
  async handle({ tasker, access, params, query, headers }) {
    const done = await cancelOnce(tasker, params.task_id, {
      ...expectedBy(headers),
      actor: access.actor,
      reason: query.reason,
    })
    const reply = operationReply(tasker, done)
    return { ...reply, body: { cancelled: true, ...reply.body } }
  },
})

export const taskResource: readonly Operation[] = [
  showTask,
  changeTask('patch'),
  changeTask('put'),
  deleteTask,
]
