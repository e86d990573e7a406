// Notices that the event loop was blocked, and names the step that did it: exactly when a handler blocked before its first
// await, else those that began or ended in the blocked turn, else those that were running. Keeps names, never handlers.
import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'

/** A step of a definition, as declared: steps generated from a context share one name. */
export interface StepName {
  readonly namespace: string
  readonly taskName: string
  readonly version: string
  readonly stepName: string
}

export interface Blockage {
  /** How long nothing else could run in this process. */
  readonly blockedMs: number
  /** The first is the most likely one. */
  readonly steps: readonly StepName[]
  /** There is one step, and it was seen blocking. */
  readonly isCertain: boolean
}

export interface BlockedLoopOptions {
  readonly clock: Clock
  /** Null: nothing is watched. */
  readonly thresholdMs: number | null
  blocked(blockage: Blockage): void
}

/** A step is named once in this time. */
const quietMs = 60_000
/** More candidates tell nothing. */
const candidatesMax = 5

interface Known {
  readonly name: StepName
  running: number
  /** When a handler of it began or ended first after the look that is due; null: none did. */
  seenMs: number | null
  reportedMs: number | null
}

export class BlockedLoop {
  readonly #options: BlockedLoopOptions
  /** As many as there are step names, not handlers. */
  readonly #known = new Map<string, Known>()
  #cancelTimer: () => void = () => undefined
  #isCertain = false
  #dueMs = Number.POSITIVE_INFINITY
  #utilisation: EventLoopUtilization | null = null

  constructor(options: BlockedLoopOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, thresholdMs } = this.#options
    // A clock that a test sets stands still while a handler runs.
    if (thresholdMs === null || clock.databaseNow() !== null) return
    this.#look(thresholdMs / 10, thresholdMs)
  }

  stop(): void {
    this.#cancelTimer()
  }

  /** Calls a handler, an async function, under watch. What it answers, and when, is unchanged. */
  call<T>(name: StepName, run: () => Promise<T>): Promise<T> {
    const { clock, thresholdMs } = this.#options
    if (thresholdMs === null) return run()
    const known = this.#of(name)
    const startedMs = clock.monotonicMs()
    known.running += 1
    const answer = run()
    const blockedMs = this.#seen(known) - startedMs
    if (blockedMs >= thresholdMs) {
      this.#isCertain = true
      this.#report([known], { blockedMs, isCertain: true })
    }
    const ended = (): void => {
      known.running -= 1
      this.#seen(known)
    }
    answer.then(ended, ended)
    return answer
  }

  #seen(known: Known): number {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs > this.#dueMs) known.seenMs ??= nowMs
    return nowMs
  }

  #of(name: StepName): Known {
    const key = `${name.namespace}/${name.taskName}@${name.version}/${name.stepName}`
    const known = this.#known.get(key) ?? { name, running: 0, seenMs: null, reportedMs: null }
    this.#known.set(key, known)
    return known
  }

  #look(everyMs: number, thresholdMs: number): void {
    const { clock } = this.#options
    this.#dueMs = clock.monotonicMs() + everyMs
    this.#utilisation = performance.eventLoopUtilization()
    this.#cancelTimer = clock.schedule(everyMs, () => {
      const lateMs = clock.monotonicMs() - this.#dueMs
      if (lateMs >= thresholdMs && !this.#isCertain && this.#wasAtWork(lateMs)) {
        this.#report(this.#candidates(), { blockedMs: lateMs, isCertain: false })
      }
      this.#isCertain = false
      for (const known of this.#known.values()) known.seenMs = null
      this.#look(everyMs, thresholdMs)
    })
  }

  // A process that was suspended comes late as well, and no handler is to blame.
  #wasAtWork(lateMs: number): boolean {
    if (this.#utilisation === null) return false
    return performance.eventLoopUtilization(this.#utilisation).active >= lateMs / 2
  }

  // What began or ended after the look was due did so in the blocked turn, or right behind it: the first is the likeliest.
  #candidates(): readonly Known[] {
    const known = [...this.#known.values()]
    const inTurn = known
      .filter(({ seenMs }) => seenMs !== null)
      .toSorted((a, b) => (a.seenMs ?? 0) - (b.seenMs ?? 0))
    return [...new Set([...inTurn, ...known.filter(({ running }) => running > 0)])]
  }

  #report(suspects: readonly Known[], blockage: Omit<Blockage, 'steps'>): void {
    const nowMs = this.#options.clock.monotonicMs()
    const fresh = suspects.filter(
      ({ reportedMs }) => reportedMs === null || nowMs - reportedMs >= quietMs,
    )
    if (fresh.length === 0) return
    for (const known of fresh) known.reportedMs = nowMs
    const steps = fresh.slice(0, candidatesMax).map(({ name }) => name)
    this.#options.blocked({ ...blockage, steps })
  }
}
