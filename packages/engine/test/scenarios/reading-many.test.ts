// Reading many tasks at once: rows, steps and annotations, in the order of the ids, with what was asked for and nothing else.
import { beforeAll, expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import { createTasker } from '../../src/tasker.ts'
import { runToEnd, testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

const definition = defineTask({ namespace: 'many', name: 'read', version: '1.0.0' })
  .step('first', async () => ({ total: 1 }))
  .step('left', { dependsOn: ['first'], retry: { limit: 1 } }, async ({ context }) => {
    if ('fails' in context) throw new PermanentError('no stock')
    return 'l'
  })
  .step('right', { dependsOn: ['first'] }, async () => 'r')
  .step('join', { dependsOn: ['left', 'right'] }, async () => null)
  .annotate(async ({ context }) => [
    { type: 'customer', annotation: { id: context['customer'] ?? 0 } },
    { type: 'total', annotation: { sum: 1 } },
  ])

const made = { whole: '', failed: '' }
const unknown = '01990000-0000-7000-8000-000000000000'

beforeAll(async () => {
  const clock = testClock()
  await using tasker = await createTasker({
    database: { url: database.url, migrate: 'off' },
    orchestration: { listen: false, shutdownGraceMs: 0, abortGraceMs: 0 },
    definitions: [definition],
    clock,
  })
  await tasker.worker.start()
  made.whole = (await tasker.tasks.create(definition, { context: { customer: 7 } })).taskId
  made.failed = (await tasker.tasks.create(definition, { context: { fails: true } })).taskId
  await runToEnd(tasker, made.whole, clock)
  await runToEnd(tasker, made.failed, clock)
})

const reader = async () => {
  const { tasker } = await stage(database.url, { isWorking: false })
  return tasker.tasks
}

test('tasks come in the order of the ids, null for one that there is not, twice for one asked twice', async () => {
  const tasks = await reader()
  const read = await tasks.getMany([made.failed, unknown, 'no id', made.whole, made.failed])
  expect(read.map((task) => task?.taskId ?? null)).toEqual([
    made.failed,
    null,
    null,
    made.whole,
    made.failed,
  ])
  expect(read[3]).toMatchObject({
    state: 'complete',
    namespace: 'many',
    priority: 'normal',
    context: null,
    execution: null,
  })
})

test('contexts and where tasks stand are read when they are asked for, as `get` has them', async () => {
  const tasks = await reader()
  const whole = await tasks.get(made.whole)
  const [read] = await tasks.getMany([made.whole], { context: true, execution: true })
  expect(whole).toMatchObject({ ...read })
  expect(read).toMatchObject({
    context: { customer: 7 },
    execution: { totalSteps: 4, completedSteps: 4, healthStatus: 'healthy' },
  })
})

test('steps of many tasks say where they stand and whom they wait for, and nothing of what they carry', async () => {
  const tasks = await reader()
  const [ofFailed = [], ofNone, ofWhole = []] = await tasks.stepsOf([
    made.failed,
    unknown,
    made.whole,
  ])
  expect(ofNone).toEqual([])
  expect(ofWhole.map(({ name, state }) => [name, state])).toEqual(
    ['first', 'left', 'right', 'join'].map((name) => [name, 'complete']),
  )
  expect(ofFailed[1]).toMatchObject({
    state: 'error',
    parents: [{ stepNo: 1, name: 'first' }],
    children: [{ stepNo: 4, name: 'join' }],
    retryable: true,
    skippable: false,
    dependentSystem: 'unknown',
    error: null,
  })
  expect(ofFailed[3]?.parents).toEqual([
    { stepNo: 2, name: 'left' },
    { stepNo: 3, name: 'right' },
  ])
  expect(ofWhole.every(({ result, inputs }) => result === null && inputs === null)).toBe(true)
})

test('results, errors and inputs come when they are asked for, as `get` has them', async () => {
  const tasks = await reader()
  const [ofFailed, ofWhole] = await tasks.stepsOf([made.failed, made.whole], {
    results: true,
    errors: true,
    inputs: true,
  })
  expect(ofFailed).toEqual((await tasks.get(made.failed)).steps)
  expect(ofWhole?.[0]?.result).toEqual({ total: 1 })
  expect(ofFailed?.[1]?.error).toMatchObject({ message: 'no stock' })
  const [withoutErrors] = await tasks.stepsOf([made.failed], { results: true })
  expect(withoutErrors?.[1]?.error).toBeNull()
})

test('annotations of many tasks, all or of some types', async () => {
  const tasks = await reader()
  const all = await tasks.annotationsOf([made.failed, made.whole])
  expect(all).toMatchObject([
    [],
    [
      { type: 'customer', annotation: { id: 7 } },
      { type: 'total', annotation: { sum: 1 } },
    ],
  ])
  const some = await tasks.annotationsOf([made.whole], { types: ['total'] })
  expect(some).toMatchObject([[{ type: 'total' }]])
})

test('more than 100 at once are refused', async () => {
  const tasks = await reader()
  const ids = Array.from({ length: 101 }, () => unknown)
  for (const read of ['getMany', 'stepsOf', 'annotationsOf'] as const) {
    await expect(tasks[read](ids)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect(await tasks[read](ids.slice(1))).toHaveLength(100)
    expect(await tasks[read]([])).toEqual([])
  }
})
