// A filter of tasks, as it comes in: checked whole, every fault named. Asking the database is find-tasks.ts.
import { z } from 'zod'
import type { TaskConditions, TaskOrder } from '../database/find-tasks.ts'
import { parseTaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { priorities, taskStates, type Priority } from '../states.ts'
import { toStorable } from '../storable.ts'
import { priorityOption } from './request.ts'
import { date, faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

/**
 * Which tasks, each condition as it is left out or given; what each costs: docs/guides/operating.md. Of these an index answers
 * `states`, `namespace`, `namespaces`, `name`, `version`, `tags`, `rerunOf` and `annotation`. With any of the others a page
 * looks at the 10,000 tasks next in order and no more, so it may be short or empty and still not be the last.
 */
export type TaskSelection = Omit<TaskConditions, 'rerunOf' | 'priority'> & {
  readonly priority?: Priority | undefined
  /** Reruns of the task with this id. */
  readonly rerunOf?: string | undefined
}

export type FindFilter = TaskSelection & {
  /** By creation. Default `newest_first`. */
  readonly order?: TaskOrder | undefined
  /** 1 to 200. Default 20. */
  readonly limit?: number | undefined
  /** `nextCursor` of the page before; the id of any task does, in either order. */
  readonly after?: string | undefined
}

export interface CheckedFilter {
  readonly conditions: TaskConditions
  readonly order: TaskOrder
  readonly limit: number
  readonly after: string | undefined
}

const contained = (bytesMax: number): z.ZodType<JsonObject> =>
  z
    .custom<JsonObject>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'expected an object',
    )
    .superRefine((value, context) => {
      const storable = toStorable(value, bytesMax)
      if (!storable.ok) context.addIssue(`cannot be compared: ${storable.fault}`)
    })

const selectionShape = {
  states: z.array(z.enum(taskStates)).readonly().optional(),
  namespace: text(256).optional(),
  namespaces: z.array(text(256)).max(1000).readonly().optional(),
  name: text(256).optional(),
  version: text(256).optional(),
  priority: priorityOption.transform((name) => priorities[name]).optional(),
  tags: z.array(text(128)).max(50).readonly().optional(),
  initiator: text(128).optional(),
  sourceSystem: text(128).optional(),
  held: z.boolean().optional(),
  rerunOf: z
    .string()
    .transform((value, context) => {
      const id = parseTaskId(value)
      if (id !== null) return id
      context.addIssue('is not the id of a task')
      return z.NEVER
    })
    .optional(),
  createdFrom: date.optional(),
  createdBefore: date.optional(),
  endedFrom: date.optional(),
  endedBefore: date.optional(),
  contextContains: contained(65_536).optional(),
  annotation: z.strictObject({ type: text(64), contains: contained(1_048_576) }).optional(),
}

const selectionSchema = z.strictObject(selectionShape)

const filterSchema = z.strictObject({
  ...selectionShape,
  order: z.enum(['newest_first', 'oldest_first']).default('newest_first'),
  after: z.string().optional(),
  limit: z.int().min(1).max(200).default(20),
})

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readFindFilter(given: unknown): CheckedFilter {
  const { order, after, limit, ...conditions } = read(filterSchema, given)
  return { conditions, order, after, limit }
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export const readSelection = (given: unknown): TaskConditions => read(selectionSchema, given)

function read<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const reading = schema.safeParse(given)
  if (reading.success) return reading.data
  const kind: InputKind = { keyIs: 'a filter of tasks', knownKeys: Object.keys(schema.shape) }
  throw refuseInput('The filter', faultsOf(reading.error, kind))
}
