// What telemetry costs: the same chains of five steps (the workload `linear`) with each way of watching them, by turns in one
// process on one database, compared with runs in which nothing is watched: within each round, and the best run of each, which
// says more on a machine with other work. And what the monitors add to one call, and what one sync of shared metrics takes,
// apart from the noise of all that.
// Run: npm run bench:telemetry [-- --tasks 2000 --rounds 6 --variants off,monitors,scraped --json --store --name telemetry].
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTasker, defineTask, type Tasker, type TaskerOptions } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { systemClock } from '../packages/engine/src/clock.ts'
import { resolveConfig } from '../packages/engine/src/config.ts'
import { createEventBus } from '../packages/engine/src/events/bus.ts'
import type { EngineOperations } from '../packages/engine/src/events/operations.ts'
import { startMonitors } from '../packages/engine/src/telemetry/monitors.ts'
import { Watched } from '../packages/engine/src/watched.ts'
import { startProvider, stopProvider } from '../packages/engine/test/telemetry/provider.ts'
import { startRedis } from './services/redis.ts'
import { syncCosts } from './sync-cost.ts'

interface Variant {
  readonly name: string
  readonly says: string
  /** Least ratio of steps a second to what it is compared with. */
  readonly goal?: number
  readonly options: Partial<TaskerOptions>
  /** Name of what it is compared with. Default: `off`. */
  readonly to?: string
  /** With the cache in a Redis. */
  readonly hasRedis?: true
  /** Before there is a Tasker. Returns the way to take it back. */
  readonly prepare?: () => Promise<() => Promise<void>>
  /** Returns the way to stop what it began. */
  readonly begin?: (tasker: Tasker) => () => void
}

/** Something that happens after so much time of runs that last shorter. */
class Every {
  readonly #intervalMs: number
  #leftMs: number

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
    this.#leftMs = intervalMs
  }

  /** Returns the way to say that the run is over. */
  during(happen: () => void): () => void {
    let startedMs = performance.now()
    const wait = (): NodeJS.Timeout =>
      setTimeout(() => {
        happen()
        startedMs = performance.now()
        this.#leftMs = this.#intervalMs
        timer = wait()
      }, this.#leftMs)
    let timer = wait()
    return () => {
      clearTimeout(timer)
      this.#leftMs -= performance.now() - startedMs
    }
  }
}

/** What becomes of spans elsewhere is nobody's cost here. */
const collecting = `require('node:http')
  .createServer((request, response) => request.resume().on('end', () => response.end('{}')))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

const scraping = new Every(15_000)
const scrapingOfAll = new Every(15_000)
const scrapingUnshared = new Every(15_000)
const scrapingShared = new Every(15_000)

/** The first is what the others are compared with, where they do not say otherwise. */
const variants: readonly Variant[] = [
  {
    name: 'off',
    says: 'telemetry.enabled is false',
    options: { telemetry: { enabled: false } },
  },
  { name: 'defaults', says: 'nothing is asked for', options: {} },
  {
    name: 'monitors',
    says: 'performance and SQL monitor alone: somebody listens to what is slow',
    goal: 0.98,
    options: {},
    begin(tasker) {
      const listening = tasker.events.subscribe(['performance.*', 'memory.*'], () => undefined)
      return () => listening.unsubscribe()
    },
  },
  { name: 'collected', says: 'metrics, which nobody scrapes', options: { metrics: true } },
  {
    name: 'scraped',
    says: 'metrics, scraped after every 15 seconds of such runs',
    goal: 0.95,
    options: { metrics: true },
    begin: (tasker) => scraping.during(() => void tasker.metrics.text()),
  },
  {
    name: 'logs',
    says: 'log lines of the level info, to nowhere',
    options: { logs: { write: () => true } },
  },
  {
    name: 'traces',
    says: 'one trace in a hundred, exported to another process',
    options: {},
    prepare: () => traceOneIn(100),
  },
  {
    name: 'traces-10',
    says: 'one trace in ten',
    options: {},
    prepare: () => traceOneIn(10),
  },
  {
    name: 'everything',
    says: 'metrics scraped, logs, and one trace in a hundred',
    goal: 0.95,
    options: { metrics: true, logs: { write: () => true } },
    prepare: () => traceOneIn(100),
    begin: (tasker) => scrapingOfAll.during(() => void tasker.metrics.text()),
  },
  {
    name: 'unshared',
    says: 'metrics scraped, with the cache in a Redis, where they are not shared',
    options: { metrics: true, telemetry: { crossContainerCoordination: 'off' } },
    hasRedis: true,
    begin: (tasker) => scrapingUnshared.during(() => void tasker.metrics.text()),
  },
  {
    name: 'shared',
    says: 'the same, shared every second; thirty times as often as by default',
    goal: 0.99,
    options: { metrics: true, telemetry: { syncInterval: 1 } },
    to: 'unshared',
    hasRedis: true,
    begin: (tasker) => scrapingShared.during(() => void tasker.metrics.text()),
  },
]

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '6' },
    variants: { type: 'string', default: variants.map(({ name }) => name).join(',') },
    json: { type: 'boolean', default: false },
    /** Write the figures to bench/results. */
    store: { type: 'boolean', default: false },
    /** Of the stored file, after the date. */
    name: { type: 'string', default: 'telemetry' },
  },
})
const taskCount = Number(values.tasks)
const roundCount = Number(values.rounds)
const asked = values.variants.split(',')
const measured = variants.filter(({ name }, index) => index === 0 || asked.includes(name))
for (const { name, to } of measured)
  if (to !== undefined && !asked.includes(to)) throw new Error(`${name} is compared with ${to}`)
const stepsOfTask = 5

const chain = defineTask({ namespace: 'bench', name: 'chain', version: '1.0.0' })
  .step('a', async () => null)
  .step('b', { dependsOn: ['a'] }, async () => null)
  .step('c', { dependsOn: ['b'] }, async () => null)
  .step('d', { dependsOn: ['c'] }, async () => null)
  .step('e', { dependsOn: ['d'] }, async () => null)

interface Run {
  readonly stepsPerSecond: number
  /** Processor time of this process for each step. */
  readonly cpuMicroseconds: number
}

const runs = new Map<string, Run[]>(measured.map(({ name }) => [name, []]))
const loadBefore = loadavg()
const folder = await mkdtemp(join(tmpdir(), 'tasker-bench-telemetry-'))
const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres') })
const redis = measured.some(({ hasRedis }) => hasRedis === true) ? await startRedis() : null
let syncs: Awaited<ReturnType<typeof syncCosts>> = []
try {
  for (const variant of measured) await measure(server.url, variant) // compiles, and fills caches
  for (let round = 0; round < roundCount; round += 1) {
    const first = round % measured.length
    const order = [...measured.slice(first), ...measured.slice(0, first)]
    for (const variant of round % 2 === 0 ? order : order.toReversed())
      runs.get(variant.name)?.push(await measure(server.url, variant))
  }
  if (redis !== null) syncs = await syncCosts(redis.url)
} finally {
  await redis?.stop()
  await server.release()
  await rm(folder, { recursive: true, force: true })
}

const report = {
  at: new Date().toISOString(),
  machine: { cpus: availableParallelism(), model: cpus()[0]?.model, node: process.version },
  loadAverage: { before: loadBefore.map(rounded), after: loadavg().map(rounded) },
  workload: { name: 'linear', tasks: taskCount, stepsOfTask, rounds: roundCount },
  /** Of one operation with one statement in it, beyond that of the same without monitors. */
  monitoredCallMicroseconds: rounded(
    (await callMicroseconds(true)) - (await callMicroseconds(false)),
  ),
  variants: measured.map((variant) => figuresOf(variant)),
  /** One sync of shared metrics: milliseconds as median, least, greatest. */
  syncs,
}
console.log(values.json ? JSON.stringify(report, null, 2) : table())
if (values.store) {
  const file = join('bench', 'results', `${report.at.slice(0, 10)}-${values.name}.json`)
  await mkdir(join('bench', 'results'), { recursive: true })
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
}

async function traceOneIn(count: number): Promise<() => Promise<void>> {
  process.env['OTEL_TRACES_SAMPLER'] = 'parentbased_traceidratio'
  process.env['OTEL_TRACES_SAMPLER_ARG'] = String(1 / count)
  const collector = spawn(process.execPath, ['--eval', collecting], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(collector.stdout.setEncoding('utf8'), 'data')) as [string]
  const url = `http://127.0.0.1:${port.trim()}/v1/traces`
  const provider = startProvider({ url, service: 'bench', exportEveryMs: 5_000 })
  return async () => {
    await stopProvider(provider)
    collector.kill()
  }
}

async function measure(url: string, variant: Variant): Promise<Run> {
  const takeBack = await variant.prepare?.()
  try {
    return await measurePrepared(url, variant)
  } finally {
    await takeBack?.()
  }
}

async function measurePrepared(url: string, { options, hasRedis, begin }: Variant): Promise<Run> {
  await using tasker = await createTasker({
    database: { url, migrate: 'auto' },
    definitions: [chain],
    ...(hasRedis === true && redis !== null
      ? { cache: { store: 'redis' as const, url: redis.url } }
      : {}),
    ...options,
  })
  const requests = Array.from({ length: taskCount }, () => ({ definition: chain, context: {} }))
  const batch = 500
  for (let from = 0; from < taskCount; from += batch) {
    await tasker.tasks.createMany(requests.slice(from, from + batch))
  }
  let leftCount = taskCount
  const { promise, resolve } = Promise.withResolvers<void>()
  tasker.events.on('task.completed', () => {
    leftCount -= 1
    if (leftCount === 0) resolve()
  })
  const end = begin?.(tasker)
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  await tasker.worker.start()
  await promise
  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  end?.()
  const steps = taskCount * stepsOfTask
  return { stepsPerSecond: steps / seconds, cpuMicroseconds: (user + system) / steps }
}

function figuresOf({ name, says, goal, to = measured[0]?.name ?? '' }: Variant) {
  const own = runs.get(name) ?? []
  const off = runs.get(to) ?? []
  const ratios = (of: (run: Run) => number): readonly number[] =>
    own.map((run, index) => of(run) / of(off[index] ?? run))
  const speed = ratios(({ stepsPerSecond }) => stepsPerSecond)
  const cpu = ratios(({ cpuMicroseconds }) => cpuMicroseconds)
  return {
    name,
    says,
    to,
    goal: goal ?? null,
    stepsPerSecond: rounded(median(own.map((run) => run.stepsPerSecond))),
    /** Of the best run to the best run of `to`. */
    bestRatio: rounded(best(own) / best(off)),
    /** To those of `to`, in the same round: the median, the least and the greatest. */
    ratio: [median(speed), Math.min(...speed), Math.max(...speed)].map(rounded),
    cpuMicroseconds: rounded(median(own.map((run) => run.cpuMicroseconds))),
    bestCpuRatio: rounded(leastCpu(own) / leastCpu(off)),
    cpuRatio: [median(cpu), Math.min(...cpu), Math.max(...cpu)].map(rounded),
  }
}

function best(of: readonly Run[]): number {
  return Math.max(...of.map((run) => run.stepsPerSecond))
}

function leastCpu(of: readonly Run[]): number {
  return Math.min(...of.map((run) => run.cpuMicroseconds))
}

async function callMicroseconds(isMonitored: boolean): Promise<number> {
  const operations: EngineOperations = new Watched()
  const statements = new Watched<string, { readonly rowCount: number | null }>()
  const events = createEventBus(() => undefined)
  events.on('performance.slow_operation', () => undefined)
  events.on('performance.slow_query', () => undefined)
  const { config } = resolveConfig({ code: {} })
  if (isMonitored)
    startMonitors({ config, clock: systemClock, events, operations, statements, meter: null })
  const answer = Promise.resolve({ rowCount: 1 })
  const call = () => operations.run('dispatch', () => statements.run('finish_steps', () => answer))
  const callCount = 100_000
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const startedMs = performance.now()
    for (let index = 0; index < callCount; index += 1) await call()
    times.push(((performance.now() - startedMs) * 1_000) / callCount)
  }
  return Math.min(...times)
}

function table(): string {
  const lines = report.variants.map(
    ({
      name,
      to,
      goal,
      stepsPerSecond,
      bestRatio,
      ratio,
      cpuMicroseconds,
      bestCpuRatio,
      cpuRatio,
      says,
    }) =>
      `${name.padEnd(10)} ${stepsPerSecond.toFixed(0).padStart(7)} steps/s, best ${bestRatio}, rounds ${ratio.join(' / ')}` +
      `${goal === null ? '' : ` (goal ${goal})`}, ${cpuMicroseconds.toFixed(1)} µs, best ${bestCpuRatio}, rounds ${cpuRatio.join(' / ')}, to ${to}: ${says}`,
  )
  const head = `${roundCount} rounds of ${taskCount} chains of ${stepsOfTask} steps; ratios: best run to best run; within a round: median / least / greatest`
  const load = `load average before ${report.loadAverage.before.join(' ')}, after ${report.loadAverage.after.join(' ')}`
  const call = `monitors add ${report.monitoredCallMicroseconds} µs to a call that carries steps of many tasks`
  const perSync = report.syncs.map(
    ({ series, bytes, cpuMilliseconds, mainThreadMilliseconds, storeOperations }) =>
      `a sync of ${series} series: ${cpuMilliseconds.join(' / ')} ms of processor time, ${mainThreadMilliseconds.join(' / ')} ms of it on the main thread, ${storeOperations} times to the store, ${bytes} bytes`,
  )
  return [head, load, ...lines, call, ...perSync].join('\n')
}

function median(all: readonly number[]): number {
  const sorted = all.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0]
  return (low + high) / 2
}

function rounded(figure: number): number {
  return Math.round(figure * 1_000) / 1_000
}
