// `tasker metrics export-now`: exports at once. What is exported goes to stdout, to a file or to a target; what is said about
// it goes to stderr, so that stdout can be piped.
import {
  renderMetrics,
  systemClock,
  type ExportReport,
  type MetricsInstance,
  type MetricsScope,
  type RenderedMetrics,
} from '@tasker/engine'
import { lineLogger } from '../log-lines.ts'
import type { ExitCode } from '../failure.ts'
import { inTime } from '../metrics/in-time.ts'
import {
  formatAsked,
  isVerbose,
  workerAsked,
  type WorkerAsked,
} from '../metrics/metrics-arguments.ts'
import { MetricsFault } from '../metrics/metrics-fault.ts'
import { requireShared, verbosely, withShared } from '../metrics/reading-tasker.ts'
import { readWorkerMetrics } from '../metrics/worker-metrics.ts'
import { writeWhole } from '../metrics/write-whole.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import { formatTime } from '../wording.ts'
import { requireOneOf } from './metrics-export.ts'

export interface MetricsExportNowOptions {
  readonly target?: string
  readonly output?: string
  readonly from?: string
  readonly token?: string
  readonly scope?: MetricsScope
  /** Milliseconds. */
  readonly timeout: number
}

export async function metricsExportNow(
  command: CommandContext,
  format: string | undefined,
  options: MetricsExportNowOptions,
): Promise<ExitCode> {
  const { target } = options
  requireOneOf(format, target)
  const worker = workerAsked(options)
  if (worker !== null) return exportOfWorker(command, format, { ...options, worker })
  return target === undefined
    ? exportOfAll(command, format, options)
    : exportToTarget(command, target, options)
}

async function exportToTarget(
  command: CommandContext,
  target: string,
  { scope, timeout }: MetricsExportNowOptions,
): Promise<ExitCode> {
  const { terminal } = command
  return withShared(command, timeout, async (shared) => {
    const { live } = await requireShared(shared)
    const { tasker, signal } = shared
    const asked = { target, signal, ...(scope === undefined ? {} : { scope }) }
    const report = await tasker.exports.exportNow(asked)
    terminal.document(report)
    const { outcome, destination } = report
    if (outcome === 'done') {
      terminal.log(summaryOf(report))
      if (destination !== null) terminal.log(`Written to:    ${destination}`)
      logInstances(command, live)
      return 0
    }
    if (outcome === 'skipped') {
      terminal.log(`Skipped: ${skippedBy(report)}`)
      return 0
    }
    throw new MetricsFault(
      'EXPORT_FAILED',
      `The export to ${target} failed: ${(report.fault ?? 'no reason was given').replace(/\.$/, '')}.`,
      'See `tasker metrics status`, and whether the other side answers at the address of the target.',
    )
  })
}

/** Another process that exports at this moment does what was asked for. */
const skippedBy = ({ target, fault }: ExportReport): string =>
  fault === 'lock timeout'
    ? `another process is exporting to ${target} (lock timeout).`
    : (fault ?? 'no reason was given')

async function exportOfAll(
  command: CommandContext,
  given: string | undefined,
  options: MetricsExportNowOptions,
): Promise<ExitCode> {
  const startedAtMs = systemClock.monotonicMs()
  return withShared(command, options.timeout, async (shared) => {
    const { live } = await requireShared(shared)
    const { tasker, signal } = shared
    const format = formatAsked(given, tasker.config.telemetry.metricsFormat)
    const rendered = await tasker.exports.render({ format, scope: 'all', signal })
    const instances = live.map(({ instance, at }) => ({ instance, at }))
    return deliver(command, options, { rendered, instances, startedAtMs })
  })
}

async function exportOfWorker(
  command: CommandContext,
  given: string | undefined,
  { worker, ...options }: MetricsExportNowOptions & { readonly worker: WorkerAsked },
): Promise<ExitCode> {
  const startedAtMs = systemClock.monotonicMs()
  return verbosely(command, () =>
    inTime(options.timeout, async (signal) => {
      const { parts, resolved } = await loadSettings(command.options)
      const { telemetry } = resolved.config
      const data = await readWorkerMetrics({
        ...worker,
        prefix: telemetry.prometheus.metricPrefix,
        timeoutMs: options.timeout,
      })
      const rendered = await renderMetrics(data, {
        format: formatAsked(given, telemetry.metricsFormat),
        exporters: parts.exporters ?? [],
        logger: parts.logger ?? lineLogger(command.terminal),
        clock: systemClock,
        resolved,
        signal,
      })
      return deliver(command, options, { rendered, instances: data.instances, startedAtMs })
    }),
  )
}

interface Exported {
  readonly rendered: RenderedMetrics
  readonly instances: readonly MetricsInstance[]
  readonly startedAtMs: number
}

async function deliver(
  command: CommandContext,
  { output }: MetricsExportNowOptions,
  { rendered, instances, startedAtMs }: Exported,
): Promise<ExitCode> {
  const { terminal } = command
  const { body, format, contentType, metricsCount } = rendered
  if (output !== undefined) await writeWhole(output, body)
  else if (!terminal.isJson) terminal.write(body)
  const seconds = (systemClock.monotonicMs() - startedAtMs) / 1_000
  terminal.document({
    format,
    contentType,
    metricsCount,
    instances,
    bytes: Buffer.byteLength(body),
    seconds,
    ...(output === undefined ? bodyOf(body) : { output }),
  })
  terminal.log(summaryOf({ format, metricsCount, seconds }))
  if (output !== undefined) terminal.log(`Written to:    ${output}`)
  logInstances(command, instances)
  return 0
}

/** JSON has no bytes. */
const bodyOf = (body: string | Uint8Array): object =>
  typeof body === 'string' ? { body } : { bodyBase64: Buffer.from(body).toString('base64') }

const summaryOf = ({
  format,
  metricsCount,
  seconds,
}: Pick<ExportReport, 'format' | 'metricsCount' | 'seconds'>): string =>
  [
    `Format:        ${format}`,
    `Metrics count: ${metricsCount}`,
    `Duration:      ${seconds.toFixed(3)} s`,
  ].join('\n')

function logInstances({ terminal }: CommandContext, instances: readonly MetricsInstance[]): void {
  if (!isVerbose()) return
  for (const { instance, at } of instances)
    terminal.log(`Of:            ${instance}, written at ${formatTime(at)}`)
}
