// What is to be removed for good, as it comes in: checked whole, defaults applied. The removal is prune.ts.
import { z } from 'zod'
import { isEnded, taskStates, type TaskState } from '../states.ts'
import { faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

export interface PruneOrder {
  /** Only tasks that ended longer ago than this. Milliseconds, 0 to 3,155,760,000,000 (100 years). Required. */
  readonly olderThanMs: number
  /**
   * Only tasks that ended in one of these states. Default: complete, cancelled, resolved_manually. Tasks in error
   * may still be revived, so they go only when `error` is named.
   */
  readonly states?: readonly TaskState[] | undefined
  /** Only tasks of this namespace. Default: all. */
  readonly namespace?: string | undefined
  /** Tasks in one transaction, 1 to 10,000. Default 500. */
  readonly batchSize?: number | undefined
  /** Tasks altogether. Default: no limit. */
  readonly limit?: number | undefined
  /** Counts what would go, and removes nothing. Default false. */
  readonly dryRun?: boolean | undefined
  /** Told after each batch, what has gone so far. */
  readonly onProgress?: ((soFar: PruneProgress) => void) | undefined
  /** Stops between two batches; the report says so. */
  readonly signal?: AbortSignal | undefined
}

export interface PruneProgress {
  readonly taskCount: number
  /** Held by another call at the moment, and left for the next run. */
  readonly busyCount: number
  /** Of the rows, as stored, without indexes: roughly. */
  readonly bytes: number
}

const hundredYearsMs = 3_155_760_000_000

const orderSchema = z.strictObject({
  olderThanMs: z.number().min(0).max(hundredYearsMs),
  states: z
    .array(z.enum(taskStates))
    .min(1)
    .readonly()
    .superRefine((states, context) => {
      for (const state of new Set(states.filter((each) => !isEnded(each))))
        context.addIssue(`"${state}" is the state of a task that goes on; it cannot be pruned`)
    })
    .default(['complete', 'cancelled', 'resolved_manually']),
  namespace: text(256).optional(),
  batchSize: z.int().min(1).max(10_000).default(500),
  limit: z.int().min(1).optional(),
  dryRun: z.boolean().default(false),
  onProgress: z.custom<PruneOrder['onProgress']>(isFunctionOrNothing).optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

function isFunctionOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'function'
}

const order: InputKind = {
  keyIs: 'an option of a prune',
  knownKeys: Object.keys(orderSchema.shape),
}

export type CheckedPruneOrder = z.output<typeof orderSchema>

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readPruneOrder(given: unknown): CheckedPruneOrder {
  const reading = orderSchema.safeParse(given)
  if (!reading.success) throw refuseInput('The order to prune', faultsOf(reading.error, order))
  return { ...reading.data, states: [...new Set(reading.data.states)] }
}
