// What is made from the results of the peers: verdicts, the page's table, charts. And the page is what the newest results say.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawCharts } from '../src/charts.ts'
import { peersDocumentSchema, roleOf, type PeersDocument } from '../src/peers-document.ts'
import { renderTable, replaceTable } from '../src/performance-table.ts'
import { countFor } from '../src/rounds.ts'
import { subjectNames } from '../src/subjects/index.ts'
import { judgePeers } from '../src/targets.ts'

test('the page says what the newest results say', () => {
  const program = join(import.meta.dirname, '..', 'src', 'report.ts')
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=@tasker/source', program, '--check'],
    { encoding: 'utf8' },
  )
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
})

test('targets are judged by the ratios within a round', () => {
  const found = Object.fromEntries(
    judgePeers(sample).map(({ says, found: middle, isMet }) => [says, [middle?.median, isMet]]),
  )
  expect(found).toEqual({
    'linear: steps/s ÷ those of the best durable-execution peer, at least 10': [12, true],
    // BullMQ is the faster queue in two rounds; the third has pg-boss alone.
    'linear: steps/s ÷ those of the fastest job queue made by hand into a graph, at least 1.3': [
      0.8,
      false,
    ],
    'linear: steps/s ÷ those of the physical limit, at least 0.5': [undefined, null],
    'latency: hop p50 ÷ the larger of 1.5 ms and two commits, at most 1': [0.5, true],
    'latency: hop p99 ÷ five times that, at most 1': [0.3, true],
    'latency: taskMsP50 of five steps ÷ that of the quickest peer on PostgreSQL, at most 1': [
      0.5,
      true,
    ],
    'latency: taskMsP99 of five steps ÷ that of the quickest peer on PostgreSQL, at most 1': [
      2,
      false,
    ],
  })
})

test('the table tells medians, ratios, losses, failures and what was left out', () => {
  const table = renderTable({ link: '../bench/results/2026-01-31-peers.json', document: sample })
  for (const line of [
    '| Steps per second | linear |',
    '| **Tasker** | 12,000 |',
    '| DBOS | 1,000 (12 ×) |',
    '| pg-boss | 8,000 (1.5 ×) |',
    '| BullMQ | 15,000 (0.8 ×) |',
    '| DBOS | 6 | 30 | 28 | 45 |',
    '- `linear`: Tasker is slower than BullMQ: ratio 0.8.',
    '- BullMQ failed at `linear`: the server went away',
    '- DBOS ran 400 of 2,000 tasks of `linear`',
    '- Absurd was left out: it cannot be had',
    '![linear](../bench/results/2026-01-31-peers-linear.svg)',
    '| DBOS | 5.3.0 \\| defaults | results |',
  ]) {
    expect(table).toContain(line)
  }
})

test('the table stands between its marks, and a page without them is refused', () => {
  const page =
    'before\n<!-- peers: written by `npm run bench:report` from the newest results -->\nold\n<!-- /peers -->\nafter'
  const once = replaceTable(page, 'new')
  expect(once).toMatch(/^before\n<!-- peers.*-->\n\nnew\n\n<!-- \/peers -->\nafter$/s)
  expect(replaceTable(once, 'new')).toBe(once)
  expect(() => replaceTable('nothing', 'new')).toThrow('has no lines')
  expect(renderTable(null)).toContain('npm run bench:peers')
})

test('each workload has a chart that names who was measured', async () => {
  const charts = await drawCharts(sample)
  expect([...charts.keys()]).toEqual(['linear', 'latency'])
  for (const svg of charts.values()) {
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
    for (const title of ['Tasker', 'DBOS', 'pg-boss']) expect(svg).toContain(`>${title}</text>`)
  }
})

test('a slow subject is given fewer tasks, down to a tenth', () => {
  expect(countFor(2_000, 200, 100)).toBe(2_000)
  expect(countFor(2_000, 200, 2_400)).toBe(1_000)
  expect(countFor(2_000, 200, 600_000)).toBe(200)
})

test('Tasker is one of the subjects, and has a role of its own', () => {
  expect(subjectNames.filter((name) => roleOf(name) === 'ours')).toEqual(['tasker'])
})

const throughput = (
  subject: string,
  rates: readonly (number | null)[],
  failures: string[] = [],
) => ({
  subject,
  taskCount: subject === 'dbos' ? 400 : 2_000,
  rounds: rates.map((rate) => (rate === null ? null : { stepsPerSecond: rate })),
  failures,
})

const latency = (
  subject: string,
  hop: readonly [number, number],
  task: readonly [number, number],
) => ({
  subject,
  taskCount: 200,
  rounds: Array.from({ length: 3 }, () => ({
    hopMsP50: hop[0],
    hopMsP99: hop[1],
    taskMsP50: task[0],
    taskMsP99: task[1],
  })),
  failures: [],
})

const sample: PeersDocument = peersDocumentSchema.parse({
  date: '2026-01-31T12:00:00.000Z',
  machine: {
    cpu: 'A processor',
    cores: 2,
    memoryGb: 8,
    system: 'Linux 6 x64',
    node: '24.21.0',
    postgres: '18.4',
    settings: { fsync: 'on' },
    commit: 'abc',
  },
  slots: 400,
  rounds: 3,
  divisor: 1,
  subjects: [
    ['tasker', 'Tasker', '0.1.0'],
    ['dbos', 'DBOS', '5.3.0 | defaults'],
    ['pg-boss', 'pg-boss', '12'],
    ['bullmq-redis', 'BullMQ', '6'],
  ].map(([name = '', title, configuration]) => ({
    name,
    title,
    configuration,
    role: roleOf(name),
    keeps: 'results',
  })),
  leftOut: [{ name: 'Absurd', why: 'it cannot be had' }],
  commits: Array.from({ length: 3 }, () => ({ commitMsP50: 1, commitMsP99: 3 })),
  workloads: [
    {
      name: 'linear',
      what: 'tasks in a row',
      kind: 'throughput',
      taskCount: 2_000,
      results: [
        throughput('tasker', [12_000, 12_000, 12_000]),
        throughput('dbos', [1_000, 1_000, 1_000]),
        throughput('pg-boss', [8_000, 8_000, 8_000]),
        throughput('bullmq-redis', [15_000, 15_000, null], ['the server went away']),
      ],
    },
    {
      name: 'latency',
      what: 'one at a time',
      kind: 'latency',
      taskCount: 200,
      results: [
        latency('tasker', [1, 3], [10, 60]),
        latency('dbos', [6, 30], [28, 45]),
        latency('pg-boss', [5, 20], [20, 30]),
        latency('bullmq-redis', [1, 2], [6, 8]),
      ],
    },
  ],
  verdicts: [],
})
