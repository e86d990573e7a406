// Writes docs/reference/metrics.md from the catalogue in packages/engine/src/telemetry/metrics. With --check it only says
// whether the page is fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import {
  legacyNames,
  metricCatalogue,
  type MetricEntry,
} from '../packages/engine/src/telemetry/metrics/catalogue.ts'
import { writeOrCheck } from './generated-page.ts'

const opening = `# Metrics

Generated from \`packages/engine/src/telemetry/metrics/catalogue.ts\` by \`tools/generate-metrics-reference.ts\`. Do not edit.

How to collect and scrape them: [../guides/metrics.md](../guides/metrics.md). \`tasker\` at the beginning of each name is
\`telemetry.prometheus.metricPrefix\`. A metric has at most \`telemetry.metricsSeriesMax\` label sets in one process; later ones
count as \`other\`, and \`tasker_metrics_overflowed_total\` counts how often.
`

const entries: readonly (readonly [string, MetricEntry])[] = Object.entries(metricCatalogue)

const own = entries.filter(([, entry]) => entry.isShared !== true)
const shared = entries.filter(([, entry]) => entry.isShared === true)

writeOrCheck(
  join('docs', 'reference', 'metrics.md'),
  [
    opening,
    '## Of each process\n',
    table(own),
    '\nOf all processes together, without the label of each, gauges are:\n',
    ...(['sum', 'max'] as const).map(
      (across) => `- ${across === 'sum' ? 'added up' : 'the greatest'}: ${gaugesOf(across)}`,
    ),
    '\n## Of the database\n',
    'Read at a scrape, at most every five seconds. Every process says the same: take `max`, never `sum`.\n',
    table(shared),
    '\n## Buckets\n',
    ...entries.flatMap(([name, { buckets }]) =>
      buckets === undefined ? [] : [`- \`tasker_${name}\`: ${buckets.join(', ')}`],
    ),
    '\n## Names of the first generation\n',
    'With `telemetry.metricsLegacyNames`, without labels:\n',
    ...Object.entries(legacyNames).map(
      ([legacyName, name]) => `- \`${legacyName}\`: the sum of \`tasker_${name}\``,
    ),
    '',
  ].join('\n'),
)

function gaugesOf(wanted: 'sum' | 'max'): string {
  const names = own.filter(([, { across }]) => across === wanted)
  return names.map(([name]) => `\`tasker_${name}\``).join(', ')
}

function table(rows: readonly (readonly [string, MetricEntry])[]): string {
  const lines = rows.map(([name, { type, labels, help }]) => [
    `\`tasker_${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ])
  const all = [['Metric', 'Type', 'Labels', 'Says'], ...lines]
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...all.map((line) => line[column]?.length ?? 0)),
  )
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = all
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...body.map(row)].join('\n')
}
