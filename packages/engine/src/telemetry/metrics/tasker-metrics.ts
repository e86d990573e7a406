// What `tasker.metrics` can do. Apart from what does it, so that the public types do not name prom-client, which most
// applications do not have.
import type { Coordination } from '../../cache/capabilities.ts'
import type { MetricsSync } from '../exports/exporter.ts'
import type { MetricsAddress, MetricsListener } from './listener.ts'

/** One metric with the values of all its label sets. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly values: readonly MetricValue[]
}

export interface MetricValue {
  /** Of a histogram, with `_bucket`, `_sum` or `_count`. */
  readonly name: string
  /** Of a bucket also `le`, its bound. */
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** `process`: of this process. `all`: of all that share their metrics through the cache, and of those that shared them before. */
export type MetricsScope = 'process' | 'all'

/** A process whose values are among those of `MetricsData`. */
export interface MetricsInstance {
  /** Host name and process id. */
  readonly instance: string
  /** When it wrote its values. */
  readonly at: Date
}

/** What an export is made of. */
export interface MetricsData {
  readonly at: Date
  readonly scope: MetricsScope
  /** Since when its counters count. Left out: nobody knows, for some are of processes that ended. */
  readonly since?: Date
  /** Of those that are live. */
  readonly instances: readonly MetricsInstance[]
  readonly families: readonly MetricFamily[]
  /** What each live process counted by itself, when that was asked for. */
  readonly byInstance?: readonly InstanceMetrics[]
  /** Metrics that another version of Tasker shared as something else: they are left out. */
  readonly apart?: readonly string[]
}

export interface InstanceMetrics extends MetricsInstance {
  readonly families: readonly MetricFamily[]
}

export interface TextOrder {
  /** Default `process`. */
  readonly scope?: MetricsScope
}

export interface CollectOrder {
  /** Default `auto`: of all processes where they share their metrics, else of this one. */
  readonly scope?: MetricsScope | 'auto'
  /** Also what each live process counted by itself. Default: no. */
  readonly byInstance?: boolean
}

export interface SyncOrder {
  /** What another process told, as a scraper reads it: it is written for that one, which cannot itself. Default: nothing. */
  readonly of?: MetricsData | null
}

/** How the sharing of metrics fares. */
export interface MetricsStatus {
  /** This process: host name and process id. */
  readonly instance: string
  readonly isCollecting: boolean
  /** Processes share their metrics through the cache. */
  readonly isSharing: boolean
  readonly strategy: Coordination
  /** The class of the cache store. */
  readonly store: string
  /** Of this process. Null: there was none yet. */
  readonly lastSync: MetricsSync | null
  /** Processes that share now, with how long ago each wrote its values, by the clocks of both. */
  readonly live: readonly (MetricsInstance & { readonly ageMs: number })[]
  /** Ends of processes whose totals are kept together. */
  readonly retiredCount: number
  /** Of all together. */
  readonly metricsCount: number
  readonly seriesCount: number
  /** Why the store could not be read. Null: it was, or nothing is shared. */
  readonly fault: string | null
}

/** A request that a server answered. */
export interface AnsweredRequest {
  /** One of those that there are; `none`: nothing is served at its path. */
  readonly operation: string
  readonly status: number
  readonly seconds: number
}

export interface Metrics {
  /** Asked for with `metrics: true`, and not switched off by `telemetry.enabled` or `telemetry.metricsEnabled`. */
  readonly isCollecting: boolean
  /** Of `text()`, for the answer to a scraper. */
  readonly contentType: string
  /**
   * All metrics of this process, or of all as `collect()` gives them, in the text format of Prometheus.
   * @throws {TaskerError} METRICS_UNAVAILABLE when none are collected, or processes do not share them
   */
  text(order?: TextOrder): Promise<string>
  /**
   * The same, for programs that read JSON.
   * @throws {TaskerError} METRICS_UNAVAILABLE when none are collected
   */
  families(): Promise<readonly MetricFamily[]>
  /**
   * The metrics of this process, or of all that share theirs. Of all, a process that collects none itself can ask too.
   * @throws {TaskerError} METRICS_UNAVAILABLE when there are none, or processes do not share them
   */
  collect(order?: CollectOrder): Promise<MetricsData>
  /**
   * Writes what this process has counted into the shared cache now. It happens by itself every `telemetry.syncInterval`
   * and when the Tasker is closed. A process that collects none folds what ended processes left, and keeps all of it from
   * expiring. Rejects never: what went wrong is in the answer.
   */
  sync(order?: SyncOrder): Promise<MetricsSync>
  status(): Promise<MetricsStatus>
  /** Counts a request. For servers; nothing where no metrics are collected. */
  answered(request: AnsweredRequest): void
  /**
   * Answers scrapes until it is closed, or the Tasker is. Default address: `telemetry.metricsHost` and
   * `telemetry.metricsPort`, or any free port.
   * @throws {TaskerError} METRICS_UNAVAILABLE when none are collected, the address is taken, or callers would have to be
   * authenticated
   */
  listen(address?: Partial<MetricsAddress>): Promise<MetricsListener>
}
