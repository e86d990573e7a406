// What an API step costs over a bare call: one POST with a JSON body and a JSON answer, by undici alone, by the client of
// handlers, by an API step's handler, and by whole tasks of one API step against tasks of one empty step. A server in a process
// of its own answers. The ways take turns in each round, so that ratios mean something on a busy machine.
// Run: npm run bench:http [-- --calls 3000 --rounds 5 --atOnce 20 --database <url> --json --store].
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTasker, defineTask, httpStep, resolveConfig, type RunStep } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { Agent, request } from 'undici'
import { createHttpClient } from '../packages/engine/src/http/client.ts'
import { AttemptHttp } from '../packages/engine/src/steps/attempt-http.ts'
import { silentLogger } from '../packages/engine/src/log.ts'
import type { TaskId } from '../packages/engine/src/ids.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--serve'),
  options: {
    /** Of each way in each round. */
    calls: { type: 'string', default: '3000' },
    rounds: { type: 'string', default: '5' },
    /** Calls under way together. */
    atOnce: { type: 'string', default: '20' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    store: { type: 'boolean', default: false },
  },
})
const [calls, rounds, atOnce] = [values.calls, values.rounds, values.atOnce].map(Number) as [
  number,
  number,
  number,
]

/** Microseconds for each call. */
interface Cost {
  readonly wallUs: number
  /** Of this process: on a shared machine it wanders less. */
  readonly cpuUs: number
}

type Way = () => Promise<unknown>

const allowed = { allowedAddresses: ['127.0.0.0/8'] }
const order = { order_id: 7, cents: 12_476, currency: 'EUR' }
const answerSchema = {
  type: 'object',
  required: ['id', 'charged'],
  properties: { id: { type: 'string' }, charged: { type: 'integer' } },
}

/** In the child: answers each request at once. */
function serve(): void {
  const answer = JSON.stringify({ id: 'c-1', charged: 12_476 })
  const server = createServer((asked, reply) => {
    asked.resume()
    asked.on('end', () => reply.setHeader('content-type', 'application/json').end(answer))
  })
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
}

async function measure(way: Way): Promise<Cost> {
  const usage = process.cpuUsage()
  const startedMs = performance.now()
  let left = calls
  const line = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await way()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, line))
  return costOf(startedMs, usage)
}

function costOf(startedMs: number, before: NodeJS.CpuUsage): Cost {
  const { user, system } = process.cpuUsage(before)
  return {
    wallUs: ((performance.now() - startedMs) * 1_000) / calls,
    cpuUs: (user + system) / calls,
  }
}

const stepTo = (url: string) =>
  httpStep({
    baseUrl: url,
    path: '/orders/{context.order_id}/charges',
    headers: { authorization: 'Bearer ${secret:PAYMENTS}' },
    body: { cents: '{context.cents}', currency: '{context.currency}' },
    response: answerSchema,
  })

function waysTo(url: string): Readonly<Record<string, Way>> {
  const dispatcher = new Agent({ connections: 128 })
  const client = createHttpClient({ ...resolveConfig({ env: {} }).config.http, ...allowed })
  const target = `${url}/orders/7/charges`
  const headers = { authorization: 'Bearer s3cret-token' }
  const body = { cents: order.cents, currency: order.currency }
  const run = stepTo(url) as unknown as RunStep // its callbacks ask for nothing that is not below
  const step = {
    taskId: '0192d3a4-0000-7000-8000-000000000001' as TaskId,
    name: 'charge',
    claimNo: 1,
    correlationId: null,
    traceParent: null,
    context: order,
  }
  return {
    bare: async () => {
      const answer = await request(target, {
        method: 'POST',
        dispatcher,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return answer.body.json()
    },
    client: () => client.post(target, body, { headers }),
    step: () => {
      const abort = new AbortController()
      return run({
        ...step,
        stepName: step.name,
        namespace: 'bench',
        taskName: 'bench',
        version: '1.0.0',
        results: {},
        inputs: null,
        config: null,
        attempt: 1,
        retryLimit: 3,
        signal: abort.signal,
        idempotencyKey: 'bench',
        correlationId: 'bench',
        log: silentLogger,
        tx: null,
        http: new AttemptHttp(
          client,
          { step, abort, trace: null },
          { correlationHeader: 'x-correlation-id', redact: (text) => text },
        ),
        secret: async () => 's3cret-token',
        variable: () => undefined,
        redact: (text) => text,
        publish: () => undefined,
        waitUntil: (at, reason) => ({ kind: 'tasker.wait', at, reason }),
      })
    },
  }
}

/** Whole tasks of one step, created before and run by one worker. */
async function measureTasks(database: string, name: string, url: string): Promise<Cost> {
  const settings = { namespace: 'bench', name, version: '1.0.0' }
  const empty = defineTask(settings).step('only', async () => ({ id: 'c-1', charged: 12_476 }))
  const api = defineTask(settings).step('only', stepTo(url) as unknown as RunStep)
  const definition = name === 'api' ? api : empty
  const tasker = await createTasker({
    database: { url: database, migrate: 'auto' },
    definitions: [definition],
    http: allowed,
    secrets: () => 's3cret-token',
    execution: { minConcurrentSteps: atOnce, maxConcurrentStepsLimit: atOnce },
    orchestration: { shutdownGraceMs: 0, abortGraceMs: 0 },
  })
  try {
    for (let made = 0; made < calls; made += 500) {
      const count = Math.min(500, calls - made)
      await tasker.tasks.createMany(
        Array.from({ length: count }, () => ({ definition, context: order })),
      )
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    let done = 0
    tasker.events.on('step.completed', () => {
      done += 1
      if (done === calls) resolve()
    })
    const usage = process.cpuUsage()
    const startedMs = performance.now()
    await tasker.worker.start()
    await promise
    return costOf(startedMs, usage)
  } finally {
    await tasker.close()
  }
}

async function measureAll(url: string, database: string): Promise<Record<string, readonly Cost[]>> {
  const ways = waysTo(url)
  const measured: Record<string, Cost[]> = {}
  for (let round = 0; round <= rounds; round += 1) {
    const costs: Record<string, Cost> = {}
    for (const [name, way] of Object.entries(ways)) costs[name] = await measure(way)
    for (const name of ['empty', 'api']) costs[name] = await measureTasks(database, name, url)
    if (round === 0) continue // the first one warms up
    for (const [name, cost] of Object.entries(costs)) (measured[name] ??= []).push(cost)
    console.error(`round ${round}: ${JSON.stringify(costs)}`)
  }
  return measured
}

const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const round2 = (value: number): number => Math.round(value * 100) / 100

function report(measured: Readonly<Record<string, readonly Cost[]>>): Record<string, unknown> {
  const of = (name: string, key: keyof Cost): readonly number[] =>
    (measured[name] ?? []).map((cost) => cost[key])
  /** The middle of the ratios within each round, when the machine was equally busy. */
  const ratio = (name: string, key: keyof Cost): number =>
    round2(middle(of(name, key).map((value, round) => value / (of('bare', key)[round] ?? 0))))
  const extra = (key: keyof Cost): readonly number[] =>
    of('api', key).map((value, round) => value - (of('empty', key)[round] ?? 0))
  const costs = Object.keys(measured).map((name) => [
    name,
    {
      wallUs: Math.round(middle(of(name, 'wallUs'))),
      cpuUs: Math.round(middle(of(name, 'cpuUs'))),
    },
  ])
  const within = (key: keyof Cost) =>
    round2(middle(extra(key).map((value, round) => value / (of('bare', key)[round] ?? 0))))
  return {
    machine: { cpus: availableParallelism(), model: cpus()[0]?.model ?? '', node: process.version },
    calls,
    rounds,
    atOnce,
    microsecondsPerCall: Object.fromEntries(costs) as unknown,
    ratiosToBare: {
      client: { wall: ratio('client', 'wallUs'), cpu: ratio('client', 'cpuUs') },
      step: { wall: ratio('step', 'wallUs'), cpu: ratio('step', 'cpuUs') },
      apiTaskLessEmptyTask: { wall: within('wallUs'), cpu: within('cpuUs') },
    },
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-http-'))
  const child = fork(import.meta.filename, ['--serve'], { execArgv: process.execArgv })
  const server = values.database === undefined ? await startEmbeddedPostgres({ folder }) : null
  try {
    const [address] = (await once(child, 'message')) as [{ readonly port: number }] // of `serve`
    const url = `http://127.0.0.1:${address.port}`
    const document = report(await measureAll(url, values.database ?? server?.url ?? ''))
    const text = `${JSON.stringify(document, null, 2)}\n`
    console.log(text)
    if (values.store) {
      const results = join(import.meta.dirname, '..', 'bench', 'results')
      await mkdir(results, { recursive: true })
      const day = new Date(performance.timeOrigin).toISOString().slice(0, 10)
      await writeFile(join(results, `${day}-http.json`), text)
    }
  } finally {
    child.kill()
    await server?.release()
    await rm(folder, { recursive: true, force: true })
  }
  // The pool of the bare calls keeps connections, and with them the process.
  process.exit(0)
}

if (process.argv.includes('--serve')) serve()
else await main()
