// Removes ended tasks for good, batch after batch, then what no task needs any more. What one batch does is SQL:
// sql/functions/prune_tasks.sql.
import type { Clock } from '../clock.ts'
import type { Database } from '../database/connect.ts'
import {
  beforeAllTasks,
  databaseInstant,
  pruneBatch,
  pruneLeftovers,
  tookTooLong,
  type PruneBatch,
  type PrunedBatch,
  type PrunedGroup,
} from '../database/prune.ts'
import { formatAddress } from '../definitions/names.ts'
import { readPruneOrder, type CheckedPruneOrder, type PruneProgress } from './prune-order.ts'

export interface PruneReport extends PruneProgress {
  readonly isDryRun: boolean
  /** Tasks that ended before this instant. */
  readonly endedBefore: Date
  /** What went, or would go, by definition and state. */
  readonly groups: readonly PrunedGroup[]
  /** Idempotency keys that had expired. */
  readonly keyCount: number
  /** Rows of workers that were gone for a day. */
  readonly workerCount: number
  /** False: stopped by the signal or by the limit; there may be more. */
  readonly isComplete: boolean
}

/** @throws {TaskerError} REQUEST_INVALID with every fault of the order. */
export async function prune(
  given: unknown,
  parts: { readonly database: Database; readonly clock: Clock },
): Promise<PruneReport> {
  const order = readPruneOrder(given)
  const { database } = parts
  const now = await databaseInstant(database, parts.clock.databaseNow())
  const endedBefore = new Date(now.getTime() - order.olderThanMs)
  const tasks = await pruneTasks(database, endedBefore, order)
  const leftovers = order.signal?.aborted
    ? { keyCount: 0, workerCount: 0 }
    : await pruneAllLeftovers(database, now, order)
  return {
    isDryRun: order.dryRun,
    endedBefore,
    ...tasks,
    ...leftovers,
    isComplete: tasks.isComplete && order.signal?.aborted !== true,
  }
}

async function pruneTasks(database: Database, endedBefore: Date, order: CheckedPruneOrder) {
  const { states, namespace, batchSize, limit, dryRun, onProgress, signal } = order
  const groups = new Map<string, PrunedGroup>()
  let soFar: PruneProgress = { taskCount: 0, busyCount: 0, bytes: 0 }
  let after = beforeAllTasks
  let size = batchSize
  for (;;) {
    const room = limit === undefined ? size : Math.min(size, limit - soFar.taskCount)
    if (signal?.aborted === true || room === 0) break
    const pruned = await pruneInTime(database, {
      states,
      endedBefore,
      namespace: namespace ?? null,
      after,
      tasksMax: room,
      isTrial: dryRun,
    })
    if (pruned === null) {
      size = Math.max(1, Math.floor(room / 2))
      continue
    }
    soFar = add(soFar, pruned)
    for (const group of pruned.groups) addTo(groups, group)
    onProgress?.(soFar)
    if (pruned.last === null) return { ...soFar, groups: [...groups.values()], isComplete: true }
    after = pruned.last
  }
  return { ...soFar, groups: [...groups.values()], isComplete: false }
}

/** Null: it took longer than a statement may, because its tasks are wide; a smaller one may not. */
async function pruneInTime(database: Database, batch: PruneBatch): Promise<PrunedBatch | null> {
  try {
    return await pruneBatch(database, batch)
  } catch (error) {
    if (tookTooLong(error) && batch.tasksMax > 1) return null
    throw error
  }
}

function add(soFar: PruneProgress, { groups, busyCount, bytes }: PrunedBatch): PruneProgress {
  return {
    taskCount: soFar.taskCount + groups.reduce((sum, group) => sum + group.count, 0),
    busyCount: soFar.busyCount + busyCount,
    bytes: soFar.bytes + bytes,
  }
}

function addTo(groups: Map<string, PrunedGroup>, group: PrunedGroup): void {
  const key = `${formatAddress(group)} ${group.state}`
  groups.set(key, { ...group, count: group.count + (groups.get(key)?.count ?? 0) })
}

async function pruneAllLeftovers(database: Database, now: Date, order: CheckedPruneOrder) {
  let keyCount = 0
  let workerCount = 0
  let after: unknown = null
  do {
    const page = await pruneLeftovers(database, { after, isTrial: order.dryRun, now })
    keyCount += page.keyCount
    workerCount = order.dryRun ? page.workerCount : workerCount + page.workerCount
    after = page.last
  } while (after !== null && order.signal?.aborted !== true)
  return { keyCount, workerCount }
}
