// Format `csv`: one row for each series, for tables. What a spreadsheet would take for a formula gets a `'` in front.
import { z } from 'zod'
import type { MetricFamily, MetricsData } from '../../metrics/tasker-metrics.ts'
import type { Exporter } from '../exporter.ts'
import { seriesOf, type Series } from '../series.ts'
import { readOptions } from './options.ts'

const columns = [
  'timestamp',
  'name',
  'type',
  'value',
  'labels',
  'count',
  'sum',
  'average',
  'buckets',
  'quantiles',
  'help',
] as const
type Column = (typeof columns)[number]

const optionsSchema = z.strictObject({
  columns: z
    .array(z.enum(columns))
    .min(1)
    .refine((given) => new Set(given).size === given.length, 'names a column twice')
    .default(['timestamp', 'name', 'type', 'value', 'labels', 'count', 'sum']),
  separator: z
    .string()
    .regex(/^[^"\r\n]$/, 'expected one character that is no quote and no end of a line')
    .default(','),
  /** The end of a row. */
  rowSeparator: z.enum(['\n', '\r\n']).default('\n'),
  /** A column `label_<name>` for each label, in place of one with all of them as JSON. */
  flattenLabels: z.boolean().default(true),
  headers: z.boolean().default(true),
})

type Options = z.output<typeof optionsSchema>

export const csvExporter = (): Exporter => ({
  name: 'csv',
  description: 'A table with one row for each series',
  formats: ['csv'],
  async export(data, { options: given }) {
    const options = readOptions('csv', optionsSchema, given)
    return {
      format: 'csv',
      contentType: `text/csv; charset=utf-8; header=${options.headers ? 'present' : 'absent'}`,
      body: await tableOf(data, options),
      metricsCount: data.families.length,
    }
  },
})

interface Row {
  readonly family: MetricFamily
  readonly series: Series
}

type Cell = string | number | null

async function tableOf(data: MetricsData, options: Options): Promise<string> {
  const rows = data.families.flatMap((family) =>
    seriesOf(family).map((series) => ({ family, series })),
  )
  if (rows.length === 0) return ''
  const labelNames = [...new Set(rows.flatMap(({ series }) => Object.keys(series.labels)))].sort()
  const labelsOf = ({ series: { labels } }: Row): readonly Cell[] =>
    options.flattenLabels
      ? labelNames.map((name) => labels[name] ?? null)
      : [JSON.stringify(labels)]
  const header = options.columns.flatMap((column) =>
    column === 'labels' && options.flattenLabels
      ? labelNames.map((name) => `label_${name}`)
      : [column],
  )
  const table = rows.map((row) =>
    options.columns.flatMap((column) =>
      column === 'labels' ? labelsOf(row) : [cellOf(column, row, data)],
    ),
  )
  const { stringify } = await import('csv-stringify/sync')
  return stringify(options.headers ? [header, ...table] : table, {
    delimiter: options.separator,
    record_delimiter: options.rowSeparator,
    escape_formulas: true, // of texts: a number below zero stays one
    quoted_match: /[\r\n]/, // whichever of them ends a row
    cast: { number: String },
  })
}

function cellOf(column: Exclude<Column, 'labels'>, row: Row, { at }: MetricsData): Cell {
  const { name, type, help } = row.family
  const { value, count, sum, buckets, quantiles } = row.series
  switch (column) {
    case 'timestamp':
      return at.toISOString()
    case 'name':
      return name
    case 'type':
      return type
    case 'value':
      return value
    case 'count':
      return count
    case 'sum':
      return sum
    case 'average':
      return sum === null || count === null ? null : count === 0 ? 0 : sum / count
    case 'buckets':
      return textOf(buckets.map((one) => [one.le, one.count]))
    case 'quantiles':
      return textOf(quantiles.map((one) => [one.quantile, String(one.value)]))
    case 'help':
      return help
    default:
      return column satisfies never
  }
}

const textOf = (entries: readonly (readonly [string, Cell])[]): string | null =>
  entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries))
