// The last lines and events of a process: within their bound, filtered, by level and name, and only where they are asked for.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { createEventBus } from '../../src/events/bus.ts'
import { openRecent } from '../../src/telemetry/recent/recent.ts'
import { createRouter } from '../../src/telemetry/router/router.ts'
import { testClock } from '../../src/testing/index.ts'
import { configOf } from '../config/resolve-input.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from '../scenarios/stage.ts'

const database = databaseForFile()
const speaks = defineTask({
  namespace: 'recent',
  name: 'speaks',
}).step(
  'only',
  { customEvents: [{ name: 'card.read', description: '' }] },
  async ({ log, publish }) => {
    log.info({ password: 'hunter2', orderId: 7 }, 'first')
    log.warn({}, 'second')
    log.debug({}, 'not written')
    publish('card.read', { card: { token: 'hunter2', brand: 'visa' } })
    return null
  },
)

test('lines and events of a run are kept, without what must not be seen', async () => {
  const { tasker, run } = await stage(database.url, { definitions: [speaks], recent: true })
  const { taskId } = await tasker.tasks.create(speaks, { context: {} })
  await run(taskId)
  const { recent } = tasker
  expect(recent.isKeeping).toBe(true)
  expect(recent.logs({ component: 'handler' })).toMatchObject([
    { level: 'info', message: 'first', fields: { password: '[FILTERED]', orderId: 7 } },
    { level: 'warn', message: 'second', fields: { task_id: taskId, step_name: 'only' } },
  ])
  expect(recent.logs({ component: 'handler', level: 'warn' })).toHaveLength(1)
  expect(recent.events({ taskId, name: 'task.*' }).map(({ name }) => name)).toEqual([
    'task.initialize_requested',
    'task.start_requested',
    'task.completed',
  ])
  expect(recent.events({ name: 'card.read' })).toMatchObject([
    { taskId, payload: { payload: { card: { token: '[FILTERED]', brand: 'visa' } } } },
  ])
  expect(recent.events({ taskId, limit: 1 })).toMatchObject([{ name: 'task.completed' }])
  recent.clear()
  expect([recent.logs(), recent.events()]).toEqual([[], []])
})

test('unless it is asked for nothing is kept, and nobody listens', async () => {
  const { tasker } = await stage(database.url, { definitions: [speaks], isWorking: false })
  expect(tasker.recent.isKeeping).toBe(false)
  for (const read of [() => tasker.recent.logs(), () => tasker.recent.events()])
    expect(read).toThrow(expect.objectContaining({ code: 'RECENT_UNAVAILABLE' }))
  const bus = createEventBus(() => undefined)
  const config = configOf({})
  const { listen } = openRecent({ config, clock: testClock(), isAskedFor: false })
  listen(bus, createRouter(config.telemetry, []))
  expect(bus.hasSubscribers('task.completed')).toBe(false)
})

test('telemetry.maxStoredSamples: so many are kept, the newest; one that is too large by its name alone', () => {
  const config = configOf({
    code: { telemetry: { maxStoredSamples: 3, filteredEvents: ['worker.loop_blocked'] } },
  })
  const { recent, keepLine, listen } = openRecent({ config, clock: testClock(), isAskedFor: true })
  const line = { level: 'info', component: 'task' } as const
  for (const at of [1, 2, 3, 4, 5]) keepLine?.({ ...line, message: `line ${at}`, fields: { at } })
  expect(recent.logs().map(({ fields }) => fields)).toEqual([{ at: 3 }, { at: 4 }, { at: 5 }])
  expect(recent.logs({ limit: 2 }).map(({ message }) => message)).toEqual(['line 4', 'line 5'])
  expect(recent.logs({ limit: 0 })).toEqual([])
  keepLine?.({ ...line, message: 'large', fields: { text: 'x'.repeat(20_000) } })
  expect(recent.logs({ limit: 1 })).toMatchObject([{ fields: { too_large: 20_011 } }])

  const bus = createEventBus(() => undefined)
  listen(bus, createRouter(config.telemetry, []))
  expect(bus.hasSubscribers('worker.loop_blocked')).toBe(false) // filtered for all telemetry
  for (const version of ['1.0.0', '2.0.0', '3.0.0', '4.0.0'])
    bus.publish('handler.registered', { namespace: 'a', taskName: 'b', version })
  expect(recent.events().map(({ payload }) => payload['version'])).toEqual([
    '2.0.0',
    '3.0.0',
    '4.0.0',
  ])
})
