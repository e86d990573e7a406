// Reads the metrics of a running worker, or server, as a scraper does, and makes of the text what an export is made of.
import { systemClock, type MetricFamily, type MetricsData, type MetricsScope } from '@tasker/engine'
import { Unreachable } from '../validation/checklist.ts'
import { readExposition, type Exposition, type Sample } from '../validation/exposition.ts'
import { ask, refusal, requireAddress, shown, type TextAnswer } from '../validation/http-text.ts'
import { MetricsFault } from './metrics-fault.ts'

export interface WorkerAddress {
  /** Of its metrics, or of the worker alone. */
  readonly url: string
  readonly token: string | null
  readonly scope: MetricsScope
  /** What the names of Tasker's metrics begin with. */
  readonly prefix: string
  readonly timeoutMs: number
}

/**
 * @throws {UsageError} when it is no address
 * @throws {MetricsFault} METRICS_UNREACHABLE, or METRICS_MISSING when what answers has none
 */
export async function readWorkerMetrics(address: WorkerAddress): Promise<MetricsData> {
  const { url, token, scope, prefix, timeoutMs } = address
  requireAddress(url, 2)
  const service = {
    name: 'The worker',
    url: metricsAt(url),
    answerMs: timeoutMs,
    accept: 'text/plain; version=0.0.4',
    remedy: startIt,
    ...(token === null ? {} : { token }),
  }
  const query = scope === 'all' ? { scope } : {}
  const answer = await ask(service, '', { query }).catch((error: unknown) => {
    if (!(error instanceof Unreachable)) throw error
    throw new MetricsFault('METRICS_UNREACHABLE', error.message, startIt)
  })
  const exposition = requireMetrics(answer, shown(service.url))
  const instances = instancesOf(exposition, prefix)
  if (instances.length === 0) {
    throw new MetricsFault(
      'METRICS_MISSING',
      `What answers at ${shown(service.url)} has no ${prefix}_build_info, so these are no metrics of Tasker.`,
      startIt,
    )
  }
  const at = new Date(systemClock.nowMs())
  return {
    at,
    scope,
    instances: instances.map((instance) => ({ instance, at })),
    families: familiesOf(exposition),
  }
}

const startIt =
  'Start a worker with `tasker worker --metrics-port 9464`, and give the address that it logs.'

/** The address of the metrics, where only the worker's was given. */
export function metricsAt(url: string): string {
  const address = new URL(url)
  if (address.pathname === '/') address.pathname = '/metrics'
  return address.href
}

function requireMetrics(answer: TextAnswer, where: string): Exposition {
  const { status, body } = answer
  if (status === 401 || status === 403) {
    throw new MetricsFault(
      'METRICS_UNREACHABLE',
      `${where} gives its metrics to nobody unknown: ${refusal(answer)}.`,
      'Give a token of the scope tasker.metrics:index with --token or METRICS_TOKEN.',
    )
  }
  if (status !== 200) {
    throw new MetricsFault(
      'METRICS_MISSING',
      `${where} has no metrics: ${refusal(answer)}.`,
      startIt,
    )
  }
  const exposition = readExposition(body)
  const [fault] = exposition.faults
  if (fault === undefined) return exposition
  throw new MetricsFault(
    'METRICS_MISSING',
    `What answers at ${where} is no text of metrics. ${fault}`,
    startIt,
  )
}

function instancesOf({ samples }: Exposition, prefix: string): readonly string[] {
  const named = samples.flatMap(({ name, labels }) =>
    name === `${prefix}_build_info` ? (labels['instance'] ?? []) : [],
  )
  return [...new Set(named)]
}

const types: readonly string[] = ['counter', 'gauge', 'histogram', 'summary']
const isType = (type: string): type is MetricFamily['type'] => types.includes(type)

/** What has no type of its own is a gauge: nothing can be taken for granted of it. */
function familiesOf({ samples, types: typeOf, helps }: Exposition): readonly MetricFamily[] {
  const nameOf = ({ name }: Sample): string => {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    return typeOf.has(name) || !typeOf.has(base) ? name : base
  }
  return [...Map.groupBy(samples, nameOf)].map(([name, values]) => {
    const type = typeOf.get(name) ?? 'untyped'
    return { name, help: helps.get(name) ?? '', type: isType(type) ? type : 'gauge', values }
  })
}
