// One action on every task that matches a filter: page by page, newest first, each page a transaction of its own.
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Database } from '../database/connect.ts'
import { operateTasks, type MovedStep, type Operated } from '../database/operate.ts'
import { tookTooLong } from '../database/prune.ts'
import { findTasks, type TaskConditions } from '../database/find-tasks.ts'
import { asError, TaskerError } from '../errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { EngineOperations } from '../events/operations.ts'
import { parseTaskId, type TaskId } from '../ids.ts'
import type { TaskState } from '../states.ts'
import { readSelection, type TaskSelection } from './find-filter.ts'
import {
  readOrder,
  statesFor,
  undoNote,
  type OperatorAction,
  type OperatorOrder,
  type Signature,
} from './operator-order.ts'
import { refusalOf } from './refusal.ts'

/** What one action did to one task. */
export interface Operation {
  readonly action: OperatorAction
  readonly taskId: TaskId
  readonly from: TaskState
  readonly state: TaskState
  readonly isHeld: boolean
  /** Of the task, after it. */
  readonly revision: number
  /** False: it was so already. */
  readonly isChanged: boolean
  /** Steps whose state or time changed, with those that were cancelled or released by it. */
  readonly steps: readonly MovedStep[]
  /** How to take it back, for people. */
  readonly undo: string
}

/** An action on every task that matches. */
export interface BulkOrder extends Signature {
  readonly action: OperatorAction
  /** At least one condition. States default to those the action is legal in. */
  readonly filter: TaskSelection
  /** Say what would happen, and change nothing: every change is made and undone, batch by batch. Default false. */
  readonly dryRun?: boolean | undefined
  /** Tasks in one transaction, 1 to 500. Default 200. */
  readonly batchSize?: number | undefined
  /** Tasks altogether; the report then says `isStopped`. Default: no limit. */
  readonly tasksMax?: number | undefined
  /** `nextCursor` of a report that was stopped: goes on there. */
  readonly after?: string | undefined
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined
  /** Stops after the batch under way; what was done stays done. */
  readonly signal?: AbortSignal | undefined
  /** What the action of one task takes: see there. */
  readonly step?: string | readonly string[] | undefined
  readonly attempts?: number | undefined
  readonly result?: unknown
  readonly limit?: number | undefined
}

export interface BulkProgress {
  /** Tasks looked at. */
  readonly matched: number
  readonly changed: number
  /** Tasks in which there was nothing to do: no step of theirs is concerned, or they are so already. */
  readonly unchanged: number
  /** Tasks that the action is not legal for, or a named step of them. */
  readonly refused: number
}

export interface BulkReport extends BulkProgress {
  readonly action: OperatorAction
  readonly dryRun: boolean
  /** Called off before the end, or at `tasksMax`. */
  readonly isStopped: boolean
  /** Where it stopped; null: it did not, or before its first batch. */
  readonly nextCursor: TaskId | null
  /** Why it ended early, where the database refused a batch; what the batches before did stays done. */
  readonly failure: string | null
  /** The first 100 of each. */
  readonly changedTasks: readonly Operation[]
  readonly refusedTasks: readonly { readonly taskId: TaskId; readonly why: string }[]
  readonly undo: string
}

export interface BulkParts {
  readonly config: Config
  readonly clock: Clock
  readonly database: Database
  readonly bus: EventBus
  readonly operations: EngineOperations
  /** Tasks were changed, and the change is committed. */
  operated(changes: readonly Operated[], order: OperatorOrder): Promise<void>
}

export const operationOf = (operated: Operated, { action, steps }: OperatorOrder): Operation => ({
  action,
  taskId: operated.taskId,
  from: operated.from,
  state: operated.to,
  isHeld: operated.isHeld,
  revision: operated.seq,
  isChanged: operated.steps !== null,
  steps: operated.steps ?? [],
  undo: undoNote(action, steps ?? []),
})

/** Of each list of a report. */
const examplesMax = 100

export async function operateInBulk(order: BulkOrder, parts: BulkParts): Promise<BulkReport> {
  const { action, filter, dryRun = false, batchSize = 200, onProgress, signal, ...rest } = order
  const { tasksMax = Number.MAX_SAFE_INTEGER, after: start, ...options } = rest
  const { database, clock, config, operations } = parts
  const read = readOrder(action, options, { resultMaxBytes: config.execution.resultMaxBytes })
  const conditions = readSelection(filter)
  requireBulk(conditions, { batchSize, tasksMax })
  if (read.expectedRevision !== null)
    throw new TaskerError('REQUEST_INVALID', 'expectedRevision is that of one task, not of many.')
  const meant: TaskConditions = { states: statesFor(read), ...definedOnly(conditions) }
  const tally = new Tally(read)

  /** A batch that takes too long, because its tasks are wide, is halved. */
  const operate = async (taskIds: readonly TaskId[]): Promise<void> => {
    try {
      const now = clock.databaseNow()
      const listsSettled = !dryRun && parts.bus.hasSubscribers('step.cancelled')
      const call = { ...read, taskIds, isWhole: false, isTrial: dryRun, listsSettled, now }
      const operated = await operations.run('operate', () => operateTasks(database, call))
      tally.add(operated)
      const changed = operated.filter(({ steps }) => steps !== null)
      if (!dryRun && changed.length > 0) await parts.operated(changed, read)
      onProgress?.(tally.progress)
    } catch (error) {
      if (!tookTooLong(error) || taskIds.length < 2) throw error
      const middle = Math.ceil(taskIds.length / 2)
      await operate(taskIds.slice(0, middle))
      await operate(taskIds.slice(middle))
    }
  }

  const isCalledOff = (): boolean => signal?.aborted === true
  let isComplete = false
  let failure: string | null = null
  let after = start === undefined ? null : parseTaskId(start)
  if (start !== undefined && after === null)
    throw new TaskerError('REQUEST_INVALID', '`after` is not the id of a task.')
  try {
    let left = tasksMax
    while (!isComplete && left > 0 && !isCalledOff()) {
      const page = await findTasks(database, meant, {
        after: after ?? undefined,
        limit: Math.min(batchSize, left),
      })
      left -= page.tasks.length
      if (page.tasks.length > 0) await operate(page.tasks.map(({ taskId }) => taskId))
      after = page.next
      isComplete = page.next === null
    }
  } catch (error) {
    // What the batches before did stays done, and is told.
    if (tally.progress.matched === 0) throw error
    failure = asError(error).message
  }
  const undo = undoNote(action, read.steps ?? [])
  return {
    action,
    dryRun,
    ...tally.report,
    isStopped: !isComplete,
    nextCursor: after,
    failure,
    undo,
  }
}

/** Counts what became of each task, and keeps the first of each kind. */
class Tally {
  readonly #order: OperatorOrder
  readonly #changed: Operation[] = []
  readonly #refused: { taskId: TaskId; why: string }[] = []
  progress: BulkProgress = { matched: 0, changed: 0, unchanged: 0, refused: 0 }

  constructor(order: OperatorOrder) {
    this.#order = order
  }

  get report() {
    return { ...this.progress, changedTasks: this.#changed, refusedTasks: this.#refused }
  }

  add(operated: readonly Operated[]): void {
    const { matched, changed, unchanged, refused } = this.progress
    const done = operated.filter(({ steps }) => steps !== null)
    const not = operated.flatMap((one) => {
      const refusal = one.steps === null ? refusalOf(one, this.#order) : null
      return refusal === null || refusal.isIdle
        ? []
        : [{ taskId: one.taskId, why: refusal.sentences.join(' ') }]
    })
    this.#changed.push(
      ...done
        .slice(0, examplesMax - this.#changed.length)
        .map((one) => operationOf(one, this.#order)),
    )
    this.#refused.push(...not.slice(0, examplesMax - this.#refused.length))
    this.progress = {
      matched: matched + operated.length,
      changed: changed + done.length,
      unchanged: unchanged + operated.length - done.length - not.length,
      refused: refused + not.length,
    }
  }
}

// An empty filter is everything: more likely a mistake than a wish.
function requireBulk(
  conditions: object,
  { batchSize, tasksMax }: { readonly batchSize: number; readonly tasksMax: number },
): void {
  if (Object.values(conditions).every((value) => value === undefined)) {
    throw new TaskerError(
      'REQUEST_INVALID',
      'The filter is empty, so the action would be on every task there is: give at least one condition (`states` with all of them, if that is what you mean).',
    )
  }
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 500) {
    throw new TaskerError(
      'REQUEST_INVALID',
      `batchSize must be a whole number from 1 to 500, received ${String(batchSize)}.`,
    )
  }
  if (!Number.isSafeInteger(tasksMax) || tasksMax < 1) {
    throw new TaskerError(
      'REQUEST_INVALID',
      `tasksMax must be a whole number from 1, received ${String(tasksMax)}.`,
    )
  }
}

/** Left-out conditions do not hide the defaults they are spread over. */
const definedOnly = <Values extends object>(values: Values): Partial<Values> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<Values> // fewer keys of the same
