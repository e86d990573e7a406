// What callers may get wrong: every wrong request is answered with one of our errors and all of its faults, never with an
// error of the language, the driver or the database.
import { describe, expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { checkSchema, migrate } from '../../src/database/migrate.ts'
import type { Tasks } from '../../src/task-operations.ts'
import { createTasker } from '../../src/tasker.ts'
import { databaseForFile } from '../support/database.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()
const definition = defineTask({ namespace: 'surface', name: 'request', version: '1.0.0' }).step(
  'only',
  async () => null,
)

const still = (): Promise<Stage> =>
  stage(database.url, { definitions: [definition], isWorking: false })

/** Methods as a JavaScript caller sees them: nothing is checked before the call. */
type Unchecked = Readonly<Record<keyof Tasks, (...args: unknown[]) => Promise<unknown>>>
const unchecked = (tasks: Tasks): Unchecked => tasks as unknown as Unchecked // see above

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )

describe('a request that is none', () => {
  test.each<[string, (tasks: Unchecked) => Promise<unknown>]>([
    ['create without a request', (tasks) => tasks.create(definition)],
    ['create with null', (tasks) => tasks.create(definition, null)],
    ['create with text', (tasks) => tasks.create(definition, 'context')],
    ['create of nothing', (tasks) => tasks.create(undefined, { context: {} })],
    ['create of null', (tasks) => tasks.create(null, { context: {} })],
    ['create of a number', (tasks) => tasks.create(7, { context: {} })],
    ['create of an address without a name', (tasks) => tasks.create({}, { context: {} })],
    [
      'create of an address whose version is a number',
      (tasks) => tasks.create({ name: 'request', version: 1 }, { context: {} }),
    ],
    [
      'create in a transaction that is none',
      (tasks) => tasks.create(definition, { context: {}, transaction: 7 }),
    ],
    ['createMany of nothing', (tasks) => tasks.createMany()],
    ['createMany of an empty request', (tasks) => tasks.createMany([{}])],
    ['createMany of null', (tasks) => tasks.createMany([null])],
    ['createMany with options that are none', (tasks) => tasks.createMany([], 7)],
    ['find with text', (tasks) => tasks.find('complete')],
    ['find with null', (tasks) => tasks.find(null)],
  ])('%s is refused as such', async (_what, call) => {
    const { tasker } = await still()
    expect(await refusal(call(unchecked(tasker.tasks)))).toMatchObject({ code: 'REQUEST_INVALID' })
  })

  test('an id that is no text is a task that does not exist', async () => {
    const { tasker } = await still()
    const tasks = unchecked(tasker.tasks)
    for (const call of ['get', 'history', 'why', 'cancel', 'waitFor'] as const) {
      expect(await refusal(tasks[call](undefined))).toMatchObject({ code: 'TASK_NOT_FOUND' })
    }
  })
})

describe('find', () => {
  test('lists every fault of a filter: unknown keys with the nearest, unknown states, NUL', async () => {
    const { tasker } = await still()
    const filter = { stats: ['complete'], states: ['done'], name: 'a\0b', limit: 0 }
    expect(await refusal(unchecked(tasker.tasks).find(filter))).toMatchObject({
      code: 'REQUEST_INVALID',
      details: {
        faults: expect.arrayContaining([
          { path: 'stats', message: 'is not a filter of tasks; did you mean "states"?' },
          expect.objectContaining({ path: 'states.0' }),
          expect.objectContaining({ path: 'name' }),
          expect.objectContaining({ path: 'limit' }),
        ]) as unknown,
      },
    })
  })

  test.each<[string, unknown]>([
    ['a date that is none', { createdFrom: new Date(Number.NaN) }],
    ['a date beyond what PostgreSQL holds', { createdBefore: new Date(-8.64e15) }],
    ['tags with half a surrogate pair', { tags: ['\ud83d'] }],
    ['an annotation that is no JSON', { annotation: { type: 't', contains: { a: 1n } } }],
    ['an annotation that is a list', { annotation: { type: 't', contains: [] } }],
    ['an annotation without a type', { annotation: { contains: {} } }],
  ])('refuses %s', async (_what, filter) => {
    const { tasker } = await still()
    expect(await refusal(unchecked(tasker.tasks).find(filter))).toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })
})

describe('cancel', () => {
  test.each<[string, unknown]>([
    ['NUL in the actor', { actor: 'a\0b' }],
    ['NUL in the reason', { reason: 'a\0b' }],
    ['an empty actor', { actor: '' }],
    ['an unknown key', { by: 'ana' }],
    ['null', null],
  ])('refuses %s, and the task goes on', async (_what, by) => {
    const { tasker } = await still()
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect(await refusal(unchecked(tasker.tasks).cancel(taskId, by))).toMatchObject({
      code: 'REQUEST_INVALID',
    })
    expect(await tasker.tasks.get(taskId)).toMatchObject({ state: 'pending' })
  })
})

describe('messages write addresses as requests take them', () => {
  test('of a wrong context, a wrong option and a definition that was not given', async () => {
    const { tasker } = await still()
    const tasks = unchecked(tasker.tasks)
    const other = defineTask({ namespace: 'surface', name: 'other', version: '2.0.0' }).step(
      'only',
      async () => null,
    )
    const messages = await Promise.all([
      refusal(tasks.create(definition, { context: 7 })),
      refusal(tasks.create(definition, { context: {}, tag: 'x' })),
      refusal(tasks.create(other, { context: {} })),
    ])
    expect(messages.map(String)).toEqual([
      expect.stringContaining('surface/request@1.0.0'),
      expect.stringContaining('surface/request@1.0.0'),
      expect.stringContaining('surface/other@2.0.0'),
    ])
  })
})

describe('a database that cannot be used', () => {
  const elsewhere = (change: (url: URL) => void): string => {
    const url = new URL(database.url)
    change(url)
    return url.href
  }
  const unusable: readonly (readonly [string, () => string, string])[] = [
    ['is missing', () => elsewhere((url) => (url.pathname = '/no_such')), 'no_such'],
    ['knows no such role', () => elsewhere((url) => (url.username = 'nobody_here')), 'nobody_here'],
    ['has an address that is none', () => 'postgresql://ana:sesame@[bad/x', 'is not a URL'],
  ]

  test.each(unusable)('because it %s: migrate and check say so', async (_what, url, hint) => {
    for (const run of [migrate, checkSchema]) {
      const refused = await refusal(run({ url: url(), schema: 'tasker' }))
      expect(refused).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
      expect(String(refused)).toContain(hint)
      expect(JSON.stringify(refused) + String(refused)).not.toContain('sesame')
    }
  })
})

describe('a Tasker', () => {
  test('shows the address of its database without any password', async () => {
    const url = new URL(database.url)
    url.searchParams.set('application_name', 'surface')
    url.searchParams.set('password', 'sesame')
    await using tasker = await createTasker({
      database: { url: url.href, migrate: 'off' },
      definitions: [definition],
    })
    expect(tasker.database.url).toContain('application_name=surface')
    expect(tasker.database.url).toContain('password=***')
    expect(tasker.database.url).not.toContain('sesame')
  })

  test('lets others listen to its events, not publish them', async () => {
    const { tasker } = await still()
    expect(Object.keys(tasker.events).toSorted()).toEqual([
      'catalogue',
      'failureCount',
      'failures',
      'on',
      'subscribe',
      'subscriptions',
      'unsubscribe',
    ])
    expect(tasker.events.failureCount).toBe(0)
  })

  test('that was closed says so, whatever it is asked', async () => {
    const { tasker } = await still()
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await tasker.close()
    const { tasks } = tasker
    const calls = [
      () => tasks.create(definition, { context: {} }),
      () => tasks.createMany([{ definition, context: {} }]),
      () => tasks.get(taskId),
      () => tasks.find(),
      () => tasks.history(taskId),
      () => tasks.why(taskId),
      () => tasks.cancel(taskId),
      () => tasks.waitFor(taskId),
      () => tasker.workers(),
    ]
    for (const call of calls) {
      expect(await refusal(call())).toMatchObject({ code: 'TASKER_CLOSED' })
    }
  })
})
