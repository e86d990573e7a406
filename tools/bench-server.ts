// What requests cost in a small and in a large table: list, show and create over real HTTP, against two databases that are
// filled by plain SQL, in rounds that take turns, so that the ratio of large to small means something on a busy machine. Server
// and client share a process: the requests a second are those of both.
// Run: npm run bench:server [-- --tasks 1000,10000 --requests 300 --rounds 5 --atOnce 10 --database <url> --json --store];
// at full size --tasks 10000,1000000.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { createTasker, defineTask, migrate } from '@tasker/engine'
import { createServer, listen } from '@tasker/server'
import { Agent, request } from 'undici'
import { fillTasks } from './retained-tasks.ts'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '1000,10000' },
    /** Of each kind in each round. */
    requests: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '5' },
    /** Requests under way together. */
    atOnce: { type: 'string', default: '10' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    /** Write the figures to bench/results. */
    store: { type: 'boolean', default: false },
  },
})
const sizes = values.tasks.split(',').map(Number)
const [requests, rounds, atOnce] = [values.requests, values.rounds, values.atOnce].map(Number) as [
  number,
  number,
  number,
]
const agent = new Agent({ connections: atOnce })

/** Path, and body where something is created. */
type Asked = readonly [path: string, body?: string]

interface Stage {
  readonly tasks: number
  /** What is asked for, by kind: another task each time where it is one. */
  readonly kinds: Readonly<Record<string, () => Asked>>
  send(asked: Asked): Promise<number>
  close(): Promise<void>
}

async function open(url: string, tasks: number): Promise<Stage> {
  await migrate({ url, schema: 'tasker' })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await fillTasks(client, { tasks, days: 30, open: 100 })
  await client.query('select tasker.recount_tasks()')
  await client.query('vacuum analyze')
  const some = await client.query<{ id: string }>(
    'select task_id as id from tasker.tasks order by random() limit 1000',
  )
  await client.end()
  const greet = defineTask({ namespace: 'served', name: 'greet' })
    .step('hello', async () => 'hello')
    .step('bye', { dependsOn: ['hello'] }, async () => 'bye')
  const tasker = await createTasker({
    database: { url },
    definitions: [greet],
    server: { requestsPerMinute: 0 },
  })
  const listening = await listen(tasker, createServer(tasker), { port: 0 })
  // Those that were filled in have no context, and are not shown.
  const whole = await Promise.all(
    Array.from({ length: 200 }, async () => tasker.tasks.create(greet, { context: { order: 7 } })),
  )
  let turn = 0
  const anyOf = (ids: readonly string[]): string => ids[(turn += 1) % ids.length] ?? ''
  const retained = some.rows.map(({ id }) => id)
  const shown = whole.map(({ taskId }) => taskId)
  const body = JSON.stringify({ namespace: 'served', name: 'greet', context: { order: 7 } })
  const stage: Stage = {
    tasks,
    kinds: {
      'list, newest': () => ['/tasks?limit=20'],
      'list, in error': () => ['/tasks?limit=20&status=error'],
      'list, further on': () => [`/tasks?limit=20&cursor=${anyOf(retained)}`],
      'show one': () => [`/tasks/${anyOf(shown)}`],
      'create one': () => ['/tasks', body],
    },
    async send([path, content]) {
      const answer = await request(`${listening.url}${path}`, {
        dispatcher: agent,
        ...(content === undefined
          ? {}
          : {
              method: 'POST' as const,
              headers: { 'content-type': 'application/json' },
              body: content,
            }),
      })
      const text = await answer.body.text()
      if (answer.statusCode >= 300) throw new Error(`${path} answered ${text}`)
      return text.length
    },
    async close() {
      await listening.close()
      await tasker.close()
    },
  }
  for (const ask of Object.values(stage.kinds)) await time(stage, ask, 50)
  return stage
}

/** Milliseconds of each, and of all together. */
async function time(
  stage: Stage,
  ask: () => Asked,
  count: number,
): Promise<{ readonly each: readonly number[]; readonly wallMs: number }> {
  const each: number[] = []
  let left = count
  const startedMs = performance.now()
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const sentMs = performance.now()
      await stage.send(ask())
      each.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  return { each, wallMs: performance.now() - startedMs }
}

interface Figure {
  readonly what: string
  readonly tasks: number
  readonly requestsPerSecond: number
  readonly msP50: number
  readonly msP99: number
  /** Medians, of this table to the smallest one. */
  readonly ratioToSmallest: number
}

async function measure(stages: readonly Stage[]): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const what of Object.keys(stages[0]?.kinds ?? {})) {
    const samples = new Map(stages.map(({ tasks }) => [tasks, { each: [] as number[], wallMs: 0 }]))
    for (let round = 0; round < rounds; round += 1)
      for (const stage of round % 2 === 0 ? stages : stages.toReversed()) {
        const { each, wallMs } = await time(stage, stage.kinds[what] ?? (() => ['']), requests)
        const sample = samples.get(stage.tasks)
        sample?.each.push(...each)
        if (sample !== undefined) sample.wallMs += wallMs
      }
    const smallest = quantile(samples.get(Math.min(...sizes))?.each ?? [], 0.5)
    for (const [tasks, { each, wallMs }] of samples) {
      figures.push({
        what,
        tasks,
        requestsPerSecond: Math.round((each.length / wallMs) * 1_000),
        msP50: round3(quantile(each, 0.5)),
        msP99: round3(quantile(each, 0.99)),
        ratioToSmallest: round3(quantile(each, 0.5) / smallest),
      })
    }
  }
  return figures
}

const quantile = (sample: readonly number[], share: number): number =>
  sample.toSorted((a, b) => a - b)[Math.floor(sample.length * share)] ?? Number.NaN

const round3 = (value: number): number => Math.round(value * 1000) / 1000

async function databaseOf(url: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.query(`create database ${name}`)
  await admin.end()
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-server-'))
  const embedded = values.database === undefined ? await startEmbeddedPostgres({ folder }) : null
  const url = values.database ?? embedded?.url ?? ''
  const stages: Stage[] = []
  try {
    for (const size of sizes)
      stages.push(await open(await databaseOf(url, `tasker_server_${size}`), size))
    await tell(await measure(stages))
  } finally {
    for (const stage of stages) await stage.close()
    await agent.close()
    await embedded?.release()
    await rm(folder, { recursive: true, force: true })
  }
}

async function tell(figures: readonly Figure[]): Promise<void> {
  const machine = {
    cpus: availableParallelism(),
    model: cpus()[0]?.model ?? '',
    node: process.version,
  }
  const text = JSON.stringify({ machine, requests, rounds, atOnce, figures }, null, 2)
  if (values.store) {
    const results = new URL('../bench/results/', import.meta.url)
    await mkdir(results, { recursive: true })
    const day = new Date(performance.timeOrigin).toISOString().slice(0, 10)
    await writeFile(new URL(`${day}-server.json`, results), `${text}\n`)
  }
  if (values.json) console.log(text)
  else
    for (const { what, tasks, requestsPerSecond, msP50, msP99, ratioToSmallest } of figures)
      console.log(
        `${what.padEnd(18)} ${String(tasks).padStart(8)} tasks  ${String(requestsPerSecond).padStart(6)}/s   p50 ${msP50.toFixed(2).padStart(8)} ms   p99 ${msP99.toFixed(2).padStart(8)} ms   ${ratioToSmallest.toFixed(2)} of the smallest`,
      )
}

await main()
