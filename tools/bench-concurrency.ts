// How many steps at once: the first generation's bounds and formula against this worker's policy, on steps that wait (a
// timer of 20 ms), on steps that work in the database (in a transaction), and on steps that compute. Rounds of all policies
// take turns, so that ratios within one run mean something on a busy machine.
// Run: npm run bench:concurrency [-- --seconds 8 --rounds 3 --workloads io,database,compute --database <url> --json --store].
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { createTasker, defineTask, type StepExecution, type TaskerOptions } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'

const { values } = parseArgs({
  options: {
    /** Of each cell. Longer than the policy needs to settle, which is about 5 s. */
    seconds: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '3' },
    workloads: { type: 'string', default: 'io,database,compute' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    store: { type: 'boolean', default: false },
  },
})

type Execution = NonNullable<TaskerOptions['execution']>

/** `first_3`: what the first generation did in truth; `first_12`: the most it could; `always_100`: ours without a policy. */
const policies: Readonly<Record<string, Execution>> = {
  first_3: { minConcurrentSteps: 3, maxConcurrentStepsLimit: 3 },
  first_12: { minConcurrentSteps: 12, maxConcurrentStepsLimit: 12 },
  first_formula: { concurrencyPolicy: 'first_generation', maxConcurrentStepsLimit: 12 },
  always_100: { minConcurrentSteps: 100, maxConcurrentStepsLimit: 100 },
  adaptive: {},
}

interface Workload {
  readonly tasksPerSecond: number
  readonly isTransaction: boolean
  readonly run: (execution: StepExecution) => Promise<null>
}

function compute(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

const workloads: Readonly<Record<string, Workload>> = {
  io: {
    tasksPerSecond: 5_000,
    isTransaction: false,
    run: async () => wait(20, null),
  },
  database: {
    tasksPerSecond: 1_000,
    isTransaction: true,
    run: async ({ tx }) => {
      await tx?.query('select sum(i) from generate_series(1, 20000) i')
      return null
    },
  },
  compute: {
    tasksPerSecond: 300,
    isTransaction: false,
    run: async () => {
      for (let turn = 0; turn < 5; turn += 1) {
        compute(2)
        await nextTurn()
      }
      return null
    },
  },
}

interface Cell {
  readonly stepsPerSecond: number
  /** Of the second half of the run, when a policy has settled. */
  readonly settledStepsPerSecond: number
  /** Of this database, at work at once, mean of samples in the second half. */
  readonly connectionsActive: number
  /** 99 of 100 measurements in the second half were not later. */
  readonly eventLoopLateMsP99: number
  readonly slots: number
  readonly reason: string | null
}

async function measure(url: string, name: string, policy: string, round: number): Promise<Cell> {
  const workload = workloads[name]
  if (workload === undefined) throw new Error(`no workload is named ${name}`)
  const { isTransaction, run, tasksPerSecond } = workload
  const settings = isTransaction ? { transaction: true as const, timeoutMs: 60_000 } : {}
  const named = { namespace: 'bench', name: `${name}_${policy}_${round}`, version: '1.0.0' }
  const definition = defineTask(named).step('only', settings, run)
  const tasker = await createTasker({
    database: { url, migrate: 'auto' },
    execution: { ...policies[policy], blockedLoopWarningMs: null },
    orchestration: { heartbeatIntervalMs: 500, shutdownGraceMs: 0, abortGraceMs: 0 },
    definitions: [definition],
  })
  const client = new pg.Client({ connectionString: url, application_name: 'observer' })
  await client.connect()
  try {
    const seconds = Number(values.seconds)
    const requests = Array.from({ length: 500 }, () => ({ definition, context: {} }))
    for (let made = 0; made < tasksPerSecond * seconds; made += requests.length)
      await tasker.tasks.createMany(requests)
    let done = 0
    tasker.events.on('step.completed', () => {
      done += 1
    })
    await tasker.worker.start()
    const startedMs = performance.now()
    await wait((seconds / 2) * 1_000)
    const half = { done, atMs: performance.now() }
    const lateness = monitorEventLoopDelay({ resolution: 10 })
    lateness.enable()
    const active: number[] = []
    while (performance.now() - startedMs < seconds * 1_000) {
      await wait(50)
      active.push(await activeConnections(client))
    }
    const endedMs = performance.now()
    lateness.disable()
    const [row] = await tasker.workers()
    return {
      stepsPerSecond: Math.round((done / (endedMs - startedMs)) * 1_000),
      settledStepsPerSecond: Math.round(((done - half.done) / (endedMs - half.atMs)) * 1_000),
      connectionsActive: round2(active.reduce((sum, one) => sum + one, 0) / active.length),
      eventLoopLateMsP99: round2(Math.max(0, lateness.percentile(99) / 1e6 - 10)),
      slots: row?.slots ?? 0,
      reason: row?.slotsReason ?? null,
    }
  } finally {
    await tasker.close()
    await client.query('truncate tasker.due, tasker.receipts')
    await client.end()
  }
}

async function activeConnections(client: pg.Client): Promise<number> {
  const answer = await client.query<{ n: number }>(
    `select count(*)::integer as n from pg_stat_activity
     where datname = current_database() and application_name like 'tasker%' and state like '%active%'
        or datname = current_database() and application_name like 'tasker%' and state = 'idle in transaction'`,
  )
  return answer.rows[0]?.n ?? 0
}

async function measureAll(url: string): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {}
  for (const name of values.workloads.split(',')) {
    const cells = new Map<string, Cell[]>(Object.keys(policies).map((policy) => [policy, []]))
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      for (const [policy, rounds] of cells) {
        rounds.push(await measure(url, name, policy, round))
        tell(`${name} ${policy} ${JSON.stringify(rounds.at(-1))}`)
      }
    }
    const ours = cells.get('adaptive') ?? []
    results[name] = Object.fromEntries(
      [...cells].map(([policy, rounds]) => [
        policy,
        { ...middleOf(rounds), gainOfAdaptive: gain(ours, rounds) },
      ]),
    )
  }
  return results
}

/** The round in the middle by its settled rate. */
function middleOf(rounds: readonly Cell[]): Cell {
  const sorted = rounds.toSorted((a, b) => a.settledStepsPerSecond - b.settledStepsPerSecond)
  const cell = sorted[Math.floor(sorted.length / 2)]
  if (cell === undefined) throw new Error('at least one round is needed')
  return cell
}

/** How many times as fast ours was: the middle of the ratios within each round, when the machine was equally busy. */
function gain(ours: readonly Cell[], others: readonly Cell[]): number {
  const ratios = ours.map(
    (cell, round) => cell.settledStepsPerSecond / (others[round]?.settledStepsPerSecond ?? 0),
  )
  return round2(ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0)
}

const round2 = (value: number): number => Math.round(value * 100) / 100
const tell = (line: string): void => console.error(line)

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-concurrency-'))
  const server = values.database === undefined ? await startEmbeddedPostgres({ folder }) : null
  try {
    const results = await measureAll(values.database ?? server?.url ?? '')
    const machine = {
      cpus: availableParallelism(),
      model: cpus()[0]?.model ?? '',
      node: process.version,
    }
    const { seconds, rounds } = values
    const text = JSON.stringify(
      { machine, seconds: Number(seconds), rounds: Number(rounds), workloads: results },
      null,
      2,
    )
    if (values.store) {
      const stored = new URL('../bench/results/', import.meta.url)
      await mkdir(stored, { recursive: true })
      const day = new Date(performance.timeOrigin).toISOString().slice(0, 10)
      await writeFile(new URL(`${day}-concurrency.json`, stored), `${text}\n`)
    }
    console.log(values.json ? JSON.stringify(JSON.parse(text)) : text)
  } finally {
    await server?.release()
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
