// A recorded run as a definition: the conversion, and every fault of a file that is none.
import { expect, test } from 'vitest'
import { readTrace, type TraceOptions } from '../../src/definitions/trace.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import { testClock } from '../../src/testing/index.ts'
import { errorOf, faultsOf } from './errors.ts'
import { executionOf } from './execution.ts'

interface TraceTask {
  readonly id?: unknown
  readonly depends_on?: unknown
  readonly runtime_seconds?: unknown
}

const task = (id: string, dependsOn: readonly string[] = [], seconds = 1): TraceTask => ({
  id,
  depends_on: dependsOn,
  runtime_seconds: seconds,
})

const read = (tasks: readonly TraceTask[], more: object = {}, options?: TraceOptions) =>
  readTrace(JSON.stringify({ tasks, ...more }), 'runs/night 1.json', options)

const edgesOf = ({ steps }: TaskDefinition) => steps.map(({ name, dependsOn }) => [name, dependsOn])

test('every task becomes a step and every dependency is kept, in the order of the file', () => {
  const definition = read(
    [task('load', ['fetch', 'check'], 2.5), task('fetch', [], 0.25), task('check', ['fetch'])],
    { makespan_seconds: 9, source: 'pegasus/night.json', schemaVersion: '1.5' },
  )
  expect(definition).toMatchObject({
    namespace: 'traces',
    name: 'night_1',
    version: '0.1.0',
    description: 'Recorded as pegasus/night.json',
    metadata: { makespan_seconds: 9 },
    planSteps: null,
  })
  expect(edgesOf(definition)).toEqual([
    ['load', ['fetch', 'check']],
    ['fetch', []],
    ['check', ['fetch']],
  ])
  expect(definition.steps.map(({ inputs }) => inputs)).toEqual([
    { runtime_seconds: 2.5 },
    { runtime_seconds: 0.25 },
    { runtime_seconds: 1 },
  ])
})

test('a version in the file is that of the definition, and another runtime makes another digest', () => {
  const [a, b] = [1, 2].map((seconds) => read([task('a', [], seconds)], { version: '2.0.0' }))
  expect([a?.version, b?.version]).toEqual(['2.0.0', '2.0.0'])
  expect(a?.digest).not.toBe(b?.digest)
})

test('the scale of time is no part of the definition', () => {
  const [a, b] = [0, 0.5].map((timeScale) => read([task('a')], {}, { timeScale }))
  expect(a?.digest).toBe(b?.digest)
})

test('ids that no step may have as its name are made valid and stay apart', () => {
  const long = 'x'.repeat(200)
  const ids = ['a\nb', 'a_b', 'a\tb', '', ' ', long, `${long}y`, 'replay[1]']
  const definition = read(ids.map((id, index) => task(id, ids.slice(0, index))))
  const names = [
    'a_b~2',
    'a_b',
    'a_b~3',
    'step',
    'step~2',
    'x'.repeat(128),
    `${'x'.repeat(126)}~2`,
    'replay[1]',
  ]
  expect(edgesOf(definition)).toEqual(names.map((name, index) => [name, names.slice(0, index)]))
})

test.each([
  ['/data/bwa-large.json', 'bwa-large'],
  ['C:\\runs\\a@b c.JSON', 'a_b_c'],
  ['.json', 'trace'],
  [`${'n'.repeat(80)}.json`, 'n'.repeat(64)],
])('the file %s names the task %s', (file, name) => {
  expect(readTrace(JSON.stringify({ tasks: [task('a')] }), file).name).toBe(name)
})

test('a step returns the recorded time, at once', async () => {
  const { handlers, steps } = read([task('a', [], 3_600)])
  const [step] = steps
  const run = handlers['a']
  expect(await run?.(executionOf({ inputs: step?.inputs ?? null }).execution)).toEqual({
    runtime_seconds: 3_600,
  })
})

test('on a scale it takes its time, and stops when it is called off', async () => {
  const clock = testClock()
  const { handlers, steps } = read([task('a', [], 10)], {}, { timeScale: 0.5, clock })
  const inputs = steps[0]?.inputs ?? null
  const ends: string[] = []
  const stopped = new AbortController()
  const runs = [
    handlers['a']?.(executionOf({ inputs }).execution).then(() => ends.push('ended')),
    handlers['a']?.(executionOf({ inputs, signal: stopped.signal }).execution).catch(
      (error: Error) => ends.push(error.message),
    ),
  ]
  stopped.abort(new Error('called off'))
  await runs[1]
  await clock.advance(4_999)
  expect(ends).toEqual(['called off'])
  await clock.advance(1)
  await runs[0]
  expect(ends).toEqual(['called off', 'ended'])
})

test('every fault of the tasks is named with its place', () => {
  const error = errorOf(() =>
    read(
      [
        task('fetch', ['load'], -1),
        task('fetch', ['fetsh', 'fetch']),
        task('load', ['fetch']),
        { id: 7, depends_on: 'fetch', runtime_seconds: '2 s' },
        { id: 'loose', depends_on: [1], runtime_seconds: null },
      ],
      { makespan_seconds: -2, version: '1' },
    ),
  )
  expect(error.code).toBe('DEFINITION_INVALID')
  expect(faultsOf(error)).toEqual([
    'tasks[0].runtime_seconds: expected seconds, 0 or more, received number -1',
    'tasks[3].id: expected a string, received number 7',
    'tasks[3].depends_on: expected a list of ids, received "fetch"',
    'tasks[3].runtime_seconds: expected seconds, 0 or more, received "2 s"',
    'tasks[4].depends_on: expected ids, received number 1',
    'tasks[4].runtime_seconds: expected seconds, 0 or more, received null',
    'tasks[1].id: "fetch" is already the id of tasks[0]',
    'tasks[1].depends_on: "fetsh" is not the id of a task; did you mean "fetch"?',
    'tasks[1].depends_on: "fetch" depends on itself',
    'tasks: the dependencies form a cycle: fetch → load → fetch',
    'makespan_seconds: expected seconds, 0 or more, received number -2',
    'version: expected a full semantic version such as 1.2.0 or 2.0.0-beta.1, received "1"',
  ])
})

test.each([
  ['{"tasks": [}', 'file: is not JSON'],
  ['{"tasks": []\n"version": "1.0.0"}', 'file: is not JSON (line 2, column 1)'],
  ['[]', 'file: expected an object with "tasks", received array'],
  ['{}', 'tasks: expected a list of { id, depends_on, runtime_seconds }, received undefined'],
  ['{"tasks": []}', 'tasks: expected at least one task, received none'],
  ['{"tasks": [3]}', 'tasks[0]: expected { id, depends_on, runtime_seconds }, received number 3'],
])('%s is no trace', (text, fault) => {
  expect(faultsOf(errorOf(() => readTrace(text, 'bad.json')))).toEqual([fault])
})

test('more steps than a task may have are refused', () => {
  const faults = faultsOf(errorOf(() => read([task('a'), task('b')], {}, { stepsMax: 1 })))
  expect(faults).toEqual(['steps: expected at most 1 steps, received 2'])
})
