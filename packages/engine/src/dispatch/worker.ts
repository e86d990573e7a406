// One worker of one process: claims what its definitions can run within its slots, takes what the replies say, and stops in
// stages. Who may run what is decided in SQL; how one attempt runs is attempts.ts and steps/; this file only connects them.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Config } from '../config.ts'
import type { FinishCall, FinishReply, StepOutcome } from '../database/steps.ts'
import type { HeldStep, WorkerSlots } from '../database/workers.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import type { EventBus } from '../events/bus.ts'
import type { EngineOperations } from '../events/operations.ts'
import type { DefinitionId, WorkerId } from '../ids.ts'
import type { Logger } from '../log.ts'
import { BlockedLoop } from '../steps/blocked-loop.ts'
import { failed, released } from '../steps/outcome.ts'
import type { StepRunner } from '../steps/run-step.ts'
import { Attempts } from './attempts.ts'
import { Batcher, type Claim, type SentCall } from './batcher.ts'
import { Children } from './children.ts'
import { claimKey, InFlight } from './in-flight.ts'
import { Hooks, isOfHooks } from './hooks.ts'
import { Lanes } from './lanes.ts'
import { inStartOrder, type OrderHook } from './start-order.ts'
import { Lease, leaseSettings } from './lease.ts'
import { tellCalled, tellEnded, tellRescued, type Observers } from './observed.ts'
import {
  publishCalling,
  publishClaimed,
  publishEnded,
  publishOutcome,
  publishStarted,
} from './publish.ts'
import { Slots } from './slots.ts'
import { Trouble } from './trouble.ts'
import { isCalledOff, WakeUp, type CalledOff, type Notifier } from './wake-up.ts'
import { within } from './within.ts'

export interface WorkerOptions
  extends Observers, Pick<StepRunner, 'database' | 'clock' | 'outside'> {
  readonly config: Config
  readonly bus: EventBus
  readonly operations: EngineOperations
  readonly logger: Logger
  readonly notifier: Notifier
  /** What this process can run, by stored id. */
  readonly definitions: ReadonlyMap<DefinitionId, TaskDefinition>
  /** Uniform in [0, 1): the source of jitter. */
  readonly random: () => number
  /** Decides the order in which steps claimed together are started. */
  readonly order: OrderHook | null
}

type CallOfReceipt = Pick<FinishCall, 'callId' | 'workerId'>

const notStorable = 'not_storable'
/** Time for the last outcomes to be recorded at a stop. */
const drainMs = 2000

export class Worker {
  readonly #options: WorkerOptions
  readonly #runner: StepRunner
  readonly #batcher: Batcher
  readonly #lease: Lease
  readonly #wakeUp: WakeUp
  readonly #lanes: Lanes
  readonly #hooks: Hooks
  readonly #inFlight = new InFlight()
  readonly #children = new Children((outcome) => this.#inFlight.sentFor(outcome))
  readonly #trouble: Trouble
  readonly #attempts: Attempts
  readonly #slots: Slots
  /** Who starts or wakes a worker is of some request; what the worker does for others is not. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #phase: 'new' | 'working' | 'stopping' | 'stopped' = 'new'
  #cancelLook: () => void = () => undefined
  #starting: Promise<void> | null = null
  #stopping: Promise<void> | null = null

  constructor(options: WorkerOptions) {
    this.#options = options
    const { bus, config, database, clock, operations } = options
    const workerId = (): WorkerId => this.#lease.workerId
    this.#trouble = new Trouble({ ...options, workerId })
    this.#runner = {
      ...options,
      policy: {
        backoff: config.backoff,
        resultMaxBytes: config.execution.resultMaxBytes,
        random: options.random,
      },
      stepTimeoutMs: config.execution.stepTimeoutMs,
      blockedLoop: new BlockedLoop({
        clock,
        thresholdMs: config.execution.blockedLoopWarningMs,
        blocked: (blockage) => this.#trouble.blocked(blockage),
      }),
      calling: (attempt) => publishCalling(bus, attempt),
    }
    this.#attempts = new Attempts({
      ...options,
      runner: this.#runner,
      inFlight: this.#inFlight,
      constants: () => this.#constants(),
      record: (outcome) => this.#batcher.add(outcome),
      recorded: (reply, callId) => this.#receive(reply, { callId, workerId: workerId() }),
      forget: (step) => this.#forget(step),
      callOff: (claims) => this.callOff(claims),
      wake: () => this.wake(),
      defect: (error) => this.#trouble.defect(error),
      isStopped: () => this.#phase === 'stopped',
    })
    this.#slots = new Slots({
      ...options,
      workerId,
      runningCount: () => this.runningCount,
      raised: () => this.#claim(),
    })
    this.#hooks = new Hooks({
      definitions: options.definitions,
      lanesPerCall: config.orchestration.lanesPerCall,
      runningCount: (stepNo) => this.#inFlight.runningCountOf(stepNo),
    })
    this.#lanes = new Lanes([...options.definitions.keys()], config.orchestration)
    this.#batcher = new Batcher({
      database,
      clock,
      operations,
      nextClaim: (underWay) => this.#nextClaim(underWay),
      constants: () => this.#constants(),
      knownGraphs: (outcomes) => this.#children.graphsOf(outcomes),
      onReply: (reply, call, durationMs) => {
        this.#trouble.answered('calls')
        const claims = [...this.#children.describe(reply.children, call), ...reply.claims]
        tellCalled(options, { call, claims, durationMs, inFlight: this.#inFlight })
        this.#receive({ ...reply, claims }, call)
        this.#goOn(reply, call)
      },
      onAnswerTime: (durationMs, stepCount) => this.#slots.committed(durationMs, stepCount),
      replaceRefusedData: (outcome, error) => this.#replaceRefusedData(outcome, error),
      afterFailure: (error, kind) => this.#trouble.afterFailure(error, kind),
    })
    this.#lease = new Lease({
      database,
      clock,
      operations,
      serves: [...options.definitions.keys()],
      ...leaseSettings(config),
      slots: () => this.#slots.state,
      holding: () => this.#inFlight.holding(),
      calls: () => [...this.#inFlight.calls, ...this.#batcher.callIds],
      abort: (steps) => {
        const lost = new Set(steps.map(claimKey))
        this.#inFlight.abort('cancelled', ({ step }) => lost.has(claimKey(step)))
      },
      handBack: (steps) => {
        for (const step of steps) this.#batcher.add(released(step, 'reply_lost'))
      },
      expired: () => this.#inFlight.abort('lease_lost', () => true),
      renewed: () => this.#claim(),
      replaced: () => this.#trouble.replaced(),
      rescued: (reply) => this.#rescued(reply),
      repaired: (count) => {
        this.#trouble.repaired(count)
        this.wake()
      },
      answered: () => this.#trouble.answered('heartbeat'),
      unanswered: (error) => this.#trouble.failed('heartbeat', error),
      defect: (error) => this.#trouble.defect(error),
    })
    this.#wakeUp = new WakeUp({
      database,
      clock,
      listens: config.orchestration.listen,
      isOwn: (payload) => options.notifier.isOwn(payload),
      pollIntervalMs: config.orchestration.pollIntervalMs,
      wake: () => this.wake(),
      calledOff: (claims) => this.callOff(claims),
    })
  }

  get phase(): 'new' | 'working' | 'stopping' | 'stopped' {
    return this.#phase
  }

  /** Steps that run now. */
  get runningCount(): number {
    return this.#inFlight.runningCount
  }

  readonly id = (): WorkerId | null => this.#lease.id

  readonly slots = (): WorkerSlots => this.#slots.state

  /** Outcomes that were refused because the step was no longer this worker's. */
  get lateOutcomeCount(): number {
    return this.#trouble.lateOutcomeCount
  }

  get lease(): Lease {
    return this.#lease
  }

  /** Registers and begins to claim. A start that fails leaves nothing behind; take a new worker for another try. */
  start(): Promise<void> {
    this.#starting ??= this.#outside(() => this.#start())
    return this.#starting
  }

  async #start(): Promise<void> {
    this.#phase = 'working'
    try {
      await this.#children.learn(this.#options)
      await this.#lease.start()
      this.#slots.start()
      this.#runner.blockedLoop.start()
      this.#lookForHooks()
      await this.#wakeUp.start()
    } catch (error) {
      this.#phase = 'stopped'
      this.#stopWatching()
      this.#batcher.stop()
      await this.#wakeUp.stop()
      await this.#lease.stop()
      throw error
    }
  }

  /** Something may be due. */
  wake(): void {
    this.#lanes.woken()
    this.#outside(() => this.#claim())
  }

  #claim(): void {
    if (this.#phase === 'working') this.#batcher.claim()
  }

  /** Resolves when every outcome so far is recorded and no call is under way; handlers may run. */
  settled(): Promise<void> {
    return this.#batcher.drained()
  }

  /** Resolves when, beside that, no handler runs: all that is due for this worker has been done. */
  async idle(): Promise<void> {
    do {
      await this.settled()
      await this.#inFlight.idle()
    } while (this.#batcher.isBusy || this.#inFlight.runningCount > 0)
  }

  /** These were settled by somebody else: their handlers are called off now, not at the next heartbeat. */
  callOff(claims: readonly CalledOff[]): void {
    this.#inFlight.abort('cancelled', ({ step }) => isCalledOff(step, claims))
  }

  /**
   * Stops in stages: claims nothing more, waits for running steps, aborts them, hands back what is left. No attempt is
   * spent. A grace of 0 aborts at once.
   */
  stop(grace: { readonly waitMs: number; readonly abortMs: number }): Promise<void> {
    if (this.#phase === 'stopped' || this.#phase === 'new') return Promise.resolve()
    this.#stopping ??= this.#stop(grace)
    return this.#stopping
  }

  async #stop(grace: { readonly waitMs: number; readonly abortMs: number }): Promise<void> {
    const { clock } = this.#options
    this.#phase = 'stopping'
    await this.#starting?.catch(() => undefined)
    await within(clock, this.#wakeUp.stop(), drainMs)
    // The call under way may still bring steps; they are handed back, not started.
    await within(clock, this.#batcher.drained(), drainMs)
    await within(clock, this.#inFlight.idle(), grace.waitMs)
    this.#inFlight.abort('stopping', () => true)
    await within(clock, this.#inFlight.idle(), grace.abortMs)
    for (const running of this.#inFlight.running) {
      this.#attempts.release(running, 'stopping')
    }
    await within(clock, this.#batcher.drained(), Math.max(grace.abortMs, drainMs))
    this.#phase = 'stopped'
    this.#stopWatching()
    this.#batcher.stop()
    const leftCount = this.#inFlight.holding().length
    if (leftCount > 0) this.#trouble.leftBehind(leftCount)
    this.#trouble.end()
    await within(clock, this.#lease.stop(), drainMs)
  }

  #nextClaim(underWay: readonly Claim[]): Claim {
    const isClaiming = this.#phase === 'working' && this.#lease.isValid
    const ofHooks = isClaiming && !underWay.some(isOfHooks) ? this.#hooks.next(this.#lanes) : null
    if (ofHooks !== null) return ofHooks
    const free = isClaiming ? this.#slots.free : 0
    const ofSteps = underWay.filter((claim) => !isOfHooks(claim))
    return this.#lanes.next(free, this.runningCount, ofSteps)
  }

  #goOn(reply: FinishReply, call: SentCall): void {
    this.#hooks.probed(call, reply)
    if (isOfHooks(call)) {
      this.#claim() // it went in place of a call for steps, which somebody may have asked for
      return
    }
    const { isClaimingAgain, nextDueMs } = this.#lanes.probed(call, reply)
    if (isClaimingAgain) this.#claim()
    else if (reply.idle !== null) this.#wakeUp.armFor(nextDueMs)
  }

  // While steps hold all slots nothing wakes the worker but their ends; deadlines do not wait for those.
  #lookForHooks(): void {
    const { clock, config } = this.#options
    this.#cancelLook = clock.schedule(config.orchestration.pollIntervalMs, () => {
      if (this.#hooks.look()) this.#claim()
      this.#lookForHooks()
    })
  }

  #stopWatching(): void {
    this.#cancelLook()
    this.#slots.stop()
    this.#runner.blockedLoop.stop()
  }

  #constants(): Pick<FinishCall, 'workerId' | 'lostLimit' | 'resultsMaxBytes' | 'now'> {
    const { execution } = this.#options.config
    return {
      workerId: this.#lease.workerId,
      lostLimit: execution.workerLostLimit,
      resultsMaxBytes: execution.parentResultsMaxBytes,
      now: this.#options.clock.databaseNow(),
    }
  }

  // A reply, after its commit: publish what it recorded, start what it claimed.
  #receive(reply: FinishReply, call: CallOfReceipt): void {
    const { bus, definitions } = this.#options
    const answered = this.#inFlight.answeredBy(reply)
    for (const { sent, became } of answered) {
      this.#forget(sent.step)
      tellEnded(sent, became)
      if (became === null) this.#trouble.refused(sent)
      else publishOutcome(bus, sent, became)
    }
    this.#lanes.recorded(reply)
    publishStarted(bus, reply, definitions)
    this.#startClaims(reply, call)
    publishEnded(bus, reply.ended, definitions, answered)
    // Their annotations hooks are due now.
    const hasHook = reply.ended.some(({ definitionId: id }) => definitions.get(id)?.annotate)
    if (hasHook || reply.queuedCount > 0) this.wake()
    if (reply.queuedCount > 0) this.#options.notifier.due()
    if (reply.isWorkerLost) void this.#lease.beat().catch(() => undefined)
  }

  #startClaims(reply: FinishReply, { callId, workerId }: CallOfReceipt): void {
    if (reply.claims.length === 0) return
    this.#inFlight.received(callId, reply.claims)
    // What was claimed under an id that is given up is, or will be, taken over.
    const isOurs = this.#lease.isValid && workerId === this.#lease.workerId
    const isRunning = this.#phase === 'working' && isOurs
    if (isRunning) publishClaimed(this.#options.bus, reply.claims, { callId, workerId })
    for (const step of inStartOrder(reply.claims, this.#options)) {
      if (isRunning) this.#attempts.start(step, callId)
      else this.#attempts.decline(step)
    }
  }

  // Nothing more will be recorded for this claim; the receipt goes with its last one.
  #forget(step: HeldStep): void {
    const callId = this.#inFlight.forget(step)
    if (callId !== null) this.#batcher.settle(callId)
  }

  #replaceRefusedData(outcome: StepOutcome, error: unknown): StepOutcome | null {
    if (outcome.reason === notStorable) return null
    this.#trouble.defect(error)
    const sent = this.#inFlight.sentFor(outcome)
    if (sent === undefined) return { ...outcome, kind: 'release', result: null, error: null }
    const replaced = failed(sent.step, error, this.#runner.policy)
    const final = { ...replaced, delayMs: null, reason: notStorable }
    this.#inFlight.replaceSent({ ...sent, result: { outcome: final, events: [] } })
    return final
  }

  #rescued(reply: FinishReply): void {
    const { bus, definitions, logger, notifier } = this.#options
    publishEnded(bus, reply.ended, definitions)
    const isClaiming = this.#lanes.scanned(reply)
    if (reply.zombies !== null) this.#trouble.leftOpen(reply.zombies)
    if (reply.recorded.size > 0) {
      tellRescued(this.#options, reply)
      logger.warn({ steps: reply.recorded.size }, 'took over steps of a worker that was lost')
      notifier.due()
      this.wake()
    }
    if (isClaiming) this.wake()
  }
}
