// Queries about everything beside single tasks and definitions: namespaces, workers, annotation types, health, and what
// became of tasks.
import { TaskerError } from '@tasker/engine'
import type {
  AnalyticsMetrics,
  AnnotationType,
  HealthCounts,
  NamespaceRow,
  SlowStep,
  SlowTask,
  WorkerRow,
} from '@tasker/engine'
import type { Scope } from '../../auth/model.ts'
import type { Permission } from '../../auth/permissions.ts'
import type { Parts } from '../builder.ts'
import type { GraphqlContext } from '../context.ts'
import { costs } from '../cost.ts'
import { given, isGiven } from '../given.ts'
import { needs } from '../guard.ts'
import { requirePage } from '../objects/page.ts'

const heavy = costs({ own: 200 })

export function defineSystemQueries(parts: Parts): void {
  const { builder } = parts
  const namespace = defineNamespace(parts)
  const worker = defineWorker(parts)
  const health = defineHealth(parts)
  const annotationType = builder.objectRef<AnnotationType>('AnnotationType').implement({
    fields: (t) => ({
      type: t.exposeString('type'),
      namespaces: t.stringList({ resolve: ({ namespaces }) => [...namespaces] }),
    }),
  })
  builder.queryFields((t) => ({
    namespaces: t.field({
      type: [namespace],
      nullable: true,
      description: 'By name.',
      extensions: needs('tasker.namespace:index'),
      resolve: async (_, __, context) =>
        visible(
          'tasker.namespace:index',
          await context.tasker.namespaces.list(),
          context,
          (one) => one.name,
        ),
    }),
    annotationTypes: t.field({
      type: [annotationType],
      nullable: true,
      description: 'Types that the 100 newest tasks of each definition have, by name.',
      extensions: { ...needs('tasker.task:index'), ...heavy },
      resolve: async (_, __, { tasker, access }) => {
        const scope = await access.scope('tasker.task:index')
        return [...(await tasker.tasks.annotationTypes({ ...namespacesOf(scope) }))]
      },
    }),
    workers: t.field({
      type: [worker],
      nullable: true,
      description: 'Live ones first, then newest first; at most 100.',
      extensions: needs('tasker.worker:index'),
      resolve: async (_, __, { tasker }) => [...(await tasker.workers())],
    }),
    health: t.field({
      type: health,
      nullable: true,
      description: 'All tasks and steps by status, at this moment.',
      extensions: { ...needs('tasker.health_status:index'), ...heavy },
      resolve: (_, __, { tasker }) => tasker.reports.health(),
    }),
  }))
  defineAnalytics(parts)
}

const namespacesOf = (scope: Scope | null) =>
  scope?.namespaces === undefined ? {} : { namespaces: scope.namespaces }

/** Those of the caller's namespaces. */
async function visible<Row>(
  permission: Permission,
  rows: readonly Row[],
  { access }: GraphqlContext,
  namespaceOf: (row: Row) => string,
): Promise<Row[]> {
  const namespaces = (await access.scope(permission))?.namespaces
  return rows.filter((row) => namespaces?.includes(namespaceOf(row)) ?? true)
}

function defineNamespace({ builder }: Parts) {
  return builder.objectRef<NamespaceRow>('Namespace').implement({
    fields: (t) => ({
      name: t.exposeString('name'),
      description: t.exposeString('description'),
      isHeld: t.boolean({ resolve: ({ heldAt }) => heldAt !== null }),
      heldAt: t.expose('heldAt', { type: 'DateTime', nullable: true }),
      heldBy: t.exposeString('heldBy', { nullable: true }),
      heldReason: t.exposeString('heldReason', { nullable: true }),
    }),
  })
}

function defineWorker({ builder }: Parts) {
  return builder.objectRef<WorkerRow>('Worker').implement({
    fields: (t) => ({
      workerId: t.id({ resolve: ({ workerId }) => String(workerId) }),
      state: t.exposeString('state', { description: '`live`, `overdue`, `stopped` or `lost`.' }),
      host: t.exposeString('host'),
      pid: t.exposeInt('pid'),
      version: t.exposeString('version'),
      slots: t.exposeInt('slots'),
      slotsMax: t.exposeInt('slotsMax', { nullable: true }),
      slotsInUse: t.exposeInt('slotsInUse', { nullable: true }),
      seenAt: t.expose('seenAt', { type: 'DateTime' }),
    }),
  })
}

function defineHealth({ builder }: Parts) {
  return builder.objectRef<HealthCounts>('HealthCounts').implement({
    fields: (t) => ({
      tasks: t.field({
        type: 'JSON',
        description: 'How many tasks there are in all, and in each status.',
        resolve: ({ tasks }) => tasks,
      }),
      steps: t.field({ type: 'JSON', resolve: ({ steps }) => steps }),
      retryableErrors: t.int({
        description: 'Steps in error that will be tried again.',
        resolve: ({ errors }) => errors.retryable,
      }),
      inBackoff: t.int({
        description: 'Those of them whose time has not come.',
        resolve: ({ errors }) => errors.inBackoff,
      }),
      exhaustedErrors: t.int({
        description: 'Steps in error without another attempt.',
        resolve: ({ errors }) => errors.exhausted,
      }),
    }),
  })
}

function defineAnalytics(parts: Parts): void {
  const { builder } = parts
  const analytics = builder.objectRef<AnalyticsMetrics>('Analytics').implement({
    description: 'What became of the tasks created since a time.',
    fields: (t) => ({
      since: t.expose('since', { type: 'DateTime' }),
      at: t.expose('at', { type: 'DateTime' }),
      activeTasks: t.exposeInt('activeTasks'),
      tasks: t.exposeInt('tasks'),
      steps: t.exposeFloat('steps'),
      completeTasks: t.exposeInt('completeTasks'),
      errorTasks: t.exposeInt('errorTasks'),
      completionRate: t.exposeFloat('completionRate', { description: 'Per cent.' }),
      errorRate: t.exposeFloat('errorRate', { description: 'Per cent.' }),
      healthScore: t.exposeFloat('healthScore'),
      taskDurationMs: t.exposeFloat('taskDurationMs', { nullable: true }),
      stepDurationMs: t.exposeFloat('stepDurationMs', { nullable: true }),
      stepWaitMs: t.exposeFloat('stepWaitMs', { nullable: true }),
    }),
  })
  const slowTask = builder.objectRef<SlowTask>('SlowTask').implement({
    fields: (t) => ({
      taskId: t.exposeID('taskId'),
      namespace: t.exposeString('namespace'),
      name: t.exposeString('name'),
      version: t.exposeString('version'),
      status: t.expose('state', { type: parts.taskStatus }),
      durationMs: t.exposeFloat('durationMs'),
      stepCount: t.exposeInt('stepCount'),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      endedAt: t.expose('endedAt', { type: 'DateTime' }),
    }),
  })
  const slowStep = builder.objectRef<SlowStep>('SlowStep').implement({
    fields: (t) => ({
      taskId: t.exposeID('taskId'),
      step: t.exposeString('step'),
      namespace: t.exposeString('namespace'),
      name: t.exposeString('name'),
      version: t.exposeString('version'),
      durationMs: t.exposeFloat('durationMs'),
      totalMs: t.exposeFloat('totalMs'),
      attempts: t.exposeInt('attempts'),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      endedAt: t.expose('endedAt', { type: 'DateTime' }),
    }),
  })
  builder.queryFields((t) => {
    const scope = {
      since: t.arg({ type: 'DateTime' }),
      namespace: t.arg.string({ description: 'Needed by who sees only some namespaces.' }),
      name: t.arg.string(),
      version: t.arg.string(),
    }
    const first = t.arg.int({ required: true, defaultValue: 10, description: '1 to 100.' })
    const extensions = {
      ...needs('tasker.analytics:index', (_, args: InNamespace) => ({
        namespace: args.namespace ?? null,
      })),
      ...heavy,
    }
    return {
      analytics: t.field({
        type: analytics,
        nullable: true,
        description: 'Since an hour ago, unless told.',
        extensions,
        args: scope,
        resolve: async (_, args, context) => {
          await requireWhole(args, context)
          return context.tasker.reports.analytics(given(args))
        },
      }),
      slowestTasks: t.field({
        type: [slowTask],
        nullable: true,
        extensions,
        args: { ...scope, first },
        resolve: async (_, { first: limit, ...args }, context) => {
          await requireWhole(args, context)
          const order = { ...given(args), limit: requirePage(limit) }
          return [...(await context.tasker.reports.slowestTasks(order))]
        },
      }),
      slowestSteps: t.field({
        type: [slowStep],
        nullable: true,
        extensions,
        args: { ...scope, first },
        resolve: async (_, { first: limit, ...args }, context) => {
          await requireWhole(args, context)
          const order = { ...given(args), limit: requirePage(limit) }
          return [...(await context.tasker.reports.slowestSteps(order))]
        },
      }),
    }
  })
}

interface InNamespace {
  readonly namespace?: string | null | undefined
}

/** Figures of all namespaces are for who sees all of them; of one, for who sees that one. */
async function requireWhole({ namespace }: InNamespace, { access }: GraphqlContext): Promise<void> {
  const scope = await access.scope('tasker.analytics:index')
  if (scope === null) return
  const { namespaces, ...others } = scope
  const isPart = Object.values(others).some((condition) => condition !== undefined)
  if (!isPart && isGiven(namespace) && namespaces?.includes(namespace) === true) return
  throw new TaskerError(
    'FORBIDDEN',
    'Figures of all namespaces are not yours to see: name one of your own.',
  )
}
