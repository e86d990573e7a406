// Recorded runs of real workflows, replayed through `tasker task run --file`: each step once and after its parents, the
// history exact, and the critical path what a plain computation says.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTasker, type HistoryRow, type StepGraph } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { readRealGraphs, type RealGraph } from '../../engine/test/support/real-graphs.ts'
import { runCommand } from './run-command.ts'

type Trace = RealGraph['trace']

const database = databaseForFile()

/** Runs the command and reads the document that it prints. */
async function ask<Document>(...args: readonly string[]): Promise<Document> {
  const { exitCode, stdout, stderr } = await runCommand([
    ...args,
    '--json',
    '--database',
    database.url,
  ])
  expect({ exitCode, failure: /^error .*/m.exec(stderr)?.[0] }).toEqual({ exitCode: 0 })
  return JSON.parse(stdout) as Document // what the caller says this command prints
}

async function fileOf({ name, trace }: RealGraph): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-trace-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(trace))
  return file
}

async function historyOf(taskId: string): Promise<readonly HistoryRow[]> {
  await using tasker = await createTasker({ database: { url: database.url, migrate: 'off' } })
  return await tasker.tasks.history(taskId)
}

/** The longest way to the end of each task, from its definition and by no method of the engine. */
function longestSeconds({ tasks }: Trace): number {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const known = new Map<string, number>()
  const until = (id: string): number => {
    const found = known.get(id)
    if (found !== undefined) return found
    const { depends_on: parents = [], runtime_seconds: own = 0 } = byId.get(id) ?? {}
    const seconds = own + Math.max(0, ...parents.map(until))
    known.set(id, seconds)
    return seconds
  }
  return Math.max(...tasks.map(({ id }) => until(id)))
}

test.each(readRealGraphs())('$name is replayed exactly', async (graph) => {
  const { trace } = graph
  const file = await fileOf(graph)
  const task = await ask<{ taskId: string; state: string }>('task', 'run', '--once', '--file', file)
  expect(task.state).toBe('complete')

  const history = await historyOf(task.taskId)
  expectOncePerStep(history, trace)
  expectParentsFirst(history, trace)

  const drawn = await ask<StepGraph>('graph', '--task', task.taskId, '--durations', 'recorded')
  expectCriticalPath(drawn, trace)
})

/** Creation, start and end of the task; one claim and one end of each step; nothing else. */
function expectOncePerStep(history: readonly HistoryRow[], { tasks }: Trace): void {
  const moves = history.map(({ step, from, to }) => `${step ?? '(task)'}: ${from} → ${to}`)
  const expected = [
    '(task): null → pending',
    '(task): pending → in_progress',
    '(task): in_progress → complete',
    ...tasks.flatMap(({ id }) => [`${id}: pending → in_progress`, `${id}: in_progress → complete`]),
  ]
  expect(moves.toSorted()).toEqual(expected.toSorted())
  expect([moves[0], moves.at(-1)]).toEqual([expected[0], expected[2]])
}

/** By the order of the history, and by its times. */
function expectParentsFirst(history: readonly HistoryRow[], { tasks }: Trace): void {
  const placeOf = (to: string): ReadonlyMap<string | null, number> =>
    new Map(history.flatMap((row, place) => (row.to === to ? [[row.step, place]] : [])))
  const [claims, ends] = [placeOf('in_progress'), placeOf('complete')]
  const atOf = (place: number): Date => history[place]?.at ?? new Date(Number.NaN)
  const early = tasks.flatMap(({ id, depends_on: parents }) => {
    const claim = claims.get(id) ?? -1
    return parents.filter((parent) => {
      const end = ends.get(parent) ?? Number.POSITIVE_INFINITY
      return !(end < claim && atOf(end) <= atOf(claim))
    })
  })
  expect(early).toEqual([])
}

function expectCriticalPath({ nodes, edges, criticalPath }: StepGraph, trace: Trace): void {
  const { steps = [], totalMs = Number.NaN } = criticalPath ?? {}
  const parentsOf = new Map(trace.tasks.map((task) => [task.id, task.depends_on]))
  const secondsOf = new Map(trace.tasks.map((task) => [task.id, task.runtime_seconds]))
  expect(nodes.map(({ name }) => name)).toEqual(trace.tasks.map(({ id }) => id))
  expect(edges).toHaveLength(trace.tasks.flatMap((task) => task.depends_on).length)
  // It is a way through the graph …
  const broken = steps.filter(
    (step, at) => at > 0 && !parentsOf.get(step)?.includes(steps[at - 1] ?? ''),
  )
  expect(broken).toEqual([])
  // … as long as it says, the longest there is, and no longer than the whole run took.
  const seconds = steps.reduce((sum, step) => sum + (secondsOf.get(step) ?? Number.NaN), 0)
  expect(totalMs / 1_000).toBeCloseTo(seconds, 3)
  expect(totalMs / 1_000).toBeCloseTo(longestSeconds(trace), 3)
  expect(totalMs / 1_000).toBeLessThanOrEqual(trace.makespan_seconds)
}
