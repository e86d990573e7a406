// What the next call may claim: which lanes, how many steps, children or the due table first. A worker serves one lane
// per definition and probes a bounded number of them a call, in rotation: after a wake-up every lane gets its turn.
// A suspect (a step lost twice) runs alone.
import type { Config } from '../config.ts'
import type { FinishReply } from '../database/steps.ts'
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

export class Lanes {
  readonly #orchestration: Config['orchestration']
  readonly #ordinary: Rotation
  /** In a round of its own: its probes take no turn from the others. */
  readonly #ofSuspects: Rotation
  #nextDueMs: number | null = null
  #calls = 0
  /** How often something became due, or may have, that calls sent before did not see. */
  #wakeCount = 0
  #wokenAt = 0
  /** The look that found nothing more, in all lanes at once, came after so many of those. */
  #emptySince = -1
  #isBetterWaiting = false
  #suspect: Suspect = 'none'
  #isDraining = false

  constructor(lanes: readonly DefinitionId[], orchestration: Config['orchestration']) {
    this.#orchestration = orchestration
    this.#ordinary = new Rotation(lanes, orchestration.lanesPerCall)
    this.#ofSuspects = new Rotation(lanes, orchestration.lanesPerCall)
  }

  /** Something may be due in any lane. */
  woken(): void {
    this.#wakeCount += 1
    this.#wokenAt = this.#wakeCount
    this.#ordinary.restart()
    this.#nextDueMs = null
  }

  /** Retries and waits will be due, and a call that had no slot left has not looked when. */
  recorded({ recorded }: Pick<FinishReply, 'recorded'>): void {
    if ([...recorded.values()].some(({ runAt }) => runAt !== null)) this.#wakeCount += 1
  }

  /** A suspect runs, or room is made for it. */
  get isAlone(): boolean {
    return this.#suspect === 'running' || this.#isDraining
  }

  /** What calls under way may bring is as good as running, and has its slots. */
  next(free: number, running: number, underWay: readonly Claim[]): Claim {
    const promised = underWay.reduce((sum, { want }) => sum + want, 0)
    if (underWay.some(isOfSuspects)) return this.#nothing
    return this.#next(Math.max(0, free - promised), running + promised)
  }

  #next(free: number, running: number): Claim {
    if (running === 0) {
      if (this.#suspect === 'running') this.#suspect = 'none'
      this.#isDraining = false
      if (this.#suspect === 'waiting' && free > 0) {
        const lanes = this.#ofSuspects.next.map((lane) => -lane)
        return { ...this.#nothing, want: 1, lanes, dueFirst: true, mayBeDue: true }
      }
    }
    const lanes = this.#ordinary.next
    if (this.isAlone || lanes.length === 0) return this.#nothing
    const dueFirst = this.#isBetterWaiting || this.#calls % this.#orchestration.dueEveryCalls === 0
    const mayBeDue = this.#emptySince !== this.#wakeCount
    return { ...this.#nothing, want: free, lanes, dueFirst, mayBeDue }
  }

  get #nothing(): Claim {
    return { want: 0, lanes: [], dueFirst: false, mayBeDue: false, wakeCount: this.#wakeCount }
  }

  /** Learns from the reply to a call that probed lanes. */
  probed(call: Pick<Claim, 'want' | 'lanes' | 'wakeCount'>, reply: FinishReply): Onward {
    this.#calls += 1
    this.#isBetterWaiting = reply.isBetterWaiting
    if (isOfSuspects(call)) return this.#probedForSuspects(call, reply)
    if (call.want === 0 || call.lanes.length === 0)
      return { isClaimingAgain: false, nextDueMs: null }
    this.#ordinary.probed(call.lanes, call.wakeCount >= this.#wokenAt)
    if (reply.idle !== null) {
      this.#nextDueMs = earlier(this.#nextDueMs, reply.idle.nextDueMs)
      if (this.#ordinary.isAllOf(call.lanes)) this.#emptySince = call.wakeCount
    }
    // More than was wanted, or what others hold and may let go.
    if (reply.idle === null || reply.idle.nextDueMs === 0) this.#wakeCount += 1
    return { isClaimingAgain: this.#ordinary.isLeft, nextDueMs: this.#nextDueMs }
  }

  /** Learns from a rescue scan whether a suspect waits. True: claim, a suspect or again what it kept the worker from. */
  scanned({ suspects }: FinishReply): boolean {
    if (this.#suspect === 'running') return suspects !== null
    const wasDraining = this.#isDraining
    this.#suspect = suspects === null ? 'none' : 'waiting'
    this.#ofSuspects.restart()
    // Nobody was idle for a whole lease: the lowest live worker makes room, one at a time.
    this.#isDraining =
      suspects !== null && suspects.isLowest && suspects.oldestMs > this.#orchestration.leaseMs
    return suspects !== null || wasDraining
  }

  // It waits until every lane was looked into, by calls that wanted something.
  #probedForSuspects({ want, lanes }: Pick<Claim, 'want' | 'lanes'>, reply: FinishReply): Onward {
    const isClaimed = reply.claims.some((step) => step.losses >= 2)
    if (want > 0)
      this.#ofSuspects.probed(
        lanes.map((lane) => -lane),
        true,
      )
    if (isClaimed) this.#suspect = 'running'
    else if (!this.#ofSuspects.isLeft) this.#suspect = 'none'
    return { isClaimingAgain: want > 0 && !isClaimed, nextDueMs: null }
  }
}

/** All lanes in turn, so many a call. */
class Rotation {
  readonly #lanes: readonly DefinitionId[]
  readonly #perCall: number
  #start = 0
  #leftCount: number

  constructor(lanes: readonly DefinitionId[], perCall: number) {
    this.#lanes = lanes
    this.#perCall = perCall
    this.#leftCount = lanes.length
  }

  /** Some lane had no turn since the last restart. */
  get isLeft(): boolean {
    return this.#leftCount > 0
  }

  get next(): readonly DefinitionId[] {
    if (this.#lanes.length <= this.#perCall) return this.#lanes
    return [...this.#lanes, ...this.#lanes].slice(this.#start, this.#start + this.#perCall)
  }

  /** Whether one call with these lanes looks into every lane. */
  isAllOf(lanes: readonly number[]): boolean {
    return lanes.length === this.#lanes.length
  }

  /** Every lane gets its turn again, beginning where the last round stopped. */
  restart(): void {
    this.#leftCount = this.#lanes.length
  }

  // Two calls may have been under way with the same lanes: they count once. One that was sent before the restart does not
  // count, but is a turn: with a restart for every call the last lanes would wait for ever.
  probed(lanes: readonly number[], isSinceRestart: boolean): void {
    if (lanes[0] !== this.next[0]) return
    if (isSinceRestart) this.#leftCount -= lanes.length
    this.#start = (this.#start + this.#perCall) % this.#lanes.length
  }
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)

const isOfSuspects = ({ lanes }: Pick<Claim, 'lanes'>): boolean => lanes.some((lane) => lane < 0)
