// What metrics cost: the same chains of five steps with metrics and without, by turns in one process on one database, and
// scraped while they are on. Run: npm run bench:metrics [-- --tasks 2000 --rounds 6 --scrape 1000].
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTasker, defineTask } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '6' },
    /** Milliseconds between scrapes; 0: nobody scrapes. */
    scrape: { type: 'string', default: '1000' },
  },
})
const taskCount = Number(values.tasks)
const roundCount = Number(values.rounds)
const stepCount = 5
const scrapeEveryMs = Number(values.scrape)

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

const folder = await mkdtemp(join(tmpdir(), 'tasker-bench-metrics-'))
const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres') })
try {
  await measure(server.url, false) // compiles, and fills caches
  await measure(server.url, true)
  const off: Run[] = []
  const on: Run[] = []
  for (let round = 0; round < roundCount; round += 1) {
    const order = round % 2 === 0 ? [false, true] : [true, false]
    for (const metrics of order) (metrics ? on : off).push(await measure(server.url, metrics))
  }
  console.log(`${roundCount} rounds of ${taskCount} chains of ${stepCount} steps, by turns`)
  console.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  )
  say('steps a second', off, on, ({ stepsPerSecond }) => stepsPerSecond)
  say('µs of processor a step', off, on, ({ cpuMicroseconds }) => cpuMicroseconds)
} finally {
  await server.release()
  await rm(folder, { recursive: true, force: true })
}

async function measure(url: string, metrics: boolean): Promise<Run> {
  await using tasker = await createTasker({
    database: { url, migrate: 'auto' },
    definitions: [chain],
    metrics,
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
  const isScraped = metrics && scrapeEveryMs > 0
  const scrapes = isScraped ? setInterval(() => void tasker.metrics.text(), scrapeEveryMs) : null
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  await tasker.worker.start()
  await promise
  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  if (scrapes !== null) clearInterval(scrapes)
  const steps = taskCount * stepCount
  return { stepsPerSecond: steps / seconds, cpuMicroseconds: (user + system) / steps }
}

function say(
  what: string,
  off: readonly Run[],
  on: readonly Run[],
  of: (run: Run) => number,
): void {
  const [without, having] = [median(off.map(of)), median(on.map(of))]
  const ratios = off.map((run, index) => of(on[index] ?? run) / of(run))
  console.log(
    `${what}: off ${without.toFixed(1)}, on ${having.toFixed(1)}, ratio of medians ` +
      `${(having / without).toFixed(3)}, median of ratios ${median(ratios).toFixed(3)}`,
  )
}

function median(all: readonly number[]): number {
  const sorted = all.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0]
  return (low + high) / 2
}
