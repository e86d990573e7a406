// Reads of tasks for the answers of REST: what the asked-for fields need and nothing else, in one statement for each kind of
// thing, however many tasks there are.
import type { TaskListing, TaskSummary } from '@tasker/engine'
import type { IncomingCall } from '../operation.ts'
import { requireTask } from '../require-task.ts'
import { fieldsOf, pick, type Fields, type FieldsAsked } from './fields.ts'
import { showTask, showTaskRow, taskPayload, type TaskParts } from './show-task.ts'
import { taskPartFields, taskRowFields } from './task-schemas.ts'

export type Reader = Pick<IncomingCall, 'tasker' | 'access'>

const rowFields = Object.keys(taskRowFields)
const usualParts = [
  'context',
  'correlation_id',
  'execution',
  'workflow_steps',
  'bypass_steps',
  'task_annotations',
]

export const taskFieldNames: readonly string[] = [...rowFields, ...Object.keys(taskPartFields)]

/** Of a task by itself: all but what is large beside it. */
export const fieldsOfTask = (asked: FieldsAsked): Fields =>
  fieldsOf(asked, { always: ['task_id'], usual: [...rowFields, ...usualParts] })

/** Of a task in a list: its row. */
export const fieldsOfListed = (asked: FieldsAsked): Fields =>
  fieldsOf(asked, { always: ['task_id'], usual: rowFields })

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function readTask(
  reader: Reader,
  taskId: string,
  fields: Fields = fieldsOfTask({}),
): Promise<{ readonly shown: object; readonly revision: number }> {
  const task = await readSummary(reader, taskId, fields)
  const [shown] = await showAll(reader, [task], fields)
  return { shown: shown ?? {}, revision: task.revision } // one for each
}

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function readSummary(
  { tasker }: Reader,
  taskId: string,
  fields: Fields = new Set(),
): Promise<TaskSummary> {
  return requireTask(tasker, taskId, detailsOf(fields))
}

/** Rows of a list with what else was asked for. Those that were removed meanwhile are left out. */
export async function showListed(
  reader: Reader,
  rows: readonly TaskListing[],
  fields: Fields,
): Promise<readonly object[]> {
  if (!Object.keys(taskPartFields).some((part) => fields.has(part)))
    return rows.map((row) => pick(showTaskRow(row), fields))
  const read = await reader.tasker.tasks.getMany(
    rows.map(({ taskId }) => taskId),
    detailsOf(fields),
  )
  return showAll(
    reader,
    read.filter((task) => task !== null),
    fields,
  )
}

async function showAll(
  { tasker, access }: Reader,
  tasks: readonly TaskSummary[],
  fields: Fields,
): Promise<readonly object[]> {
  const ids = tasks.map(({ taskId }) => taskId)
  const payloads = await Promise.all(
    ids.map(async (taskId) =>
      needsPayload(fields) ? taskPayload(access, taskId) : { ofTask: false, ofSteps: false },
    ),
  )
  const needsSteps = ['workflow_steps', 'bypass_steps', 'results'].some((part) => fields.has(part))
  const maySeeSteps = await Promise.all(
    ids.map(async (taskId) => needsSteps && access.can('tasker.workflow_step:index', { taskId })),
  )
  const mayShow = payloads.some(({ ofSteps }) => ofSteps)
  const whole = mayShow && fields.has('workflow_steps')
  const steps = maySeeSteps.includes(true)
    ? await tasker.tasks.stepsOf(ids, {
        results: mayShow && (whole || fields.has('results')),
        errors: whole,
        inputs: whole,
      })
    : []
  const annotations = fields.has('task_annotations') ? await tasker.tasks.annotationsOf(ids) : []
  return tasks.map((task, index) => {
    const parts: TaskParts = {
      task,
      steps: maySeeSteps[index] === true ? (steps[index] ?? []) : null,
      annotations: annotations[index] ?? [],
    }
    return pick(showTask(parts, payloads[index] ?? { ofTask: false, ofSteps: false }), fields)
  })
}

const detailsOf = (fields: Fields) => ({
  context: fields.has('context'),
  execution: fields.has('execution'),
})

const needsPayload = (fields: Fields): boolean =>
  ['context', 'workflow_steps', 'results', 'task_annotations'].some((part) => fields.has(part))
