// What each entry of a history is, as one word of a closed list, and who made it. Pure: reads one row at a time.
import type { KnownWorker } from '../database/read-lineage.ts'
import type { HistoryRow } from '../database/read-tasks.ts'

/** What happened. Everything but the first group is about one step. */
export const timelineKinds = [
  // The task.
  'created',
  'started',
  'held',
  'resumed',
  'ended',
  'revived', // in error, and now it goes on
  'rerun', // a new task was made from this one
  'updated', // what is said of it, or the inputs of a step
  'annotated',
  // An attempt.
  'claimed',
  'completed',
  'will_retry', // failed, and has a time for the next attempt
  'failed', // for good
  'waits', // asked to run again at a time
  'handed_back', // unspent: its worker stopped, or could not start it
  'lost', // its worker died
  'outcome_refused', // came too late, and was only kept
  // An operator, or the end of the task.
  'cancelled',
  'resolved',
  'skipped',
  'retried', // failed for good, and is tried again
  'retry_now',
  'woken',
  'retry_limit_changed',
  // An entry that this version does not know.
  'noted',
] as const
export type TimelineKind = (typeof timelineKinds)[number]

/** Who made an entry. */
export interface TimelineActor {
  /**
   * `worker` recorded an outcome of its own, `rescue` took over the step of a dead worker, `tasker` is the engine itself;
   * `person` is everybody else who asked for it: whoever created the task, and operators.
   */
  readonly kind: 'worker' | 'rescue' | 'tasker' | 'person'
  /** As the history has it. */
  readonly name: string
  /** Null: unknown, or no worker. */
  readonly host: string | null
  readonly pid: number | null
}

/** The instant at which an entry made its step due again; null: it did not. */
export function runAtOf(row: HistoryRow): Date | null {
  const text = row.metadata?.['run_at']
  return typeof text === 'string' ? new Date(text) : null
}

export function kindOf(row: HistoryRow): TimelineKind {
  if (row.from === row.to) return noteKind(row)
  return row.step === null ? taskKind(row) : stepKind(row)
}

export function actorOf(name: string, workers: ReadonlyMap<number, KnownWorker>): TimelineActor {
  const worker = workers.get(workerIdOf(name) ?? 0)
  const kind = name.startsWith('worker:')
    ? 'worker'
    : name.startsWith('rescue by worker:')
      ? 'rescue'
      : name === 'tasker'
        ? 'tasker'
        : 'person'
  return { kind, name, host: worker?.host ?? null, pid: worker?.pid ?? null }
}

/** The worker that signs as `worker:12` or `rescue by worker:12`; null: it is none. */
export function workerIdOf(actor: string): number | null {
  const id = /^(?:rescue by )?worker:(\d{1,9})$/.exec(actor)?.[1]
  return id === undefined ? null : Number(id)
}

/** Entries that change no state. */
function noteKind({ reason, metadata }: HistoryRow): TimelineKind {
  switch (metadata?.['action']) {
    case 'hold':
      return 'held'
    case 'resume':
      return 'resumed'
    case 'rerun':
      return 'rerun'
    case 'update':
    case 'set_inputs':
      return 'updated'
    case 'annotate':
      return 'annotated'
    case 'retry_now':
      return 'retry_now'
    case 'wake':
      return 'woken'
    case 'set_retry_limit':
      return 'retry_limit_changed'
    default:
      return reason === 'outcome_refused' ? 'outcome_refused' : 'noted'
  }
}

function taskKind({ from, to }: HistoryRow): TimelineKind {
  if (from === null) return 'created'
  if (to !== 'in_progress') return 'ended'
  return from === 'error' ? 'revived' : 'started'
}

function stepKind(row: HistoryRow): TimelineKind {
  switch (row.to) {
    case 'in_progress':
      return 'claimed'
    case 'complete':
      return 'completed'
    case 'resolved_manually':
      return 'resolved'
    case 'skipped':
      return 'skipped'
    case 'cancelled':
      return 'cancelled'
    case 'error':
      if (row.reason === 'worker_lost') return 'lost'
      return runAtOf(row) === null ? 'failed' : 'will_retry'
    case 'pending':
      if (row.from === 'error') return 'retried'
      return isHandedBack(row) ? 'handed_back' : 'waits'
    default:
      return 'noted'
  }
}

/** Reasons of attempts that are handed back unspent; see `released` in steps/outcome.ts. */
const handBacks: readonly (string | null)[] = [
  'stopping',
  'not_started',
  'reply_lost',
  'lease_lost',
  'database_unavailable',
  'cancelled',
  'release',
]

/** Handed back, it is due at once; a handler that asks to wait until a time that is past has words of its own. */
function isHandedBack(row: HistoryRow): boolean {
  const runAt = runAtOf(row)
  return handBacks.includes(row.reason) && (runAt === null || runAt <= row.at)
}
