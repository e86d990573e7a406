// Queries for tasks and steps: one by its address, or lists by a filter, narrowed to what the caller may see.
import type { JsonObject, TaskSelection } from '@tasker/engine'
import type { Parts } from '../builder.ts'
import { narrowed } from '../../auth/narrowed.ts'
import type { GraphqlContext } from '../context.ts'
import { given, isGiven } from '../given.ts'
import { needs } from '../guard.ts'
import type { Page, StepOfTask, TaskShape } from '../shapes.ts'
import { connectionOf, pageOf, requirePage, type Asked } from '../objects/page.ts'

interface TaskPageAsked extends Asked {
  readonly order: 'newest_first' | 'oldest_first'
}

export function defineTaskQueries(parts: Parts, filter: TaskFilterRef): void {
  const { builder } = parts
  const taskPage = connectionOf(
    parts,
    'Task',
    parts.task,
    'A page of tasks. With conditions that no index answers it may be short, or empty, and not be the last.',
  )
  builder.queryFields((t) => {
    const paging = {
      order: t.arg({ type: parts.taskOrder, required: true, defaultValue: 'newest_first' }),
      first: t.arg.int({ required: true, defaultValue: 20, description: '1 to 100.' }),
      after: t.arg.id({ description: '`endCursor` of the page before.' }),
    }
    const index = needs('tasker.task:index')
    return {
      tasks: t.field({
        type: taskPage,
        nullable: true,
        description: 'Tasks that meet every condition, newest first.',
        extensions: index,
        args: { filter: t.arg({ type: filter }), ...paging },
        resolve: (_, { filter: asked, ...page }, context) =>
          listTasks(selectionOf(asked ?? {}), page, context),
      }),
      tasksByStatus: t.field({
        type: taskPage,
        nullable: true,
        extensions: index,
        args: { status: t.arg({ type: parts.taskStatus, required: true }), ...paging },
        resolve: (_, { status, ...page }, context) =>
          listTasks({ states: [status] }, page, context),
      }),
      tasksByAnnotation: t.field({
        type: taskPage,
        nullable: true,
        description: 'Tasks with one annotation of this type that has this value under this key.',
        extensions: index,
        args: {
          annotationType: t.arg.string({ required: true }),
          annotationKey: t.arg.string({ required: true }),
          annotationValue: t.arg({ type: 'JSON', required: true }),
          ...paging,
        },
        resolve: (_, { annotationType, annotationKey, annotationValue, ...page }, context) => {
          // Cast: a value of the JSON scalar.
          const contains = { [annotationKey]: annotationValue } as JsonObject
          return listTasks({ annotation: { type: annotationType, contains } }, page, context)
        },
      }),
      task: t.field({
        type: parts.task,
        nullable: true,
        description: 'Null when there is none.',
        extensions: needs('tasker.task:show', (_, { taskId }: { taskId: string }) => ({ taskId })),
        args: { taskId: t.arg.id({ required: true }) },
        resolve: (_, { taskId }, { loaders }) => loaders.tasks.load(taskId),
      }),
      step: t.field({
        type: parts.step,
        nullable: true,
        description: 'By its name or its number. Null when there is none.',
        extensions: needs('tasker.workflow_step:show', (_, args: StepAddress) => args),
        args: { taskId: t.arg.id({ required: true }), step: t.arg.id({ required: true }) },
        resolve: (_, args, context) => findStep(args, context),
      }),
    }
  })
}

export interface StepAddress {
  readonly taskId: string
  /** Name or number. */
  readonly step: string
}

export async function findStep(
  { taskId, step }: StepAddress,
  { loaders }: GraphqlContext,
): Promise<StepOfTask | null> {
  const steps = await loaders.steps.load(taskId)
  const byName = steps.find(({ row }) => row.name === step)
  return byName ?? steps.find(({ row }) => String(row.stepNo) === step) ?? null
}

async function listTasks(
  asked: TaskSelection,
  { order, first, after }: TaskPageAsked,
  { tasker, access }: GraphqlContext,
): Promise<Page<TaskShape>> {
  const limit = requirePage(first)
  await requireSelection(access, asked)
  const selection = narrowed(asked, await access.scope('tasker.task:index'))
  const cursorOf = ({ taskId }: TaskShape): string => taskId
  const isFirst = !isGiven(after)
  const found = await tasker.tasks.find({ ...selection, order, limit, after: after ?? undefined })
  let counting: ReturnType<typeof tasker.tasks.count> | null = null
  return pageOf({
    nodes: found.tasks,
    cursorOf,
    nextCursor: found.nextCursor,
    isFirst,
    total: () => (counting ??= tasker.tasks.count(selection)),
  })
}

/**
 * Who may not see contexts and annotations must not find out about them by asking for tasks that have one thing or another.
 * @throws {TaskerError} FORBIDDEN
 */
export async function requireSelection(
  access: GraphqlContext['access'],
  { contextContains, annotation }: TaskSelection,
): Promise<void> {
  const asksForPayload =
    contextContains !== undefined || Object.keys(annotation?.contains ?? {}).length > 0
  if (asksForPayload) await access.require('tasker.task:show_payload')
}

export function taskFilter(parts: Parts) {
  const { builder } = parts
  const annotation = builder.inputType('AnnotationFilter', {
    description: 'One annotation of this type that contains this object.',
    fields: (t) => ({
      type: t.string({ required: true }),
      contains: t.field({ type: 'JSON', description: 'Default: anything.' }),
    }),
  })
  return builder.inputType('TaskFilter', {
    description: 'Every condition that is given must hold.',
    fields: (t) => ({
      status: t.field({ type: [parts.taskStatus], description: 'One of these.' }),
      namespace: t.string(),
      name: t.string(),
      version: t.string(),
      priority: t.field({ type: parts.priority }),
      tags: t.stringList({ description: 'All of these.' }),
      initiator: t.string(),
      sourceSystem: t.string(),
      isHeld: t.boolean(),
      rerunOf: t.id(),
      createdFrom: t.field({ type: 'DateTime' }),
      createdBefore: t.field({ type: 'DateTime' }),
      endedFrom: t.field({ type: 'DateTime' }),
      endedBefore: t.field({ type: 'DateTime' }),
      contextContains: t.field({
        type: 'JSON',
        description: 'An object that the context contains. Needs `tasker.task:show_payload`.',
      }),
      annotation: t.field({ type: annotation }),
    }),
  })
}

export type TaskFilterRef = ReturnType<typeof taskFilter>
type TaskFilter = TaskFilterRef['$inferInput']

export function selectionOf(filter: TaskFilter): TaskSelection {
  const { status, isHeld, contextContains, annotation, ...same } = given(filter)
  return {
    ...same,
    states: status,
    held: isHeld,
    // Casts: values of the JSON scalar; the engine says what is wrong with one that is no object.
    contextContains: contextContains as JsonObject | undefined,
    annotation: annotation && {
      type: annotation.type,
      contains: (annotation.contains ?? {}) as JsonObject,
    },
  }
}
