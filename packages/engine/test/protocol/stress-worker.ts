// One worker of the stress test: claims, records outcomes of every kind, loses replies, forgets steps, dies and comes back
// under a new id; all by a seeded generator. It keeps what a real worker keeps: its claims, its calls, its late outcomes.
import {
  finishSteps,
  rescueSteps,
  settleTasks,
  type FinishCall,
  type StepOutcome,
} from '../../src/database/steps.ts'
import { registerWorker, renewWorker } from '../../src/database/workers.ts'
import type { CallId, DefinitionId, WorkerId } from '../../src/ids.ts'
import { finishCall, outcomeOf, type Connection, type Lab, type StepRef } from './lab.ts'

export type Random = () => number

/** Mulberry32: small, seeded, good enough to shuffle. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(random: Random, items: readonly T[]): T | undefined =>
  items[Math.floor(random() * items.length)]

const keyOf = (step: StepRef): string => `${step.taskId}/${step.stepNo}/${step.claimNo}`

const register = (on: Connection, serves: readonly DefinitionId[]): Promise<WorkerId> =>
  registerWorker(on.database, {
    host: 'stress',
    pid: 1,
    version: '0',
    serves,
    slots: 10,
    leaseMs: 60_000,
    now: null,
  })

export class StressWorker {
  /** What contradicts the protocol, in words. */
  readonly faults: string[] = []
  /** Parents whose results were missing when their child was claimed: bypassed ones have none. */
  readonly withoutResult: { readonly task_id: string; readonly name: string }[] = []
  /** How often each thing happened, so that a test can tell that it did happen. */
  readonly seen = new Map<string, number>()
  readonly #on: Connection
  readonly #random: Random
  readonly #definitions: readonly DefinitionId[]
  #workerId: WorkerId
  #held = new Map<string, StepRef>()
  #receipts = new Map<CallId, Set<string>>()
  #settled: CallId[] = []
  #late: StepOutcome[] = []

  private constructor(
    parts: { readonly on: Connection; readonly random: Random },
    definitions: readonly DefinitionId[],
    workerId: WorkerId,
  ) {
    this.#on = parts.on
    this.#random = parts.random
    this.#definitions = definitions
    this.#workerId = workerId
  }

  static async start(
    lab: Lab,
    random: Random,
    definitions: readonly DefinitionId[],
  ): Promise<StressWorker> {
    const on = await lab.connect()
    return new StressWorker({ on, random }, definitions, await register(on, definitions))
  }

  /** One thing that a worker does. */
  async act(): Promise<void> {
    const dice = this.#random()
    if (dice < 0.8) await this.#finish()
    else if (dice < 0.88) await this.#renew()
    else if (dice < 0.97) await this.#rescue()
    else await this.#die()
  }

  /** Whether some task has not ended. */
  async seesWork(): Promise<boolean> {
    const sql = `select 1 from tasker.tasks where state in ('pending', 'in_progress') limit 1`
    return (await this.#on.query(sql)).length > 0
  }

  /** Records what it still holds and settles its receipts. */
  async drain(): Promise<void> {
    await this.#rescue()
    await this.#renew()
    // First what it holds, then the receipts which that settled.
    for (let call = 1; call <= 2; call += 1) {
      const outcomes = [...this.#held.values()].map((step) => outcomeOf(step))
      const settled = this.#settled.splice(0)
      await this.#send(finishCall(this.#workerId, { outcomes, settled }), false)
    }
  }

  async #finish(): Promise<void> {
    const ending = [...this.#held.values()].filter(() => this.#random() < 0.6)
    const outcomes = ending.map((step) => this.#outcomeOf(step))
    await this.#endAtDeadline(ending)
    const again = pick(this.#random, [...outcomes, ...this.#late])
    if (again !== undefined && this.#random() < 0.2) outcomes.push(again)
    this.#late = outcomes.slice(0, 3)
    const call = finishCall(this.#workerId, {
      outcomes,
      waits: outcomes.length === 1 && this.#random() < 0.5,
      want: Math.floor(this.#random() * 4),
      lanes: this.#definitions.flatMap((lane) => (this.#random() < 0.3 ? [lane, -lane] : [lane])),
      dueFirst: this.#random() < 0.3,
      settled: this.#settled.splice(0),
    })
    const isReplyLost = this.#random() < 0.15
    if (isReplyLost) {
      await finishSteps(this.#on.database, call)
      this.#count('reply lost')
    }
    await this.#send(call, isReplyLost)
  }

  async #send(call: FinishCall, isResend: boolean): Promise<void> {
    const reply = await finishSteps(this.#on.database, call)
    if (reply.isWorkerLost) {
      await this.#comeBack()
      return
    }
    const busy = new Set(
      reply.unrecorded.filter(({ answer }) => answer === 'busy').map((step) => keyOf(step)),
    )
    for (const outcome of call.outcomes) {
      if (!busy.has(keyOf(outcome))) this.#forget(keyOf(outcome))
    }
    for (const { answer } of reply.unrecorded) this.#count(isResend ? `${answer} again` : answer)
    for (const { to } of reply.recorded.values()) this.#count(to)
    const answered = reply.recorded.size + reply.unrecorded.length
    const sent = new Set(call.outcomes.map(keyOf)).size
    if (answered < sent) this.faults.push(`${sent} outcomes were answered ${answered} times`)
    if (reply.claims.length === 0) return
    if (this.#random() < 0.05 && !isResend) {
      this.#count('claims forgotten') // the heartbeat hands them back
      return
    }
    this.#receipts.set(call.callId, new Set(reply.claims.map(keyOf)))
    for (const claim of reply.claims) {
      if (this.#held.has(keyOf(claim)) && !isResend)
        this.faults.push(`claimed twice: ${keyOf(claim)}`)
      for (const [name, result] of Object.entries(claim.results ?? {})) {
        if (result === null) this.withoutResult.push({ task_id: claim.taskId, name })
      }
      this.#held.set(keyOf(claim), claim)
    }
  }

  async #endAtDeadline(steps: readonly StepRef[]): Promise<void> {
    const taskIds = steps.filter(({ stepNo }) => stepNo === -1).map(({ taskId }) => taskId)
    if (taskIds.length === 0) return
    const parts = { actor: 'worker', reason: 'deadline_exceeded', now: null }
    await settleTasks(this.#on.database, { taskIds, state: 'error', ...parts })
    this.#count('deadline')
  }

  #outcomeOf(step: StepRef): StepOutcome {
    const dice = this.#random()
    if (dice < 0.72) return outcomeOf(step, { result: String(step.claimNo) })
    if (dice < 0.86) return outcomeOf(step, { kind: 'failed', delayMs: 0 })
    if (dice < 0.88) return outcomeOf(step, { kind: 'failed' })
    return outcomeOf(step, { kind: dice < 0.94 ? 'wait' : 'release' })
  }

  async #renew(): Promise<void> {
    const renewal = await renewWorker(this.#on.database, {
      workerId: this.#workerId,
      leaseMs: 60_000,
      slots: 10,
      holding: [...this.#held.values()].map(({ taskId, stepNo, claimNo }) => ({
        taskId,
        stepNo,
        claimNo,
      })),
      calls: [...this.#receipts.keys()],
      now: null,
    })
    if (!renewal.isLive) return this.#comeBack()
    for (const step of renewal.abort) {
      this.#count('aborted')
      this.#forget(keyOf(step))
    }
    if (renewal.handBack.length === 0) return
    this.#count('handed back')
    const outcomes = renewal.handBack.map((step) => outcomeOf(step, { kind: 'release' }))
    await finishSteps(this.#on.database, finishCall(this.#workerId, { outcomes }))
  }

  async #rescue(): Promise<void> {
    const reply = await rescueSteps(this.#on.database, {
      workerId: this.#workerId,
      leaseMs: 1,
      mayTakeOver: true,
      lostLimit: 5,
      receiptsMax: 100,
      now: null,
    })
    if (reply.recorded.size > 0) this.#count('rescued')
  }

  /** Its lease is over; what it does until somebody notices is a zombie's. */
  async #die(): Promise<void> {
    this.#count('died')
    const sql = `update tasker.workers set lease_until = '2020-01-01' where worker_id = $1`
    await this.#on.query(sql, [this.#workerId])
  }

  async #comeBack(): Promise<void> {
    this.#count('came back')
    this.#workerId = await register(this.#on, this.#definitions)
    this.#held = new Map()
    this.#receipts = new Map()
    this.#settled = []
  }

  #forget(key: string): void {
    this.#held.delete(key)
    for (const [callId, keys] of this.#receipts) {
      keys.delete(key)
      if (keys.size > 0) continue
      this.#receipts.delete(callId)
      this.#settled.push(callId)
    }
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }
}
