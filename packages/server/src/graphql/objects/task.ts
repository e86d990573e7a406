// A task in the schema. Its context is a payload, and its steps are a resource of their own: each has its permission.
import type { Parts } from '../builder.ts'
import { needs, part } from '../guard.ts'
import { connectionOf, pageOfAll } from './page.ts'
import { isGiven } from '../given.ts'

const ofTask = ({ taskId }: { readonly taskId: string }) => ({ taskId })

export function defineTask(parts: Parts): void {
  const execution = defineExecution(parts)
  const stepPage = connectionOf(
    parts,
    'WorkflowStep',
    parts.step,
    'A page of steps, in the order of declaration.',
  )
  parts.task.implement({
    description: 'One run of a definition.',
    fields: (t) => ({
      taskId: t.exposeID('taskId', { description: 'A UUID; newer tasks have greater ones.' }),
      name: t.exposeString('name'),
      namespace: t.exposeString('namespace'),
      version: t.exposeString('version'),
      fullName: t.string({
        description: '`payments.process_order@1.2.0`.',
        resolve: ({ namespace, name, version }) => `${namespace}.${name}@${version}`,
      }),
      status: t.expose('state', { type: parts.taskStatus }),
      priority: t.expose('priority', { type: parts.priority }),
      initiator: t.exposeString('initiator'),
      sourceSystem: t.exposeString('sourceSystem'),
      reason: t.exposeString('reason'),
      tags: t.stringList({ resolve: ({ tags }) => [...tags] }),
      requestedAt: t.expose('requestedAt', { type: 'DateTime' }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
      endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
      deadlineAt: t.expose('deadlineAt', { type: 'DateTime', nullable: true }),
      isHeld: t.exposeBoolean('isHeld', {
        description: 'An operator holds it: none of its steps start.',
      }),
      rerunOf: t.exposeID('rerunOf', {
        nullable: true,
        description: 'The ended task of which this one does a part again.',
      }),
      revision: t.exposeInt('revision', {
        description:
          'The last number of its history: another one once anything has happened to it.',
      }),
      correlationId: t.string({
        nullable: true,
        resolve: async ({ taskId }, _, { loaders }) =>
          (await loaders.tasks.load(taskId))?.correlationId ?? null,
      }),
      context: t.field({
        type: 'JSON',
        nullable: true,
        extensions: needs('tasker.task:show_payload', ofTask),
        resolve: async ({ taskId }, _, { loaders }) =>
          (await loaders.contexts.load(taskId))?.context ?? null,
      }),
      execution: t.field({
        type: execution,
        nullable: true,
        description: 'Where it stands, counted from its steps.',
        extensions: part,
        resolve: async ({ taskId }, _, { loaders }) =>
          (await loaders.executions.load(taskId))?.execution ?? null,
      }),
      workflowSteps: t.field({
        type: stepPage,
        nullable: true,
        extensions: needs('tasker.workflow_step:index', ofTask),
        args: {
          first: t.arg.int({ required: true, defaultValue: 20, description: '1 to 100.' }),
          after: t.arg.string({ description: '`endCursor` of the page before.' }),
          status: t.arg({ type: [parts.stepStatus], description: 'Only steps in these.' }),
        },
        resolve: async ({ taskId }, { status, ...asked }, { loaders }) => {
          const steps = await loaders.steps.load(taskId)
          const wanted = !isGiven(status)
            ? steps
            : steps.filter(({ row }) => status.includes(row.state))
          return pageOfAll(wanted, asked)
        },
      }),
      annotations: t.field({
        type: [parts.annotation],
        nullable: true,
        description: 'Oldest first.',
        extensions: needs('tasker.task:show', ofTask),
        resolve: async ({ taskId }, _, { loaders }) =>
          (await loaders.annotations.load(taskId)).map((stored) => ({ ...stored, taskId })),
      }),
    }),
  })
  parts.annotation.implement({
    description: 'A searchable fact attached to a task.',
    fields: (t) => ({
      taskId: t.exposeID('taskId'),
      type: t.exposeString('type'),
      annotation: t.field({
        type: 'JSON',
        nullable: true,
        extensions: needs('tasker.task:show_payload', ofTask),
        resolve: ({ annotation }) => annotation,
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
    }),
  })
}

function defineExecution({ builder, ...parts }: Parts) {
  type Execution = NonNullable<
    NonNullable<Awaited<ReturnType<ContextLoaders['executions']['load']>>>['execution']
  >
  return builder.objectRef<Execution>('TaskExecution').implement({
    description: 'How far a task has come.',
    fields: (t) => ({
      totalSteps: t.exposeInt('totalSteps'),
      pendingSteps: t.exposeInt('pendingSteps'),
      inProgressSteps: t.exposeInt('inProgressSteps'),
      completedSteps: t.exposeInt('completedSteps'),
      failedSteps: t.exposeInt('failedSteps'),
      cancelledSteps: t.exposeInt('cancelledSteps'),
      readySteps: t.exposeInt('readySteps'),
      permanentlyBlockedSteps: t.exposeInt('permanentlyBlockedSteps'),
      nextDueAt: t.expose('nextDueAt', { type: 'DateTime', nullable: true }),
      executionStatus: t.expose('executionStatus', { type: parts.executionStatus }),
      recommendedAction: t.expose('recommendedAction', { type: parts.recommendedAction }),
      completionPercentage: t.exposeFloat('completionPercentage'),
      healthStatus: t.expose('healthStatus', { type: parts.healthStatus }),
    }),
  })
}

type ContextLoaders = Parts['builder']['$inferSchemaTypes']['Context']['loaders']
