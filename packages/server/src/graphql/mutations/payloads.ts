// What mutations answer: what was changed, whether anything was, how to take it back, and the refusals that a client expects.
import type { BulkReport, MovedStep } from '@tasker/engine'
import type { Parts } from '../builder.ts'
import { needs, part } from '../guard.ts'
import { findStep } from '../queries/tasks.ts'
import type { UserError } from '../shapes.ts'
import { isGiven } from '../given.ts'

/** Both are added where a mutation is settled. */
interface Settled {
  readonly userErrors?: readonly UserError[]
  readonly clientMutationId?: string | null
}

export interface TaskPayload extends Settled {
  readonly taskId?: string | null
  readonly isChanged?: boolean
  readonly undo?: string | null
  readonly movedSteps?: readonly MovedStep[]
}

export interface StepPayload extends TaskPayload {
  readonly step?: string
}

export interface NamespacePayload extends Settled {
  readonly isChanged?: boolean
}

export interface BulkPayload extends Settled {
  readonly report?: BulkReport
}

export type Payloads = ReturnType<typeof definePayloads>

export function definePayloads(parts: Parts) {
  const { builder } = parts
  const payload = defineSettled(parts)
  const moved = builder.objectRef<MovedStep>('MovedStep').implement({
    description: 'A step that an action moved.',
    fields: (t) => ({
      step: t.exposeString('step'),
      from: t.expose('from', { type: parts.stepStatus }),
      to: t.expose('to', { type: parts.stepStatus }),
      by: t.exposeString('by', {
        description:
          '`asked`: it was named. `descent`: it depends on one that was. `release`: its last parent is done.',
      }),
    }),
  })
  const change = builder.interfaceRef<TaskPayload>('ChangePayload').implement({
    description: 'What a change of one task answers.',
    interfaces: [payload],
    fields: (t) => ({
      isChanged: t.boolean({
        description: 'False: it was so already, or was refused.',
        resolve: ({ isChanged }) => isChanged ?? false,
      }),
      undo: t.string({
        nullable: true,
        description: 'How to take it back, for people.',
        resolve: ({ undo }) => undo ?? null,
      }),
      movedSteps: t.field({
        type: [moved],
        extensions: part,
        resolve: ({ movedSteps }) => [...(movedSteps ?? [])],
      }),
      task: t.field({
        type: parts.task,
        nullable: true,
        extensions: needs('tasker.task:show', ({ taskId = null }: TaskPayload) => ({ taskId })),
        resolve: async ({ taskId }, _, { loaders }) =>
          !isGiven(taskId) ? null : loaders.tasks.load(taskId),
      }),
    }),
  })
  return {
    task: builder
      .objectRef<TaskPayload>('TaskPayload')
      .implement({ interfaces: [payload, change] }),
    step: builder.objectRef<StepPayload>('StepPayload').implement({
      interfaces: [payload, change],
      fields: (t) => ({
        step: t.field({
          type: parts.step,
          nullable: true,
          extensions: needs(
            'tasker.workflow_step:show',
            ({ taskId = null, step }: StepPayload) => ({
              taskId,
              step: step ?? null,
            }),
          ),
          resolve: async ({ taskId, step }, _, context) =>
            !isGiven(taskId) || step === undefined ? null : findStep({ taskId, step }, context),
        }),
      }),
    }),
    namespace: builder.objectRef<NamespacePayload>('NamespacePayload').implement({
      interfaces: [payload],
      fields: (t) => ({ isChanged: t.boolean({ resolve: (one) => one.isChanged ?? false }) }),
    }),
    bulk: defineBulkPayload(parts, payload),
  }
}

function defineSettled({ builder, userError }: Parts) {
  userError.implement({
    description: 'A refusal that a client expects: nothing was changed.',
    fields: (t) => ({
      field: t.exposeString('field', {
        nullable: true,
        description: 'Where in the input, as in `context.orderId`; null: not about one field.',
      }),
      message: t.exposeString('message'),
      code: t.exposeString('code', { description: 'Of the table of errors.' }),
    }),
  })
  return builder.interfaceRef<Settled>('MutationPayload').implement({
    description: 'What every mutation answers.',
    fields: (t) => ({
      userErrors: t.field({
        type: [userError],
        description: 'Empty when it was done.',
        extensions: part,
        resolve: ({ userErrors }) => [...(userErrors ?? [])],
      }),
      clientMutationId: t.string({
        nullable: true,
        description: 'As it was sent.',
        resolve: ({ clientMutationId }) => clientMutationId ?? null,
      }),
    }),
  })
}

function defineBulkPayload({ builder }: Parts, payload: ReturnType<typeof defineSettled>) {
  const refused = builder.objectRef<BulkReport['refusedTasks'][number]>('RefusedTask').implement({
    fields: (t) => ({ taskId: t.exposeID('taskId'), why: t.exposeString('why') }),
  })
  const report = builder.objectRef<BulkReport>('BulkReport').implement({
    description: 'What an action did to the tasks that matched.',
    fields: (t) => ({
      dryRun: t.exposeBoolean('dryRun'),
      matched: t.exposeInt('matched'),
      changed: t.exposeInt('changed'),
      unchanged: t.exposeInt('unchanged'),
      refused: t.exposeInt('refused'),
      isStopped: t.exposeBoolean('isStopped'),
      failure: t.exposeString('failure', {
        nullable: true,
        description: 'Why it ended early; what was done before stays done.',
      }),
      changedTaskIds: t.idList({
        description: 'The first 100.',
        resolve: ({ changedTasks }) => changedTasks.map(({ taskId }) => taskId),
      }),
      refusedTasks: t.field({
        type: [refused],
        description: 'The first 100.',
        extensions: part,
        resolve: ({ refusedTasks }) => [...refusedTasks],
      }),
      undo: t.exposeString('undo'),
    }),
  })
  return builder.objectRef<BulkPayload>('BulkPayload').implement({
    interfaces: [payload],
    fields: (t) => ({
      report: t.field({
        type: report,
        nullable: true,
        extensions: part,
        resolve: (one) => one.report ?? null,
      }),
    }),
  })
}
