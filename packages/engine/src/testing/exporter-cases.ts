// What every exporter must do, case by case, for those who write one of their own: each case says what it is about, whether it
// is meant for an exporter, and throws where the exporter does something else.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { systemClock } from '../clock.ts'
import type {
  ExportEnded,
  Exporter,
  ExportRequested,
  MetricsSync,
  RenderedMetrics,
} from '../telemetry/exports/exporter.ts'
import { faultsOf, formatsOf } from '../telemetry/exports/validate-exporter.ts'
import type { MetricFamily, MetricsData } from '../telemetry/metrics/tasker-metrics.ts'

export interface ExporterCase {
  /** A sentence about the exporter. */
  readonly name: string
  isMeantFor(exporter: Exporter): boolean
  /**
   * Exports metrics that are made up: an exporter that delivers by itself delivers those.
   * @throws where the exporter does not do what the case says
   */
  run(exporter: Exporter): Promise<void>
}

const always = (): boolean => true

export const exporterCases: readonly ExporterCase[] = [
  {
    name: 'is an exporter, without a fault',
    isMeantFor: always,
    run: async (exporter) => deepEqual(faultsOf(exporter), []),
  },
  {
    name: 'makes each of its formats, and counts the metrics in it',
    isMeantFor: always,
    run: (exporter) => renders(exporter, usualMetrics),
  },
  {
    name: 'makes each of its formats of nothing',
    isMeantFor: always,
    run: (exporter) => renders(exporter, []),
  },
  {
    name: 'takes labels with quotes, backslashes, ends of lines, formulas and every alphabet',
    isMeantFor: always,
    run: (exporter) => renders(exporter, [strangeLabels]),
  },
  {
    name: 'takes numbers that are none, without an end, and as large and as small as there are',
    isMeantFor: always,
    run: (exporter) => renders(exporter, [strangeNumbers]),
  },
  {
    name: 'makes the same of the same, also twice at once, and leaves what it was given as it was',
    isMeantFor: always,
    async run(exporter) {
      const data = frozen(usualMetrics)
      for (const format of formatsOf(exporter)) {
        const first = await exported(exporter, format, data)
        const others = await Promise.all([1, 2].map(() => exported(exporter, format, data)))
        for (const other of others)
          deepEqual([other?.format, other?.contentType], [first?.format, first?.contentType])
      }
    },
  },
  {
    name: 'ends when nobody waits for it any more',
    isMeantFor: always,
    async run(exporter) {
      for (const format of formatsOf(exporter)) {
        const order = { format, signal: AbortSignal.abort(), options: {} }
        const ended = Promise.resolve()
          .then(() => exporter.export(frozen(usualMetrics), order))
          .then(
            () => true,
            () => true,
          )
        ok(await soon(ended), `${format} went on for ${patienceMs} ms after its signal was aborted`)
      }
    },
  },
  {
    name: 'hears of syncs and exports, without a fault of its own',
    isMeantFor: (exporter) =>
      exporter.onCacheSync !== undefined ||
      exporter.onExportRequest !== undefined ||
      exporter.onExportComplete !== undefined,
    async run(exporter) {
      for (const sync of syncs) await exporter.onCacheSync?.(sync)
      await exporter.onExportRequest?.(requested)
      for (const end of ends) await exporter.onExportComplete?.(end)
    },
  },
]

const patienceMs = 5_000

const at = new Date('2030-01-01T12:00:00.000Z')

function frozen(families: readonly MetricFamily[]): MetricsData {
  return deepFrozen({
    at,
    scope: 'process',
    since: at,
    instances: [{ instance: 'web-01-4711', at }],
    families,
  })
}

function deepFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFrozen(part)
  return Object.freeze(value)
}

async function exported(
  exporter: Exporter,
  format: string,
  data: MetricsData,
): Promise<RenderedMetrics | null> {
  const { signal } = new AbortController()
  return exporter.export(data, { format, signal, options: {} })
}

async function renders(exporter: Exporter, families: readonly MetricFamily[]): Promise<void> {
  for (const format of formatsOf(exporter)) {
    const rendered = await exported(exporter, format, frozen(families))
    if (rendered === null) continue // it delivered them
    equal(rendered.format, format)
    equal(rendered.metricsCount, families.length)
    ok(/^[\w.+-]+\/[\w.+-]+/.test(rendered.contentType), `"${rendered.contentType}" is no type`)
    if (typeof rendered.body !== 'string' && !(rendered.body instanceof Uint8Array))
      fail('the body is neither a text nor bytes')
  }
}

async function soon(ended: Promise<boolean>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const cancel = systemClock.schedule(patienceMs, () => late.resolve(false))
  try {
    return await Promise.race([ended, late.promise])
  } finally {
    cancel()
  }
}

const usualMetrics: readonly MetricFamily[] = [
  {
    name: 'tasker_tasks_completed_total',
    help: 'Tasks that this process completed.',
    type: 'counter',
    values: ['payments', 'shipping'].map((namespace, index) => ({
      name: 'tasker_tasks_completed_total',
      labels: { namespace, task: 'process_order' },
      value: 3 + index,
    })),
  },
  {
    name: 'tasker_worker_slots',
    help: 'Steps that this worker may run at once.',
    type: 'gauge',
    values: [{ name: 'tasker_worker_slots', labels: {}, value: 10 }],
  },
  {
    name: 'tasker_task_duration_seconds',
    help: 'From the creation of a task to its end.',
    type: 'histogram',
    values: [
      ...[
        ['0.5', 1],
        ['1', 3],
        ['+Inf', 4],
      ].map(([le, value]) => ({
        name: 'tasker_task_duration_seconds_bucket',
        labels: { task: 'process_order', le: String(le) },
        value: Number(value),
      })),
      { name: 'tasker_task_duration_seconds_sum', labels: { task: 'process_order' }, value: 6.25 },
      { name: 'tasker_task_duration_seconds_count', labels: { task: 'process_order' }, value: 4 },
    ],
  },
  { name: 'tasker_tasks_failed_total', help: '', type: 'counter', values: [] },
]

const strangeLabels: MetricFamily = {
  name: 'tasker_steps_failed_total',
  help: 'Of "steps",\nwith a \\.',
  type: 'counter',
  values: [
    '',
    'say "no"',
    'C:\\temp\\new',
    'two\nlines\r\n',
    '=1+1',
    'größer 日本 🦄',
    '},{',
    "'",
  ].map((step) => ({ name: 'tasker_steps_failed_total', labels: { step }, value: 1 })),
}

const strangeNumbers: MetricFamily = {
  name: 'tasker_strange',
  help: 'Numbers.',
  type: 'gauge',
  values: [Number.NaN, Infinity, -Infinity, -0, -1.5, Number.MAX_VALUE, Number.MIN_VALUE, 1e21].map(
    (value, index) => ({ name: 'tasker_strange', labels: { index: String(index) }, value }),
  ),
}

const sync: MetricsSync = {
  isSynced: true,
  strategy: 'distributed_atomic',
  instance: 'web-01-4711',
  metricsCount: 4,
  seriesCount: 5,
  counters: 2,
  gauges: 1,
  histograms: 1,
  dropped: [],
  bytes: 812,
  at,
  durationMs: 3.5,
  fault: null,
}
const syncs: readonly MetricsSync[] = [
  sync,
  { ...sync, isSynced: false, fault: 'the store is away' },
]

const requested: ExportRequested = {
  exportId: '0199a5b2-7c31-7d52-9d0e-6f3a1c2b4d5e',
  format: 'json',
  target: null,
  scope: 'process',
  at,
}
const done: ExportEnded = {
  ...requested,
  outcome: 'done',
  metricsCount: 4,
  bytes: 812,
  durationMs: 12,
  fault: null,
}
const ends: readonly ExportEnded[] = [
  done,
  { ...done, outcome: 'skipped', fault: 'lock timeout' },
  { ...done, target: 'nightly', outcome: 'failed', fault: 'connection refused' },
]
