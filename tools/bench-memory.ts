// What a worker's memory holds. First a backlog: many queued tasks with contexts of 10 kB, the heap looked at all the way
// down. Then handlers that time out and ignore it: what is left of each when somebody could still end it, and when nobody can.
// Run: npm run bench:memory [-- --tasks 100000 --handlers 100000 --slots 100 --database <url> --json --store].
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTasker, defineTask, type Tasker } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    handlers: { type: 'string', default: '100000' },
    slots: { type: 'string', default: '100' },
    /** An existing, migrated or empty database. */
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    /** Write the figures to bench/results. */
    store: { type: 'boolean', default: false },
  },
})
const taskCount = Number(values.tasks)
const handlerCount = Number(values.handlers)
const text = 'x'.repeat(10_000)
const batchMax = 500
const looks = 20

const backlog = defineTask({ namespace: 'bench', name: 'backlog', version: '1.0.0' }).step(
  'read',
  async ({ context }) => Object.keys(context).length,
)

/** How many of these have been collected. */
class Collected {
  count = 0
  readonly #registry = new FinalizationRegistry(() => {
    this.count += 1
  })

  watch(value: object): void {
    this.#registry.register(value, null)
  }
}

/** All that a handler keeps alive by itself: the way to end it, which nobody uses. */
const kept: (() => void)[] = []
let contexts = new Collected()
let promises = new Collected()
const ignoring = { timeoutMs: 1, retry: { limit: 1 } }
const deaf = defineTask({ namespace: 'bench', name: 'deaf', version: '1.0.0' }).step(
  'ignore',
  ignoring,
  ({ context }) => {
    contexts.watch(context)
    const { promise, resolve } = Promise.withResolvers<void>()
    kept.push(resolve)
    return promise
  },
)
/** Nobody can end it any more: nothing of it may be left. */
const lost = defineTask({ namespace: 'bench', name: 'lost', version: '1.0.0' }).step(
  'ignore',
  ignoring,
  ({ context }) => {
    contexts.watch(context)
    const { promise } = Promise.withResolvers<void>()
    promises.watch(promise)
    return promise
  },
)

/** The same promises and functions without an engine. */
function keepWithoutEngine(count: number): number {
  const functions: (() => void)[] = []
  const before = heapBytes()
  for (let made = 0; made < count; made += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    void promise.then(() => undefined)
    functions.push(resolve)
  }
  const each = (heapBytes() - before) / count
  functions.length = 0
  return each
}

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('start node with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

const open = (url: string): Promise<Tasker> =>
  createTasker({
    database: { url, migrate: 'auto' },
    execution: {
      minConcurrentSteps: 1,
      maxConcurrentStepsLimit: Number(values.slots),
      blockedLoopWarningMs: null, // the collections of garbage block it
    },
    definitions: [backlog, deaf, lost],
  })

async function create(
  tasker: Tasker,
  definition: typeof backlog | typeof deaf,
  count: number,
): Promise<void> {
  for (let made = 0; made < count; made += batchMax) {
    const batch = Array.from({ length: Math.min(batchMax, count - made) }, () => ({
      definition,
      context: { text },
    }))
    await tasker.tasks.createMany(batch)
  }
}

/** Runs until so many tasks have ended, looking at even distances. */
async function drain(tasker: Tasker, count: number, look: () => void): Promise<void> {
  const { promise: finished, resolve } = Promise.withResolvers<void>()
  let done = 0
  const ended = (): void => {
    done += 1
    if (done % Math.ceil(count / looks) === 0) look()
    if (done === count) resolve()
  }
  const ends = [tasker.events.on('task.completed', ended), tasker.events.on('task.failed', ended)]
  await tasker.worker.start()
  await finished
  for (const end of ends) end()
  await tasker.worker.stop()
}

async function measure(url: string): Promise<Record<string, unknown>> {
  const tasker = await open(url)
  try {
    // Once through everything, so that what is loaded and compiled once is not counted.
    await create(tasker, backlog, batchMax)
    await drain(tasker, batchMax, heapBytes)
    for (const definition of [deaf, lost]) {
      await create(tasker, definition, batchMax)
      await drain(tasker, batchMax, () => undefined)
    }

    await create(tasker, backlog, taskCount)
    const heaps: number[] = []
    let rssMax = 0
    const startedMs = performance.now()
    await drain(tasker, taskCount, () => {
      rssMax = Math.max(rssMax, process.memoryUsage().rss)
      heaps.push(heapBytes())
    })
    const drainedMs = performance.now()

    const ignored = await ignoreTimeouts(tasker, deaf)
    const lostOnes = await ignoreTimeouts(tasker, lost)
    return {
      node: process.version,
      slots: Number(values.slots),
      backlog: {
        tasks: taskCount,
        contextBytes: text.length,
        contextsTogetherMb: megabytes(taskCount * text.length),
        heapMb: heaps.map(megabytes),
        heapSpreadMb: megabytes(Math.max(...heaps) - Math.min(...heaps)),
        heapGrowthMb: megabytes((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)),
        rssMaxMb: megabytes(rssMax),
        tasksPerSecond: Math.round((taskCount / (drainedMs - startedMs)) * 1_000),
      },
      ignoredTimeouts: {
        handlers: handlerCount,
        stillKept: kept.length,
        contextsCollected: ignored.contexts.count,
        bytesEach: ignored.bytesEach,
        bytesEachWithoutEngine: Math.round(keepWithoutEngine(handlerCount)),
      },
      lostPromises: {
        handlers: handlerCount,
        contextsCollected: lostOnes.contexts.count,
        promisesCollected: lostOnes.promises.count,
        bytesEach: lostOnes.bytesEach,
      },
    }
  } finally {
    await tasker.close()
  }
}

async function ignoreTimeouts(
  tasker: Tasker,
  definition: typeof deaf,
): Promise<{
  readonly contexts: Collected
  readonly promises: Collected
  readonly bytesEach: number
}> {
  await create(tasker, definition, handlerCount)
  if (definition === deaf) kept.length = 0
  contexts = new Collected()
  promises = new Collected()
  const before = heapBytes()
  await drain(tasker, handlerCount, () => undefined)
  // Callbacks about what was collected come in turns of their own.
  for (let turn = 0; turn < 20; turn += 1) {
    heapBytes()
    const { promise, resolve } = Promise.withResolvers<void>()
    setImmediate(resolve)
    await promise
  }
  const bytesEach = Math.round((heapBytes() - before) / handlerCount)
  return { contexts, promises, bytesEach }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10

async function main(): Promise<void> {
  if (values.database !== undefined) return report(await measure(values.database))
  const folder = await mkdtemp(join(tmpdir(), 'tasker-memory-'))
  const server = await startEmbeddedPostgres({ folder })
  try {
    await report(await measure(server.url))
  } finally {
    await server.release()
    await rm(folder, { recursive: true, force: true })
  }
}

async function report(figures: Record<string, unknown>): Promise<void> {
  const written = JSON.stringify(figures, null, 2)
  console.log(values.json ? JSON.stringify(figures) : written)
  if (!values.store) return
  const folder = join(import.meta.dirname, '..', 'bench', 'results')
  await mkdir(folder, { recursive: true })
  const day = new Date().toISOString().slice(0, 10)
  await writeFile(join(folder, `${day}-memory.json`), `${written}\n`)
}

await main()
