// Where the time of one step went: follows its history, and puts what passed between two entries into one of seven phases.
// The phases of a step add up to the time from its task's creation to its own end. Pure.
import type { HistoryRow } from '../database/read-tasks.ts'
import type { StepState } from '../states.ts'
import { runAtOf, type TimelineKind } from './timeline-kinds.ts'

/** Milliseconds, by what the step was doing. */
export interface PhaseTimes {
  /** Waiting for other steps. */
  readonly blockedMs: number
  /** Due, until a worker claimed it; also while it was held. */
  readonly waitedMs: number
  /** From a claim to the end of the attempt. */
  readonly ranMs: number
  /** From a claim by a worker that died, until another took the step over. */
  readonly lostMs: number
  /** Failed, until the next attempt was due. */
  readonly backedOffMs: number
  /** Asked to wait, until the time it asked for. */
  readonly pausedMs: number
  /** Failed for good, until an operator tried it again or the task ended. */
  readonly stoppedMs: number
}

export type Phase = keyof PhaseTimes

/** Phases that passed before an entry; the others are left out. */
export type PhasesPassed = Readonly<Partial<Record<Phase, number>>>

export class StepTrack {
  state: StepState = 'pending'
  claims = 0
  /** When its children were released; null: not yet. */
  satisfiedAt: Date | null = null
  /** Null: it is over. */
  #phase: Phase | null = 'blockedMs'
  #since: Date
  /** When a phase ends that ends by a time; null: not by a time. */
  #dueAt: Date | null = null
  readonly #totals: Record<Phase, number> = {
    blockedMs: 0,
    waitedMs: 0,
    ranMs: 0,
    lostMs: 0,
    backedOffMs: 0,
    pausedMs: 0,
    stoppedMs: 0,
  }
  readonly #claimedAt = new Map<number | null, Date>()

  /** `given`: its state, when it was satisfied before the task began. */
  constructor(createdAt: Date, given: StepState | null) {
    this.#since = createdAt
    if (given === null) return
    this.state = given
    this.#phase = null
    this.satisfiedAt = createdAt
  }

  get totals(): PhaseTimes {
    return this.#totals
  }

  get totalMs(): number {
    return Object.values(this.#totals).reduce((total, ms) => total + ms, 0)
  }

  /** What passed before this entry. `releasedAt`: when the last of its parents was satisfied, null while one is not. */
  take(row: HistoryRow, kind: TimelineKind, releasedAt: () => Date | null): PhasesPassed {
    if (kind === 'outcome_refused') {
      // Another attempt may run by now, so this time is shown and counted nowhere.
      const claimedAt = this.#claimedAt.get(row.claimNo)
      return claimedAt === undefined ? {} : { ranMs: row.at.getTime() - claimedAt.getTime() }
    }
    if (kind === 'retry_now' || kind === 'woken') this.#dueAt = row.at
    if (row.from === row.to) return {}
    if (kind === 'lost') this.#phase = 'lostMs' // until now it seemed to run
    const passed = this.stop(row.at, releasedAt)
    this.state = row.to as StepState // its check constraint
    this.#enter(row, kind)
    return passed
  }

  /** Counts what passes until `at`. */
  stop(at: Date, releasedAt: () => Date | null): PhasesPassed {
    const phase = this.#phase
    if (phase === null) return {}
    const passedMs = Math.max(0, at.getTime() - this.#since.getTime())
    this.#since = at
    const dueAt = phase === 'blockedMs' ? releasedAt() : this.#dueAt
    if (dueAt === null) return this.#count({ [phase]: passedMs })
    const waitedMs = Math.min(passedMs, Math.max(0, at.getTime() - dueAt.getTime()))
    return this.#count({ [phase]: passedMs - waitedMs, waitedMs })
  }

  #enter(row: HistoryRow, kind: TimelineKind): void {
    this.#phase = phaseAfter(row, kind)
    this.#dueAt = this.#phase === 'backedOffMs' || this.#phase === 'pausedMs' ? runAtOf(row) : null
    if (kind === 'claimed') {
      this.claims += 1
      this.#claimedAt.set(row.claimNo, row.at)
    }
    if (kind === 'completed' || kind === 'resolved' || kind === 'skipped') this.satisfiedAt = row.at
  }

  #count(passed: PhasesPassed): PhasesPassed {
    for (const [phase, ms] of Object.entries(passed)) this.#totals[phase as Phase] += ms // its keys are phases
    return passed
  }
}

/** What the step does from this entry on; null: it is over. */
function phaseAfter(row: HistoryRow, kind: TimelineKind): Phase | null {
  switch (kind) {
    case 'claimed':
      return 'ranMs'
    case 'will_retry':
      return 'backedOffMs'
    case 'waits':
      return 'pausedMs'
    case 'handed_back':
    case 'retried':
      return 'waitedMs'
    case 'lost':
      return runAtOf(row) === null ? 'stoppedMs' : 'waitedMs'
    case 'failed':
      return 'stoppedMs'
    default:
      return null
  }
}
