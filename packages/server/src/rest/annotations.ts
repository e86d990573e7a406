// Annotations over REST: facts attached to a task, by which tasks are found.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { reasonText } from './operated.ts'
import { etagHeader, etagOf, expectedBy, ifMatch } from './preconditions.ts'
import { readSummary } from './read-tasks.ts'
import { jsonObject, manyText, text } from './schemas.ts'
import { showAnnotation, taskPayload } from './show-task.ts'
import { annotation, taskPath } from './task-schemas.ts'

const annotations = z.strictObject({ annotations: z.array(annotation) }).meta({ id: 'Annotations' })

const listAnnotations = operation({
  id: 'listTaskAnnotations',
  method: 'get',
  path: '/tasks/{task_id}/annotations',
  permission: 'tasker.task:show',
  authentication: 'global',
  tag: 'Annotations',
  summary: 'List the annotations of a task',
  params: taskPath,
  query: z.strictObject({
    type: manyText(64).optional().meta({ description: 'Only these types.' }),
  }),
  answers: { 200: { description: 'Oldest first.', schema: annotations } },
  async handle({ tasker, access, params, query }) {
    const taskId = params.task_id
    await readSummary({ tasker, access }, taskId)
    const options = query.type === undefined ? {} : { types: query.type }
    const [found = []] = await tasker.tasks.annotationsOf([taskId], options)
    const payload = await taskPayload(access, taskId)
    return { body: { annotations: found.map((one) => showAnnotation(taskId, one, payload)) } }
  },
})

const annotateTask = operation({
  id: 'annotateTask',
  method: 'post',
  path: '/tasks/{task_id}/annotations',
  permission: 'tasker.task:update',
  authentication: 'global',
  tag: 'Annotations',
  summary: 'Attach an annotation to a task',
  description: 'At any time. The same annotation written again is stored once.',
  params: taskPath,
  headers: ifMatch,
  body: z
    .strictObject({
      annotation_type_name: text(64).meta({ example: 'customer' }),
      annotation: jsonObject.meta({ example: { id: 7 } }),
      reason: reasonText,
    })
    .meta({ id: 'NewAnnotation' }),
  answers: {
    200: { description: 'It was there already.', schema: annotations, headers: etagHeader },
    201: { description: 'Attached.', schema: annotations, headers: etagHeader },
  },
  refuses: ['REVISION_CONFLICT'],
  async handle({ tasker, access, params, headers, body }) {
    const taskId = params.task_id
    const { annotation_type_name: type, annotation: content, reason } = body
    const { revision, isChanged } = await tasker.tasks.annotate(taskId, {
      type,
      annotation: content,
      reason,
      ...expectedBy(headers),
      actor: access.actor,
    })
    const [found = []] = await tasker.tasks.annotationsOf([taskId], { types: [type] })
    const payload = await taskPayload(access, taskId)
    return {
      status: isChanged ? 201 : 200,
      body: { annotations: found.map((one) => showAnnotation(taskId, one, payload)) },
      headers: { etag: etagOf(revision) },
    }
  },
})

export const taskAnnotations: readonly Operation[] = [listAnnotations, annotateTask]
