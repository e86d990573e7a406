// The attempts of one worker, from a claim to the outcome that is handed over: each runs as what it is, a step, a step in
// a transaction, or a hook of the task. What an attempt does is steps/; recording and claiming are the worker's.
import type { Clock } from '../clock.ts'
import { correlationIdOf } from '../correlation.ts'
import type { ClaimedStep, FinishReply, StepOutcome } from '../database/steps.ts'
import type { RecordingCall } from '../database/transaction-steps.ts'
import type { StepSettings, TaskDefinition } from '../definitions/model.ts'
import type { EventBus } from '../events/bus.ts'
import type { CallId, DefinitionId } from '../ids.ts'
import type { Instrumentation, TracedAttempt } from '../instrumentation.ts'
import { AttemptScope } from '../steps/attempt-scope.ts'
import { released, succeeded } from '../steps/outcome.ts'
import { runInTransaction } from '../steps/run-in-transaction.ts'
import { runStep, type AttemptResult, type StepRunner } from '../steps/run-step.ts'
import type { InFlight, Running } from './in-flight.ts'
import { tellEnded } from './observed.ts'
import { publishEnded, stepHappened, type SentAttempt } from './publish.ts'
import { runTaskHook } from './task-hooks.ts'
import type { CalledOff, Notifier } from './wake-up.ts'

export interface AttemptsOptions {
  readonly runner: StepRunner
  readonly inFlight: InFlight
  readonly definitions: ReadonlyMap<DefinitionId, TaskDefinition>
  readonly clock: Clock
  readonly bus: EventBus
  readonly notifier: Notifier
  /** Null: nobody traces. */
  readonly instrumentation: Instrumentation | null
  /** The parts of a recording call that do not change between calls. */
  readonly constants: () => RecordingCall
  /** An outcome to be recorded. */
  readonly record: (outcome: StepOutcome) => void
  /** A step in a transaction has recorded itself. */
  readonly recorded: (reply: FinishReply, callId: CallId) => void
  /** Nothing more will be recorded for this claim. */
  readonly forget: (step: ClaimedStep) => void
  readonly callOff: (claims: readonly CalledOff[]) => void
  /** Something may be due. */
  readonly wake: () => void
  readonly defect: (error: unknown) => void
  readonly isStopped: () => boolean
}

type Late = NonNullable<AttemptResult['late']>

/** What is needed to say how an attempt went. */
type Started = Pick<SentAttempt, 'step' | 'definition' | 'trace'> & Pick<Running, 'startedMs'>

export class Attempts {
  readonly #options: AttemptsOptions
  /** Settings by definition and handler: what a claimed step names. */
  readonly #settings: ReadonlyMap<DefinitionId, ReadonlyMap<string, StepSettings>>

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#settings = settingsByHandler(options.definitions)
  }

  start(step: ClaimedStep, callId: CallId): void {
    const { definitions, inFlight, clock, bus } = this.#options
    const definition = definitions.get(step.definitionId)
    if (definition === undefined) return // never: a worker probes only lanes of its own definitions
    const settings = this.#settings.get(step.definitionId)?.get(step.handler ?? '')
    const running: Running = {
      step,
      definition,
      settings,
      trace: this.#trace({ step, definition, settings, callId }),
      abort: new AbortController(),
      scope: new AttemptScope({ step, definition }),
      callId,
      startedMs: clock.monotonicMs(),
    }
    inFlight.started(running)
    if (step.stepNo > 0)
      bus.publish('step.execution_requested', () => stepHappened(step, definition))
    this.#run(running).catch((error: unknown) => this.#options.defect(error))
  }

  #trace(
    starting: Pick<Running, 'step' | 'definition' | 'settings' | 'callId'>,
  ): TracedAttempt | null {
    const { instrumentation } = this.#options
    const { step, definition, settings, callId } = starting
    if (instrumentation?.isActive !== true || step.stepNo <= 0) return null
    const { namespace, name: taskName, version } = definition
    return instrumentation.started({
      namespace,
      taskName,
      version,
      step,
      callId,
      correlationId: () => correlationIdOf(step),
      // Steps generated from the context depend on those of theirs that gave them results.
      dependsOn: () =>
        settings?.name === step.name ? settings.dependsOn : Object.keys(step.results ?? {}),
    })
  }

  /** Hands back what was claimed by a call that was under way when the worker stopped or lost its lease. */
  decline(step: ClaimedStep): void {
    const { definitions, inFlight, record } = this.#options
    const definition = definitions.get(step.definitionId)
    if (definition === undefined) return // never: see start
    const outcome = released(step, 'not_started')
    const result = { outcome, events: [] }
    inFlight.replaceSent({ step, definition, trace: null, result, durationMs: 0 })
    record(outcome)
  }

  /** Hands back what still runs; its handler is left behind. */
  release(running: Running, reason: string): void {
    this.#finish(running, { outcome: released(running.step, reason), events: [] })
  }

  async #run(running: Running): Promise<void> {
    if (running.step.stepNo <= 0) await this.#runHook(running)
    else if (running.settings?.transaction === true) await this.#runInTransaction(running)
    else {
      const result = await runStep(this.#options.runner, running)
      this.#finish(running, result)
      if (result.late !== undefined) this.#leaveBehind(running, result.late)
    }
  }

  async #runHook(running: Running): Promise<void> {
    const { runner, notifier, bus, definitions, callOff, constants } = this.#options
    const { outcome, ended } = await runTaskHook(runner, running, constants().workerId)
    if (ended.length > 0) {
      const whole = [{ taskId: running.step.taskId, stepNo: null, claimNo: null }]
      callOff(whole)
      void notifier.calledOff(whole)
    }
    publishEnded(bus, ended, definitions, [{ sent: running }])
    this.#finish(running, { outcome, events: [] })
  }

  async #runInTransaction(running: Running): Promise<void> {
    const { runner, inFlight, constants, recorded, forget, wake } = this.#options
    const result = await runInTransaction(runner, running, constants)
    if (result.kind === 'failed') {
      this.#finish(running, result.attempt)
      return
    }
    inFlight.ended(running, this.#sent(running, result.attempt))
    if (result.kind === 'committed') recorded(result.reply, running.callId)
    else {
      tellEnded({ trace: running.trace, result: result.attempt }, null)
      forget(running.step)
    }
    wake() // its children became due with the commit
  }

  // What the handler returns in the end is refused and kept in history, because its work was done. It may never end, and
  // may be one of many: what it was given is not kept for it.
  #leaveBehind({ step, definition, startedMs }: Running, late: Late): void {
    const { taskId, stepNo, claimNo, name, attempts, retryLimit, startedAt } = step
    const correlationId = correlationIdOf(step)
    const known = { taskId, stepNo, claimNo, name, attempts, retryLimit, startedAt }
    const bare = { step: { ...known, correlationId }, definition, trace: null, startedMs }
    late.answer.then(this.#teller(bare, late.secrets), ignore)
  }

  #teller(started: Started, secrets: Late['secrets']): (value: unknown) => void {
    return (value) => {
      this.#tellLate(started, value, secrets).catch((error: unknown) => this.#options.defect(error))
    }
  }

  async #tellLate(started: Started, value: unknown, secrets: Late['secrets']): Promise<void> {
    const { runner, inFlight, isStopped, record } = this.#options
    const outcome = secrets.redactOutcome(succeeded(started.step, value, runner.policy))
    if (outcome.kind !== 'complete') return
    await inFlight.answered(outcome) // that of the attempt itself comes first
    if (isStopped()) return
    inFlight.replaceSent(this.#sent(started, { outcome, events: [] }))
    record(outcome)
  }

  #finish(running: Running, result: SentAttempt['result']): void {
    const { inFlight, record } = this.#options
    const isOurs = inFlight.ended(running, this.#sent(running, result))
    if (isOurs) record(result.outcome)
  }

  #sent(started: Started, result: SentAttempt['result']): SentAttempt {
    const { step, definition, trace, startedMs } = started
    const durationMs = this.#options.clock.monotonicMs() - startedMs
    return { step, definition, trace, result, durationMs }
  }
}

const ignore = (): void => undefined

const settingsByHandler = (
  definitions: ReadonlyMap<DefinitionId, TaskDefinition>,
): ReadonlyMap<DefinitionId, ReadonlyMap<string, StepSettings>> =>
  new Map(
    [...definitions].map(([id, { steps }]) => [id, new Map(steps.map((s) => [s.handler, s]))]),
  )
