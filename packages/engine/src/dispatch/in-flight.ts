// What this worker holds: attempts that run, attempts whose outcome was sent and waits for its answer, and which receipt
// each belongs to. Bookkeeping only; the worker decides.
import type { ClaimedStep, FinishReply } from '../database/steps.ts'
import { stepKey } from '../database/steps.ts'
import type { HeldStep } from '../database/workers.ts'
import type { CallId } from '../ids.ts'
import { AttemptAborted, type AbortCause } from '../steps/abort.ts'
import type { Attempt } from '../steps/run-step.ts'
import type { Became, SentAttempt } from './publish.ts'

export interface Running extends Attempt {
  readonly callId: CallId
  readonly startedMs: number
}

/** What became of an outcome of ours: the step's state and due time; null when it was refused. */
export interface Answered {
  readonly sent: SentAttempt
  readonly became: Became | null
}

interface Claim {
  readonly taskId: string
  readonly stepNo: number
  readonly claimNo: number
}

/** One claim of one step. */
export const claimKey = (claim: Claim): string => `${stepKey(claim)}/${claim.claimNo}`

export class InFlight {
  readonly #running = new Map<string, Running>()
  readonly #sent = new Map<string, SentAttempt>()
  /** Steps of each receipt that have no answered outcome yet. */
  readonly #receipts = new Map<CallId, Set<string>>()
  readonly #whenAnswered = new Map<string, () => void>()
  #whenIdle = Promise.withResolvers<void>()

  get runningCount(): number {
    return this.#running.size
  }

  /** Of one number: deadlines (-1) or annotations hooks (0). */
  runningCountOf(stepNo: number): number {
    return [...this.#running.values()].filter(({ step }) => step.stepNo === stepNo).length
  }

  get running(): Iterable<Running> {
    return [...this.#running.values()]
  }

  /** Calls whose receipts still have steps without an answer. */
  get calls(): readonly CallId[] {
    return [...this.#receipts.keys()]
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await this.#whenIdle.promise
  }

  received(callId: CallId, claims: readonly ClaimedStep[]): void {
    this.#receipts.set(callId, new Set(claims.map(claimKey)))
  }

  started(running: Running): void {
    this.#running.set(claimKey(running.step), running)
  }

  /** The slot is free and the outcome is on its way. False: it was freed before, and this outcome meets no one. */
  ended(running: Running, sent: SentAttempt): boolean {
    const key = claimKey(running.step)
    if (this.#running.get(key) !== running) return false
    this.#running.delete(key)
    this.#sent.set(key, sent)
    if (this.#running.size === 0) {
      this.#whenIdle.resolve()
      this.#whenIdle = Promise.withResolvers()
    }
    return true
  }

  sentFor(claim: Claim): SentAttempt | undefined {
    return this.#sent.get(claimKey(claim))
  }

  /** Resolves when the outcome that was sent for this claim has its answer; at once when none was sent. */
  async answered(claim: Claim): Promise<void> {
    const key = claimKey(claim)
    if (!this.#sent.has(key)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenAnswered.set(key, resolve)
    await promise
  }

  /** Another outcome takes the place of one that could not be recorded. */
  replaceSent(sent: SentAttempt): void {
    this.#sent.set(claimKey(sent.step), sent)
  }

  /** Outcomes of ours that this reply answers for good: recorded now or before, or refused. */
  answeredBy(reply: FinishReply): readonly Answered[] {
    const answers = new Map(reply.unrecorded.map((answer) => [claimKey(answer), answer]))
    return [...this.#sent].flatMap(([key, sent]): Answered[] => {
      const other = answers.get(key)
      if (other === undefined) {
        const recorded = reply.recorded.get(stepKey(sent.step))
        return recorded?.claimNo === sent.step.claimNo ? [{ sent, became: recorded }] : []
      }
      if (other.answer === 'busy') return []
      if (other.answer === 'refused') return [{ sent, became: null }]
      return [{ sent, became: { to: other.state, runAt: null } }]
    })
  }

  /** Nothing more will come of this claim. Returns the receipt that is settled by it, if one is. */
  forget(claim: Claim): CallId | null {
    const key = claimKey(claim)
    this.#sent.delete(key)
    this.#whenAnswered.get(key)?.()
    this.#whenAnswered.delete(key)
    for (const [callId, keys] of this.#receipts) {
      if (!keys.delete(key) || keys.size > 0) continue
      this.#receipts.delete(callId)
      return callId
    }
    return null
  }

  holding(): HeldStep[] {
    return [...this.#running.values(), ...this.#sent.values()].map(({ step }) => ({
      taskId: step.taskId,
      stepNo: step.stepNo,
      claimNo: step.claimNo,
    }))
  }

  /** Calls off those running attempts for which the test holds. */
  abort(cause: AbortCause, isMeant: (running: Running) => boolean): void {
    for (const running of this.#running.values()) {
      if (isMeant(running)) running.abort.abort(new AttemptAborted(cause))
    }
  }
}
