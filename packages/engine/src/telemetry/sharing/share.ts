// Writes what this process has counted into the shared cache: after every `telemetry.syncInterval`, when asked, and at the
// end. Nothing on the way of a step waits for it, and what fails is told once until it is over.
import type { Coordination } from '../../cache/capabilities.ts'
import type { Clock } from '../../clock.ts'
import { TaskerError } from '../../errors.ts'
import { faultText } from '../../fault-text.ts'
import type { Instance } from '../../instance.ts'
import type { Logger } from '../../log.ts'
import type { MetricsSync } from '../exports/exporter.ts'
import type { Ledger } from './ledger.ts'
import { refusalOf } from './kept-twice.ts'
import { sharedTextMax, writeSnapshot, type Snapshot } from './snapshot.ts'
import {
  countedOf,
  NeverFalling,
  seriesCountOf,
  TotalsSum,
  without,
  type Totals,
  type TotalsFamily,
} from './totals.ts'

export interface ShareOptions {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly instance: Instance
  readonly logger: Logger
  readonly strategy: Coordination
  readonly intervalMs: number
  readonly staleAfterMs: number
  /** All that this process counted until now, and its gauges. */
  readonly read: () => Totals
  /** A metric was left out of what was written. */
  readonly dropped: (name: string) => void
  readonly synced: (sync: MetricsSync) => void
}

/** Of what a store refused, tried next. */
const shareOfRefused = 0.75
/** When another process has the lock. */
const againAfterMs = 500
const lastAttemptsMax = 10

interface Attempt {
  readonly fault: string | null
  /** By the store itself, to the log. */
  readonly isSaid?: boolean
  readonly text: string
  readonly totals: Totals
}

export class Share {
  readonly #options: ShareOptions
  readonly #rising = new NeverFalling()
  readonly #dropped = new Set<string>()
  #textMax = sharedTextMax
  /** Counted under an earlier name of this start. */
  #base: Totals = []
  #renames = 0
  #sequence = 0
  /** What was last sent under the present name, whatever was answered. */
  #sent: Totals = []
  #wasListed = false
  #writtenAt: { readonly wallMs: number; readonly monotonicMs: number } | null = null
  #lastSync: MetricsSync | null = null
  #running: Promise<MetricsSync> | null = null
  #waiting: Promise<MetricsSync> | null = null
  #cancel: () => void = () => undefined
  /** Said, and not over. */
  #isOut = false
  #isClosed = false

  constructor(options: ShareOptions) {
    this.#options = options
  }

  get lastSync(): MetricsSync | null {
    return this.#lastSync
  }

  begin(): void {
    this.#later(this.#options.intervalMs)
  }

  /** One at a time: who asks meanwhile gets the next one, which has all that was counted by now. */
  sync(): Promise<MetricsSync> {
    if (this.#isClosed) return this.#running ?? Promise.resolve(this.#end(this.#start(), closed))
    if (this.#running === null) return this.#run(false)
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = null
      return this.#isClosed ? this.sync() : this.#run(false)
    })
    return this.#waiting
  }

  /** The last one: this start has ended then. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancel()
    await this.#running
    for (let attempt = 0; attempt < lastAttemptsMax; attempt += 1) {
      const { fault } = await this.#run(true)
      // While the store fails, nobody waits with stopping.
      if (fault !== busy) return
      await this.#pause(againAfterMs)
    }
  }

  /** As it would be written now, whatever of it has been. */
  present(): Snapshot {
    return this.#snapshot(without(this.#rising.next(this.#options.read()), this.#base), false)
  }

  get sent(): Totals {
    return this.#sent
  }

  #run(isFinal: boolean): Promise<MetricsSync> {
    const run = this.#write(isFinal).finally(() => (this.#running = null))
    this.#running = run
    return run
  }

  async #write(isFinal: boolean): Promise<MetricsSync> {
    const started = this.#start()
    let attempt: Attempt = { fault: null, text: '', totals: [] }
    try {
      attempt = await this.#attempt(isFinal)
      // What fails of it, whoever writes next does.
      if (attempt.fault === null) await this.#options.ledger.sweep().catch(() => undefined)
    } catch (error) {
      attempt = {
        ...attempt,
        fault: faultText(error),
        isSaid: error instanceof TaskerError && error.code === 'CACHE_UNAVAILABLE',
      }
    }
    return this.#end(started, attempt)
  }

  async #attempt(isFinal: boolean): Promise<Attempt> {
    const { ledger, instance } = this.#options
    const totals = without(this.#rising.next(this.#options.read()), this.#base)
    const { text, snapshot } = await this.#fitting(totals, isFinal)
    const { start } = snapshot
    const wasListed = this.#wasListed
    this.#wasListed = true // from now on it may be, whatever is answered
    const wasAway = this.#wasAway()
    const entry = { start, instance: instance.id, text, isFinal, wasListed, wasAway }
    const before = this.#sent
    this.#sent = snapshot.totals
    const written = await ledger.write(entry).catch(refusalOf)
    if (written instanceof Error) {
      if (snapshot.totals.length === 0) throw written
      this.#sent = before
      this.#textMax = Math.floor(text.length * shareOfRefused)
      return this.#attempt(isFinal)
    }
    if (written === 'retired') {
      await this.#rename(start, before)
      return this.#attempt(isFinal)
    }
    if (written === 'busy') return { fault: busy, text, totals: snapshot.totals }
    this.#writtenAt = this.#now()
    return { fault: null, text, totals: snapshot.totals }
  }

  // What was retired is what it had written last, as the store has it: perhaps not what was answered for.
  async #rename(start: string, before: Totals): Promise<void> {
    const stored = await this.#options.ledger.lastWritten(start)
    const retired = countedOf(stored?.totals ?? before)
    this.#base = new TotalsSum().add(this.#base).add(retired).totals
    this.#renames += 1
    this.#wasListed = false
    this.#writtenAt = null
    this.#sent = []
    this.#options.logger.info(
      { instance: this.#options.instance.id },
      'metrics: this process was taken for ended, and goes on as a new one',
    )
  }

  async #fitting(
    totals: Totals,
    isFinal: boolean,
  ): Promise<{ readonly text: string; readonly snapshot: Snapshot }> {
    for (;;) {
      const kept = totals.filter(({ name }) => !this.#dropped.has(name))
      const snapshot = this.#snapshot(kept, isFinal)
      const text = await writeSnapshot(snapshot)
      if (text.length <= this.#textMax || kept.length === 0) {
        for (const name of this.#dropped) this.#options.dropped(name)
        return { text, snapshot }
      }
      this.#drop(kept, this.#textMax / text.length)
    }
  }

  /** The largest go, and stay out: a metric that comes and goes would be worse than none. */
  #drop(totals: Totals, share: number): void {
    const sorted = totals.toSorted((a, b) => sizeOf(b) - sizeOf(a))
    let left = totals.reduce((sum, family) => sum + sizeOf(family), 0)
    const wanted = left * share
    for (const family of sorted) {
      if (left <= wanted) break
      left -= sizeOf(family)
      this.#dropped.add(family.name)
    }
    this.#options.logger.warn(
      { metrics: [...this.#dropped] },
      'metrics: too many values for one entry of the cache; these are not shared',
    )
  }

  #snapshot(totals: Totals, isFinal: boolean): Snapshot {
    const { instance, clock } = this.#options
    this.#sequence += 1
    return {
      start: this.#renames === 0 ? instance.startId : `${instance.startId}.${this.#renames}`,
      instance: instance.id,
      sequence: this.#sequence,
      atMs: clock.nowMs(),
      isFinal,
      totals,
    }
  }

  #now() {
    const { clock } = this.#options
    return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
  }

  // By either clock: one does not go on while the machine sleeps, the other may be set.
  #wasAway(): boolean {
    if (this.#writtenAt === null) return false
    const { wallMs, monotonicMs } = this.#now()
    const away = Math.max(
      wallMs - this.#writtenAt.wallMs,
      monotonicMs - this.#writtenAt.monotonicMs,
    )
    return away >= this.#options.staleAfterMs
  }

  #start(): { readonly at: Date; readonly startedMs: number } {
    const { clock } = this.#options
    return { at: new Date(clock.nowMs()), startedMs: clock.monotonicMs() }
  }

  #end(
    { at, startedMs }: { readonly at: Date; readonly startedMs: number },
    { fault, isSaid = false, text, totals }: Attempt,
  ): MetricsSync {
    const { clock, instance, strategy } = this.#options
    const countOf = (type: TotalsFamily['type']): number =>
      totals.filter((family) => family.type === type).length
    const sync: MetricsSync = {
      isSynced: fault === null,
      strategy,
      instance: instance.id,
      metricsCount: totals.length,
      seriesCount: seriesCountOf(totals),
      counters: countOf('counter'),
      gauges: countOf('gauge'),
      histograms: countOf('histogram'),
      dropped: [...this.#dropped],
      bytes: text.length,
      at,
      durationMs: clock.monotonicMs() - startedMs,
      fault,
    }
    if (fault === closed.fault) return sync
    this.#lastSync = sync
    this.#tell(sync, isSaid)
    if (!this.#isClosed) this.#later(fault === busy ? againAfterMs : this.#options.intervalMs)
    return sync
  }

  #tell(sync: MetricsSync, isSaid: boolean): void {
    const { logger, synced } = this.#options
    if (sync.fault !== null && sync.fault !== busy && !isSaid && !this.#isOut) {
      this.#isOut = true
      logger.warn({ reason: sync.fault }, 'metrics cannot be shared')
    }
    if (sync.isSynced && this.#isOut) {
      this.#isOut = false
      logger.info({}, 'metrics are shared again')
    }
    synced(sync)
  }

  #later(delayMs: number): void {
    this.#cancel()
    this.#cancel = this.#options.clock.schedule(delayMs, () => this.sync())
  }

  #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#options.clock.schedule(delayMs, resolve)
    return promise
  }
}

const busy = 'another process has the lock'
const closed: Attempt = { fault: 'the Tasker is closed', text: '', totals: [] }

const sizeOf = ({ series, bounds, labels }: TotalsFamily): number =>
  series.length * (1 + bounds.length + 3 * labels.length)
