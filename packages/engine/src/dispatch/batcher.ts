// Group commit: outcomes that end while a call is under way travel together in the next one, which also claims steps for
// the slots that became free. Idle, an outcome travels at once; batches grow only under load.
// A call whose reply was lost is sent again with the same call id, so its receipt answers and nothing is done twice.
import { newCallId, type CallId } from '../ids.ts'
import { isConnectionError, isDataError } from '../database/connect.ts'
import {
  finishSteps,
  stepKey,
  type FinishCall,
  type FinishReply,
  type StepOutcome,
} from '../database/steps.ts'
import type { Database } from '../database/connect.ts'

/** Most outcomes in one call: beyond it a call gets slower than two. */
const outcomesMax = 500

export interface Claim {
  readonly want: number
  readonly lanes: readonly number[]
  readonly dueFirst: boolean
}

export interface BatcherOptions {
  readonly database: Database
  /** What to claim with the next call; decided at the moment it is sent. */
  nextClaim(): Claim
  /** The parts of a call that do not change between calls. */
  constants(): Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>
  onReply(reply: FinishReply, call: FinishCall): void
  /** An outcome that PostgreSQL itself refused as data; recorded as a failure of its step instead. */
  replaceRefusedData(outcome: StepOutcome, error: unknown): StepOutcome
  /** The database did not answer. Resolves when the call may be sent again; false: never (the worker has stopped). */
  afterConnectionError(error: unknown): Promise<boolean>
  /** Anything else: a defect. The outcomes are kept and sent again. */
  onDefect(error: unknown): void
}

export class Batcher {
  readonly #options: BatcherOptions
  #queued: StepOutcome[] = []
  /** Outcomes whose task was locked by another call: their second try travels alone and waits. */
  #busy: StepOutcome[] = []
  #settled: CallId[] = []
  #isClaimWanted = false
  #running: Promise<void> | null = null
  #callId: CallId | null = null

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  /** The call under way, whose receipt must not be handed back, and receipts that are not deleted yet. */
  get callIds(): readonly CallId[] {
    return this.#callId === null ? this.#settled : [...this.#settled, this.#callId]
  }

  add(outcome: StepOutcome): void {
    this.#queued.push(outcome)
    this.#isClaimWanted = true
    this.#start()
  }

  /** Every step of the call's receipt has been recorded: the next call deletes it. */
  settle(callId: CallId): void {
    this.#settled.push(callId)
  }

  /** Asks for steps: something may be due. */
  claim(): void {
    this.#isClaimWanted = true
    this.#start()
  }

  /** Resolves when nothing is queued and no call is under way. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      if (this.#hasWork()) this.#start()
    })
  }

  #hasWork(): boolean {
    if (this.#queued.length > 0 || this.#busy.length > 0) return true
    return this.#isClaimWanted && this.#options.nextClaim().want > 0
  }

  async #run(): Promise<void> {
    await Promise.resolve() // outcomes that end in the same turn travel together
    while (this.#hasWork()) {
      const isBusyTurn = this.#busy.length > 0
      const outcomes = isBusyTurn ? this.#busy.splice(0, 1) : this.#queued.splice(0, outcomesMax)
      const claim = isBusyTurn ? { want: 0, lanes: [], dueFirst: false } : this.#options.nextClaim()
      if (!isBusyTurn) this.#isClaimWanted = false
      const settled = this.#settled.splice(0)
      if (!(await this.#send({ outcomes, waits: isBusyTurn, settled, ...claim }))) return
    }
  }

  async #send(
    parts: Omit<FinishCall, 'callId' | 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>,
  ): Promise<boolean> {
    const callId = newCallId()
    this.#callId = callId
    for (;;) {
      const call: FinishCall = { ...parts, callId, ...this.#options.constants() }
      let reply: FinishReply
      try {
        reply = await finishSteps(this.#options.database, call)
      } catch (error) {
        if (isConnectionError(error)) {
          if (await this.#options.afterConnectionError(error)) continue
          this.#callId = null
          return false
        }
        this.#callId = null
        this.#settled.push(...parts.settled)
        if (isDataError(error) && parts.outcomes.length > 0) {
          return this.#halve(parts.outcomes, error)
        }
        this.#queued.unshift(...parts.outcomes)
        this.#options.onDefect(error)
        return this.#options.afterConnectionError(error)
      }
      this.#callId = null
      this.#queueBusy(call, reply)
      if (reply.idle === null) this.#isClaimWanted = true
      this.#options.onReply(reply, call)
      return true
    }
  }

  // Some value in the batch is to blame. Halving finds it; the others are recorded meanwhile.
  async #halve(outcomes: readonly StepOutcome[], error: unknown): Promise<boolean> {
    const only = outcomes.length === 1 ? outcomes[0] : undefined
    const parts =
      only === undefined
        ? [
            outcomes.slice(0, Math.ceil(outcomes.length / 2)),
            outcomes.slice(Math.ceil(outcomes.length / 2)),
          ]
        : [[this.#options.replaceRefusedData(only, error)]]
    for (const part of parts) {
      const call = {
        outcomes: part,
        waits: false,
        want: 0,
        lanes: [],
        dueFirst: false,
        settled: [],
      }
      if (!(await this.#send(call))) return false
    }
    this.#isClaimWanted = true
    return true
  }

  #queueBusy(call: FinishCall, reply: FinishReply): void {
    const busy = new Set(reply.unrecorded.filter(({ answer }) => answer === 'busy').map(stepKey))
    if (busy.size > 0)
      this.#busy.push(...call.outcomes.filter((outcome) => busy.has(stepKey(outcome))))
  }
}
