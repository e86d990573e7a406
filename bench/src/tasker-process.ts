// Tasker in a process of its own, for the work that only it is asked for: creates and runs, or as an assistant only runs what
// another process creates. Started by run-tasker.ts.
import { createTasker, type DefinitionSource } from '@tasker/engine'
import {
  cpuMs,
  maxMemoryBytes,
  measured,
  onWord,
  tell,
  belongToBenchmark,
  told,
} from './measured-process.ts'
import { defineGraph, graphsOf } from './own-work.ts'
import { result } from './subject.ts'
import { completions, createInBatches, workerOptions } from './subjects/tasker.ts'
import type { OwnOrder } from './work.ts'

/** Tasks of each graph before anything is measured; big graphs need one only. */
const warmUpTasks = { few: 1, many: 20 }
const bigGraphSteps = 100

belongToBenchmark()
const order = JSON.parse(process.argv[2] ?? '{}') as OwnOrder // as run-tasker.ts wrote it
const words = { warm: told('warm'), go: told('go'), end: told('end') }
const { manner, taskCount } = order.work
let ranCount = 0
/** By task; `timed` only. */
const startedAtMs = new Map<string, number[]>()
const graphs = graphsOf(order.work)
const definitions = graphs.map((graph) =>
  defineGraph(graph, async ({ taskId }) => {
    ranCount += 1
    if (manner === 'timed') note(taskId)
    return result
  }),
)
const engine = await createTasker({
  ...workerOptions(order.databaseUrl, order.slots),
  definitions,
})
await (order.isAssistant ? assist() : lead())
await engine.close()
process.disconnect()

async function lead(): Promise<void> {
  await engine.worker.start()
  tell({ kind: 'open' })
  await words.warm
  const isBig = graphs.some(({ steps }) => steps.length > bigGraphSteps)
  await runTasks(isBig ? warmUpTasks.few : warmUpTasks.many)
  if (manner === 'enqueue-first') await engine.worker.stop()
  tell({ kind: 'ready', about: null })
  await words.go
  ranCount = 0
  startedAtMs.clear()
  let enqueuedMs: number | null = null
  const cost = await measured(async () => {
    enqueuedMs = manner === 'enqueue-first' ? await enqueueAndDrain() : null
    if (manner !== 'enqueue-first') await runTasks(taskCount)
  })
  const chainHopsMs = [...startedAtMs.values()].map(hopsOf)
  tell({ kind: 'done', ranCount, hopsMs: [], taskMs: [], enqueuedMs, chainHopsMs, ...cost })
}

async function assist(): Promise<void> {
  engine.events.on('task.completed', () => tell({ kind: 'completed' }))
  await engine.worker.start()
  onWord('count', () =>
    tell({ kind: 'counted', ranCount, cpuMs: cpuMs(), maxMemoryBytes: maxMemoryBytes() }),
  )
  tell({ kind: 'ready', about: null })
  await words.end
}

/** So many of each graph, and until all are complete. */
async function runTasks(countOfEach: number): Promise<void> {
  const complete = allComplete(countOfEach)
  await createAll(countOfEach)
  await complete
}

/** How long the creation took. */
async function enqueueAndDrain(): Promise<number> {
  const complete = allComplete(taskCount)
  const startedMs = performance.now()
  await createAll(taskCount)
  const enqueuedMs = performance.now() - startedMs
  await engine.worker.start()
  await complete
  return enqueuedMs
}

/** Here or in an assistant. */
function allComplete(countOfEach: number): Promise<void> {
  return completions(engine, countOfEach * definitions.length, (completed) =>
    onWord('completed', completed),
  )
}

async function createAll(countOfEach: number): Promise<void> {
  const all = Array.from({ length: countOfEach }, (): readonly DefinitionSource[] => definitions)
  await createInBatches(engine, all.flat())
}

function note(taskId: string): void {
  const times = startedAtMs.get(taskId) ?? []
  times.push(performance.now())
  startedAtMs.set(taskId, times)
}

function hopsOf(atMs: readonly number[]): readonly number[] {
  return atMs.slice(1).map((ms, index) => ms - (atMs[index] ?? ms))
}
