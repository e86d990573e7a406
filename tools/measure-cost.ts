// What one step costs the database at saturation: statements, commits, WAL (full-page images apart), heap-only updates; and
// steps per second as a rough figure of this machine. Creation and full history are included. Then, idle: the hop from a
// step's end to its child's start in a chain, beside the time of a plain commit in the same run.
// Run: npm run cost [-- --tasks 2000 --slots 400 --database <url> --json --check]. With --check it fails when a budget
// (cost-budgets.ts) is exceeded. The server must preload pg_stat_statements.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { createTasker, defineTask, type Tasker } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { exceededBudgets } from './cost-budgets.ts'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '2000' },
    slots: { type: 'string', default: '400' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
})
const taskCount = Number(values.tasks)
const result = { text: 'x'.repeat(80) } // 100 bytes as JSON

// Five steps: a root, two that overlap, one that joins them, one at the end.
const workload = defineTask({ namespace: 'bench', name: 'five_steps', version: '1.0.0' })
  .step('start', async () => result)
  .step('left', { dependsOn: ['start'] }, async () => result)
  .step('right', { dependsOn: ['start'] }, async () => result)
  .step('join', { dependsOn: ['left', 'right'] }, async () => result)
  .step('end', { dependsOn: ['join'] }, async () => result)
const stepsPerTask = 5

// A chain, each step noting when it starts and ends in this process.
const hopCount = 300
const noted: { readonly startMs: number; readonly endMs: number }[] = []
const chainSteps = Array.from({ length: hopCount + 1 }, (_, index) => index)
const chain = defineTask({ namespace: 'bench', name: 'chain', version: '1.0.0' }).expand(
  'link',
  {},
  () =>
    chainSteps.map((index) => ({
      key: `${index}`,
      inputs: null,
      after: index === 0 ? [] : [`${index - 1}`],
    })),
  async () => {
    const now = performance.now()
    noted.push({ startMs: now, endMs: now })
    return null
  },
)

interface Reading {
  readonly statements: number
  readonly commits: number
  readonly walBytes: number
  readonly fullPageBytes: number
  readonly updates: number
  readonly hotUpdates: number
}

async function read(client: pg.Client, walFrom: string): Promise<Reading> {
  await client.query('select pg_stat_force_next_flush()')
  await client.query('select pg_stat_clear_snapshot()')
  const statements = await client.query<{ calls: string }>(
    `select coalesce(sum(calls), 0) as calls from pg_stat_statements s
     join pg_database d on d.oid = s.dbid
     where d.datname = current_database() and toplevel
       and query !~* '^(begin|commit|select pg_|set |show |listen|select coalesce\\(sum\\(calls)'`,
  )
  const database = await client.query<{ commits: string }>(
    'select xact_commit as commits from pg_stat_database where datname = current_database()',
  )
  const wal = await client.query<{ bytes: string; fpi: string }>(
    `select coalesce(sum(record_size), 0) as bytes, coalesce(sum(fpi_size), 0) as fpi
     from pg_get_wal_stats($1::pg_lsn, pg_current_wal_flush_lsn())`,
    [walFrom],
  )
  const tables = await client.query<{ updates: string; hot: string }>(
    `select sum(n_tup_upd) as updates, sum(n_tup_hot_upd) as hot from pg_stat_user_tables
     where relname in ('workflow_steps', 'task_progress')`,
  )
  return {
    statements: Number(statements.rows[0]?.calls),
    commits: Number(database.rows[0]?.commits),
    walBytes: Number(wal.rows[0]?.bytes),
    fullPageBytes: Number(wal.rows[0]?.fpi),
    updates: Number(tables.rows[0]?.updates),
    hotUpdates: Number(tables.rows[0]?.hot),
  }
}

async function measure(url: string): Promise<Record<string, number | string>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('create extension if not exists pg_stat_statements')
  await client.query('create extension if not exists pg_walinspect')
  const tasker = await createTasker({
    database: { url, migrate: 'auto' },
    execution: {
      minConcurrentSteps: Number(values.slots), // whatever the load: the figures are per step at saturation
      maxConcurrentStepsLimit: Number(values.slots),
    },
    definitions: [workload, chain],
  })
  try {
    const warm = await tasker.tasks.create(workload, { context: {} })
    await tasker.worker.start()
    await tasker.tasks.waitFor(warm.taskId)
    await tasker.worker.stop()
    await client.query('checkpoint')
    await client.query('select pg_stat_statements_reset()')
    const start = await client.query<{ lsn: string }>('select pg_current_wal_flush_lsn() as lsn')
    const walFrom = start.rows[0]?.lsn ?? '0/0'
    await tasker.tasks.create(workload, { context: {} }) // pg_walinspect wants a record after its start
    await tasker.tasks.find()
    const before = await read(client, walFrom)
    const startedMs = performance.now()
    for (let made = 0; made < taskCount; made += 500) {
      const batch = Array.from({ length: Math.min(500, taskCount - made) }, () => ({
        definition: workload,
        context: {},
      }))
      await tasker.tasks.createMany(batch)
    }
    const createdMs = performance.now()
    const { promise: finished, resolve } = Promise.withResolvers<void>()
    let done = 0
    tasker.events.on('task.completed', () => {
      done += 1
      if (done === taskCount + 1) resolve()
    })
    await tasker.worker.start()
    await finished
    const endedMs = performance.now()
    const after = await read(client, walFrom)
    const counted = await client.query<{ n: string }>(
      "select count(*) as n from tasker.workflow_steps where state = 'complete' and step_no > 0",
    )
    const steps = taskCount * stepsPerTask
    if (Number(counted.rows[0]?.n) < steps)
      throw new Error('the run is not valid: not every step is complete')
    const hops = await measureHops(tasker, client)
    const version = await client.query<{ server_version: string }>('show server_version')
    return {
      server: version.rows[0]?.server_version ?? '',
      tasks: taskCount,
      steps,
      slots: Number(values.slots),
      statementsPerStep: round((after.statements - before.statements) / steps),
      commitsPerStep: round((after.commits - before.commits) / steps),
      walBytesPerStep: Math.round((after.walBytes - before.walBytes) / steps),
      fullPageBytesPerStep: Math.round((after.fullPageBytes - before.fullPageBytes) / steps),
      hotRatio: round((after.hotUpdates - before.hotUpdates) / (after.updates - before.updates)),
      createPerSecond: Math.round((taskCount / (createdMs - startedMs)) * 1000),
      stepsPerSecond: Math.round((steps / (endedMs - createdMs)) * 1000),
      ...hops,
    }
  } finally {
    await tasker.close()
    await client.end()
  }
}

async function measureHops(tasker: Tasker, client: pg.Client): Promise<Record<string, number>> {
  const { taskId } = await tasker.tasks.create(chain, { context: {} })
  await tasker.tasks.waitFor(taskId)
  const hops = noted
    .slice(1)
    .map(({ startMs }, index) => startMs - (noted[index]?.endMs ?? startMs))
  await client.query('create table commit_probe (n integer)')
  const commits: number[] = []
  for (let n = 0; n < hopCount; n += 1) {
    const startMs = performance.now()
    await client.query('insert into commit_probe values ($1)', [n])
    commits.push(performance.now() - startMs)
  }
  await client.query('drop table commit_probe')
  return {
    hopMsP50: round(quantile(hops, 0.5)),
    hopMsP99: round(quantile(hops, 0.99)),
    commitMsP50: round(quantile(commits, 0.5)),
    commitMsP99: round(quantile(commits, 0.99)),
  }
}

const quantile = (sample: readonly number[], share: number): number =>
  sample.toSorted((a, b) => a - b)[Math.floor(sample.length * share)] ?? Number.NaN

const round = (value: number): number => Math.round(value * 10_000) / 10_000

async function main(): Promise<void> {
  if (values.database !== undefined) return report(await measure(values.database))
  const folder = await mkdtemp(join(tmpdir(), 'tasker-cost-'))
  const server = await startEmbeddedPostgres({
    folder,
    settings: { shared_preload_libraries: 'pg_stat_statements' },
  })
  try {
    report(await measure(server.url))
  } finally {
    await server.release()
    await rm(folder, { recursive: true, force: true })
  }
}

function report(figures: Record<string, number | string>): void {
  if (values.json) console.log(JSON.stringify(figures))
  else
    for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(20)} ${value}`)
  const exceeded = values.check ? exceededBudgets(figures) : []
  for (const fault of exceeded) console.error(fault)
  if (exceeded.length > 0) process.exitCode = 1
}

await main()
