// What operators do to one task over REST: an operation for each action.
import {
  TaskerError,
  type ActionOptions,
  type Operation as Done,
  type Tasker,
} from '@tasker/engine'
import { z } from 'zod'
import type { Permission } from '../auth/permissions.ts'
import { noSuchTask } from '../require-task.ts'
import { operation, type Operation } from '../operation.ts'
import { cancelOnce, operated, operationReply, reasonText } from './operated.ts'
import { etagHeader, expectedBy, ifMatch } from './preconditions.ts'
import { requireNoKey, unkeyed } from './idempotency.ts'
import { taskPath } from './task-schemas.ts'

const attempts = z.int().min(1).max(1_000).optional().meta({
  description: 'How many each failed step gets beyond those it has spent. Default 1.',
})

type Signed = ActionOptions & { readonly attempts?: number | undefined }

interface Action {
  readonly name: string
  readonly id: string
  readonly permission: Permission
  readonly summary: string
  readonly description: string
  /** Default: a reason and nothing else. */
  readonly body?: z.ZodObject
  /** Sent twice, it may do more than sent once. */
  readonly repeats?: boolean
  run(tasker: Tasker, taskId: string, options: Signed): Promise<Done>
}

const actions: readonly Action[] = [
  {
    name: 'cancel',
    id: 'cancelTask',
    permission: 'tasker.task:cancel',
    summary: 'Cancel a task',
    description:
      'Running steps are called off, the rest is cancelled, and nothing that finishes late changes it. Of a cancelled task nothing changes.',
    run: cancelOnce,
  },
  {
    name: 'retry',
    id: 'retryTask',
    permission: 'tasker.task:retry',
    summary: 'Give all steps that failed for good more attempts',
    description: 'Now, and revives a task in error.',
    body: z.strictObject({ reason: reasonText, attempts }),
    repeats: true,
    run: async ({ tasks }, taskId, options) => tasks.retry(taskId, options),
  },
  {
    name: 'retry_now',
    id: 'retryTaskNow',
    permission: 'tasker.task:retry',
    summary: 'Make all retries that are to come come now',
    description: 'Whatever they wait for.',
    repeats: true,
    run: async ({ tasks }, taskId, options) => tasks.retryNow(taskId, options),
  },
  {
    name: 'wake',
    id: 'wakeTask',
    permission: 'tasker.task:retry',
    summary: 'Make all steps that wait for a time run now',
    description: 'Those that asked to wait.',
    repeats: true,
    run: async ({ tasks }, taskId, options) => tasks.wake(taskId, options),
  },
  {
    name: 'resolve',
    id: 'resolveTask',
    permission: 'tasker.task:update',
    summary: 'Take a task in error for done',
    description: 'Its steps stay as they are.',
    run: async ({ tasks }, taskId, options) => tasks.resolve(taskId, options),
  },
  {
    name: 'hold',
    id: 'holdTask',
    permission: 'tasker.task:update',
    summary: 'Hold a task',
    description:
      'No step of it starts any more, until it is resumed; what runs goes on. Its deadline waits too. Of a held task nothing changes.',
    run: async ({ tasks }, taskId, options) => tasks.hold(taskId, options),
  },
  {
    name: 'resume',
    id: 'resumeTask',
    permission: 'tasker.task:update',
    summary: 'Let a held task go on',
    description: 'Of a task that is not held nothing changes.',
    run: async ({ tasks }, taskId, options) => tasks.resume(taskId, options),
  },
]

export const taskActions: readonly Operation[] = actions.map((action) =>
  operation({
    id: action.id,
    method: 'post',
    path: `/tasks/{task_id}/${action.name}`,
    permission: action.permission,
    authentication: 'global',
    tag: 'Operator actions',
    summary: action.summary,
    description: `${action.description} ${action.repeats === true ? unkeyed : ''}`.trim(),
    params: taskPath,
    headers: ifMatch,
    body: action.body ?? z.strictObject({ reason: reasonText }),
    answers: { 200: { description: 'Done.', schema: operated, headers: etagHeader } },
    refuses: ['MOVE_NOT_ALLOWED', 'REVISION_CONFLICT'],
    async handle({ tasker, access, request, params, headers, body }) {
      if (action.repeats === true) requireNoKey(request)
      const options = { ...body, ...expectedBy(headers), actor: access.actor }
      return operationReply(tasker, await action.run(tasker, params.task_id, options))
    },
  }),
)

/** The number of a step stands for its name, unless a step has it for a name. @throws {TaskerError} STEP_NOT_FOUND */
export async function stepNameOf(tasker: Tasker, taskId: string, step: string): Promise<string> {
  if (!/^\d{1,9}$/.test(step)) return step
  const [steps = []] = await tasker.tasks.stepsOf([taskId])
  const found =
    steps.find(({ name }) => name === step) ?? steps.find(({ stepNo }) => stepNo === Number(step))
  if (found !== undefined) return found.name
  throw steps.length === 0
    ? noSuchTask(taskId, tasker)
    : new TaskerError('STEP_NOT_FOUND', `Task ${taskId} has no step ${step}.`, { taskId, step })
}
