// A filter of tasks, as it comes in: checked whole, every fault named. Asking the database is read-tasks.ts.
import { z } from 'zod'
import type { TaskFilter } from '../database/read-tasks.ts'
import { parseTaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { taskStates } from '../states.ts'
import { toStorable } from '../storable.ts'
import { date, faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

export type FindFilter = Omit<TaskFilter, 'limit' | 'after' | 'rerunOf'> & {
  /** Reruns of the task with this id. */
  readonly rerunOf?: string | undefined
  /** 1 to 200. Default 20. */
  readonly limit?: number | undefined
  /** `nextCursor` of the page before. */
  readonly after?: string | undefined
}

export type CheckedFilter = Omit<TaskFilter, 'after'> & { readonly after?: string | undefined }

const containsBytesMax = 1_048_576

const contained = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object',
  )
  .superRefine((value, context) => {
    const storable = toStorable(value, containsBytesMax)
    if (!storable.ok) context.addIssue(`cannot be compared: ${storable.fault}`)
  })

const filterSchema = z.strictObject({
  states: z.array(z.enum(taskStates)).readonly().optional(),
  namespace: text(256).optional(),
  name: text(256).optional(),
  version: text(256).optional(),
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
  annotation: z.strictObject({ type: text(64), contains: contained }).optional(),
  after: z.string().optional(),
  limit: z.int().min(1).max(200).default(20),
})

const filter: InputKind = {
  keyIs: 'a filter of tasks',
  knownKeys: Object.keys(filterSchema.shape),
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readFindFilter(given: unknown): CheckedFilter {
  const reading = filterSchema.safeParse(given)
  if (!reading.success) throw refuseInput('The filter', faultsOf(reading.error, filter))
  return reading.data
}
