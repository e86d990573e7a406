// Group commit: outcomes that end while a call is under way travel together in the next one, which also claims steps for
// the slots that became free. Idle, an outcome travels at once; batches grow only under load. Under much load two calls,
// of different tasks, are under way at once, so that this process and the database do not take turns.
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
import type { EngineOperations } from '../events/operations.ts'

/** Most outcomes in one call: beyond it a call gets slower than two. */
const outcomesMax = 500
/** Two calls at once only when each carries as many: a smaller call costs more for each outcome. */
const twoCallsMin = 64
/** Most characters of results in one call, so that many large results do not meet a limit of the driver. */
const charactersMax = 32 * 1024 * 1024

export interface Claim {
  readonly want: number
  readonly lanes: readonly number[]
  readonly dueFirst: boolean
  /** False: nothing was due in these lanes when they were last looked into, and nothing that the worker knows of came since. */
  readonly mayBeDue: boolean
  /** How often something had come that it knows of, when this was asked for. */
  readonly wakeCount: number
}

const noClaim: Claim = { want: 0, lanes: [], dueFirst: false, mayBeDue: false, wakeCount: 0 }

export interface BatcherOptions {
  readonly database: Database
  readonly clock: Clock
  readonly operations: EngineOperations
  /** What to claim with the next call, beside what calls under way may bring; asked each time one is sent. */
  nextClaim(underWay: readonly Claim[]): Claim
  /** The parts of a call that do not change between calls. */
  constants(): Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'>
  /** Of the tasks of these outcomes. */
  knownGraphs(outcomes: readonly StepOutcome[]): FinishCall['knownGraphs']
  /** `call`: as it was sent; its answer took so long. */
  onReply(reply: FinishReply, call: SentCall, durationMs: number): void
  /** A call that recorded outcomes, and waited for nobody's lock, was answered. */
  onAnswerTime(durationMs: number, stepCount: number): void
  /** An outcome that cannot be recorded as it is; recorded as a failure of its step instead. Null: it was replaced already. */
  replaceRefusedData(outcome: StepOutcome, error: unknown): StepOutcome | null
  /** A call failed, because the database did not answer or by a defect of ours. Resolves when the next may be sent. */
  afterFailure(error: unknown, kind: 'unreachable' | 'defect'): Promise<void>
}

export type SentCall = FinishCall & Claim

type CallParts = Pick<FinishCall, 'outcomes' | 'waits' | 'settled'> & Claim

/** A reply and the call as it was sent: the worker may have another id by now. */
interface Answered {
  readonly reply: FinishReply
  readonly call: SentCall
  readonly tookMs: number
}

export class Batcher {
  readonly #options: BatcherOptions
  #queued: StepOutcome[] = []
  #busy: StepOutcome[] = []
  #settled: CallId[] = []
  #isClaimWanted = false
  #isStopped = false
  /** The calls under way that wait for nobody's lock: at most two, with no task in common. */
  readonly #calls = new Map<CallId, CallParts>()
  readonly #loops = new Set<Promise<void>>()
  #starting: Promise<void> | null = null
  #waiting: Promise<void> | null = null

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  /** The calls under way, whose receipts must not be handed back, and receipts that are not deleted yet. */
  get callIds(): readonly CallId[] {
    return [...this.#settled, ...this.#calls.keys()]
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
    return this.#starting !== null || this.#loops.size > 0 || this.#waiting !== null
  }

  /** Resolves when nothing is queued and no call is under way. */
  async drained(): Promise<void> {
    while (this.isBusy) await Promise.all([this.#starting, ...this.#loops, this.#waiting])
  }

  /** Sends nothing more. What is left is found by the next rescue scan. */
  stop(): void {
    this.#isStopped = true
  }

  #start(): void {
    this.#starting ??= Promise.resolve().then(() => {
      this.#starting = null // outcomes that ended in the same turn travel together
      if (!this.#hasWork()) return
      const loop = this.#guarded(this.#run()).then(() => {
        this.#loops.delete(loop)
        this.#start()
      })
      this.#loops.add(loop)
    })
  }

  // What a reply set off may fail by a defect of ours; the loop goes on all the same.
  async #guarded(loop: Promise<void>): Promise<void> {
    await loop.catch((error: unknown) => this.#options.afterFailure(error, 'defect'))
  }

  #hasWork(): boolean {
    if (this.#isStopped || this.#calls.size > 1) return false
    const readyMin = this.#calls.size === 0 ? 1 : twoCallsMin
    if (this.#queued.length >= readyMin && this.#ready().length >= readyMin) return true
    return this.#calls.size === 0 && this.#isClaimWanted && this.#nextClaim().want > 0
  }

  async #run(): Promise<void> {
    while (this.#hasWork()) {
      const parts = this.#nextCall()
      this.#isClaimWanted = false
      const sent = this.#options.operations.run('dispatch', () => this.#send(parts))
      this.#start() // there may be enough for a second call
      await sent
    }
  }

  /** Outcomes of tasks that no call under way carries. */
  #ready(): readonly StepOutcome[] {
    if (this.#calls.size === 0) return this.#queued
    const away = new Set(
      [...this.#calls.values()].flatMap(({ outcomes }) => outcomes.map(({ taskId }) => taskId)),
    )
    return this.#queued.filter(({ taskId }) => !away.has(taskId))
  }

  #nextCall(): CallParts {
    const ready = this.#ready()
    const isEnoughForTwo = this.#calls.size === 0 && ready.length >= 2 * twoCallsMin
    const outcomes = upTo(isEnoughForTwo ? Math.ceil(ready.length / 2) : outcomesMax, ready)
    const taken = new Set(outcomes)
    this.#queued = this.#queued.filter((outcome) => !taken.has(outcome))
    const claim = this.#nextClaim()
    const isOneOfTwo = isEnoughForTwo && ready.length - outcomes.length >= twoCallsMin
    const want = isOneOfTwo ? Math.ceil(claim.want / 2) : claim.want
    const lanes = isOnlyOfChildren(claim, outcomes) ? [] : claim.lanes
    return { ...claim, want, lanes, outcomes, waits: false, settled: this.#settled.splice(0) }
  }

  /** `own`: the call that asks is under way itself. */
  #nextClaim(own: CallParts | null = null): Claim {
    return this.#options.nextClaim([...this.#calls.values()].filter((call) => call !== own))
  }

  async #send(parts: CallParts): Promise<void> {
    const callId = newCallId()
    if (!parts.waits) this.#calls.set(callId, parts)
    const answered = await this.#answerOf(parts, callId)
    this.#calls.delete(callId)
    if (answered === null) return
    const { reply, call, tookMs } = answered
    const hasLooked = parts.want === 0 || parts.lanes.length > 0
    if (hasLooked && reply.idle === null) this.#isClaimWanted = true
    this.#queueBusy(parts, reply) // first: what the reply sets off may fail by a defect
    this.#options.onReply(reply, call, tookMs)
  }

  // Null: the outcomes went another way (halved, put back), or the worker has stopped.
  async #answerOf(parts: CallParts, callId: CallId): Promise<Answered | null> {
    let want = parts.want
    for (;;) {
      try {
        const knownGraphs = this.#options.knownGraphs(parts.outcomes)
        const call = { ...parts, want, callId, knownGraphs, ...this.#options.constants() }
        const sentMs = this.#options.clock.monotonicMs()
        const reply = await finishSteps(this.#options.database, call)
        const tookMs = this.#options.clock.monotonicMs() - sentMs
        const stepCount = parts.outcomes.length + reply.claims.length + reply.children.length
        if (!parts.waits && parts.outcomes.length > 0) this.#options.onAnswerTime(tookMs, stepCount)
        return { reply, call, tookMs }
      } catch (error) {
        if (this.#isStopped) return null
        const mayBeRepeated = isConnectionError(error) || isTransient(error)
        if (!mayBeRepeated) return await this.#otherWay(parts, error)
        await this.#options.afterFailure(error, 'unreachable')
        // A worker that stops meanwhile wants nothing more. What a lost reply gave it is in the receipt.
        want = Math.min(want, this.#nextClaim(parts).want)
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
      const call = { outcomes, waits: true, settled: [], ...noClaim }
      await this.#options.operations.run('dispatch', () => this.#send(call))
      this.#start() // it may have released children, or gone another way
    }
  }
}

/** Whether the due table need not be asked: it had nothing, and what these outcomes put there starts at once. */
const isOnlyOfChildren = (claim: Claim, outcomes: readonly StepOutcome[]): boolean =>
  !claim.mayBeDue &&
  !claim.dueFirst &&
  outcomes.length > 0 &&
  outcomes.every(({ kind }) => kind === 'complete')

/**
 * The first so many outcomes, and all others of their tasks: a task travels in one call at a time. Never more than a call
 * may carry.
 */
function upTo(count: number, queued: readonly StepOutcome[]): readonly StepOutcome[] {
  const taskIds = new Set<string>()
  const taken: StepOutcome[] = []
  let characters = 0
  for (const outcome of queued) {
    if (taken.length >= count && !taskIds.has(outcome.taskId)) continue
    characters += outcome.result?.length ?? 0
    const isFull = taken.length >= outcomesMax || characters > charactersMax
    if (isFull && taken.length > 0) break
    taken.push(outcome)
    taskIds.add(outcome.taskId)
  }
  return taken
}
