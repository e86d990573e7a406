// Answers for all processes that share their metrics, in one that may collect none itself: what the store has, brought up to
// date with what this process counted, and what the database says.
import type { CacheStrategy } from '../../cache/capabilities.ts'
import type { Clock } from '../../clock.ts'
import { asError, TaskerError } from '../../errors.ts'
import { faultText } from '../../fault-text.ts'
import type { Instance } from '../../instance.ts'
import type { MetricsSync } from '../exports/exporter.ts'
import { tellQueue, type SetGauge } from '../metrics/at-scrape.ts'
import { metricCatalogue, type MetricEntry } from '../metrics/catalogue.ts'
import type { QueueReading } from '../metrics/queue-in-time.ts'
import type {
  CollectOrder,
  MetricFamily,
  MetricsData,
  MetricsStatus,
  MetricValue,
  SyncOrder,
} from '../metrics/tasker-metrics.ts'
import { aggregate, type Aggregate } from './aggregate.ts'
import { KeptReading } from './kept-reading.ts'
import type { Ledger, Reading } from './ledger.ts'
import type { Share } from './share.ts'
import type { Snapshot } from './snapshot.ts'
import { syncEnd, syncForOthers } from './sync-for-others.ts'
import { without } from './totals.ts'

export interface CollectorOptions {
  readonly clock: Clock
  readonly instance: Instance
  readonly strategy: CacheStrategy
  /** Null: nothing is shared. */
  readonly ledger: Ledger | null
  /** Null: this process collects nothing, or nothing is shared. */
  readonly share: Share | null
  /** Null: this process collects nothing. */
  readonly families: (() => Promise<readonly MetricFamily[]>) | null
  /** When that began. */
  readonly since: Date | null
  /** Null: no answer in time. */
  readonly readQueue: () => Promise<QueueReading | null>
  /** Completes "Processes do not share their metrics: …". */
  readonly whyNotShared: string
  readonly whyNotCollected: string
  readonly prefix: string
  readonly seriesMax: number
  readonly hasInstanceLabels: boolean
  readonly hasLegacyNames: boolean
}

export class Collector {
  readonly #options: CollectorOptions
  /** Null: nothing is shared. */
  readonly #all: KeptReading<OfAll> | null

  constructor(options: CollectorOptions) {
    this.#options = options
    const { ledger, clock } = options
    this.#all = ledger === null ? null : new KeptReading(clock, () => this.#readAll(ledger))
  }

  async collect({ scope = 'auto', byInstance = false }: CollectOrder = {}): Promise<MetricsData> {
    const all = this.#all
    if (scope === 'process' || (scope === 'auto' && all === null)) return this.#ofProcess()
    if (all === null) throw unavailable(this.#options.whyNotShared)
    return this.#ofAll(all, byInstance)
  }

  async sync(order: SyncOrder = {}): Promise<MetricsSync> {
    const sync = await this.#sync(order)
    this.#all?.forget()
    return sync
  }

  async #sync({ of = null }: SyncOrder): Promise<MetricsSync> {
    const { ledger, share, whyNotShared } = this.#options
    if (of === null && share !== null) return share.sync()
    if (ledger === null) return syncEnd(this.#options, { fault: whyNotShared })
    return syncForOthers({ ...this.#options, ledger }, of)
  }

  async status(): Promise<MetricsStatus> {
    const { clock, instance, strategy, ledger, share, families } = this.#options
    const read = ledger === null ? null : await ledger.read().catch(asError)
    const reading = read instanceof Error ? null : read
    const all = reading === null ? [] : this.#aggregated(reading).families
    return {
      instance: instance.id,
      isCollecting: families !== null,
      isSharing: ledger !== null,
      strategy: strategy.coordination,
      store: strategy.storeClass,
      lastSync: share?.lastSync ?? null,
      live: liveOf(reading).map((one) => ({
        ...instanceOf(one),
        ageMs: Math.max(0, clock.nowMs() - one.atMs),
      })),
      retiredCount: reading?.retired.count ?? 0,
      metricsCount: all.length,
      seriesCount: all.reduce((sum, { values }) => sum + values.length, 0),
      fault: read instanceof Error ? faultText(read) : null,
    }
  }

  async #ofProcess(): Promise<MetricsData> {
    const { clock, instance, families, since, whyNotCollected } = this.#options
    if (families === null) throw unavailable(whyNotCollected)
    const at = new Date(clock.nowMs())
    const instances = [{ instance: instance.id, at }]
    return {
      at,
      scope: 'process',
      ...(since !== null && { since }),
      instances,
      families: await families(),
    }
  }

  async #ofAll(all: KeptReading<OfAll>, byInstance: boolean): Promise<MetricsData> {
    const [{ at, reading, families, apart }, shared] = await Promise.all([
      all.get(),
      this.#shared(),
    ])
    const live = liveOf(reading)
    return {
      at,
      scope: 'all',
      instances: live.map(instanceOf),
      families: [...families, ...shared],
      ...(byInstance
        ? { byInstance: live.map((one) => ({ ...instanceOf(one), families: this.#of(one) })) }
        : {}),
      ...(apart.length > 0 ? { apart } : {}),
    }
  }

  // What this process counted is written first, so that nobody who asks another process afterwards is told less.
  async #readAll(ledger: Ledger): Promise<OfAll> {
    const { clock, share } = this.#options
    const sync = (await share?.sync()) ?? null
    let reading: Reading
    try {
      reading = await ledger.read()
    } catch (error) {
      throw unavailable(`The metrics of all processes cannot be read: ${faultText(error)}.`, error)
    }
    if (sync !== null && !sync.isSynced && share !== null) reading = withPresent(reading, share)
    return { at: new Date(clock.nowMs()), reading, ...this.#aggregated(reading) }
  }

  #aggregated({ starts, retired }: Reading): Aggregate {
    return aggregate({
      ...this.#options,
      snapshots: starts.map(({ snapshot }) => snapshot),
      live: starts.filter(({ isLive }) => isLive).map(({ snapshot }) => snapshot),
      retired: retired.totals,
    })
  }

  #of(one: Snapshot): readonly MetricFamily[] {
    const given = { ...this.#options, snapshots: [one], live: [one], retired: [] }
    return aggregate({ ...given, hasInstanceLabels: false }).families
  }

  /** What the database says, once. */
  async #shared(): Promise<readonly MetricFamily[]> {
    const { prefix, readQueue } = this.#options
    const queue = await readQueue()
    if (queue === null) return []
    const values = new Map<string, MetricValue[]>()
    const set: SetGauge = (name, labels, value) => {
      const of = values.get(name) ?? []
      values.set(name, of)
      of.push({ name: `${prefix}_${name}`, labels, value })
    }
    tellQueue(queue, set)
    return sharedGauges.map(([name, { help }]) => ({
      name: `${prefix}_${name}`,
      help,
      type: 'gauge',
      values: values.get(name) ?? [],
    }))
  }
}

interface OfAll extends Aggregate {
  readonly at: Date
  readonly reading: Reading
}

const entries: readonly (readonly [string, MetricEntry])[] = Object.entries(metricCatalogue)
const sharedGauges = entries.filter(([, { isShared }]) => isShared === true)

/** Of two starts of one process id, the later. */
function liveOf(reading: Reading | null): readonly Snapshot[] {
  const live = reading?.starts.filter(({ isLive }) => isLive) ?? []
  return [...new Map(live.map(({ snapshot }) => [snapshot.instance, snapshot])).values()]
}

const instanceOf = ({ instance, atMs }: Snapshot) => ({ instance, at: new Date(atMs) })

// It could not be written just now; what is there of it may be old, or retired.
function withPresent({ starts, retired }: Reading, share: Share): Reading {
  const present = share.present()
  const others = starts.filter(({ snapshot }) => snapshot.start !== present.start)
  const isRetired = retired.starts.includes(present.start)
  const totals = isRetired ? without(present.totals, share.sent) : present.totals
  return { starts: [...others, { snapshot: { ...present, totals }, isLive: true }], retired }
}

const unavailable = (message: string, cause?: unknown): TaskerError =>
  new TaskerError('METRICS_UNAVAILABLE', message, {}, cause)
