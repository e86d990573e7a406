// Made-up metrics, and what the exporters of Tasker make of them.
import { resolveConfig } from '../../../src/config.ts'
import { builtInExporters } from '../../../src/telemetry/exports/built-in.ts'
import type { RenderedMetrics } from '../../../src/telemetry/exports/exporter.ts'
import type { MetricFamily, MetricsData } from '../../../src/telemetry/metrics/tasker-metrics.ts'

export const builtIn = builtInExporters(resolveConfig({}).config)

const at = new Date('2030-01-01T12:00:00.250Z')
const since = new Date('2030-01-01T11:00:00.000Z')

export const dataOf = (families: readonly MetricFamily[]): MetricsData => ({
  at,
  since,
  scope: 'process',
  instances: [{ instance: 'web-01-4711', at }],
  families,
})

export async function renderAs(
  format: string,
  families: readonly MetricFamily[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<RenderedMetrics> {
  const exporter = builtIn.find(({ formats }) => formats.includes(format))
  const { signal } = new AbortController()
  const rendered = await exporter?.export(dataOf(families), { format, signal, options })
  if (rendered === undefined || rendered === null) throw new Error(`nobody makes ${format}`)
  return rendered
}

export const histogram = (
  name: string,
  labels: Readonly<Record<string, string>>,
  { bounds, counts, sum }: { bounds: readonly number[]; counts: readonly number[]; sum: number },
): MetricFamily['values'] => {
  const total = counts.reduce((all, each) => all + each, 0)
  const upTo = bounds.map((_, index) =>
    counts.slice(0, index + 1).reduce((all, each) => all + each, 0),
  )
  return [
    ...bounds.map((bound, index) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: String(bound) },
      value: upTo[index] ?? 0,
    })),
    { name: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: total },
    { name: `${name}_sum`, labels, value: sum },
    { name: `${name}_count`, labels, value: total },
  ]
}

/** A counter whose labels need care, gauges that are no common numbers, and a histogram. */
export const sample: readonly MetricFamily[] = [
  {
    name: 't_failed_total',
    help: 'Of "steps",\nwith a \\.',
    type: 'counter',
    values: [
      { name: 't_failed_total', labels: { step: '=say "no"', path: 'C:\\temp\nnew' }, value: 3 },
      { name: 't_failed_total', labels: { step: 'plain, too' }, value: 1 },
    ],
  },
  {
    name: 't_odd',
    help: 'Odd.',
    type: 'gauge',
    values: [Number.NaN, Infinity, -Infinity, -1.5].map((value, index) => ({
      name: 't_odd',
      labels: { no: String(index) },
      value,
    })),
  },
  {
    name: 't_seconds',
    help: 'How long.',
    type: 'histogram',
    values: histogram(
      't_seconds',
      { task: 'pay' },
      { bounds: [0.5, 1], counts: [1, 2, 1], sum: 6.25 },
    ),
  },
]
