// Group commit: outcomes that end while a call is under way travel together in the next one, which also claims steps for
// the slots that became free. Idle, an outcome travels at once; batches grow only under load.
// A call whose reply was lost is sent again with the same call id, so its receipt answers and nothing is done twice.
// Outcomes of a task that another call holds travel in a lane of their own, all of that task's together, and wait there:
// one locked task holds up nobody else.
import type { Clock } from '../clock.ts'
import { newCallId, type CallId } from '../ids.ts'
import {
  isConnectionError,
  isDataError,
  isLockWait,
  isTransient,
  sqlState,
} from '../database/connect.ts'
import {
  finishSteps,
  stepKey,
  type FinishCall,
  type FinishReply,
  type StepOutcome,
} from '../database/steps.ts'
import type { Database } from '../database/connect.ts'
import { TaskerError } from '../errors.ts'

/** Most outcomes in one call: beyond it a call gets slower than two. */
const outcomesMax = 500
/** Most characters of results in one call, so that many large results do not meet a limit of the driver. */
const charactersMax = 32 * 1024 * 1024

export interface Claim {
  readonly want: number
  readonly lanes: readonly number[]
  readonly dueFirst: boolean
}

const noClaim: Claim = { want: 0, lanes: [], dueFirst: false }

export interface BatcherOptions {
  readonly database: Database
  readonly clock: Clock
  /** What to claim with the next call; asked each time one is sent. */
  nextClaim(): Claim
  /** The parts of a call that do not change between calls. */
  constants(): Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>
  onReply(reply: FinishReply, call: FinishCall): void
  /** A call that recorded outcomes, and waited for nobody's lock, was answered. */
  onAnswerTime(durationMs: number, stepCount: number): void
  /** An outcome that cannot be recorded as it is; recorded as a failure of its step instead. Null: it was replaced already. */
  replaceRefusedData(outcome: StepOutcome, error: unknown): StepOutcome | null
  /** A call failed, because the database did not answer or by a defect of ours. Resolves when the next may be sent. */
  afterFailure(error: unknown, kind: 'unreachable' | 'defect'): Promise<void>
}

type CallParts = Pick<FinishCall, 'outcomes' | 'waits' | 'settled'> & Claim

export class Batcher {
  readonly #options: BatcherOptions
  #queued: StepOutcome[] = []
  #busy: StepOutcome[] = []
  #settled: CallId[] = []
  #isClaimWanted = false
  #isStopped = false
  #running: Promise<void> | null = null
  #waiting: Promise<void> | null = null
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

  /** A call is under way, or will be in this turn. */
  get isBusy(): boolean {
    return this.#running !== null || this.#waiting !== null
  }

  /** Resolves when nothing is queued and no call is under way. */
  async drained(): Promise<void> {
    while (this.isBusy) {
      await this.#running
      await this.#waiting
    }
  }

  /** Sends nothing more. What is left is found by the next rescue scan. */
  stop(): void {
    this.#isStopped = true
  }

  #start(): void {
    this.#running ??= this.#guarded(this.#run()).then(() => {
      this.#running = null
      if (this.#hasWork()) this.#start()
    })
  }

  // What a reply set off may fail by a defect of ours; the loop goes on all the same.
  async #guarded(loop: Promise<void>): Promise<void> {
    await loop.catch((error: unknown) => this.#options.afterFailure(error, 'defect'))
  }

  #hasWork(): boolean {
    if (this.#isStopped) return false
    if (this.#queued.length > 0) return true
    return this.#isClaimWanted && this.#options.nextClaim().want > 0
  }

  async #run(): Promise<void> {
    await Promise.resolve() // outcomes that end in the same turn travel together
    while (this.#hasWork()) {
      const outcomes = this.#takeQueued()
      this.#isClaimWanted = false
      const settled = this.#settled.splice(0)
      await this.#send({ outcomes, waits: false, settled, ...this.#options.nextClaim() })
    }
  }

  #takeQueued(): StepOutcome[] {
    let characters = 0
    const end = this.#queued.findIndex((outcome, index) => {
      characters += outcome.result?.length ?? 0
      return index > 0 && (index === outcomesMax || characters > charactersMax)
    })
    return this.#queued.splice(0, end < 0 ? this.#queued.length : end)
  }

  async #send(parts: CallParts): Promise<void> {
    const callId = newCallId()
    if (!parts.waits) this.#callId = callId
    const reply = await this.#answerOf(parts, callId)
    if (!parts.waits) this.#callId = null
    if (reply === null) return
    if (reply.idle === null) this.#isClaimWanted = true
    this.#options.onReply(reply, { ...parts, callId, ...this.#options.constants() })
    this.#queueBusy(parts, reply)
  }

  // Null: the outcomes went another way (halved, put back), or the worker has stopped.
  async #answerOf(parts: CallParts, callId: CallId): Promise<FinishReply | null> {
    let want = parts.want
    for (;;) {
      try {
        const call = { ...parts, want, callId, ...this.#options.constants() }
        const sentMs = this.#options.clock.monotonicMs()
        const reply = await finishSteps(this.#options.database, call)
        const tookMs = this.#options.clock.monotonicMs() - sentMs
        const stepCount = parts.outcomes.length + reply.claims.length
        if (!parts.waits && parts.outcomes.length > 0) this.#options.onAnswerTime(tookMs, stepCount)
        return reply
      } catch (error) {
        if (this.#isStopped) return null
        const mayBeRepeated = isConnectionError(error) || isTransient(error)
        if (!mayBeRepeated) return await this.#otherWay(parts, error)
        await this.#options.afterFailure(error, 'unreachable')
        // A worker that stops meanwhile wants nothing more. What a lost reply gave it is in the receipt.
        want = Math.min(want, this.#options.nextClaim().want)
      }
      if (this.#isStopped) return null
    }
  }

  async #otherWay(parts: CallParts, error: unknown): Promise<null> {
    this.#settled.push(...parts.settled)
    // An error of ours (the schema is away, the isolation is wrong) says that the call cannot be made, whatever it carries.
    const isOfTheDriver = sqlState(error) === null && !(error instanceof TaskerError)
    const isBlamable = isDataError(error) || (isOfTheDriver && parts.outcomes.length > 0)
    if (isLockWait(error) && parts.waits) {
      this.#busy.push(...parts.outcomes) // still locked: try again, behind the others
    } else if (!isBlamable || !(await this.#halve(parts, error))) {
      this.#queued.unshift(...parts.outcomes)
      await this.#options.afterFailure(error, 'defect')
    }
    this.#isClaimWanted = true
    return null
  }

  // Some value in the batch is to blame. Halving finds it; the others are recorded meanwhile. False: it is none of theirs.
  async #halve({ outcomes, waits }: CallParts, error: unknown): Promise<boolean> {
    const only = outcomes.length === 1 ? outcomes[0] : undefined
    if (only !== undefined) {
      const replaced = this.#options.replaceRefusedData(only, error)
      if (replaced === null) return false
      await this.#send({ outcomes: [replaced], waits, settled: [], ...noClaim })
      return true
    }
    const middle = Math.ceil(outcomes.length / 2)
    for (const part of [outcomes.slice(0, middle), outcomes.slice(middle)]) {
      await this.#send({ outcomes: part, waits, settled: [], ...noClaim })
    }
    return true
  }

  #queueBusy(parts: CallParts, reply: FinishReply): void {
    const busy = new Set(reply.unrecorded.filter(({ answer }) => answer === 'busy').map(stepKey))
    if (busy.size === 0) return
    this.#busy.push(...parts.outcomes.filter((outcome) => busy.has(stepKey(outcome))))
    this.#startBusy()
  }

  #startBusy(): void {
    this.#waiting ??= this.#guarded(this.#runBusy()).then(() => {
      this.#waiting = null
      if (this.#busy.length > 0 && !this.#isStopped) this.#startBusy() // queued as the loop ended
    })
  }

  async #runBusy(): Promise<void> {
    while (this.#busy.length > 0 && !this.#isStopped) {
      const taskId = this.#busy[0]?.taskId
      const outcomes = this.#busy.filter((outcome) => outcome.taskId === taskId)
      this.#busy = this.#busy.filter((outcome) => outcome.taskId !== taskId)
      await this.#send({ outcomes, waits: true, settled: [], ...noClaim })
      this.#start() // it may have released children, or gone another way
    }
  }
}
