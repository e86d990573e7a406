// Mutations of steps and of namespaces.
import type { Json, Operation, Tasker } from '@tasker/engine'
import type { Permission } from '../../auth/permissions.ts'
import type { Parts } from '../builder.ts'
import { given } from '../given.ts'
import { needs } from '../guard.ts'
import type { StepPayload, Payloads } from './payloads.ts'
import { asPayload, conditions, own } from './tasks.ts'

interface OfStep {
  readonly input: { readonly taskId: string; readonly step: string }
}

const toStep = (permission: Permission) => ({
  ...needs(permission, (_, { input: { taskId, step } }: OfStep) => ({ taskId, step })),
  ...own,
})

interface StepOptions {
  readonly step: string
  readonly actor: string
  readonly reason?: string | undefined
  readonly attempts?: number | undefined
  readonly result?: unknown
}

interface StepAction {
  readonly permission: Permission
  readonly description: string
  readonly takes: 'nothing' | 'attempts' | 'result'
  readonly act: (tasks: Tasker['tasks'], taskId: string, options: StepOptions) => Promise<Operation>
}

const stepActions: Readonly<Record<string, StepAction>> = {
  cancelStep: {
    permission: 'tasker.workflow_step:cancel',
    description: 'Cancels a step, and all that depends on it.',
    takes: 'nothing',
    act: (tasks, id, options) => tasks.cancel(id, options),
  },
  retryStep: {
    permission: 'tasker.workflow_step:retry',
    description: 'Gives a step that failed for good more attempts.',
    takes: 'attempts',
    act: (tasks, id, options) => tasks.retry(id, options),
  },
  retryStepNow: {
    permission: 'tasker.workflow_step:retry',
    description: 'Makes the retry that is to come come now.',
    takes: 'nothing',
    act: (tasks, id, options) => tasks.retryNow(id, options),
  },
  wakeStep: {
    permission: 'tasker.workflow_step:retry',
    description: 'Makes a step that waits for a time run now.',
    takes: 'nothing',
    act: (tasks, id, options) => tasks.wake(id, options),
  },
  resolveStep: {
    permission: 'tasker.workflow_step:update',
    description: 'Takes a step for done, with a result.',
    takes: 'result',
    act: (tasks, id, options) => tasks.resolve(id, options),
  },
  skipStep: {
    permission: 'tasker.workflow_step:update',
    description: 'The step counts as satisfied, without a result.',
    takes: 'nothing',
    act: (tasks, id, options) => tasks.skip(id, options),
  },
}

export function defineStepMutations({ builder }: Parts, payloads: Payloads): void {
  const inputOf = (name: string, takes: StepAction['takes']) =>
    builder.inputType(name, {
      fields: (t) => ({
        taskId: t.id({ required: true }),
        step: t.string({ required: true, description: 'Its name.' }),
        reason: t.string({ description: 'For the history.' }),
        ...(takes === 'attempts' && { attempts: t.int({ description: 'How many more.' }) }),
        ...(takes === 'result' && { result: t.field({ type: 'JSON' }) }),
        ...conditions(t),
      }),
    })
  const inputs = {
    nothing: inputOf('StepActionInput', 'nothing'),
    attempts: inputOf('RetryStepInput', 'attempts'),
    result: inputOf('ResolveStepInput', 'result'),
  }
  for (const [name, { permission, description, takes, act }] of Object.entries(stepActions)) {
    builder.mutationField(name, (t) =>
      t.field({
        type: payloads.step,
        description,
        extensions: toStep(permission),
        args: { input: t.arg({ type: inputs[takes], required: true }) },
        resolve: async (_, args, { tasker, access: { actor } }): Promise<StepPayload> => {
          const { taskId: _taskId, clientMutationId: _id, step: _step, ...rest } = given(args.input)
          const { taskId, step } = args.input
          return { ...asPayload(await act(tasker.tasks, taskId, { ...rest, step, actor })), step }
        },
      }),
    )
  }
  const update = builder.inputType('UpdateStepInput', {
    fields: (t) => ({
      taskId: t.id({ required: true }),
      step: t.string({ required: true, description: 'Its name.' }),
      retryLimit: t.int({ description: 'Attempts in all.' }),
      inputs: t.field({ type: 'JSON', description: 'As long as it has not started.' }),
      reason: t.string({ description: 'For the history.' }),
      ...conditions(t),
    }),
  })
  builder.mutationField('updateStep', (t) =>
    t.field({
      type: payloads.step,
      extensions: toStep('tasker.workflow_step:update'),
      args: { input: t.arg({ type: update, required: true }) },
      resolve: async (_, args, { tasker, access: { actor } }): Promise<StepPayload> => {
        const { taskId, step } = args.input
        const { taskId: _taskId, clientMutationId: _id, step: _step, ...rest } = given(args.input)
        const edit = { ...rest, inputs: args.input.inputs as Json | undefined, actor } // of the JSON scalar
        return { ...(await tasker.tasks.updateStep(taskId, step, edit)), step }
      },
    }),
  )
}

export function defineNamespaceMutations({ builder }: Parts, payloads: Payloads): void {
  const input = builder.inputType('NamespaceActionInput', {
    fields: (t) => ({
      namespace: t.string({ required: true }),
      reason: t.string({ description: 'For the history.' }),
      clientMutationId: t.string(),
    }),
  })
  for (const [name, action] of [
    ['holdNamespace', 'hold'],
    ['resumeNamespace', 'resume'],
  ] as const) {
    builder.mutationField(name, (t) =>
      t.field({
        type: payloads.namespace,
        description:
          action === 'hold'
            ? 'No step of the namespace starts any more, until it is resumed.'
            : 'Steps of the namespace start again.',
        extensions: needs(
          'tasker.namespace:update',
          (_, { input: { namespace } }: { input: { namespace: string } }) => ({ namespace }),
        ),
        args: { input: t.arg({ type: input, required: true }) },
        resolve: async (_, args, { tasker, access: { actor } }) => {
          const { namespace, reason } = args.input
          const signed = { actor, reason: reason ?? undefined }
          return { isChanged: await tasker.namespaces[action](namespace, signed) }
        },
      }),
    )
  }
}
