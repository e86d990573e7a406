// Where events are told: the table, what changes it, and which tasks are in a sample.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TaskerError, type Fault } from '../../src/errors.ts'
import { eventNames } from '../../src/events/names.ts'
import { newTaskId } from '../../src/ids.ts'
import { createTasker } from '../../src/tasker.ts'
import { defaultRoutes } from '../../src/telemetry/router/default-routes.ts'
import { createRouter, type EventRouter } from '../../src/telemetry/router/router.ts'
import { configOf, faultsOf, untyped } from '../config/resolve-input.ts'

const declared = [{ name: 'order.packed' }, { name: 'order.sent' }]

const routerOf = (telemetry: object = {}): EventRouter =>
  createRouter(configOf(untyped({ telemetry })).telemetry, declared)

const backendsOf = (router: EventRouter, name: string): string =>
  [
    router.routesToTraces(name) ? 'trace' : '',
    router.routesToMetrics(name) ? 'metrics' : '',
    router.routesToLogs(name) ? 'logs' : '',
  ].join(' ')

describe('the table', () => {
  test('has every event and the custom ones, frozen, and answers with true or false', () => {
    const router = routerOf()
    expect([...router.routes.keys()]).toEqual([...eventNames, 'order.packed', 'order.sent'])
    for (const [name, route] of router.routes) {
      expect(Object.isFrozen(route) && Object.isFrozen(route.backends)).toBe(true)
      for (const answer of [router.routesToTraces(name), router.routesToMetrics(name)]) {
        expect(typeof answer).toBe('boolean')
      }
      expect(router.routesToLogs(name)).toBe(true)
    }
    expect(Object.isFrozen(router) && Object.isFrozen(defaultRoutes)).toBe(true)
    expect(router.routesToLogs('nothing.of_the_kind')).toBe(false)
    expect(router.isSampled('nothing.of_the_kind', null)).toBe(false)
  })

  test('keeps what the first generation told to traces and metrics', () => {
    const router = routerOf()
    for (const name of [
      'task.initialize_requested',
      'task.start_requested',
      'task.completed',
      'task.failed',
      'step.execution_requested',
      'step.completed',
      'step.failed',
      'step.retry_requested',
      'workflow.viable_steps_discovered',
    ]) {
      expect(backendsOf(router, name)).toBe('trace metrics logs')
    }
    expect(backendsOf(router, 'step.before_handle')).toBe('trace  logs')
  })

  test('a longer pattern goes before a shorter one and a name before both, in any order', () => {
    const routes = {
      'task.failed': { samplingRate: 1 },
      'task.*': { backends: ['metrics'], priority: 'high' },
      '*': { samplingRate: 0.5, backends: ['logs'] },
    }
    const reversed = Object.fromEntries(Object.entries(routes).toReversed())
    for (const router of [routerOf({ routes }), routerOf({ routes: reversed })]) {
      expect(router.routes.get('task.failed')).toEqual({
        backends: ['metrics'],
        samplingRate: 1,
        priority: 'high',
      })
      expect(router.routes.get('step.failed')?.samplingRate).toBe(0.5)
      expect(backendsOf(router, 'order.packed')).toBe('  logs')
    }
  })

  test('what is switched off or filtered is told to none', () => {
    const router = routerOf({
      routes: { 'step.waiting': { enabled: false }, custom: { backends: ['trace'] } },
      filteredEvents: ['worker.*', 'order.packed'],
    })
    for (const name of ['step.waiting', 'worker.state_changed', 'order.packed']) {
      expect(backendsOf(router, name).trim()).toBe('')
    }
    expect(backendsOf(router, 'order.sent').trim()).toBe('trace')
    expect(backendsOf(routerOf({ enabled: false }), 'task.failed').trim()).toBe('')
  })
})

describe('faults', () => {
  test('of a route are named all at once, with the place of each', () => {
    const routes = {
      'task.failed': { backends: ['log', 'metrics'], samplingRate: 2, sampling: 1 },
      'step.*': { priority: 'urgent', sampling_rate: 0.5 },
    }
    expect(faultsOf(untyped({ telemetry: { routes } }))).toEqual([
      expect.stringMatching(/^telemetry\.routes\.task\.failed\.backends\[0\]: .*, got "log"$/),
      expect.stringMatching(/^telemetry\.routes\.task\.failed\.samplingRate: .*, got 2$/),
      'telemetry.routes.task.failed.sampling: unknown key.',
      expect.stringMatching(/^telemetry\.routes\.step\.\*\.priority: .*, got "urgent"$/),
    ])
  })

  test('of names that nothing here has end the start, before the database is asked', async () => {
    const error: unknown = await createTasker({
      database: 'postgres://nobody@127.0.0.1:1/none',
      telemetry: {
        routes: { 'step.complete': { enabled: false }, 'registry.*': {} },
        filteredEvents: ['order.unknown'],
      },
    }).catch((thrown: unknown) => thrown)
    if (!(error instanceof TaskerError)) throw error
    expect(error.code).toBe('CONFIG_INVALID')
    const faults = error.details['faults'] as readonly Fault[] // of this code
    expect(faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'telemetry.routes: nothing that can happen here is called "step.complete". Did you mean step.completed?',
      'telemetry.routes: nothing that can happen here is called "registry.*".',
      'telemetry.filteredEvents: nothing that can happen here is called "order.unknown".',
    ])
  })
})

describe('a sample', () => {
  test('has all events of a task or none, the same in every process', () => {
    const [one, other] = [
      routerOf({ eventSamplingRate: 0.3 }),
      routerOf({ eventSamplingRate: 0.3 }),
    ]
    for (let count = 0; count < 200; count += 1) {
      const taskId = newTaskId()
      const answers = eventNames.map((name) => one.isSampled(name, taskId))
      expect(new Set(answers).size).toBe(1)
      expect(eventNames.map((name) => other.isSampled(name, taskId))).toEqual(answers)
    }
  })

  test('at a lower rate is a part of that at a higher one; at 0 it has nothing, at 1 everything', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(rate, rate, fc.uuid({ version: 7 }), (first, second, taskId) => {
        const [low, high] = [first, second].map((eventSamplingRate) =>
          routerOf({ eventSamplingRate }).isSampled('task.failed', taskId),
        )
        expect(first > second || low === false || high === true).toBe(true)
        const none = routerOf({ routes: { 'task.failed': { samplingRate: 0 } } })
        expect(none.isSampled('task.failed', taskId)).toBe(false)
        expect(none.isSampled('task.failed', null)).toBe(false)
        expect(routerOf().isSampled('task.failed', taskId)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('has about the share that was asked for', () => {
    const router = routerOf({ eventSamplingRate: 0.5, routes: { '*': { samplingRate: 0.5 } } })
    const ids = Array.from({ length: 4_000 }, () => newTaskId())
    const share = ids.filter((id) => router.isSampled('task.failed', id)).length / ids.length
    expect(Math.abs(share - 0.25)).toBeLessThan(0.05)
  })

  test('leaves out nothing that belongs to no task', () => {
    const router = routerOf({ eventSamplingRate: 0.001 })
    expect(router.isSampled('worker.state_changed', null)).toBe(true)
  })
})
