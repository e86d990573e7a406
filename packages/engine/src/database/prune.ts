// The callers of prune_tasks and prune_leftovers: one batch each, in its own transaction.
import type { TaskId } from '../ids.ts'
import type { TaskState } from '../states.ts'
import { sqlState, type Database, type Row } from './connect.ts'

/** Tasks of one definition version in one state. */
export interface PrunedGroup {
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  readonly count: number
}

export interface PruneBatch {
  readonly states: readonly TaskState[]
  readonly endedBefore: Date
  readonly namespace: string | null
  readonly after: TaskId
  readonly tasksMax: number
  readonly isTrial: boolean
}

export interface PrunedBatch {
  /** Pass as `after` for the next batch; null: there is none. */
  readonly last: TaskId | null
  /** Held by another call, and left. */
  readonly busyCount: number
  readonly groups: readonly PrunedGroup[]
  readonly bytes: number
}

export interface PrunedLeftovers {
  readonly last: unknown
  readonly keyCount: number
  readonly workerCount: number
}

/** Below every id. */
export const beforeAllTasks = '00000000-0000-0000-0000-000000000000' as TaskId

/** Rows of tasks that one call looks at, and keys. */
const scanMax = 10_000
/** Whoever looks for a worker that is gone does so within minutes. */
const workersKeptMs = 86_400_000

export async function pruneBatch(database: Database, batch: PruneBatch): Promise<PrunedBatch> {
  const { states, endedBefore, after, namespace, tasksMax, isTrial } = batch
  const rows = await database.run(
    'prune_tasks',
    `select ${database.schema}.prune_tasks($1, $2, $3, $4, $5, $6, $7) as reply`,
    [states, endedBefore, after, namespace, tasksMax, scanMax, isTrial],
  )
  const reply = replyOf(rows) as {
    readonly last: TaskId | null
    readonly busy: number
    readonly groups: readonly PrunedGroup[]
    readonly bytes: number
  } // prune_tasks.sql
  return { last: reply.last, busyCount: reply.busy, groups: reply.groups, bytes: reply.bytes }
}

export async function pruneLeftovers(
  database: Database,
  page: { readonly after: unknown; readonly isTrial: boolean; readonly now: Date },
): Promise<PrunedLeftovers> {
  const rows = await database.run(
    'prune_leftovers',
    `select ${database.schema}.prune_leftovers($1::jsonb, $2, $3, $4, $5) as reply`,
    [
      page.after === null ? null : JSON.stringify(page.after),
      scanMax,
      new Date(page.now.getTime() - workersKeptMs),
      page.isTrial,
      page.now,
    ],
  )
  const reply = replyOf(rows) as {
    readonly last: unknown
    readonly keys: number
    readonly workers: number
  } // prune_leftovers.sql
  return { last: reply.last, keyCount: reply.keys, workerCount: reply.workers }
}

/** The instant now, on the clock that wrote the times of the tasks. */
export async function databaseInstant(database: Database, now: Date | null): Promise<Date> {
  if (now !== null) return now
  const rows = await database.run('read_time', 'select statement_timestamp() as at', [])
  return rows[0]?.['at'] as Date // timestamptz
}

/** True when the statement was ended because it took longer than it may. */
export const tookTooLong = (error: unknown): boolean => sqlState(error) === '57014'

const replyOf = (rows: readonly Row[]): unknown => rows[0]?.['reply']
