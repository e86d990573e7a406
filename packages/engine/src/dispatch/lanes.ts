// What the next call may claim: which lanes, how many steps, children or the due table first. A worker serves one lane
// per definition and probes a bounded number of them a call, in rotation: after a wake-up every lane gets its turn.
// A suspect (a step lost twice) runs alone.
import type { Config } from '../config.ts'
import type { FinishCall, FinishReply } from '../database/steps.ts'
import type { DefinitionId } from '../ids.ts'
import type { Claim } from './batcher.ts'

/** A suspect runs with nothing beside it, so one slot, and nothing claimed until it has ended. */
type Suspect = 'none' | 'waiting' | 'running'

/** What to do after a reply that left slots free. */
export interface Onward {
  /** Lanes that were not probed since the last wake-up are left. */
  readonly isClaimingAgain: boolean
  /** The earliest due time that any lane reported since the last wake-up. */
  readonly nextDueMs: number | null
}

const nothing: Claim = { want: 0, lanes: [], dueFirst: false }

export class Lanes {
  readonly #lanes: readonly DefinitionId[]
  readonly #orchestration: Config['orchestration']
  #start = 0
  #lanesLeft: number
  #nextDueMs: number | null = null
  #calls = 0
  #isBetterWaiting = false
  #suspect: Suspect = 'none'
  #isDraining = false

  constructor(lanes: readonly DefinitionId[], orchestration: Config['orchestration']) {
    this.#lanes = lanes
    this.#orchestration = orchestration
    this.#lanesLeft = lanes.length
  }

  /** Something may be due in any lane. */
  woken(): void {
    this.#lanesLeft = this.#lanes.length
    this.#nextDueMs = null
  }

  /** A suspect runs, or room is made for it. */
  get isAlone(): boolean {
    return this.#suspect === 'running' || this.#isDraining
  }

  /** What calls under way may bring is as good as running, and has its slots. */
  next(free: number, running: number, underWay: readonly Claim[]): Claim {
    const promised = underWay.reduce((sum, { want }) => sum + want, 0)
    if (underWay.some(isOfSuspects)) return nothing
    return this.#next(Math.max(0, free - promised), running + promised)
  }

  #next(free: number, running: number): Claim {
    if (running === 0) {
      if (this.#suspect === 'running') this.#suspect = 'none'
      this.#isDraining = false
      if (this.#suspect === 'waiting' && free > 0) {
        return { want: 1, lanes: this.#probed().map((lane) => -lane), dueFirst: true }
      }
    }
    if (this.isAlone || this.#lanes.length === 0) return nothing
    const dueFirst = this.#isBetterWaiting || this.#calls % this.#orchestration.dueEveryCalls === 0
    return { want: free, lanes: this.#probed(), dueFirst }
  }

  /** Learns from the reply to a call that probed lanes. */
  probed(call: Pick<FinishCall, 'want' | 'lanes'>, reply: FinishReply): Onward {
    this.#calls += 1
    this.#isBetterWaiting = reply.isBetterWaiting
    if (call.want === 0) return { isClaimingAgain: false, nextDueMs: null }
    if (isOfSuspects(call)) {
      const isClaimed = reply.claims.some((step) => step.losses >= 2)
      this.#suspect = isClaimed ? 'running' : 'none'
      return { isClaimingAgain: !isClaimed, nextDueMs: null }
    }
    this.#probedTo(call.lanes)
    if (reply.idle !== null) this.#nextDueMs = earlier(this.#nextDueMs, reply.idle.nextDueMs)
    return { isClaimingAgain: this.#lanesLeft > 0, nextDueMs: this.#nextDueMs }
  }

  /** Learns from a rescue scan whether a suspect waits. */
  scanned(reply: FinishReply): void {
    if (reply.suspects === null || this.#suspect === 'running') return
    this.#suspect = 'waiting'
    // Nobody was idle for a whole lease: the lowest live worker makes room, one at a time.
    const { isLowest, oldestMs } = reply.suspects
    this.#isDraining = isLowest && oldestMs > this.#orchestration.leaseMs
  }

  // Two calls may have been under way with the same lanes: they count once.
  #probedTo(lanes: readonly number[]): void {
    if (lanes[0] !== this.#probed()[0]) return
    this.#lanesLeft -= lanes.length
    this.#start = (this.#start + this.#orchestration.lanesPerCall) % this.#lanes.length
  }

  #probed(): readonly DefinitionId[] {
    const { lanesPerCall } = this.#orchestration
    if (this.#lanes.length <= lanesPerCall) return this.#lanes
    return [...this.#lanes, ...this.#lanes].slice(this.#start, this.#start + lanesPerCall)
  }
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)

const isOfSuspects = ({ lanes }: Pick<Claim, 'lanes'>): boolean => lanes.some((lane) => lane < 0)
