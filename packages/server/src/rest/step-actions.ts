// What operators do to one step over REST: an operation for each action.
import type { ActionOptions, Operation as Done, ResolveOptions, Tasker } from '@tasker/engine'
import { z } from 'zod'
import type { Permission } from '../auth/permissions.ts'
import { operation, type Operation } from '../operation.ts'
import { requireNoKey, unkeyed } from './idempotency.ts'
import { cancelled, cancelOnce, operated, operationReply, reasonText } from './operated.ts'
import { etagHeader, expectedBy, ifMatch } from './preconditions.ts'
import { json } from './schemas.ts'
import { stepPath } from './step-schemas.ts'
import { stepNameOf } from './task-actions.ts'

const reason = { reason: reasonText }

interface Action {
  readonly name: string
  readonly id: string
  readonly permission: Permission
  readonly summary: string
  readonly description: string
  readonly body: z.ZodObject
  /** Sent twice, it may do more than sent once. */
  readonly repeats?: boolean
  run(tasker: Tasker, taskId: string, options: ActionOptions & ResolveOptions): Promise<Done>
}

const actions: readonly Action[] = [
  {
    name: 'cancel',
    id: 'cancelWorkflowStep',
    permission: 'tasker.workflow_step:cancel',
    summary: 'Cancel a step',
    description: 'And all that depends on it. Of a cancelled step nothing changes.',
    body: z.strictObject(reason),
    run: cancelOnce,
  },
  {
    name: 'retry',
    id: 'retryWorkflowStep',
    permission: 'tasker.workflow_step:retry',
    summary: 'Give a step that failed for good more attempts',
    description: 'Now, and revives its task.',
    body: z.strictObject({
      ...reason,
      attempts: z.int().min(1).max(1_000).optional().meta({
        description: 'How many beyond those it has spent. Default 1.',
      }),
    }),
    repeats: true,
    run: async ({ tasks }, taskId, options) => tasks.retry(taskId, options),
  },
  {
    name: 'retry_now',
    id: 'retryWorkflowStepNow',
    permission: 'tasker.workflow_step:retry',
    summary: 'Make the retry that is to come come now',
    description: 'Whatever it waits for.',
    body: z.strictObject(reason),
    repeats: true,
    run: async ({ tasks }, taskId, options) => tasks.retryNow(taskId, options),
  },
  {
    name: 'wake',
    id: 'wakeWorkflowStep',
    permission: 'tasker.workflow_step:retry',
    summary: 'Make a step that waits for a time run now',
    description: 'One that asked to wait.',
    body: z.strictObject(reason),
    repeats: true,
    run: async ({ tasks }, taskId, options) => tasks.wake(taskId, options),
  },
  {
    name: 'resolve',
    id: 'resolveWorkflowStep',
    permission: 'tasker.workflow_step:update',
    summary: 'Take a step for done',
    description: 'With a result of yours, which its children get.',
    body: z.strictObject({
      ...reason,
      result: json.optional().meta({
        description: 'What the step is taken to have returned. Default null.',
        example: { receipt: 'by phone' },
      }),
    }),
    run: async ({ tasks }, taskId, options) => tasks.resolve(taskId, options),
  },
  {
    name: 'skip',
    id: 'skipWorkflowStep',
    permission: 'tasker.workflow_step:update',
    summary: 'Leave a step out',
    description: 'What depends on it goes on, without a result of it.',
    body: z.strictObject(reason),
    run: async ({ tasks }, taskId, options) => tasks.skip(taskId, options),
  },
]

const posted = actions.map((action) =>
  operation({
    id: action.id,
    method: 'post',
    path: `/tasks/{task_id}/workflow_steps/{step}/${action.name}`,
    permission: action.permission,
    authentication: 'global',
    tag: 'Operator actions',
    summary: action.summary,
    description: `${action.description} ${action.repeats === true ? unkeyed : ''}`.trim(),
    params: stepPath,
    headers: ifMatch,
    body: action.body,
    answers: { 200: { description: 'Done.', schema: operated, headers: etagHeader } },
    refuses: ['STEP_NOT_FOUND', 'MOVE_NOT_ALLOWED', 'REVISION_CONFLICT'],
    async handle({ tasker, access, request, params, headers, body }) {
      if (action.repeats === true) requireNoKey(request)
      const taskId = params.task_id
      const step = await stepNameOf(tasker, taskId, params.step)
      const options = { ...body, ...expectedBy(headers), step, actor: access.actor }
      return operationReply(tasker, await action.run(tasker, taskId, options))
    },
  }),
)

const deleteStep = operation({
  id: 'deleteWorkflowStep',
  method: 'delete',
  path: '/tasks/{task_id}/workflow_steps/{step}',
  permission: 'tasker.workflow_step:cancel',
  authentication: 'global',
  tag: 'Workflow steps',
  summary: 'Cancel a step',
  description: 'The same as the action `cancel`. Nothing is removed.',
  params: stepPath,
  query: z.strictObject(reason),
  headers: ifMatch,
  answers: {
    200: {
      description: 'It is cancelled.',
      schema: cancelled,
      headers: etagHeader,
    },
  },
  addresses: ({ query }) => ({ reason: query.reason ?? null }),
  refuses: ['STEP_NOT_FOUND', 'MOVE_NOT_ALLOWED', 'REVISION_CONFLICT'],
  async handle({ tasker, access, params, query, headers }) {
    const taskId = params.task_id
    const step = await stepNameOf(tasker, taskId, params.step)
    const options = { ...query, ...expectedBy(headers), step, actor: access.actor }
    const reply = operationReply(tasker, await cancelOnce(tasker, taskId, options))
    return { ...reply, body: { cancelled: true, ...reply.body } }
  },
})

export const stepActions: readonly Operation[] = [deleteStep, ...posted]
