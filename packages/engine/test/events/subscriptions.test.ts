// Who is told what: patterns, filters, classes, queues; and that a subscriber which fails or is slow hurts nobody.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  EventSubscriber,
  safeGet,
  type EventPayloads,
  type Events,
  type ToldEvent,
} from '../../src/index.ts'
import { createEventBus, type EventBus } from '../../src/events/bus.ts'
import { createEvents } from '../../src/events/events.ts'
import { examplePayloads } from '../../src/events/example-payloads.ts'
import { matchPatterns } from '../../src/events/names.ts'

interface Set {
  readonly bus: EventBus
  readonly events: Events
  /** Lines that were logged: message and subscriber. */
  readonly logged: string[]
  /** Publishes the examples of these events. */
  readonly tell: (...names: (keyof EventPayloads)[]) => void
}

function setUp(): Set {
  const logged: string[] = []
  const log = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void logged.push(`${message}: ${String(fields['subscriber'])}`)
  const bus = createEventBus(({ subscriber }) => log({ subscriber }, 'failed'))
  const events = createEvents({
    bus,
    logger: { debug: log, info: log, warn: log, error: log },
    declared: [{ name: 'parcel.packed', description: '', firedBy: [], payloadSchema: null }],
  })
  const tell: Set['tell'] = (...names) => {
    for (const name of names) bus.publish(name, examplePayloads[name])
  }
  return { bus, events, logged, tell }
}

const nameOf = ({ name }: ToldEvent): string => name

describe('patterns', () => {
  test.for<[string, string[]]>([
    ['task.completed', ['task.completed']],
    ['task.*', ['task.completed', 'task.failed']],
    ['observability.*', ['observability.step.max_retries_reached']],
    ['parcel.packed', ['parcel.packed']],
    ['custom.parcel.packed', ['parcel.packed']],
    ['parcel.*', ['parcel.packed']],
    ['custom', ['parcel.packed']],
    ['custom.*', ['parcel.packed']],
    [
      '*',
      [
        'task.completed',
        'step.skipped',
        'task.failed',
        'observability.step.max_retries_reached',
        'parcel.packed',
      ],
    ],
  ])('%s', ([pattern, told]) => {
    const { events, tell } = setUp()
    const heard: string[] = []
    events.subscribe(pattern, (event) => heard.push(nameOf(event)))
    tell('task.completed', 'step.skipped', 'task.failed')
    tell('observability.step.max_retries_reached', 'custom')
    expect(heard).toEqual(told)
  })

  test('that overlap tell once', () => {
    const { events, tell } = setUp()
    const heard: string[] = []
    events.subscribe(['*', 'task.*', 'task.completed'], (event) => heard.push(nameOf(event)))
    tell('task.completed')
    expect(heard).toEqual(['task.completed'])
  })

  test.for(['task.finished', 'parcel', 'tasks.*', 'task.c*', '', 'custom.nothing.such'])(
    'that nothing can match are refused: "%s"',
    (pattern) => {
      const { events } = setUp()
      const refused: string[] = []
      events.on('subscriber.validation_failed', ({ fault }) => void refused.push(fault))
      const subscribing = (): unknown => events.subscribe(['task.*', pattern], () => undefined)
      expect(subscribing).toThrow(`called "${pattern}"`)
      expect(refused).toHaveLength(1)
      expect(events.subscriptions).toEqual([])
    },
  )

  test('of all custom events are accepted where nobody declares any', () => {
    expect(matchPatterns(['custom.*'], []).unknown).toEqual([])
  })
})

describe('a function', () => {
  test('is told the name, the category and the payload, typed by what it asked for', () => {
    const { events, tell } = setUp()
    const heard: unknown[] = []
    events.subscribe('step.failed', ({ payload }) => heard.push(payload.error['class']))
    events.subscribe('parcel.packed', ({ category, payload }) =>
      heard.push([category, payload.payload]),
    )
    tell('step.failed', 'custom')
    expect(heard).toEqual(['Error', ['custom', { weightKg: 2 }]])
  })

  test('is asked for each event by its filter', () => {
    const { events, tell } = setUp()
    const heard: string[] = []
    const failed = ['step.failed', 'observability.step.max_retries_reached'] as const
    events.subscribe(failed, (event) => heard.push(nameOf(event)), {
      filter: ({ payload }) => payload.retryAt === null,
    })
    tell('step.failed', 'observability.step.max_retries_reached')
    expect(heard).toEqual(['observability.step.max_retries_reached'])
  })

  test('that fails, in any way, is counted under its name, and the others are told', async () => {
    const { events, logged, tell } = setUp()
    const heard: string[] = []
    const boom = (): never => {
      throw new Error('boom')
    }
    events.subscribe('task.completed', boom, { name: 'throws' })
    events.subscribe('task.completed', async () => boom(), { name: 'rejects' })
    events.subscribe('task.completed', () => undefined, { name: 'filters', filter: boom })
    events.subscribe('task.completed', boom, { name: 'waits', delivery: 'async' })
    events.subscribe('task.completed', (event) => heard.push(nameOf(event)))
    tell('task.completed', 'task.completed')
    await events.subscriptions.at(3)?.idle()
    expect(heard).toHaveLength(2)
    const names = ['throws', 'rejects', 'filters', 'waits']
    expect(events.failureCount).toBe(8)
    expect(
      events.failures.toSorted((a, b) => names.indexOf(a.subscriber) - names.indexOf(b.subscriber)),
    ).toEqual(names.map((subscriber) => ({ event: 'task.completed', subscriber, count: 2 })))
    expect(events.subscriptions.map(({ failureCount }) => failureCount)).toEqual([2, 2, 2, 2, 0])
    expect(logged).toHaveLength(8)
  })
})

describe('an async subscriber', () => {
  test('is told later, one event at a time and in order', async () => {
    const { events, tell } = setUp()
    const story: string[] = []
    const hear = async (event: ToldEvent): Promise<void> => {
      story.push(`begin ${event.name}`)
      await nextTurn()
      story.push(`end ${event.name}`)
    }
    const subscription = events.subscribe('task.*', hear, { delivery: 'async' })
    tell('task.completed', 'task.failed')
    expect(story).toEqual([])
    expect(subscription.waitingCount).toBe(2)
    await subscription.idle()
    expect(story).toEqual([
      'begin task.completed',
      'end task.completed',
      'begin task.failed',
      'end task.failed',
    ])
    expect(subscription).toMatchObject({ name: 'hear', deliveredCount: 2, waitingCount: 0 })
  })

  test('that hangs keeps so many events and no more; the rest are counted, and said once', async () => {
    const { events, logged, tell } = setUp()
    const heard: string[] = []
    const door = Promise.withResolvers<void>()
    const hear = async (event: ToldEvent): Promise<void> => {
      heard.push(event.name)
      await door.promise
    }
    const slow = events.subscribe('*', hear, { delivery: 'async', waitingMax: 2, name: 'slow' })
    tell('task.start_requested')
    while (heard.length === 0) await nextTurn()
    tell('step.completed', 'task.completed', 'task.failed', 'task.cancelled')
    expect(slow).toMatchObject({ waitingCount: 2, droppedCount: 2, deliveredCount: 1 })
    door.resolve()
    await slow.idle()
    expect(heard).toEqual(['task.start_requested', 'step.completed', 'task.completed'])
    expect(logged).toEqual([
      'a subscriber is too slow: events for it are dropped and counted: slow',
    ])
    tell('task.failed')
    await slow.idle()
    expect(heard).toHaveLength(4)
  })

  test('with thousands of events lets others have a turn', async () => {
    const { events, tell } = setUp()
    const options = { delivery: 'async', waitingMax: 1_000 } as const
    const subscription = events.subscribe('task.completed', () => undefined, options)
    for (let told = 0; told < 1_000; told += 1) tell('task.completed')
    const seen: number[] = []
    while (subscription.waitingCount > 0) {
      await nextTurn()
      seen.push(subscription.waitingCount)
    }
    await subscription.idle()
    expect(seen.length).toBeGreaterThanOrEqual(9)
  })

  test('that has unsubscribed hears nothing more, not even what waited', async () => {
    const { events, tell } = setUp()
    const heard: string[] = []
    const hear = (event: ToldEvent): unknown => heard.push(nameOf(event))
    const subscription = events.subscribe('task.*', hear, { delivery: 'async' })
    tell('task.completed')
    expect(subscription.unsubscribe()).toBe(true)
    expect(subscription.unsubscribe()).toBe(false)
    tell('task.completed')
    await subscription.idle()
    expect(heard).toEqual([])
  })
})

class Mails extends EventSubscriber {
  static override readonly subscribeTo = ['task.completed', 'step.*', 'parcel.packed']
  readonly heard: string[] = []

  handleTaskCompleted({ name }: ToldEvent): void {
    this.heard.push(name)
  }

  handle_step_failed(event: ToldEvent): void {
    this.heard.push(`${event.name} ${String(this.safeGet(event, 'error.message'))}`)
  }

  handleParcelPacked({ name }: ToldEvent): void {
    this.heard.push(name)
  }

  override shouldProcess({ payload }: ToldEvent): boolean {
    return safeGet(payload, 'taskName') === 'process_order'
  }
}

describe('a class', () => {
  test('is told through the method of the event, and of nothing that it has no method for', () => {
    const { events, tell } = setUp()
    const mails = new Mails()
    const subscription = events.subscribe(mails)
    tell('task.completed', 'step.failed', 'step.completed', 'custom', 'task.failed')
    expect(mails.heard).toEqual([
      'task.completed',
      'step.failed the gateway is busy',
      'parcel.packed',
    ])
    expect(subscription).toMatchObject({ name: 'Mails', deliveredCount: 3 })
  })

  test('is asked before each event whether it wants it', () => {
    const { bus, events } = setUp()
    const mails = new Mails()
    events.subscribe(mails)
    bus.publish('task.completed', { ...examplePayloads['task.completed'], taskName: 'other' })
    expect(mails.heard).toEqual([])
  })

  test('twice is once; another instance is another subscriber', () => {
    const { events } = setUp()
    const mails = new Mails()
    expect(events.subscribe(mails)).toBe(events.subscribe(mails))
    expect(events.subscribe(Mails)).toBe(events.subscribe(Mails))
    expect(events.subscriptions.map(({ name }) => name)).toEqual(['Mails', 'Mails 2'])
  })

  test('with a method `handle` is told there of all else that it listens to', () => {
    class All extends EventSubscriber {
      static override readonly subscribeTo = ['*']
      readonly heard: string[] = []

      handle({ name }: ToldEvent): void {
        this.heard.push(name)
      }
    }
    const { events, tell } = setUp()
    const all = new All()
    events.subscribe(all, { to: ['task.*'] })
    tell('task.completed', 'step.completed')
    expect(all.heard).toEqual(['task.completed'])
  })

  test('that names an event without a method for it is warned', () => {
    const { events, logged } = setUp()
    events.subscribe(new Mails(), { to: ['task.completed', 'task.failed'] })
    expect(logged).toEqual([
      'Handler method handleTaskFailed not found for event task.failed: Mails',
    ])
  })

  test('without a method for any of its events is refused', () => {
    const { events } = setUp()
    expect(() => events.subscribe(new Mails(), { to: ['task.failed'] })).toThrow('no method')
    expect(events.subscriptions).toEqual([])
  })
})

describe('the list of subscribers', () => {
  test('has those that listen, tells of each that comes and goes, and finds them by name and class', () => {
    const { events } = setUp()
    const said: string[] = []
    const say = (what: string) => (payload: { readonly subscriber: string }) =>
      void said.push(`${what} ${payload.subscriber}`)
    events.on('subscriber.registered', say('+'))
    events.on('subscriber.unregistered', say('-'))
    const ignore = (): void => undefined
    events.subscribe('task.*', ignore, { name: 'one' })
    events.subscribe(['step.failed'], ignore)
    events.subscribe(Mails)
    expect(events.subscriptions).toMatchObject([
      { name: 'one', events: ['task.*'], delivery: 'sync' },
      { name: 'ignore', events: ['step.failed'] },
      { name: 'Mails', events: Mails.subscribeTo },
    ])
    expect(events.unsubscribe('one')).toBe(true)
    expect(events.unsubscribe('one')).toBe(false)
    expect(events.unsubscribe(Mails)).toBe(true)
    expect(events.subscriptions.map(({ name }) => name)).toEqual(['ignore'])
    expect(said).toEqual(['+ one', '+ ignore', '+ Mails', '- one', '- Mails'])
  })

  test('refuses a name that is taken, and options that mean nothing', () => {
    const { events } = setUp()
    const ignore = (): void => undefined
    events.subscribe('task.*', ignore, { name: 'one' })
    expect(() => events.subscribe('task.*', ignore, { name: 'one' })).toThrow('taken')
    const wrong = { name: '', filter: 'all', delivery: 'soon', waitingMax: 0.5 }
    // @ts-expect-error: what JavaScript may pass
    expect(() => events.subscribe('task.*', ignore, wrong)).toThrow(
      'name is a text that is not empty; filter is a function; delivery is sync or async, received soon; waitingMax is a whole number from 1, received 0.5',
    )
    // @ts-expect-error: what JavaScript may pass
    expect(() => events.subscribe('task.*', 'tell me')).toThrow('a function or a class')
    expect(() => events.subscribe([], ignore)).toThrow('at least one')
    expect(events.subscriptions).toHaveLength(1)
  })
})

describe('what nobody listens to', () => {
  test('is not made', () => {
    const { bus, events } = setUp()
    let made = 0
    const publish = (): void =>
      bus.publish('task.completed', () => {
        made += 1
        return examplePayloads['task.completed']
      })
    publish()
    expect(made).toBe(0)
    const stop = events.on('task.completed', () => undefined)
    publish()
    stop()
    publish()
    expect(made).toBe(1)
  })
})

describe('diagnostics channels', () => {
  test('tell every event, custom ones under their own names, while they have subscribers', () => {
    const { bus, tell } = setUp()
    const heard: unknown[] = []
    const hear = (message: unknown, channel: string | symbol): unknown =>
      heard.push([channel, safeGet({ payload: message }, 'name')])
    const channels = ['tasker:task.completed', 'tasker:parcel.packed', 'tasker:custom']
    const leave = (): void => channels.forEach((channel) => void unsubscribe(channel, hear))
    onTestFinished(leave)
    for (const channel of channels) subscribe(channel, hear)
    expect(bus.hasSubscribers('task.completed')).toBe(true)
    tell('task.completed', 'task.failed', 'custom')
    expect(heard).toEqual([
      ['tasker:task.completed', 'task.completed'],
      ['tasker:custom', 'parcel.packed'],
      ['tasker:parcel.packed', 'parcel.packed'],
    ])
    leave()
    expect(bus.hasSubscribers('task.completed')).toBe(false)
  })
})

test.for<[unknown, string, unknown]>([
  [{ payload: { taskId: 't' } }, 'taskId', 't'],
  [{ payload: { taskId: 't' } }, 'task_id', 't'],
  [{ taskId: 't' }, 'taskId', 't'],
  [{ payload: { error: { message: 'm' } } }, 'error.message', 'm'],
  [{ payload: { retryAt: null } }, 'retryAt', null],
  [{ payload: { error: null } }, 'error.message', 'fallback'],
  [{ payload: {} }, 'constructor', 'fallback'],
  [null, 'taskId', 'fallback'],
  [undefined, 'taskId', 'fallback'],
  ['text', 'length', 'fallback'],
])('safeGet of %j at %s', ([event, path, found]) => {
  expect(safeGet(event, path, 'fallback')).toBe(found)
})
