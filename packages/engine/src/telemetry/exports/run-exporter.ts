// Makes one format of metrics: asks the exporters of it one after the other until one succeeds. An exporter has a time, and
// nothing that it does breaks anything but its own try.
import type { Clock } from '../../clock.ts'
import { TaskerError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { MetricsData } from '../metrics/tasker-metrics.ts'
import type { RenderedMetrics } from './exporter.ts'
import type { Entry, ExporterRegistry } from './registry.ts'

export interface RunParts {
  readonly registry: ExporterRegistry
  readonly clock: Clock
  readonly logger: Logger
  /** Longest time of one exporter. */
  readonly timeoutMs: number
}

export interface RunOrder {
  readonly format: string
  /** By its name: no other is asked. Null or left out: all that make the format. */
  readonly exporter?: string | null
  readonly options?: Readonly<Record<string, unknown>>
  /** Nobody waits any more: the error is its reason. */
  readonly signal?: AbortSignal
}

/** Which exporter did it, and what it made. Null: it has delivered by itself. */
export interface Run {
  readonly exporter: string
  readonly rendered: RenderedMetrics | null
}

/** @throws {TaskerError} EXPORT_UNSUPPORTED, EXPORT_FAILED; what the only exporter of the format refused, as it said it */
export const runExporter = (parts: RunParts, data: MetricsData, order: RunOrder): Promise<Run> =>
  firstOf(parts, data, order, (rendered) => rendered)

/** The same, for who wants to read them: one that delivers by itself has nothing to show. */
export async function renderWith(
  parts: RunParts,
  data: MetricsData,
  order: RunOrder,
): Promise<RenderedMetrics> {
  const { rendered } = await firstOf(parts, data, order, (answer) => {
    if (answer === null) throw new Error('it delivers by itself and renders nothing')
    return answer
  })
  return rendered
}

async function firstOf<Rendered extends RenderedMetrics | null>(
  parts: RunParts,
  data: MetricsData,
  order: RunOrder,
  accept: (rendered: RenderedMetrics | null) => Rendered,
): Promise<{ readonly exporter: string; readonly rendered: Rendered }> {
  const format = order.format.toLowerCase()
  const entries = requireFormat(parts.registry, format).filter(
    ({ about }) => (order.exporter ?? about.name) === about.name,
  )
  if (entries.length === 0) throw notRegistered(parts.registry, { ...order, format })
  const failures: { readonly exporter: string; readonly fault: string; readonly error: unknown }[] =
    []
  for (const entry of entries) {
    const exporter = entry.about.name
    order.signal?.throwIfAborted()
    try {
      const rendered = accept(await tryOne(parts, entry, data, { ...order, format }))
      entry.ran(null)
      return { exporter, rendered }
    } catch (error) {
      order.signal?.throwIfAborted()
      const fault = error instanceof Error ? error.message : String(error)
      entry.ran(fault)
      parts.logger.warn({ exporter, format, error }, 'an exporter failed')
      failures.push({ exporter, fault, error })
    }
  }
  const [first] = failures
  if (failures.length === 1 && first?.error instanceof TaskerError) throw first.error
  throw new TaskerError(
    'EXPORT_FAILED',
    `No exporter could make ${format}: ${failures.map(({ exporter, fault }) => `${exporter}: ${fault}`).join('; ')}.`,
    { format, exporters: failures.map(({ exporter }) => exporter) },
    first?.error,
  )
}

const notRegistered = (registry: ExporterRegistry, { format, exporter }: RunOrder): TaskerError =>
  new TaskerError(
    'EXPORT_UNSUPPORTED',
    `No exporter "${exporter}" makes ${format}; those that do are ` +
      `${registry
        .of(format)
        .map(({ about }) => about.name)
        .join(', ')}.`,
    { format },
  )

/** @throws {TaskerError} EXPORT_UNSUPPORTED: before anything is collected */
export function requireFormat(registry: ExporterRegistry, format: string): readonly Entry[] {
  const entries = registry.of(format)
  if (entries.length > 0) return entries
  const formats = registry.formats()
  throw new TaskerError(
    'EXPORT_UNSUPPORTED',
    `There is no exporter of "${format}"; there are those of ${formats.join(', ') || 'nothing'}.`,
    { format, formats },
  )
}

async function tryOne(
  { clock, timeoutMs }: RunParts,
  { exporter, about }: Entry,
  data: MetricsData,
  { format, options = {}, signal }: RunOrder,
): Promise<RenderedMetrics | null> {
  const timeout = new AbortController()
  const ended = AbortSignal.any([timeout.signal, ...(signal === undefined ? [] : [signal])])
  const cancel = clock.schedule(timeoutMs, () =>
    timeout.abort(new Error(`it took longer than ${timeoutMs / 1_000} s`)),
  )
  const gaveUp = Promise.withResolvers<never>()
  const giveUp = (): void => gaveUp.reject(ended.reason)
  ended.addEventListener('abort', giveUp, { once: true })
  try {
    const work = Promise.resolve(exporter.export(data, { format, signal: ended, options }))
    return requireRendered(await Promise.race([work, gaveUp.promise]), about.name)
  } finally {
    cancel()
    ended.removeEventListener('abort', giveUp)
  }
}

/** What comes from outside may be anything. */
function requireRendered(answer: unknown, name: string): RenderedMetrics | null {
  if (answer === null) return null
  // A cast: every field is looked at before it is believed.
  const { format, contentType, body, metricsCount } = (answer ?? {}) as Partial<RenderedMetrics>
  if (
    typeof format !== 'string' ||
    typeof contentType !== 'string' ||
    (typeof body !== 'string' && !(body instanceof Uint8Array)) ||
    !Number.isSafeInteger(metricsCount)
  )
    throw new TypeError(`${name} returned neither rendered metrics nor null`)
  return { format, contentType, body, metricsCount: Number(metricsCount) }
}
