// `tasker metrics status`: who shares metrics and how old they are, how the targets of exports fare, what the store can do,
// and what of it is configured. With --from, what a running worker tells.
import {
  describeConfig,
  formatDuration,
  type ExportsStatus,
  type ExportTargetStatus,
  type MetricsScope,
  type MetricsStatus,
  type Tasker,
} from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import { inTime } from '../metrics/in-time.ts'
import { workerAsked, type WorkerAsked } from '../metrics/metrics-arguments.ts'
import { MetricsFault } from '../metrics/metrics-fault.ts'
import { verbosely, withShared } from '../metrics/reading-tasker.ts'
import { readWorkerMetrics } from '../metrics/worker-metrics.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings, type Settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { formatTime } from '../wording.ts'

export interface MetricsStatusOptions {
  readonly from?: string
  readonly token?: string
  readonly scope?: MetricsScope
  /** Milliseconds. */
  readonly timeout: number
}

export async function metricsStatus(
  command: CommandContext,
  options: MetricsStatusOptions,
): Promise<ExitCode> {
  const worker = workerAsked(options)
  if (worker !== null) return statusOfWorker(command, worker, options)
  const { terminal } = command
  return withShared(command, options.timeout, async ({ tasker, settings }) => {
    const [metrics, exports] = await Promise.all([tasker.metrics.status(), tasker.exports.status()])
    const capabilities = tasker.cache.strategy.exportCapabilities()
    const telemetry = configured(settings, telemetryOptions)
    const prometheus = configured(settings, prometheusOptions)
    terminal.document({
      metrics,
      capabilities,
      exports,
      configuration: Object.fromEntries([...telemetry, ...prometheus]),
    })
    if (!terminal.isJson) {
      terminal.print(
        [
          `Metrics\n${'='.repeat(40)}`,
          formatBackend(metrics, tasker),
          formatLive(metrics, terminal),
          formatTargets(exports, terminal),
          formatOrdered(exports, terminal),
          formatFields('Cache capabilities', Object.entries(capabilities)),
          formatFields('Telemetry', telemetry),
          formatFields('Prometheus', prometheus),
        ]
          .filter((part) => part !== '')
          .join('\n\n'),
      )
    }
    if (metrics.fault === null) return 0
    throw new MetricsFault(
      'METRICS_UNREACHABLE',
      `The store ${metrics.store} cannot be read: ${metrics.fault.replace(/\.$/, '')}.`,
      'See whether cache.url is right and the store runs.',
    )
  })
}

async function statusOfWorker(
  command: CommandContext,
  worker: WorkerAsked,
  { timeout }: MetricsStatusOptions,
): Promise<ExitCode> {
  const { terminal } = command
  return verbosely(command, () =>
    inTime<ExitCode>(timeout, async () => {
      const { prometheus } = (await loadSettings(command.options)).resolved.config.telemetry
      const asked = { ...worker, prefix: prometheus.metricPrefix, timeoutMs: timeout }
      const { at, scope, instances, families } = await readWorkerMetrics(asked)
      const seriesCount = families.reduce((sum, { values }) => sum + values.length, 0)
      const told = { at, scope, instances, metricsCount: families.length, seriesCount }
      terminal.document(told)
      if (!terminal.isJson) {
        terminal.print(
          formatFields('Worker', [
            ['instance', instances.map(({ instance }) => instance).join(', ')],
            ['scope', scope],
            ['metrics', told.metricsCount],
            ['series', told.seriesCount],
          ]),
        )
      }
      return 0
    }),
  )
}

const telemetryOptions = [
  'enabled',
  'metricsEnabled',
  'metricsFormat',
  'metricsEndpoint',
  'metricsAuthRequired',
  'syncInterval',
  'metricsRetentionHours',
].map((name) => `telemetry.${name}`)

const prometheusOptions = [
  'endpoint',
  'retentionWindow',
  'safetyMargin',
  'jobTimeout',
  'exportTimeout',
].map((name) => `telemetry.prometheus.${name}`)

/** What of the configuration decides about it; secrets are hidden. */
function configured(
  { resolved }: Settings,
  keys: readonly string[],
): readonly (readonly [key: string, value: string])[] {
  return describeConfig(resolved)
    .filter(({ key }) => keys.includes(key))
    .map(({ key, value, unit }) => [key, unit === null ? value : `${value} ${unit}`])
}

function formatBackend(status: MetricsStatus, { config }: Tasker): string {
  // Of a store that cannot be read nothing is known, not even that there is nothing.
  const known = (count: number): number | null => (status.fault === null ? count : null)
  return formatFields('Backend', [
    ['instance', status.instance],
    ['strategy', status.strategy],
    ['store', `${status.store} (cache.store ${config.cache.store})`],
    ['shared', status.isSharing],
    ['live processes', known(status.live.length)],
    ['ended processes', known(status.retiredCount)],
    ['metrics', known(status.metricsCount)],
    ['series', known(status.seriesCount)],
  ])
}

function formatLive({ live }: MetricsStatus, { paint, width }: Terminal): string {
  if (live.length === 0) return ''
  const columns: readonly Column<(typeof live)[number]>[] = [
    { title: 'Live process', text: ({ instance }) => instance },
    { title: 'Last sync', text: ({ ageMs }) => `${formatDuration(Math.max(0, ageMs))} ago` },
  ]
  return formatTable(live, columns, { width, paintTitle: paint.dim })
}

function formatTargets({ isEnabled, targets }: ExportsStatus, { paint, width }: Terminal): string {
  if (targets.length === 0) return 'No targets of exports (telemetry.exports.targets).'
  const at = (time: Date | null): string => (time === null ? '–' : formatTime(time))
  const columns: readonly Column<ExportTargetStatus>[] = [
    { title: 'Target', text: ({ target }) => target },
    { title: 'To', text: ({ to }) => to },
    { title: 'Format', text: ({ format }) => format },
    { title: 'Next due', text: ({ nextDueAt, isRunning }) => (isRunning ? 'now' : at(nextDueAt)) },
    { title: 'Last success', text: ({ lastSuccessAt }) => at(lastSuccessAt) },
    {
      title: 'Last outcome',
      text: (status) =>
        [outcomeOf(status), ...(status.lastFault === null ? [] : [status.lastFault])].join(': '),
      paint: (text, { lastOutcome }) => (lastOutcome === 'failed' ? paint.red(text) : text),
    },
  ]
  const table = formatTable(targets, columns, { width, paintTitle: paint.dim })
  return isEnabled ? table : `${table}\n  telemetry.exports.enabled is off here.`
}

/** Between two tries the fault is that of the last one, and the outcome still that of the export before. */
const outcomeOf = ({ attempts, isRunning, lastFault, lastOutcome }: ExportTargetStatus): string =>
  attempts > 0 && !isRunning && lastFault !== null ? 'tried again' : (lastOutcome ?? 'none yet')

function formatOrdered({ ordered }: ExportsStatus, { paint, width }: Terminal): string {
  if (ordered.length === 0) return ''
  const columns: readonly Column<(typeof ordered)[number]>[] = [
    { title: 'Ordered', text: ({ exportId }) => exportId },
    { title: 'Target', text: ({ target }) => target },
    { title: 'Format', text: ({ format }) => format },
    { title: 'Due', text: ({ dueAt }) => formatTime(dueAt) },
    { title: 'Attempts', text: ({ attempts }) => String(attempts), align: 'right' },
  ]
  return formatTable(ordered, columns, { width, paintTitle: paint.dim })
}

function formatFields(
  title: string,
  fields: readonly (readonly [name: string, value: string | number | boolean | null])[],
): string {
  const width = Math.max(...fields.map(([name]) => name.length))
  const lines = fields.map(
    ([name, value]) => `  ${name.padEnd(width)}  ${value === null ? '–' : shownValue(value)}`,
  )
  return [title, ...lines].join('\n')
}

const shownValue = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
