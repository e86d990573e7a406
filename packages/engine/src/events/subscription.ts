// One subscription: what is told to it, filtered, at once or through a queue; what it throws is counted, here and by the bus,
// and reaches nobody. Which there are is subscriptions.ts.
import type { Logger } from '../log.ts'
import { boundedQueue, type BoundedQueue } from './bounded-queue.ts'
import type { EventBus } from './bus.ts'
import type { EventName, EventPayloads } from './catalogue.ts'
import type { Listening } from './names.ts'
import type { ToldEvent } from './told-event.ts'

export interface SubscribeOptions<Event = ToldEvent> {
  /** By which it is listed, and its failures are counted. Default: that of the function or class, made unique. */
  readonly name?: string
  /** False: it is not told of this event. One that throws counts as a failure of the subscriber. */
  readonly filter?: (event: Event) => boolean
  /**
   * `sync`: told before the worker goes on; a promise it returns is not waited for. `async`: told later, one event at a
   * time, the next one after its promise. Default `sync`.
   */
  readonly delivery?: 'sync' | 'async'
  /** Most events that wait for an `async` subscriber; those that come then are dropped and counted. Default: 1000. */
  readonly waitingMax?: number
}

export interface Subscription {
  readonly name: string
  /** The names and patterns it was given. */
  readonly events: readonly string[]
  readonly delivery: 'sync' | 'async'
  /** Events handed to it, those at which it failed included. */
  readonly deliveredCount: number
  readonly failureCount: number
  /** Events that found the queue full. */
  readonly droppedCount: number
  readonly waitingCount: number
  /** Resolves when all that waits in the queue has been told. */
  idle(): Promise<void>
  /** It hears nothing more; what waits for it is dropped. False: it had ended before. */
  unsubscribe(): boolean
}

/** What is to be told, and how. */
export interface Plan {
  readonly name: string
  readonly source: object
  readonly events: readonly string[]
  readonly listening: Listening
  readonly options: SubscribeOptions
  readonly handle: (event: ToldEvent) => unknown
}

export interface DeliveryParts {
  readonly bus: EventBus
  readonly logger: Logger
}

const waitingMaxDefault = 1_000

/** Attaches it to the bus. */
export function deliver(
  plan: Plan,
  { bus, logger }: DeliveryParts,
  ended: () => boolean,
): Subscription {
  const { name, events, options } = plan
  const counts = { delivered: 0, failed: 0 }
  const fail = (event: ToldEvent, error: unknown): void => {
    counts.failed += 1
    bus.fail({ event: event.name, subscriber: name, error })
  }
  const tell = async (event: ToldEvent): Promise<void> => {
    counts.delivered += 1
    try {
      await plan.handle(event)
    } catch (error) {
      fail(event, error)
    }
  }
  const queue = options.delivery === 'async' ? queueOf(plan, tell, logger) : null
  const receive = (event: ToldEvent): void => {
    try {
      if (options.filter?.(event) === false) return
    } catch (error) {
      fail(event, error)
      return
    }
    if (queue === null) void tell(event)
    else queue.add(event)
  }
  const ends = attachTo(bus, plan.listening, receive)
  return {
    name,
    events,
    delivery: options.delivery ?? 'sync',
    get deliveredCount() {
      return counts.delivered
    },
    get failureCount() {
      return counts.failed
    },
    get droppedCount() {
      return queue?.droppedCount ?? 0
    },
    get waitingCount() {
      return queue?.waitingCount ?? 0
    },
    idle: async () => queue?.idle(),
    unsubscribe() {
      for (const end of ends) end()
      queue?.clear()
      return ended()
    },
  }
}

function queueOf(
  { name, options }: Plan,
  tell: (event: ToldEvent) => Promise<void>,
  logger: Logger,
): BoundedQueue<ToldEvent> {
  const waitingMax = options.waitingMax ?? waitingMaxDefault
  const queue = boundedQueue(waitingMax, tell)
  return {
    ...queue,
    get waitingCount() {
      return queue.waitingCount
    },
    get droppedCount() {
      return queue.droppedCount
    },
    add(event) {
      const isFirst = queue.droppedCount === 0
      const isTaken = queue.add(event)
      // Once: a subscriber that is too slow is so for long, and its count says how much it missed.
      const message = 'a subscriber is too slow: events for it are dropped and counted'
      if (!isTaken && isFirst)
        logger.warn({ subscriber: name, event: event.name, waitingMax }, message)
      return isTaken
    },
  }
}

function attachTo(
  bus: EventBus,
  { events, customEvents }: Listening,
  receive: (event: ToldEvent) => void,
): readonly (() => void)[] {
  const ends = [...events].map((name) => bus.on(name, (payload) => receive(toldOf(name, payload))))
  if (customEvents.size === 0) return ends
  const end = bus.on('custom', (payload) => {
    const { name } = payload
    if (customEvents.has(name)) receive({ name, category: 'custom', payload })
  })
  return [...ends, end]
}

const toldOf = <Name extends EventName>(name: Name, payload: EventPayloads[Name]): ToldEvent =>
  ({ name, category: 'tasker', payload }) as ToldEvent // a name of Tasker's with its own payload
