// What the next call may claim: which lanes, how many steps, children or the due table first. A worker serves one lane
// per definition and probes a bounded number of them a call, in rotation. A suspect (a step lost twice) runs alone.
import type { Config } from '../config.ts'
import type { FinishReply } from '../database/steps.ts'
import type { DefinitionId } from '../ids.ts'
import type { Claim } from './batcher.ts'

/** A suspect runs with nothing beside it, so one slot, and nothing claimed until it has ended. */
type Suspect = 'none' | 'waiting' | 'running'

export class Lanes {
  readonly #lanes: readonly DefinitionId[]
  readonly #orchestration: Config['orchestration']
  #start = 0
  #calls = 0
  #isBetterWaiting = false
  #suspect: Suspect = 'none'
  #isDraining = false

  constructor(lanes: readonly DefinitionId[], orchestration: Config['orchestration']) {
    this.#lanes = lanes
    this.#orchestration = orchestration
  }

  next(free: number, running: number): Claim {
    if (running === 0) {
      if (this.#suspect === 'running') this.#suspect = 'none'
      this.#isDraining = false
      if (this.#suspect === 'waiting' && free > 0) {
        return { want: 1, lanes: this.#probed().map((lane) => -lane), dueFirst: true }
      }
    }
    if (this.#suspect === 'running' || this.#isDraining || this.#lanes.length === 0) {
      return { want: 0, lanes: [], dueFirst: false }
    }
    const dueFirst = this.#isBetterWaiting || this.#calls % this.#orchestration.dueEveryCalls === 0
    return { want: Math.max(0, free), lanes: this.#probed(), dueFirst }
  }

  /** Learns from a reply: whether better work waits, whether a suspect does or was just claimed. */
  observe(reply: FinishReply): void {
    this.#calls += 1
    this.#start = (this.#start + this.#orchestration.lanesPerCall) % Math.max(1, this.#lanes.length)
    this.#isBetterWaiting = reply.isBetterWaiting
    if (this.#suspect === 'waiting' && reply.suspects === null) {
      const claimed = reply.claims.some((step) => step.losses >= 2)
      if (claimed) this.#suspect = 'running'
      else if (reply.idle !== null && reply.claims.length === 0) this.#suspect = 'none'
    }
    if (reply.suspects !== null && this.#suspect !== 'running') {
      this.#suspect = 'waiting'
      // Nobody was idle for a whole lease: the lowest live worker makes room, one at a time.
      this.#isDraining =
        reply.suspects.isLowest && reply.suspects.oldestMs > this.#orchestration.leaseMs
    }
  }

  #probed(): readonly DefinitionId[] {
    const { lanesPerCall } = this.#orchestration
    if (this.#lanes.length <= lanesPerCall) return this.#lanes
    return [...this.#lanes, ...this.#lanes].slice(this.#start, this.#start + lanesPerCall)
  }
}
