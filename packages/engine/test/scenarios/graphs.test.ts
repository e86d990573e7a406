// Graphs of tasks and definitions as the database knows them: states, attempts, and how long steps took on a clock that
// tests set.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import { readTrace } from '../../src/definitions/trace.ts'
import { definitionGraph } from '../../src/reports/graph/read-graph.ts'
import type { DurationSource, StepGraph } from '../../src/reports/graph/step-graph.ts'
import type { TestClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { rejectionOf } from '../definitions/errors.ts'
import { gate, succeeds } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

/** Takes so long on the clock that is told later. */
const takes =
  (seconds: number, clock: () => TestClock): RunStep =>
  async () => {
    await clock().advance(seconds * 1_000)
    return { seconds }
  }

const rowsOf = ({ nodes }: StepGraph) =>
  nodes.map(({ name, state, attempts, durationMs }) => [name, state, attempts, durationMs])

test('a task that has ended: each step with all of its attempts, waits between them left out', async () => {
  const failsOnce: RunStep = async (step) => {
    await clock.advance(2_000)
    if (step.attempt === 1) throw new Error('once')
    return null
  }
  const definition = defineTask({ name: 'timed_graph' })
    .step('fetch', failsOnce)
    .step(
      'check',
      takes(5, () => clock),
    )
    .step(
      'load',
      { dependsOn: ['fetch', 'check'] },
      takes(1, () => clock),
    )
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition], slots: 1 })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const graph = await tasker.reports.graph(taskId)
  expect(rowsOf(graph)).toEqual([
    ['fetch', 'complete', 2, 4_000],
    ['check', 'complete', 1, 5_000],
    ['load', 'complete', 1, 1_000],
  ])
  expect(graph).toMatchObject({
    namespace: 'default',
    name: 'timed_graph',
    taskId,
    state: 'complete',
    durations: 'measured',
    levels: [['fetch', 'check'], ['load']],
    criticalPath: { steps: ['check', 'load'], totalMs: 6_000 },
  })
})

test('a step that runs counts until now, one that has not run has no duration', async () => {
  const door = gate()
  const definition = defineTask({ name: 'running_graph' })
    .step('slow', async () => door.opened)
    .step('after', { dependsOn: ['slow'] }, succeeds)
  const { tasker, clock, events, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.execution_requested')
  await clock.advance(7_000)
  const graph = await tasker.reports.graph(taskId)
  expect(rowsOf(graph)).toEqual([
    ['slow', 'in_progress', 1, 7_000],
    ['after', 'pending', 0, null],
  ])
  expect(graph.criticalPath).toEqual({ steps: ['slow'], totalMs: 7_000 })
  door.open()
  expect((await run(taskId)).state).toBe('complete')
})

test('a task that nobody has begun has a graph, and no critical path', async () => {
  const definition = defineTask({ name: 'fresh_graph' }).step('one', succeeds)
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const graph = await tasker.reports.graph(taskId)
  expect(rowsOf(graph)).toEqual([['one', 'pending', 0, null]])
  expect(graph.criticalPath).toBeNull()
})

test('steps that were generated from the context are those of the task, not of the definition', async () => {
  const definition = defineTask({ name: 'planned_graph' })
    .expand('part', {}, () => ['a', 'b'].map((key) => ({ key, inputs: null })), succeeds)
    .step('join', { dependsOn: ['part'] }, succeeds)
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const graph = await tasker.reports.graph(taskId)
  expect(graph.levels).toEqual([['part[a]', 'part[b]'], ['join']])
  expect(graph.nodes.at(-1)?.parents).toEqual(['part[a]', 'part[b]'])
})

const trace = {
  tasks: [
    { id: 'a', depends_on: [], runtime_seconds: 0.25 },
    { id: 'b', depends_on: ['a'], runtime_seconds: 3 },
    { id: 'c', depends_on: ['a'], runtime_seconds: 2 },
  ],
}

test('recorded durations of a replayed trace, of its task and of its definition', async () => {
  const definition = readTrace(JSON.stringify(trace), 'short.json')
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const before = await tasker.reports.graph(taskId, { durations: 'recorded' })
  await run(taskId)
  const after = await tasker.reports.graph(taskId, { durations: 'recorded' })
  const path = { steps: ['a', 'b'], totalMs: 3_250 }
  const { reports } = tasker
  const registered = await reports.definitionGraph('traces/short', { durations: 'recorded' })
  expect([before, after, registered].map(({ criticalPath }) => criticalPath)).toEqual([
    path,
    path,
    path,
  ])
  expect(registered).toEqual(definitionGraph(definition, { durations: 'recorded' }))
  expect(rowsOf(await reports.graph(taskId, { durations: 'none' }))).toEqual([
    ['a', 'complete', 1, null],
    ['b', 'complete', 1, null],
    ['c', 'complete', 1, null],
  ])
})

test('a definition that only the database has is drawn as the one that was registered', async () => {
  const definition = defineTask({ namespace: 'graphs', name: 'stored', version: '1.2.0' })
    .step('one', succeeds)
    .step('two', { dependsOn: ['one'], retry: { limit: 7 } }, succeeds)
  const first = await stage(database.url, { definitions: [definition], isWorking: false })
  const { tasker } = await stage(database.url, { definitions: [], isWorking: false })
  const address = 'graphs/stored@^1'
  const stored = await tasker.reports.definitionGraph(address)
  expect(stored).toEqual(await first.tasker.reports.definitionGraph(address))
  expect(stored).toMatchObject({ version: '1.2.0', state: null, criticalPath: null })
  expect(stored.nodes.map(({ retryLimit }) => retryLimit)).toEqual([3, 7])
})

test('measured durations of a definition are means over its newest complete tasks', async () => {
  const lengths = [40, ...Array.from({ length: 20 }, (_, index) => (index < 10 ? 1 : 3))]
  const definition = defineTask({ name: 'mean_graph' })
    .step('work', async (step) => {
      const seconds = step.context['seconds']
      await clock.advance(Number(seconds) * 1_000)
      if (seconds === 100) throw new Error('never')
      return null
    })
    .step('idle', { dependsOn: ['work'] }, succeeds)
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  for (const seconds of [...lengths, 100]) {
    const { taskId } = await tasker.tasks.create(definition, { context: { seconds } })
    await run(taskId)
  }
  const graph = await tasker.reports.definitionGraph('mean_graph', { durations: 'measured' })
  // Of 21 complete tasks the oldest, of 40 s, is left out; so is the one that failed.
  expect(rowsOf(graph)).toEqual([
    ['work', null, null, 2_000],
    ['idle', null, null, 0],
  ])
  expect(graph.criticalPath).toEqual({ steps: ['work'], totalMs: 2_000 })
})

test('what is not there, and what is no source of durations, is refused', async () => {
  const { tasker } = await stage(database.url, { definitions: [], isWorking: false })
  const { reports } = tasker
  const wrong = 'guessed' as DurationSource // as a JavaScript caller may
  const unknownTask = '01980f2b-7a3c-7e10-8f64-5b1f0c9e2d77'
  const codes = await Promise.all(
    [
      () => reports.graph('nonsense'),
      () => reports.graph(unknownTask),
      () => reports.definitionGraph('no/such'),
      () => reports.graph(unknownTask, { durations: wrong }),
      () => reports.definitionGraph('no/such', { durations: wrong }),
    ].map(async (ask) => (await rejectionOf(ask)).code),
  )
  expect(codes).toEqual([
    'TASK_NOT_FOUND',
    'TASK_NOT_FOUND',
    'DEFINITION_NOT_FOUND',
    'REQUEST_INVALID',
    'REQUEST_INVALID',
  ])
})
