// Mutations of tasks: create, edit, and what operators do to one task, or to all that match a filter. Each has the permission
// of the same operation over REST.
import type { JsonObject, Operation, Tasker } from '@tasker/engine'
import { initiatorOf } from '../../auth/initiator.ts'
import { withoutOtherNamespaces } from '../../auth/unknown-definition.ts'
import type { Permission } from '../../auth/permissions.ts'
import type { Parts } from '../builder.ts'
import { requireNewData } from '../../auth/new-data.ts'
import { narrowed } from '../../auth/narrowed.ts'
import { given } from '../given.ts'
import { needs } from '../guard.ts'
import { requireSelection, selectionOf, type TaskFilterRef } from '../queries/tasks.ts'
import { costs } from '../cost.ts'
import type { Payloads, TaskPayload } from './payloads.ts'

interface OfTask {
  readonly input: { readonly taskId: string }
}

/** What a change of a task or of a step is asked with. */
export const own = costs({ own: 50 })
const toTask = (permission: Permission) => ({
  ...needs(permission, (_, { input }: OfTask) => ({ taskId: input.taskId })),
  ...own,
})

export const asPayload = ({ taskId, isChanged, undo, steps }: Operation): TaskPayload => ({
  taskId,
  isChanged,
  undo,
  movedSteps: steps,
})

export function defineTaskMutations(parts: Parts, payloads: Payloads, filter: TaskFilterRef): void {
  defineCreation(parts, payloads)
  defineEdits(parts, payloads)
  defineActions(parts, payloads)
  defineBulk(parts, payloads, filter)
}

function defineCreation({ builder, priority }: Parts, payloads: Payloads): void {
  const input = builder.inputType('CreateTaskInput', {
    fields: (t) => ({
      name: t.string({ required: true }),
      namespace: t.string({ description: 'Default: `default`.' }),
      version: t.string({ description: 'One, or a range. Default: the newest stable one.' }),
      context: t.field({ type: 'JSON', required: true, description: 'An object.' }),
      idempotencyKey: t.string({
        description: 'The same key for the same name finds the task that was made with it.',
      }),
      initiator: t.string({
        description: 'The caller, where callers are known: nobody else can be named.',
      }),
      sourceSystem: t.string(),
      reason: t.string(),
      tags: t.stringList(),
      bypassSteps: t.stringList({ description: 'Skippable steps that count as satisfied.' }),
      priority: t.field({ type: priority }),
      deadlineMs: t.int({ description: 'From creation to the end in error.' }),
      correlationId: t.string(),
      clientMutationId: t.string(),
    }),
  })
  builder.mutationField('createTask', (t) =>
    t.field({
      type: payloads.task,
      description: 'Creates a task. `isChanged` is false for one that an earlier request made.',
      extensions: {
        ...needs('tasker.task:create', (_, args: { input: typeof input.$inferInput }) => ({
          namespace: args.input.namespace ?? 'default',
        })),
        ...own,
      },
      args: { input: t.arg({ type: input, required: true }) },
      resolve: async (_, args, { tasker, access }): Promise<TaskPayload> => {
        const {
          name,
          namespace,
          version,
          clientMutationId: _id,
          context,
          ...rest
        } = given(args.input)
        const options = { ...rest, initiator: initiatorOf(access, rest.initiator) }
        const { taskId, created } = await withoutOtherNamespaces(access, () =>
          tasker.tasks.create(
            { name: args.input.name, namespace, version },
            // Cast: the engine says what is wrong with a context that is no object.
            { ...options, context: context as JsonObject },
          ),
        )
        return { taskId, isChanged: created }
      },
    }),
  )
}

function defineEdits({ builder, priority }: Parts, payloads: Payloads): void {
  const update = builder.inputType('UpdateTaskInput', {
    fields: (t) => ({
      taskId: t.id({ required: true }),
      reason: t.string({ description: 'Of the task.' }),
      tags: t.stringList(),
      priority: t.field({ type: priority }),
      why: t.string({ description: 'Why it is changed, for the history.' }),
      ...conditions(t),
    }),
  })
  const annotate = builder.inputType('AnnotateTaskInput', {
    fields: (t) => ({
      taskId: t.id({ required: true }),
      type: t.string({ required: true }),
      annotation: t.field({ type: 'JSON', required: true, description: 'An object.' }),
      reason: t.string(),
      ...conditions(t),
    }),
  })
  builder.mutationFields((t) => ({
    updateTask: t.field({
      type: payloads.task,
      extensions: toTask('tasker.task:update'),
      args: { input: t.arg({ type: update, required: true }) },
      resolve: (_, args, { tasker, access: { actor } }) => {
        const { taskId: _taskId, clientMutationId: _id, ...edit } = given(args.input)
        return tasker.tasks.update(args.input.taskId, { ...edit, actor })
      },
    }),
    annotateTask: t.field({
      type: payloads.task,
      description: 'Attaches a fact to a task. The same one is stored once.',
      extensions: toTask('tasker.task:update'),
      args: { input: t.arg({ type: annotate, required: true }) },
      resolve: (_, args, { tasker, access: { actor } }) => {
        const { taskId: _taskId, clientMutationId: _id, annotation, ...rest } = given(args.input)
        return tasker.tasks.annotate(args.input.taskId, {
          ...rest,
          type: args.input.type,
          annotation: annotation as JsonObject, // the engine says what is wrong with another value
          actor,
        })
      },
    }),
  }))
}

type Inputs = Parameters<NonNullable<Parameters<Parts['builder']['inputType']>[1]['fields']>>[0]

/** What every change of a task takes. */
export const conditions = (t: Inputs) => ({
  expectedRevision: t.int({
    description: '`revision` as it was read: the change is refused when the task has another.',
  }),
  clientMutationId: t.string(),
})

interface TaskAction {
  readonly permission: Permission
  readonly description: string
  readonly act: (
    tasks: Tasker['tasks'],
    taskId: string,
    signed: { readonly actor: string; readonly reason?: string | undefined },
  ) => Promise<Operation>
}

const taskActions: Readonly<Record<string, TaskAction>> = {
  cancelTask: {
    permission: 'tasker.task:cancel',
    description: 'Ends a task; what runs is called off.',
    act: (tasks, id, options) => tasks.cancel(id, options),
  },
  retryTask: {
    permission: 'tasker.task:retry',
    description: 'Gives steps that failed for good more attempts.',
    act: (tasks, id, options) => tasks.retry(id, options),
  },
  retryTaskNow: {
    permission: 'tasker.task:retry',
    description: 'Makes retries that are to come come now.',
    act: (tasks, id, options) => tasks.retryNow(id, options),
  },
  wakeTask: {
    permission: 'tasker.task:retry',
    description: 'Makes steps that wait for a time run now.',
    act: (tasks, id, options) => tasks.wake(id, options),
  },
  resolveTask: {
    permission: 'tasker.task:update',
    description: 'Takes a task in error for done.',
    act: (tasks, id, options) => tasks.resolve(id, options),
  },
  holdTask: {
    permission: 'tasker.task:update',
    description: 'None of its steps start, until it is resumed.',
    act: (tasks, id, options) => tasks.hold(id, options),
  },
  resumeTask: {
    permission: 'tasker.task:update',
    description: 'Its steps start again.',
    act: (tasks, id, options) => tasks.resume(id, options),
  },
}

function defineActions({ builder }: Parts, payloads: Payloads): void {
  const input = builder.inputType('TaskActionInput', {
    fields: (t) => ({
      taskId: t.id({ required: true }),
      reason: t.string({ description: 'For the history.' }),
      ...conditions(t),
    }),
  })
  for (const [name, { permission, description, act }] of Object.entries(taskActions)) {
    builder.mutationField(name, (t) =>
      t.field({
        type: payloads.task,
        description,
        extensions: toTask(permission),
        args: { input: t.arg({ type: input, required: true }) },
        resolve: async (_, args, { tasker, access: { actor } }) => {
          const { taskId: _taskId, clientMutationId: _id, ...signed } = given(args.input)
          return asPayload(await act(tasker.tasks, args.input.taskId, { ...signed, actor }))
        },
      }),
    )
  }
  const rerun = builder.inputType('RerunTaskInput', {
    fields: (t) => ({
      taskId: t.id({ required: true }),
      from: t.stringList({
        description:
          'Steps to do again, with all that depends on them. Default: what was not done.',
      }),
      context: t.field({ type: 'JSON', description: 'A new one. Default: that of the old task.' }),
      inputs: t.field({ type: 'JSON', description: 'New inputs by the name of the step.' }),
      reason: t.string(),
      clientMutationId: t.string(),
    }),
  })
  builder.mutationField('rerunTask', (t) =>
    t.field({
      type: payloads.task,
      description:
        'Does part of an ended task again, as a new task, which is the one answered. New data need `tasker.task:create` too.',
      extensions: toTask('tasker.task:retry'),
      args: { input: t.arg({ type: rerun, required: true }) },
      resolve: async (_, args, { tasker, access }): Promise<TaskPayload> => {
        const { taskId: _taskId, clientMutationId: _id, inputs, ...rest } = given(args.input)
        await requireNewData(access, args.input.taskId, { ...rest, inputs })
        const { taskId, undo } = await tasker.tasks.rerun(args.input.taskId, {
          ...rest,
          inputs: inputs as JsonObject | undefined, // the engine says what is wrong with another value
          actor: access.actor,
        })
        return { taskId, undo, isChanged: true }
      },
    }),
  )
}

const bulkActions = {
  cancelTasks: ['cancel', 'tasker.task:cancel'],
  retryTasks: ['retry', 'tasker.task:retry'],
  retryTasksNow: ['retry_now', 'tasker.task:retry'],
  wakeTasks: ['wake', 'tasker.task:retry'],
  resolveTasks: ['resolve', 'tasker.task:update'],
  holdTasks: ['hold', 'tasker.task:update'],
  resumeTasks: ['resume', 'tasker.task:update'],
} as const

function defineBulk({ builder }: Parts, payloads: Payloads, filter: TaskFilterRef): void {
  const input = builder.inputType('TasksActionInput', {
    fields: (t) => ({
      filter: t.field({ type: filter, required: true, description: 'At least one condition.' }),
      dryRun: t.boolean({ description: 'Say what would happen, and change nothing.' }),
      reason: t.string({ description: 'For the history.' }),
      clientMutationId: t.string(),
    }),
  })
  for (const [name, [action, permission]] of Object.entries(bulkActions)) {
    builder.mutationField(name, (t) =>
      t.field({
        type: payloads.bulk,
        description: `${name.replace(/Tasks/, 'Task')} for all that match, among those that the caller may see.`,
        extensions: { ...needs(permission), ...costs({ own: 1_000 }) },
        args: { input: t.arg({ type: input, required: true }) },
        resolve: async (_, args, { tasker, access }) => {
          const { clientMutationId: _id, filter: asked, ...rest } = given(args.input)
          await access.require('tasker.task:index') // the report says which there are
          const chosen = selectionOf(args.input.filter)
          await requireSelection(access, chosen)
          const report = await tasker.tasks.operate({
            ...rest,
            action,
            filter: narrowed(chosen, await access.scope(permission)),
            actor: access.actor,
          })
          return { report }
        },
      }),
    )
  }
}
