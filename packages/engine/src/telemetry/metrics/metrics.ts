// `tasker.metrics`: the numbers of this process as text, and the listener that scrapers ask. Collected only when asked for;
// otherwise nothing of this is made, and prom-client is not loaded.
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import { TaskerError } from '../../errors.ts'
import type { EventBus } from '../../events/bus.ts'
import type { Logger } from '../../log.ts'
import { packageVersion } from '../../version.ts'
import type { EventRouter } from '../router/router.ts'
import type { Meter } from '../monitors.ts'
import { Readings, type ReadingSources } from './at-scrape.ts'
import { loadClient, type PromClient } from './client.ts'
import { expositionOf, expositionTypes } from './exposition.ts'
import { countEvents } from './from-events.ts'
import { Instruments } from './instruments.ts'
import { Subjects } from './subjects.ts'
import { listen, type MetricsListener, type RenderScrape } from './listener.ts'
import type { MetricFamily, Metrics, TextOrder } from './tasker-metrics.ts'
import type { SharedSource } from '../sharing/sharing.ts'
import type { Instance } from '../../instance.ts'

/** For the worker, who knows of no metrics. */
export interface CallObserver {
  called(stepCount: number): void
  rescued(stepCount: number): void
}

/** All but what takes other processes. */
export type OwnMetrics = Omit<Metrics, 'collect' | 'sync' | 'status'>

export interface OpenMetrics extends OwnMetrics, SharedSource {
  readonly observer: CallObserver
  readonly meter: Meter
  /** How often what it counts of tasks, steps and requests was raised. */
  updates(): number
  close(): Promise<void>
}

export interface MetricsParts extends Omit<ReadingSources, 'events'> {
  readonly config: Config
  readonly clock: Clock
  readonly events: EventBus
  readonly router: EventRouter
  readonly client: PromClient
  /** For scrapes: the exporters, which know the formats. */
  readonly render: RenderScrape
  readonly logger: Logger
  readonly instance: Instance
  /** Of all processes. */
  readonly collect: Metrics['collect']
}

const contentType = expositionTypes.prometheus

export const isWanted = ({ telemetry }: Config, isAskedFor: boolean): boolean =>
  isAskedFor && telemetry.enabled && telemetry.metricsEnabled

export function openMetrics(parts: MetricsParts): OpenMetrics {
  const { config, clock, events, router, client, render } = parts
  const { telemetry } = config
  const startedAt = new Date(clock.nowMs())
  const instruments = new Instruments({
    client,
    prefix: telemetry.prometheus.metricPrefix,
    seriesMax: telemetry.metricsSeriesMax,
    hasLegacyNames: telemetry.metricsLegacyNames,
  })
  const { metricPrefix: prefix } = telemetry.prometheus
  instruments.set('build_info', { version: packageVersion, instance: parts.instance.id }, 1)
  const readings = new Readings(instruments, parts)
  const stopCounting = countEvents({
    events,
    router,
    instruments,
    clock,
    subjects: new Subjects(instruments, telemetry.metricsSeriesMax),
  })
  const listeners = new Set<MetricsListener>()

  const batches = instruments.counter('workflow_batches_total', {})
  const batchSizes = instruments.histogram('workflow_batch_size', {})
  const countsBatches = router.routesToMetrics('workflow.viable_steps_discovered')
  const text = async ({ scope = 'process' }: TextOrder = {}): Promise<string> => {
    if (scope === 'all') return textOf((await parts.collect({ scope })).families)
    await readings.read()
    return instruments.registry.metrics()
  }
  const families = async (): Promise<readonly MetricFamily[]> => {
    await readings.read()
    const metrics = await instruments.registry.getMetricsAsJSON()
    return metrics.map(({ name, help, type, values }) => ({
      name,
      help,
      // A cast: the client's own enum holds numbers for the compiler, and these words when it runs.
      type: String(type) as MetricFamily['type'],
      values: values.map((one) => ({
        // A cast: values of a histogram have it, and the client's type does not say so.
        name: (one as { readonly metricName?: string }).metricName ?? name,
        labels: Object.fromEntries(
          Object.entries(one.labels).map(([label, value]) => [label, String(value)]),
        ),
        value: one.value,
      })),
    }))
  }
  return {
    isCollecting: true,
    contentType,
    text,
    families,
    since: startedAt,
    totals() {
      readings.readProcess()
      return instruments.totals()
    },
    readQueue: () => readings.queue(),
    unshared: (name) =>
      instruments.count('metrics_unshared_total', { metric: `${prefix}_${name}` }),
    answered({ operation, status, seconds }) {
      instruments.count('http_requests_total', { operation, status: String(status) })
      instruments.histogram('http_request_duration_seconds', { operation }).observe(seconds)
    },
    async listen(address = {}) {
      requireNoCredentials(config)
      const listener = await listen({
        host: address.host ?? telemetry.metricsHost,
        port: address.port ?? telemetry.metricsPort ?? 0,
        path: telemetry.metricsEndpoint,
        clock,
        render,
        logger: parts.logger,
      })
      listeners.add(listener)
      return listener
    },
    observer: {
      called(stepCount) {
        if (stepCount === 0 || !countsBatches) return
        batches.value += 1
        batchSizes.observe(stepCount)
      },
      rescued: (stepCount) => instruments.count('steps_rescued_total', {}, stepCount),
    },
    updates: () => instruments.updates(),
    meter: {
      operation(operation, seconds, grownBytes) {
        instruments.histogram('operation_duration_seconds', { operation }).observe(seconds)
        instruments.histogram('memory_delta_bytes', { operation }).observe(grownBytes)
      },
      statement: (statement, seconds) =>
        instruments.histogram('sql_duration_seconds', { statement }).observe(seconds),
    },
    async close() {
      stopCounting()
      readings.stop()
      await Promise.all([...listeners].map((listener) => listener.close()))
    },
  }
}

export function whyNotCollected({ telemetry: { enabled, metricsEnabled } }: Config): string {
  if (!enabled) return 'telemetry.enabled is false'
  return metricsEnabled
    ? 'createTasker was not given metrics: true'
    : 'telemetry.metricsEnabled is false'
}

/** Collects nothing, and says why when asked. */
export function closedMetrics(config: Config, collect: Metrics['collect']): OwnMetrics {
  const message = `No metrics are collected: ${whyNotCollected(config)}.`
  const refuse = (): Promise<never> =>
    Promise.reject(new TaskerError('METRICS_UNAVAILABLE', message, {}))
  return {
    isCollecting: false,
    contentType,
    text: async ({ scope = 'process' } = {}) =>
      scope === 'process' ? refuse() : textOf((await collect({ scope })).families),
    families: refuse,
    answered: () => undefined,
    listen: refuse,
  }
}

const textOf = async (families: readonly MetricFamily[]): Promise<string> =>
  expositionOf(await loadClient(), families, 'prometheus')

function requireNoCredentials({ telemetry }: Config): void {
  if (!telemetry.metricsAuthRequired) return
  throw new TaskerError(
    'METRICS_UNAVAILABLE',
    'telemetry.metricsAuthRequired is true, and the metrics listener asks nobody for credentials.',
    {},
  )
}
