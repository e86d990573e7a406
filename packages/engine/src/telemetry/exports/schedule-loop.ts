// Exports what is due, as long as a worker runs: looks into the schedule that all processes share, claims, tries, and says there
// how it went. A process that dies in it is followed by another when its claim has run out.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import { TaskerError } from '../../errors.ts'
import { faultText } from '../../fault-text.ts'
import type { EventBus } from '../../events/bus.ts'
import type { Instance } from '../../instance.ts'
import type { Logger } from '../../log.ts'
import type { Claim, Ledger } from './ledger.ts'
import { extensionSeconds, retryWaitMs } from './retry.ts'
import { tryExport, untried, type ExportTools, type Tried } from './run-export.ts'
import { findTarget, type Target } from './targets.ts'
import type { ExportTeller } from './tell-exports.ts'

export interface ScheduleParts {
  readonly config: Config
  readonly clock: Clock
  readonly instance: Instance
  readonly logger: Logger
  readonly bus: Pick<EventBus, 'publish'>
  readonly ledger: Ledger
  readonly targets: ReadonlyMap<string, Target>
  readonly tools: ExportTools
  readonly teller: ExportTeller
  readonly random: () => number
  /** How often counters and histograms of this process have changed. */
  readonly updates: () => number
  /** Keeps what processes share for so much longer; how many metrics that were. */
  readonly extendShared: (seconds: number) => Promise<number>
}

/** Exports of one process that go on at once. */
const runningMax = 10
/** Before another look, when another holds the lock of the target. */
const lockedWaitMs = 10_000
/** Processes that may end in one export, beyond its retries: what ends them all may be the export itself. */
const deathsMax = 3

export class ExportSchedule {
  readonly #parts: ScheduleParts
  readonly #running = new Set<Promise<void>>()
  readonly #seen = new Map<string, number>()
  #stopping = new AbortController()
  #cancel: (() => void) | null = null
  #isPlanned = false
  #looking: Promise<void> | null = null
  #isAsked = false
  #isInTrouble = false
  #claimCount = 0

  constructor(parts: ScheduleParts) {
    this.#parts = parts
  }

  start(): void {
    if (this.#cancel !== null || !this.#parts.config.telemetry.exports.enabled) return
    this.#stopping = new AbortController()
    this.#lookLater(0)
  }

  /** Those that go on are called off, and due again for others. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    this.#stopping.abort(new Error('the worker stops'))
    await this.#looking
    await Promise.all(this.#running)
  }

  #lookLater(ms: number): void {
    const { clock, config } = this.#parts
    this.#cancel = clock.schedule(ms, () => {
      this.#lookLater(config.telemetry.exports.checkInterval * 1_000)
      this.#look()
    })
  }

  /** One look at a time; what became due during one is found by another right after it. */
  #look(): void {
    this.#isAsked = true
    this.#looking ??= this.#lookWhileAsked()
  }

  async #lookWhileAsked(): Promise<void> {
    do {
      this.#isAsked = false
      await this.#lookOnce()
    } while (this.#isAsked && !this.#stopping.signal.aborted)
    this.#looking = null
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.#plan()
      await this.#countUpdates()
      while (this.#running.size < runningMax && !this.#stopping.signal.aborted) {
        const claim = await this.#claim()
        if (claim === null) break
        const run = this.#export(claim).finally(() => this.#running.delete(run))
        this.#running.add(run)
      }
      if (this.#isInTrouble) this.#parts.logger.info({}, 'the schedule of exports is read again')
      this.#isInTrouble = false
    } catch (error) {
      if (!this.#isInTrouble) {
        this.#parts.logger.warn({ error }, 'the schedule of exports cannot be read')
      }
      this.#isInTrouble = true
    }
  }

  async #plan(): Promise<void> {
    if (this.#isPlanned) return
    const { ledger, targets, updates } = this.#parts
    for (const { name, threshold } of targets.values()) {
      if (threshold !== null) this.#seen.set(name, this.#seen.get(name) ?? updates())
    }
    await ledger.plan(
      [...targets.values()].map(({ name, format, everyMs }) => ({
        target: name,
        format,
        dueInMs: everyMs,
      })),
    )
    this.#isPlanned = true
  }

  // One sum over the counters at each look: counting itself costs nothing more for it.
  async #countUpdates(): Promise<void> {
    const { ledger, targets, updates } = this.#parts
    for (const { name, threshold } of targets.values()) {
      if (threshold === null) continue
      const all = updates()
      const added = all - (this.#seen.get(name) ?? 0)
      if (added <= 0) continue
      await ledger.addUpdates({ target: name, updates: Math.round(added), threshold })
      this.#seen.set(name, all)
    }
  }

  #claim(): Promise<Claim | null> {
    const { config, instance, ledger, targets } = this.#parts
    const { jobTimeout, safetyMargin } = config.telemetry.prometheus
    this.#claimCount += 1
    return ledger.claim({
      holder: `${instance.startId}/${this.#claimCount}`,
      instance: instance.id,
      exportId: randomUUID(),
      targets: [...targets.keys()],
      leaseMs: (jobTimeout + safetyMargin) * 1_000,
    })
  }

  async #export(claim: Claim): Promise<void> {
    const { targets } = this.#parts
    const target = findTarget(targets, claim.target)
    if (target === null) return // it was claimed by the names that there are
    const leftMs = this.#leftMs(claim)
    const tried = await this.#try(claim, target, leftMs)
    const isCalledOff = tried.report.outcome === 'failed' && this.#stopping.signal.aborted
    try {
      if (isCalledOff) await this.#putOff(claim, tried, 0)
      else if (isPutOff(claim, tried)) await this.#putOff(claim, tried, lockedWaitMs)
      else await this.#settle(claim, target, { tried, leftMs })
    } catch (error) {
      // Nobody has said how it went: when its claim has run out, it is done again.
      this.#parts.logger.warn(
        { target: target.name, exportId: claim.exportId, error },
        'the end of an export cannot be recorded',
      )
      if (!isCalledOff) this.#parts.teller.ended(tried, claim.attempt, null)
    }
  }

  async #putOff(claim: Claim, tried: Tried, waitMs: number): Promise<void> {
    const { ledger, teller } = this.#parts
    teller.putOff(tried, await ledger.delay(claim, { waitMs, fault: null }))
  }

  #leftMs({ startedAt, claimedAt }: Claim): number {
    const jobMs = this.#parts.config.telemetry.prometheus.jobTimeout * 1_000
    const restMs = startedAt.getTime() + jobMs - claimedAt.getTime()
    // Nobody was there to try again in time: that is no reason not to try.
    return restMs > 0 ? restMs : jobMs
  }

  async #try(claim: Claim, target: Target, leftMs: number): Promise<Tried> {
    const { clock, config, teller, tools } = this.#parts
    const { exportId, scope, attempt, instance, plannedAt } = claim
    const triesMax = config.telemetry.prometheus.retryAttempts + deathsMax
    if (claim.isTakenOver && attempt > triesMax) {
      const fault = `given up: the process of try ${attempt - 1} did not say how it ended`
      return untried(clock, { exportId, target, scope }, fault)
    }
    const { signal } = this.#stopping
    // Claimed by a look that was under way when the worker was told to stop.
    if (signal.aborted) return untried(clock, { exportId, target, scope }, faultText(signal.reason))
    teller.requested({ exportId, target, scope, attempt, at: new Date(clock.nowMs()) })
    return tryExport(tools, { exportId, target, scope, instance, plannedAt, leftMs, signal })
  }

  async #settle(
    claim: Claim,
    target: Target,
    { tried, leftMs }: { readonly tried: Tried; readonly leftMs: number },
  ): Promise<void> {
    const { config, ledger, random, teller } = this.#parts
    const { outcome, fault, seconds } = tried.report
    const { attempt } = claim
    const waitMs =
      tried.retry === null
        ? null
        : retryWaitMs({
            attempt,
            retriesMax: config.telemetry.prometheus.retryAttempts,
            askedMs: tried.retry.askedMs,
            leftMs: leftMs - seconds * 1_000,
            random: random(),
          })
    if (waitMs === null) {
      await ledger.end(claim, { outcome, fault, everyMs: target.everyMs })
      teller.ended(tried, attempt, null)
      return
    }
    await this.#extend(claim)
    const dueAt = await ledger.delay(claim, { waitMs, fault: fault ?? '' })
    teller.ended(tried, attempt, dueAt)
  }

  /** For the next try. */
  async #extend({ exportId, target, attempt }: Claim): Promise<void> {
    const { bus, extendShared, logger } = this.#parts
    const seconds = extensionSeconds(attempt + 1)
    try {
      const metricsCount = await extendShared(seconds)
      const about = { exportId, target, attempt: attempt + 1, metricsCount }
      bus.publish('telemetry.cache_ttl_extended', { ...about, extendedByMs: seconds * 1_000 })
    } catch (error) {
      // That the store fails is said already, once.
      if (error instanceof TaskerError && error.code === 'CACHE_UNAVAILABLE') return
      logger.warn({ target, exportId, error }, 'shared metrics cannot be kept longer for a retry')
    }
  }
}

// Whoever died may still hold the lock; and an order is for once, while a target will be due again.
const isPutOff = ({ isTakenOver, isOrdered }: Claim, { isLocked }: Tried): boolean =>
  isLocked && (isTakenOver || isOrdered)
