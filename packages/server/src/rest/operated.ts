// What an operator's action did, as REST answers it: the move, the steps it touched, and how it is taken back.
import {
  type ActionOptions,
  TaskerError,
  type Operation as Done,
  type OperatorAction,
  type Tasker,
} from '@tasker/engine'
import { z } from 'zod'
import { etagOf } from './preconditions.ts'
import { text, uuid } from './schemas.ts'
import { stepStatus } from './step-schemas.ts'
import { taskStatus } from './task-schemas.ts'

export const reasonText = text(2_000).optional().meta({
  description: 'Why, for the history.',
  example: 'the gateway is back',
})

/** A request that does something, without its server. */
export const requestSchema = z
  .strictObject({
    method: z.enum(['POST', 'PATCH']),
    path: z.string().meta({ example: '/tasker/tasks/0198f3f0-7c1e-7000-8000-0123456789ab/resume' }),
    body: z.looseObject({}).nullable(),
  })
  .meta({ id: 'RequestToSend' })

export type RequestToSend = z.infer<typeof requestSchema>

export const undo = z
  .strictObject({
    explanation: z.string().meta({ description: 'What can be done, and what cannot.' }),
    request: requestSchema.nullable().meta({ description: 'What does it; null: nothing does.' }),
  })
  .meta({ id: 'Undo' })

export const operation = z
  .strictObject({
    action: z.string().meta({ example: 'hold' }),
    task_id: uuid,
    from_status: taskStatus,
    status: taskStatus,
    is_held: z.boolean(),
    is_changed: z.boolean().meta({ description: 'False: it was so already.' }),
    revision: z.int().meta({ description: 'Of the task, after it.' }),
    steps: z
      .array(
        z.strictObject({
          workflow_step_id: z.int(),
          name: z.string(),
          from_status: stepStatus,
          status: stepStatus,
          cause: z.enum(['asked', 'descent', 'release']).meta({
            description:
              'It was named; it depends on one that was cancelled; or its last parent was satisfied.',
          }),
        }),
      )
      .meta({ description: 'Steps that moved. A whole task names none of its own.' }),
    undo,
  })
  .meta({ id: 'OperationDone' })

export const operated = z.strictObject({ operation }).meta({ id: 'OperationBody' })

export const cancelled = operated.extend({ cancelled: z.literal(true) }).meta({ id: 'Cancelled' })

export const taskPathOf = ({ config }: Tasker, taskId: string, rest = ''): string =>
  `${config.server.prefix.replace(/\/$/, '')}/tasks/${taskId}${rest}`

export const showOperation = (tasker: Tasker, done: Done) => ({
  action: done.action,
  task_id: done.taskId,
  from_status: done.from,
  status: done.state,
  is_held: done.isHeld,
  is_changed: done.isChanged,
  revision: done.revision,
  steps: done.steps.map(({ step, stepNo, from, to, by }) => ({
    workflow_step_id: stepNo,
    name: step,
    from_status: from,
    status: to,
    cause: by,
  })),
  undo: undoOf(tasker, done),
})

export const operationReply = (tasker: Tasker, done: Done) => ({
  body: { operation: showOperation(tasker, done) },
  headers: { etag: etagOf(done.revision) },
  audit: {
    detail: {
      from_status: done.from,
      status: done.state,
      is_held: done.isHeld,
      is_changed: done.isChanged,
    },
  },
})

/** Cancels a task or, with `step`, a step. What is cancelled already stays so, and that is no refusal. */
export async function cancelOnce(
  tasker: Tasker,
  taskId: string,
  options: ActionOptions,
): Promise<Done> {
  try {
    return await tasker.tasks.cancel(taskId, options)
  } catch (error) {
    const [task] = isCancelled(error) ? await tasker.tasks.getMany([taskId]) : []
    if (task === null || task === undefined) throw error
    return {
      action: 'cancel',
      taskId: task.taskId,
      from: task.state,
      state: task.state,
      isHeld: task.isHeld,
      revision: task.revision,
      isChanged: false,
      steps: [],
      undo: '',
    }
  }
}

function isCancelled(error: unknown): boolean {
  if (!(error instanceof TaskerError) || error.code !== 'MOVE_NOT_ALLOWED') return false
  // Casts: what the engine's refusals set.
  const { state, steps } = error.details as {
    readonly state?: string
    readonly steps?: readonly { readonly state: string }[]
  }
  const found = steps === undefined ? [state] : steps.map((step) => step.state)
  return found.length > 0 && found.every((each) => each === 'cancelled')
}

function undoOf(tasker: Tasker, { action, taskId, steps }: Done) {
  const post = (name: string, body: RequestToSend['body'] = null): RequestToSend => ({
    method: 'POST',
    path: taskPathOf(tasker, taskId, `/${name}`),
    body,
  })
  const asked = steps.filter(({ by }) => by === 'asked').map(({ step }) => step)
  const again = post('rerun', asked.length === 0 ? null : { from: asked })
  return { explanation: explanations[action], request: requestFor(action, post, again) }
}

function requestFor(
  action: OperatorAction,
  post: (name: string) => RequestToSend,
  again: RequestToSend,
): RequestToSend | null {
  switch (action) {
    case 'hold':
      return post('resume')
    case 'resume':
      return post('hold')
    case 'cancel':
    case 'resolve':
    case 'skip':
      return again
    case 'retry':
    case 'retry_now':
    case 'wake':
    case 'set_retry_limit':
      return null
    default:
      return action satisfies never
  }
}

const explanations: Readonly<Record<OperatorAction, string>> = {
  cancel:
    'A cancel cannot be undone; once the task has ended, a rerun does the rest as a new task.',
  retry: 'A retry cannot be undone; cancel the step or the task to stop it.',
  retry_now: 'An attempt that has begun is not taken back; hold the task before it is claimed.',
  wake: 'An attempt that has begun is not taken back; hold the task before it is claimed.',
  resolve: 'What is resolved stays so; once the task has ended, a rerun does it in a new task.',
  skip: 'A skipped step stays so; once the task has ended, a rerun runs it in a new task.',
  set_retry_limit: 'Set the limit back; the history has the old one.',
  hold: 'A resume lets it run again.',
  resume: 'A hold holds it again.',
}
