// The slots of one worker: how many steps it may run at once now, and why not more. Asks the policy of the configuration
// at its times and tells when the reason changes. Under a clock that a test sets nothing is measured: the upper bound holds.
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Database } from '../database/connect.ts'
import { readHealthCounts, type HealthCounts } from '../database/read-statistics.ts'
import type { WorkerSlots } from '../database/workers.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log.ts'
import { nextLimit, type Limit } from './concurrency.ts'
import { firstGenerationLimit } from './first-generation-concurrency.ts'
import { LoadMeter } from './load.ts'

export interface SlotsOptions {
  readonly database: Database
  readonly config: Config
  readonly clock: Clock
  readonly bus: EventBus
  readonly logger: Logger
  readonly workerId: () => number
  readonly runningCount: () => number
  /** More slots than before: something may be claimed. */
  readonly raised: () => void
}

const sampleEveryMs = 200
const samplesPerDecision = 5

export class Slots {
  readonly #options: SlotsOptions
  readonly #meter: LoadMeter
  #limit: Limit
  #samples = 0
  #counts: { readonly atMs: number; readonly counts: HealthCounts } | null = null
  #cancelTimer: () => void = () => undefined
  #isWatching = false

  constructor(options: SlotsOptions) {
    this.#options = options
    this.#meter = new LoadMeter(options.database)
    const { execution } = options.config
    this.#limit =
      execution.concurrencyPolicy === 'first_generation'
        ? { slots: execution.minConcurrentSteps, reason: 'open_work' }
        : // From the top: nothing has pressed yet, and what does is noticed within a second or two.
          { slots: execution.maxConcurrentStepsLimit, reason: null }
  }

  /** As the worker row says it. */
  get state(): WorkerSlots {
    const { config, runningCount } = this.#options
    return {
      slots: this.#limit.slots,
      slotsMax: config.execution.maxConcurrentStepsLimit,
      slotsInUse: runningCount(),
      slotsReason: this.#limit.reason,
    }
  }

  /** What may be claimed now. */
  get free(): number {
    const runningCount = this.#options.runningCount()
    this.#meter.running(runningCount)
    return Math.max(0, this.#limit.slots - runningCount)
  }

  /** A recording call of so many outcomes and claims was answered. */
  committed(durationMs: number, stepCount: number): void {
    this.#meter.committed(durationMs, stepCount)
  }

  start(): void {
    const { clock, config } = this.#options
    this.#isWatching = true
    if (config.execution.concurrencyPolicy === 'first_generation') this.#computeIn(1)
    else if (clock.databaseNow() === null) {
      this.#meter.start()
      this.#repeat(sampleEveryMs, () => this.#sample())
    }
  }

  stop(): void {
    this.#isWatching = false
    this.#cancelTimer()
    this.#meter.stop()
  }

  #sample(): void {
    this.#meter.sample()
    this.#meter.running(this.#options.runningCount())
    this.#samples += 1
    if (this.#samples % samplesPerDecision !== 0) return
    const { execution } = this.#options.config
    const load = this.#meter.read()
    const next = nextLimit(this.#limit, load, {
      min: execution.minConcurrentSteps,
      max: execution.maxConcurrentStepsLimit,
      connectionUseMax: execution.connectionUseMax,
      eventLoopDelayMaxMs: execution.eventLoopDelayMaxMs,
      commitSlowdownMax: execution.commitSlowdownMax,
    })
    this.#set(next, { ...load })
  }

  // The first generation's way: computed, kept for a while, computed again.
  async #computeFromCounts(): Promise<void> {
    const { database, config } = this.#options
    // Its formula knows one pool.
    const { calls, transactions } = database.connections()
    const lent = calls.lent + transactions.lent
    const size = calls.size + transactions.size
    const pool = { size, busy: lent, available: size - lent }
    const counts = await this.#healthCounts().catch(() => null)
    if (!this.#isWatching) return
    this.#set(firstGenerationLimit(pool, counts, config.execution), pool)
    this.#computeIn(config.execution.concurrencyCacheDuration * 1_000)
  }

  #computeIn(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => this.#computeFromCounts())
  }

  async #healthCounts(): Promise<HealthCounts> {
    const { database, clock, config } = this.#options
    const nowMs = clock.monotonicMs()
    const keptMs = config.execution.healthAssessmentCacheDuration * 1_000
    if (this.#counts !== null && nowMs - this.#counts.atMs < keptMs) return this.#counts.counts
    const counts = await readHealthCounts(database, clock.databaseNow())
    this.#counts = { atMs: nowMs, counts }
    return counts
  }

  #set(next: Limit, figures: Readonly<Record<string, number>>): void {
    const before = this.#limit
    this.#limit = next
    if (next.reason !== before.reason) this.#tell(next, figures)
    if (next.slots > before.slots) this.#options.raised()
  }

  #tell({ slots, reason }: Limit, figures: Readonly<Record<string, number>>): void {
    const { bus, logger, config } = this.#options
    const { maxConcurrentStepsLimit: slotsMax, connectionHealthLogLevel } = config.execution
    const workerId = this.#options.workerId()
    const level = connectionHealthLogLevel === 'fatal' ? 'error' : connectionHealthLogLevel
    const message = reason === null ? 'nothing holds concurrency back' : 'concurrency is held back'
    logger[level]({ workerId, slots, slotsMax, reason, ...rounded(figures) }, message)
    bus.publish('worker.concurrency_changed', { workerId, slots, slotsMax, reason })
  }

  #repeat(intervalMs: number, run: () => void): void {
    this.#cancelTimer = this.#options.clock.schedule(intervalMs, () => {
      if (!this.#isWatching) return
      run()
      this.#repeat(intervalMs, run)
    })
  }
}

const rounded = (figures: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  )
