// What the statistics cost with many retained tasks: fills a database by plain SQL with ended tasks of five definitions,
// three to five steps each, created over some days, and some open ones; then times each function, beside a lookup by key
// (a round trip) and a plain count in the same run.
// Run: npm run bench:statistics [-- --tasks 1000,1000000 --days 30 --open 100 --runs 200 --database <url> --json --store].
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { migrate } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { fillTasks } from './retained-tasks.ts'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '1000,20000' },
    days: { type: 'string', default: '30' },
    open: { type: 'string', default: '100' },
    runs: { type: 'string', default: '200' },
    /** An existing server to make databases on. */
    database: { type: 'string' },
    /** Leave the databases there. */
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Write the figures to bench/results. */
    store: { type: 'boolean', default: false },
  },
})
const sizes = values.tasks.split(',').map(Number)
const runs = Number(values.runs)

interface Figure {
  readonly what: string
  readonly msP50: number
  readonly msP95: number
  /** Of the lookup by key in the same run. */
  readonly ratioP50: number
}

interface Report {
  readonly tasks: number
  readonly steps: number
  readonly open: number
  readonly days: number
  readonly fillSeconds: number
  readonly rollUpSeconds: number
  /** Full-page images included. */
  readonly rollUpWalBytesPerTask: number
  readonly figures: readonly Figure[]
}

const lookup = 'a task by its key'
const questions: readonly (readonly [what: string, sql: string])[] = [
  [lookup, `select state from tasker.tasks where task_id = '00000000-0000-7000-8000-000000000000'`],
  ['system_health_counts()', 'select * from tasker.system_health_counts()'],
  ['analytics_metrics(), 1 h', 'select * from tasker.analytics_metrics()'],
  [
    'analytics_metrics, 24 h',
    `select * from tasker.analytics_metrics(now() - interval '24 hours')`,
  ],
  ['analytics_metrics, 30 d', `select * from tasker.analytics_metrics(now() - interval '30 days')`],
  ['slowest_tasks(), 24 h', 'select * from tasker.slowest_tasks()'],
  [
    'slowest_tasks, 24 h, filtered',
    `select * from tasker.slowest_tasks(null, 10, 'bench', 'task_1', '1.0.0')`,
  ],
  ['slowest_tasks, 30 d', `select * from tasker.slowest_tasks(now() - interval '30 days')`],
  ['slowest_tasks, 10 min', `select * from tasker.slowest_tasks(now() - interval '10 minutes')`],
  ['slowest_steps(), 24 h', 'select * from tasker.slowest_steps()'],
  [
    'slowest_steps, 24 h, filtered',
    `select * from tasker.slowest_steps(null, 10, 'bench', 'task_1', '1.0.0')`,
  ],
  ['slowest_steps, 30 d', `select * from tasker.slowest_steps(now() - interval '30 days')`],
  ['slowest_steps, 10 min', `select * from tasker.slowest_steps(now() - interval '10 minutes')`],
  [
    'calculate_dependency_levels, 5 steps',
    `select * from tasker.calculate_dependency_levels((select max(task_id::text)::uuid from (
       select task_id from tasker.tasks where definition_id = 5 limit 1) t))`,
  ],
  ['plain: tasks by state', 'select state, count(*) from tasker.tasks group by state'],
]
/** Takes long at full size. */
const plainRuns = 5

async function measure(url: string, tasks: number): Promise<Report> {
  await migrate({ url, schema: 'tasker' })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const startedMs = performance.now()
    await fillTasks(client, { tasks, days: Number(values.days), open: Number(values.open) })
    const filledMs = performance.now()
    const walFrom = await walPosition(client)
    await rollUp(client)
    const walBytes = (await walPosition(client)) - walFrom
    const rolledUpMs = performance.now()
    await client.query('vacuum analyze')
    const timed: Omit<Figure, 'ratioP50'>[] = []
    for (const [what, sql] of questions) timed.push({ what, ...(await time(client, sql)) })
    const base = timed.find(({ what }) => what === lookup)?.msP50 ?? Number.NaN
    const counted = await client.query<{ n: string }>(
      'select count(*) as n from tasker.workflow_steps',
    )
    return {
      tasks,
      steps: Number(counted.rows[0]?.n),
      open: Math.min(Number(values.open), tasks),
      days: Number(values.days),
      fillSeconds: Math.round((filledMs - startedMs) / 1000),
      rollUpSeconds: Math.round((rolledUpMs - filledMs) / 1000),
      rollUpWalBytesPerTask: Math.round(walBytes / tasks),
      figures: timed.map((figure) => ({ ...figure, ratioP50: round(figure.msP50 / base) })),
    }
  } finally {
    await client.end()
  }
}

async function walPosition(client: pg.Client): Promise<number> {
  const found = await client.query<{ at: string }>(
    `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at`,
  )
  return Number(found.rows[0]?.at)
}

async function rollUp(client: pg.Client): Promise<void> {
  await client.query('select tasker.recount_tasks()')
  const worker = await client.query<{ id: number }>(
    `select tasker.register_worker('bench', 1, '0', '{1,2,3,4,5}', 1, 600000) as id`,
  )
  for (;;) {
    const rolled = await client.query<{ added: number }>(
      'select tasker.roll_up_tasks($1, 2000) as added',
      [worker.rows[0]?.id],
    )
    if (rolled.rows[0]?.added === 0) return
  }
}

async function time(client: pg.Client, sql: string): Promise<{ msP50: number; msP95: number }> {
  const sample: number[] = []
  const name = `question ${sql.length} ${sql.slice(0, 40)}`.slice(0, 63) // prepared, as the engine's calls are
  const count = sql.includes('group by') ? plainRuns : runs
  for (let n = -5; n < count; n += 1) {
    const startMs = performance.now()
    await client.query({ name, text: sql })
    if (n >= 0) sample.push(performance.now() - startMs)
  }
  return { msP50: round(quantile(sample, 0.5)), msP95: round(quantile(sample, 0.95)) }
}

const quantile = (sample: readonly number[], share: number): number =>
  sample.toSorted((a, b) => a - b)[Math.floor(sample.length * share)] ?? Number.NaN

const round = (value: number): number => Math.round(value * 1000) / 1000

/** A database of its own for each size. */
async function onServer(url: string, tasks: number): Promise<Report> {
  const name = `tasker_statistics_${tasks}`
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    await admin.query(`drop database if exists ${name}`)
    await admin.query(`create database ${name}`)
    const own = new URL(url)
    own.pathname = `/${name}`
    const report = await measure(own.href, tasks)
    if (!values.keep) await admin.query(`drop database ${name}`)
    return report
  } finally {
    await admin.end()
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-statistics-'))
  const server = values.database === undefined ? await startEmbeddedPostgres({ folder }) : null
  try {
    const reports: Report[] = []
    for (const size of sizes)
      reports.push(await onServer(values.database ?? server?.url ?? '', size))
    await tell(reports)
  } finally {
    await server?.release()
    await rm(folder, { recursive: true, force: true })
  }
}

async function tell(reports: readonly Report[]): Promise<void> {
  const machine = {
    cpus: availableParallelism(),
    model: cpus()[0]?.model ?? '',
    node: process.version,
  }
  const text = JSON.stringify({ machine, runs, reports }, null, 2)
  if (values.store) {
    const results = new URL('../bench/results/', import.meta.url)
    await mkdir(results, { recursive: true })
    const day = new Date(performance.timeOrigin).toISOString().slice(0, 10)
    await writeFile(new URL(`${day}-statistics.json`, results), `${text}\n`)
  }
  if (values.json) {
    console.log(text)
    return
  }
  for (const {
    tasks,
    steps,
    open,
    days,
    rollUpSeconds,
    rollUpWalBytesPerTask,
    figures,
  } of reports) {
    console.log(
      `\n${tasks} tasks, ${steps} steps over ${days} days, ${open} open; rolled up in ${rollUpSeconds} s, ${rollUpWalBytesPerTask} B of WAL a task`,
    )
    for (const { what, msP50, msP95, ratioP50 } of figures)
      console.log(
        `  ${what.padEnd(38)} p50 ${msP50.toFixed(2).padStart(9)} ms   p95 ${msP95.toFixed(2).padStart(9)} ms   ${ratioP50.toFixed(1).padStart(8)} lookups`,
      )
  }
}

await main()
