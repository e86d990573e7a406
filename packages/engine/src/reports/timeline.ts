// A task's history as people read it: who did what to which step, when, why, and how long it took; and where the time of
// each step went. Everything that may change comes from the history itself, so that it cannot contradict it.
import type { Database } from '../database/connect.ts'
import { readLineage, type Lineage } from '../database/read-lineage.ts'
import { errorBrief, type ErrorBrief } from '../database/error-brief.ts'
import { readHistory, type HistoryRow } from '../database/read-tasks.ts'
import type { TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { isEnded, type StepState, type TaskState } from '../states.ts'
import { StepTrack, type PhasesPassed, type PhaseTimes } from './step-track.ts'
import { taskNotFound } from './task-view.ts'
import {
  actorOf,
  kindOf,
  runAtOf,
  workerIdOf,
  type TimelineActor,
  type TimelineKind,
} from './timeline-kinds.ts'

export interface TimelineEntry {
  /** Orders the history of a task. A claim has that of the last entry its worker had seen. */
  readonly seq: number
  readonly at: Date
  /** Null: about the task. `(annotations)` and `(deadline)` are no steps of the definition. */
  readonly step: string | null
  readonly kind: TimelineKind
  readonly from: string | null
  readonly to: string
  readonly who: TimelineActor
  /** The reason given by whoever made the entry. */
  readonly why: string | null
  readonly error: ErrorBrief | null
  /** Null: an entry of the task. */
  readonly attempt: number | null
  readonly claimNo: number | null
  /** When the step is due next; null: this entry does not say. */
  readonly dueAt: Date | null
  /** What passed since the entry before of the same step: waited, ran, backed off, … */
  readonly took: PhasesPassed
  /** As stored. */
  readonly metadata: JsonObject | null
}

export interface StepTimes extends PhaseTimes {
  readonly step: string
  readonly state: StepState
  /** How often it was claimed; attempts that were handed back or lost included. */
  readonly claims: number
  /** All phases together: from the creation of the task to the end of the step, or to now. */
  readonly totalMs: number
}

export interface Timeline {
  readonly taskId: TaskId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: TaskState
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** In order. */
  readonly entries: readonly TimelineEntry[]
  /** In the order of declaration. */
  readonly steps: readonly StepTimes[]
  /** The instant of this answer: what has not ended is counted until then. */
  readonly at: Date
}

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function readTimeline(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<Timeline> {
  const history = await readHistory(database, taskId)
  const workers = new Set(history.map(({ actor }) => workerIdOf(actor)).filter((id) => id !== null))
  const lineage = await readLineage(database, taskId, [...workers], at)
  if (lineage === null) throw taskNotFound(taskId, database.schema)
  return timelineOf(taskId, history, lineage)
}

/** Pure. */
export function timelineOf(
  taskId: TaskId,
  history: readonly HistoryRow[],
  lineage: Lineage,
): Timeline {
  const { namespace, name, version, at } = lineage
  const createdAt = history[0]?.at ?? at
  const tracks = newTracks(history[0], lineage, createdAt)
  const workers = new Map(lineage.workers.map((worker) => [worker.workerId, worker]))
  const entries = history.map((row): TimelineEntry => {
    const kind = kindOf(row)
    const followed = row.step === null ? undefined : tracks.get(row.step)
    const took = followed?.track.take(row, kind, followed.releasedAt) ?? {}
    return { ...entryOf(row, kind), who: actorOf(row.actor, workers), took }
  })
  const { state, endedAt } = taskAfter(history)
  const steps = [...tracks].map(([step, { track, releasedAt }]): StepTimes => {
    track.stop(endedAt ?? at, releasedAt)
    return {
      step,
      state: track.state,
      claims: track.claims,
      ...track.totals,
      totalMs: track.totalMs,
    }
  })
  return { taskId, namespace, name, version, state, createdAt, endedAt, entries, steps, at }
}

interface Followed {
  readonly track: StepTrack
  /** When the last of its parents was satisfied; null while one is not. */
  readonly releasedAt: () => Date | null
}

/** By name, in the order of declaration. */
function newTracks(
  created: HistoryRow | undefined,
  { steps }: Lineage,
  createdAt: Date,
): ReadonlyMap<string, Followed> {
  const bypassed = stepNosIn(created, 'bypassed')
  const reused = stepNosIn(created, 'reused')
  const byNo = new Map(
    steps.map(({ stepNo, state }) => {
      const isGiven = bypassed.has(stepNo) || reused.has(stepNo)
      return [stepNo, new StepTrack(createdAt, isGiven ? state : null)]
    }),
  )
  return new Map(
    [...byNo.values()].map((track, index): [string, Followed] => {
      const { name = '', parents = [] } = steps[index] ?? {}
      return [name, { track, releasedAt: () => lastSatisfied(parents, byNo, createdAt) }]
    }),
  )
}

function lastSatisfied(
  parents: readonly number[],
  byNo: ReadonlyMap<number, StepTrack>,
  createdAt: Date,
): Date | null {
  let last = createdAt
  for (const parent of parents) {
    const satisfiedAt = byNo.get(parent)?.satisfiedAt ?? null
    if (satisfiedAt === null) return null
    if (satisfiedAt > last) last = satisfiedAt
  }
  return last
}

/** Step numbers that the creation names: bypassed, or taken over with their results from an earlier task. */
function stepNosIn(created: HistoryRow | undefined, key: string): ReadonlySet<unknown> {
  const list = created?.metadata?.[key]
  return new Set(Array.isArray(list) ? list : [])
}

function taskAfter(history: readonly HistoryRow[]): Pick<Timeline, 'state' | 'endedAt'> {
  const last = history.findLast((row) => row.step === null && row.from !== row.to)
  const state = (last?.to ?? 'pending') as TaskState // its check constraint
  return { state, endedAt: last !== undefined && isEnded(state) ? last.at : null }
}

function entryOf(row: HistoryRow, kind: TimelineKind): Omit<TimelineEntry, 'who' | 'took'> {
  return {
    seq: row.seq,
    at: row.at,
    step: row.step,
    kind,
    from: row.from,
    to: row.to,
    why: row.reason,
    error: errorBrief(row.metadata?.['error']),
    attempt: row.attempt,
    claimNo: row.claimNo,
    dueAt: kind === 'retry_now' || kind === 'woken' ? row.at : runAtOf(row),
    metadata: row.metadata,
  }
}
