// One worker of one process: claims what its definitions can run, runs it within its slots, hands outcomes to the batcher,
// and stops in stages. Who may run what is decided in SQL; how one attempt runs is steps/; this file only connects them.
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Database } from '../database/connect.ts'
import {
  type ClaimedStep,
  type FinishCall,
  type FinishReply,
  type StepOutcome,
} from '../database/steps.ts'
import type { HeldStep } from '../database/workers.ts'
import type { StepSettings, TaskDefinition } from '../definitions/model.ts'
import type { EventBus } from '../events/bus.ts'
import type { CallId, DefinitionId, TaskId } from '../ids.ts'
import type { Logger } from '../log.ts'
import { failed, released } from '../steps/outcome.ts'
import { runInTransaction } from '../steps/run-in-transaction.ts'
import { runStep, type StepRunner } from '../steps/run-step.ts'
import { Batcher, type Claim } from './batcher.ts'
import { claimKey, InFlight, type Running } from './in-flight.ts'
import { Lanes } from './lanes.ts'
import { inStartOrder, type OrderHook } from './start-order.ts'
import { Lease } from './lease.ts'
import {
  publishEnded,
  publishOutcome,
  publishStarted,
  stepHappened,
  type SentAttempt,
} from './publish.ts'
import { runTaskHook } from './task-hooks.ts'
import { Trouble } from './trouble.ts'
import { WakeUp, type Notifier } from './wake-up.ts'

export interface WorkerOptions {
  readonly database: Database
  readonly config: Config
  readonly clock: Clock
  readonly bus: EventBus
  readonly logger: Logger
  readonly notifier: Notifier
  /** What this process can run, by stored id. */
  readonly definitions: ReadonlyMap<DefinitionId, TaskDefinition>
  /** Uniform in [0, 1): the source of jitter. */
  readonly random: () => number
  /** Decides the order in which steps claimed together are started. */
  readonly order: OrderHook | null
}

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
  readonly #inFlight = new InFlight()
  readonly #trouble: Trouble
  /** Settings by definition and handler: what a claimed step names. */
  readonly #settings: ReadonlyMap<DefinitionId, ReadonlyMap<string, StepSettings>>
  #phase: 'new' | 'working' | 'stopping' | 'stopped' = 'new'
  #starting: Promise<void> | null = null
  #stopping: Promise<void> | null = null

  constructor(options: WorkerOptions) {
    this.#options = options
    const { config, database, clock, bus, logger } = options
    this.#runner = {
      database,
      clock,
      policy: {
        backoff: config.backoff,
        resultMaxBytes: config.execution.resultMaxBytes,
        random: options.random,
      },
      stepTimeoutMs: config.execution.stepTimeoutMs,
    }
    this.#settings = settingsByHandler(options.definitions)
    this.#lanes = new Lanes([...options.definitions.keys()], config.orchestration)
    this.#trouble = new Trouble({ bus, logger, clock, workerId: () => this.#lease.workerId })
    this.#batcher = new Batcher({
      database,
      nextClaim: () => this.#nextClaim(),
      constants: () => this.#constants(),
      onReply: (reply, call) => {
        this.#receive(reply, call.callId)
        const { isClaimingAgain, nextDueMs } = this.#lanes.probed(call, reply)
        if (isClaimingAgain) this.#claim()
        else if (reply.idle !== null) this.#wakeUp.armFor(nextDueMs)
      },
      replaceRefusedData: (outcome, error) => this.#replaceRefusedData(outcome, error),
      afterFailure: (error, kind) => this.#trouble.afterFailure(error, kind),
    })
    this.#lease = new Lease({
      database,
      clock,
      serves: [...options.definitions.keys()],
      heartbeatIntervalMs: config.orchestration.heartbeatIntervalMs,
      leaseMs: config.orchestration.leaseMs,
      scanIntervalMs: config.orchestration.scanIntervalMs,
      sweepIntervalMs: config.orchestration.sweepIntervalMs,
      lostLimit: config.execution.workerLostLimit,
      slots: () => config.execution.maxConcurrentStepsLimit,
      holding: () => this.#inFlight.holding(),
      calls: () => [...this.#inFlight.calls, ...this.#batcher.callIds],
      abort: (steps) => {
        const lost = new Set(steps.map(claimKey))
        this.#inFlight.abort('cancelled', ({ step }) => lost.has(claimKey(step)))
      },
      handBack: (steps) => this.#handBack(steps),
      expired: () => this.#inFlight.abort('lease_lost', () => true),
      renewed: () => this.#claim(),
      replaced: () => this.#trouble.replaced(),
      rescued: (reply) => this.#rescued(reply),
      repaired: (count) => this.#trouble.repaired(count),
      reachable: (isReachable, error) => this.#trouble.reachable(isReachable, error),
    })
    this.#wakeUp = new WakeUp({
      database,
      clock,
      listens: config.orchestration.listen,
      pollIntervalMs: config.orchestration.pollIntervalMs,
      wake: () => this.wake(),
      cancelled: (taskIds) => this.abortTasks(taskIds),
    })
  }

  get phase(): 'new' | 'working' | 'stopping' | 'stopped' {
    return this.#phase
  }

  /** Steps that run now. */
  get runningCount(): number {
    return this.#inFlight.runningCount
  }

  get lease(): Lease {
    return this.#lease
  }

  /** Registers and begins to claim. A start that fails leaves nothing behind; take a new worker for another try. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    this.#phase = 'working'
    try {
      await this.#lease.start()
      await this.#wakeUp.start()
    } catch (error) {
      this.#phase = 'stopped'
      this.#batcher.stop()
      await this.#wakeUp.stop()
      await this.#lease.stop()
      throw error
    }
  }

  /** Something may be due. */
  wake(): void {
    this.#lanes.woken()
    this.#claim()
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

  /** These tasks were cancelled: their handlers are called off now, not at the next heartbeat. */
  abortTasks(taskIds: readonly TaskId[]): void {
    const cancelled = new Set<string>(taskIds)
    this.#inFlight.abort('cancelled', ({ step }) => cancelled.has(step.taskId))
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
    this.#phase = 'stopping'
    await this.#starting?.catch(() => undefined)
    await this.#within(this.#wakeUp.stop(), drainMs)
    // The call under way may still bring steps; they are handed back, not started.
    await this.#within(this.#batcher.drained(), drainMs)
    await this.#within(this.#inFlight.idle(), grace.waitMs)
    this.#inFlight.abort('stopping', () => true)
    await this.#within(this.#inFlight.idle(), grace.abortMs)
    for (const running of this.#inFlight.running) {
      this.#finish(running, { outcome: released(running.step, 'stopping'), events: [] })
    }
    await this.#within(this.#batcher.drained(), Math.max(grace.abortMs, drainMs))
    this.#phase = 'stopped'
    this.#batcher.stop()
    this.#trouble.end()
    await this.#within(this.#lease.stop(), drainMs)
  }

  #nextClaim(): Claim {
    const slots = this.#options.config.execution.maxConcurrentStepsLimit
    const isClaiming = this.#phase === 'working' && this.#lease.isValid
    const { runningCount } = this.#inFlight
    return this.#lanes.next(isClaiming ? slots - runningCount : 0, runningCount)
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
  #receive(reply: FinishReply, callId: CallId): void {
    this.#trouble.reachable(true, null)
    for (const { sent, became } of this.#inFlight.answeredBy(reply)) {
      this.#forget(sent.step)
      if (became === null) this.#refused(sent)
      else publishOutcome(this.#options.bus, sent, became)
    }
    const definitionOf = (id: DefinitionId): TaskDefinition | undefined =>
      this.#options.definitions.get(id)
    publishStarted(this.#options.bus, reply, definitionOf)
    this.#startClaims(reply, callId)
    publishEnded(this.#options.bus, reply.ended, definitionOf)
    if (reply.queuedCount > 0) this.#options.notifier.due()
    if (reply.isWorkerLost) void this.#lease.beat().catch(() => undefined)
  }

  #startClaims(reply: FinishReply, callId: CallId): void {
    if (reply.claims.length === 0) return
    this.#inFlight.received(callId, reply.claims)
    const isRunning = this.#phase === 'working' && this.#lease.isValid
    for (const step of inStartOrder(reply.claims, this.#options)) {
      if (isRunning) this.#run(step, callId)
      else this.#decline(step)
    }
  }

  // Claimed by a call that was under way when the worker stopped or lost its lease.
  #decline(step: ClaimedStep): void {
    const definition = this.#options.definitions.get(step.definitionId)
    if (definition === undefined) return // never: see #run
    const outcome = released(step, 'not_started')
    this.#inFlight.replaceSent({ step, definition, result: { outcome, events: [] }, durationMs: 0 })
    this.#batcher.add(outcome)
  }

  #run(step: ClaimedStep, callId: CallId): void {
    const definition = this.#options.definitions.get(step.definitionId)
    if (definition === undefined) return // never: a worker probes only lanes of its own definitions
    const running: Running = {
      step,
      definition,
      settings: this.#settings.get(step.definitionId)?.get(step.handler ?? ''),
      abort: new AbortController(),
      callId,
      startedMs: this.#options.clock.monotonicMs(),
    }
    this.#inFlight.started(running)
    if (step.stepNo > 0)
      this.#options.bus.publish('step.execution_requested', stepHappened(step, definition))
    this.#attempt(running).catch((error: unknown) => this.#trouble.defect(error))
  }

  async #attempt(running: Running): Promise<void> {
    const { step } = running
    if (step.stepNo <= 0) {
      const hook = await runTaskHook(this.#runner, running, this.#constants().workerId)
      if (hook.ended.length > 0) {
        this.abortTasks([step.taskId])
        void this.#options.notifier.cancelled([step.taskId])
      }
      publishEnded(this.#options.bus, hook.ended, (id) => this.#options.definitions.get(id))
      this.#finish(running, { outcome: hook.outcome, events: [] })
    } else if (running.settings?.transaction === true) {
      const result = await runInTransaction(this.#runner, running, () => this.#constants())
      if (result.kind === 'failed') {
        this.#finish(running, result.attempt)
        return
      }
      this.#inFlight.ended(running, this.#sentAttempt(running, result.attempt))
      if (result.kind === 'committed') this.#receive(result.reply, running.callId)
      else this.#forget(step)
      this.wake() // its children became due with the commit
    } else {
      const result = await runStep(this.#runner, running)
      this.#finish(running, result)
      const late = await result.late
      if (late?.kind === 'complete') this.#tellLate(running, late)
    }
  }

  // It is refused and kept in history. The answer to the attempt's own outcome may still be on its way.
  #tellLate(running: Running, outcome: StepOutcome): void {
    if (this.#phase === 'stopped') return
    if (this.#inFlight.sentFor(outcome) === undefined) {
      this.#inFlight.replaceSent(this.#sentAttempt(running, { outcome, events: [] }))
    }
    this.#batcher.add(outcome)
  }

  #finish(running: Running, result: SentAttempt['result']): void {
    const isOurs = this.#inFlight.ended(running, this.#sentAttempt(running, result))
    if (isOurs) this.#batcher.add(result.outcome)
  }

  #sentAttempt(running: Running, result: SentAttempt['result']): SentAttempt {
    const durationMs = this.#options.clock.monotonicMs() - running.startedMs
    return { step: running.step, definition: running.definition, result, durationMs }
  }

  #refused({ step, definition, result }: SentAttempt): void {
    if (result.outcome.kind === 'release') return // called off, and nothing was lost by it
    this.#options.logger.info({ taskId: step.taskId, step: step.name }, 'an outcome came too late')
    this.#options.bus.publish('step.outcome_refused', stepHappened(step, definition))
  }

  // Nothing more will be recorded for this claim; the receipt goes with its last one.
  #forget(step: ClaimedStep): void {
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

  #handBack(steps: readonly HeldStep[]): void {
    for (const step of steps) this.#batcher.add(released(step, 'reply_lost'))
  }

  #rescued(reply: FinishReply): void {
    publishEnded(this.#options.bus, reply.ended, (id) => this.#options.definitions.get(id))
    this.#lanes.scanned(reply)
    if (reply.recorded.size > 0) {
      this.#options.logger.warn(
        { steps: reply.recorded.size },
        'took over steps of a worker that was lost',
      )
      this.#options.notifier.due()
      this.wake()
    }
    if (reply.suspects !== null) this.wake()
  }

  async #within(done: Promise<void>, limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.clock.schedule(limitMs, resolve)
    await Promise.race([done, promise])
    cancel()
  }
}

const settingsByHandler = (
  definitions: ReadonlyMap<DefinitionId, TaskDefinition>,
): ReadonlyMap<DefinitionId, ReadonlyMap<string, StepSettings>> =>
  new Map(
    [...definitions].map(([id, { steps }]) => [id, new Map(steps.map((s) => [s.handler, s]))]),
  )
