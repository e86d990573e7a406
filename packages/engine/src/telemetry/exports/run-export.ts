// One try of an export: alone at its target under a lock, within its time. What becomes of it is returned, never thrown; whether
// it is tried again is for whoever asked. Delivering is deliver.ts.
import type { Clock } from '../../clock.ts'
import { TaskerError } from '../../errors.ts'
import { faultText } from '../../fault-text.ts'
import type { Locks } from '../../cache/locks.ts'
import type { MetricsData } from '../metrics/tasker-metrics.ts'
import { deliver, isRendered, type DeliveryParts } from './deliver.ts'
import { DeliveryError, seriesCountOf } from './deliveries/delivery.ts'
import type { ExportOutcome, ExportReport, ExportScope } from './export-orders.ts'
import type { RenderedMetrics } from './exporter.ts'
import type { Target } from './targets.ts'

export interface RenderTarget {
  readonly format: string
  /** The only one that is asked; null: whoever makes the format. */
  readonly exporter: string | null
  readonly options: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
}

export interface ExportTools extends DeliveryParts {
  readonly locks: Pick<Locks, 'tryWith'>
  readonly collect: (scope: ExportScope) => Promise<MetricsData>
  /** Null: the exporter has delivered by itself. */
  readonly render: (data: MetricsData, order: RenderTarget) => Promise<RenderedMetrics | null>
}

export interface ExportTry {
  readonly exportId: string
  readonly target: Target
  readonly scope: ExportScope
  /** The process that tried first, and when it was due at first. */
  readonly instance: string
  readonly plannedAt: Date
  /** Until the whole export must be over. */
  readonly leftMs: number
  readonly signal?: AbortSignal | undefined
}

export interface Tried {
  readonly report: ExportReport
  /** Another try may do what this one did not; null: it need not, or would fail too. */
  readonly retry: { readonly askedMs: number | null } | null
  /** Another process was exporting to the target. */
  readonly isLocked: boolean
  /** Nobody is there. */
  readonly isAway: boolean
}

/** Another that exports to the same target is waited for so long. */
const lockWaitMs = 5_000
const lockTimeout = 'lock timeout'

export async function tryExport(tools: ExportTools, order: ExportTry): Promise<Tried> {
  const { clock, config, locks } = tools
  const { jobTimeout, safetyMargin } = config.telemetry.prometheus
  const about = { at: new Date(clock.nowMs()), startedMs: clock.monotonicMs() }
  const lock = {
    name: `metrics:export:${order.target.name}`,
    ttlMs: (jobTimeout + safetyMargin) * 1_000,
    waitMs: lockWaitMs,
    ...(order.signal && { signal: order.signal }),
  }
  const finished = (end: End, more: Partial<Omit<Tried, 'report'>> = {}): Tried => ({
    report: reportOf(order, end, {
      at: about.at,
      seconds: (clock.monotonicMs() - about.startedMs) / 1_000,
    }),
    retry: null,
    isLocked: false,
    isAway: false,
    ...more,
  })
  const failed = (error: unknown, data: MetricsData | null): Tried => {
    const { outcome, ...more } = judge(error, config.telemetry.prometheus.skipIfUnavailable)
    const droppedCount = error instanceof DeliveryError ? error.droppedCount : 0
    return finished({ outcome, fault: faultText(error), data, droppedCount }, more)
  }
  let data: MetricsData | null = null
  try {
    const locked = await locks.tryWith(lock, (lost) =>
      withinTime(tools, { ...order, lost }, async (signal) => {
        data = await tools.collect(order.scope)
        return ship(tools, { ...order, data, signal })
      }),
    )
    if (locked.isDone) return finished({ outcome: 'done', data, ...locked.result })
    order.signal?.throwIfAborted()
    return finished({ outcome: 'skipped', fault: lockTimeout, data }, { isLocked: true })
  } catch (error) {
    return failed(error, data)
  }
}

/** It is not tried at all. */
export function untried(
  clock: Clock,
  order: Pick<ExportTry, 'exportId' | 'target' | 'scope'>,
  fault: string,
): Tried {
  const time = { at: new Date(clock.nowMs()), seconds: 0 }
  const report = reportOf(order, { outcome: 'failed', fault, data: null }, time)
  return { report, retry: null, isLocked: false, isAway: false }
}

type Shipped = Pick<ExportReport, 'bytes' | 'destination' | 'droppedCount' | 'fault'> & {
  readonly rendered: RenderedMetrics | null
}

async function ship(
  tools: ExportTools,
  {
    target,
    data,
    signal,
    ...order
  }: ExportTry & { readonly data: MetricsData; readonly signal: AbortSignal },
): Promise<Shipped> {
  const { format, options, settings } = target
  const exporter = settings.to === 'exporter' ? settings.exporter : null
  const rendered = isRendered(target)
    ? await tools.render(data, { format, exporter, options, signal })
    : null
  signal.throwIfAborted()
  const delivered = await deliver(tools, target, { ...order, data, rendered, signal })
  const nothing = { bytes: 0, destination: null, droppedCount: 0, fault: null }
  return { ...(delivered ?? nothing), rendered }
}

/** Ends with the work or the time, whichever is first; what goes on after that is nobody's. */
async function withinTime<Result>(
  { clock, config }: ExportTools,
  { leftMs, signal, lost }: ExportTry & { readonly lost: AbortSignal },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { exportTimeout } = config.telemetry.prometheus
  const ms = Math.min(exportTimeout * 1_000, leftMs)
  const timeout = new AbortController()
  // Nobody was there to try again in time.
  const end =
    ms === 0 ? 'no other try before the end of jobTimeout' : `no end within ${ms / 1_000} s`
  const late = new DeliveryError('passing', end)
  const cancel = clock.schedule(ms, () => timeout.abort(late))
  const ended = AbortSignal.any([timeout.signal, lost, ...(signal === undefined ? [] : [signal])])
  const gaveUp = Promise.withResolvers<never>()
  const stopWaiting = (): void => {
    const isLost = lost.aborted && signal?.aborted !== true
    gaveUp.reject(
      isLost ? new DeliveryError('passing', 'the lock was lost') : (ended.reason as Error),
    )
  }
  ended.addEventListener('abort', stopWaiting, { once: true })
  try {
    signal?.throwIfAborted()
    return await Promise.race([work(ended), gaveUp.promise])
  } finally {
    cancel()
    ended.removeEventListener('abort', stopWaiting)
  }
}

interface End extends Partial<Shipped> {
  readonly outcome: ExportOutcome
  readonly data: MetricsData | null
}

function reportOf(
  { exportId, target, scope }: Pick<ExportTry, 'exportId' | 'target' | 'scope'>,
  { outcome, fault = null, data, rendered, ...shipped }: End,
  time: Pick<ExportReport, 'at' | 'seconds'>,
): ExportReport {
  return {
    exportId,
    target: target.name,
    format: target.format,
    scope: data?.scope ?? (scope === 'all' ? 'all' : 'process'),
    outcome,
    fault,
    metricsCount: outcome === 'done' ? (rendered?.metricsCount ?? data?.families.length ?? 0) : 0,
    seriesCount: outcome === 'done' && data !== null ? seriesCountOf(data) : 0,
    droppedCount: shipped.droppedCount ?? 0,
    bytes: shipped.bytes ?? 0,
    destination: shipped.destination ?? null,
    ...time,
  }
}

/** What no other try would change. */
const forGood: readonly string[] = ['METRICS_UNAVAILABLE', 'EXPORT_UNSUPPORTED', 'REQUEST_INVALID']

function judge(
  error: unknown,
  skipsAway: boolean,
): { readonly outcome: ExportOutcome } & Omit<Tried, 'report' | 'isLocked'> {
  if (error instanceof TaskerError && forGood.includes(error.code)) {
    return { outcome: 'failed', retry: null, isAway: false }
  }
  if (!(error instanceof DeliveryError)) {
    return { outcome: 'failed', retry: { askedMs: null }, isAway: false }
  }
  const retry = { askedMs: error.retryAfterMs }
  switch (error.failure) {
    case 'refused':
      return { outcome: 'failed', retry: null, isAway: false }
    case 'passing':
      return { outcome: 'failed', retry, isAway: false }
    case 'unavailable':
      return skipsAway
        ? { outcome: 'skipped', retry: null, isAway: true }
        : { outcome: 'failed', retry, isAway: true }
    default:
      return error.failure satisfies never
  }
}
