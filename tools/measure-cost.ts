// What one step costs the database at saturation: statements, commits, WAL (full-page images apart), heap-only updates; and
// steps per second as a rough figure of this machine. Creation and full history are included. Then what it costs when there
// is nothing else to do (measure-idle-cost.ts).
// Run: npm run cost [-- --tasks 2000 --slots 400 --database <url> --json --check]. With --check it fails when a budget
// (cost-budgets.ts) is exceeded. The server must preload pg_stat_statements.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { createTasker, defineTask } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { exceededBudgets } from './cost-budgets.ts'
import { measureIdleCost } from './measure-idle-cost.ts'

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
  try {
    await client.query('create extension if not exists pg_stat_statements')
    await client.query('create extension if not exists pg_walinspect')
    const version = await client.query<{ server_version: string }>('show server_version')
    const saturated = await measureSaturated(url, client)
    const idle = await measureIdleCost(url, client)
    return {
      server: version.rows[0]?.server_version ?? '',
      tasks: taskCount,
      steps: taskCount * stepsPerTask,
      slots: Number(values.slots),
      ...saturated,
      ...Object.fromEntries(Object.entries(idle).map(([name, figure]) => [name, round(figure)])),
    }
  } finally {
    await client.end()
  }
}

async function measureSaturated(url: string, client: pg.Client): Promise<Record<string, number>> {
  const tasker = await createTasker({
    database: { url, migrate: 'auto' },
    execution: {
      minConcurrentSteps: Number(values.slots), // whatever the load: the figures are per step at saturation
      maxConcurrentStepsLimit: Number(values.slots),
    },
    definitions: [workload],
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
    await tasker.close() // sessions tell what they did at their end, and not before
    const after = await read(client, walFrom)
    const counted = await client.query<{ n: string }>(
      "select count(*) as n from tasker.workflow_steps where state = 'complete' and step_no > 0",
    )
    const steps = taskCount * stepsPerTask
    if (Number(counted.rows[0]?.n) < steps)
      throw new Error('the run is not valid: not every step is complete')
    return {
      statementsPerStep: round((after.statements - before.statements) / steps),
      commitsPerStep: round((after.commits - before.commits) / steps),
      walBytesPerStep: Math.round((after.walBytes - before.walBytes) / steps),
      fullPageBytesPerStep: Math.round((after.fullPageBytes - before.fullPageBytes) / steps),
      hotRatio: round((after.hotUpdates - before.hotUpdates) / (after.updates - before.updates)),
      createPerSecond: Math.round((taskCount / (createdMs - startedMs)) * 1000),
      stepsPerSecond: Math.round((steps / (endedMs - createdMs)) * 1000),
    }
  } finally {
    await tasker.close()
  }
}

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
