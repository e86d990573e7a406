// Tells subscribers in this process what happened. Synchronous to publish, isolated to receive: a subscriber that throws
// or rejects is counted and reported, and neither the publisher nor another subscriber notices. Everything is told on
// diagnostics channels too. Names, patterns, filters and queues are subscriptions.ts.
import { channel, type Channel } from 'node:diagnostics_channel'
import type { EventName, EventPayloads } from './catalogue.ts'
import { eventNames } from './names.ts'

export type Subscriber<Name extends EventName> = (
  payload: EventPayloads[Name],
  name: Name,
) => void | Promise<void>

export interface SubscriberFailure {
  /** The event's name; of a custom event, its own. */
  readonly event: string
  readonly subscriber: string
  readonly error: unknown
}

/** How often a subscriber failed at an event. */
export interface FailureCount extends Omit<SubscriberFailure, 'error'> {
  readonly count: number
}

/** The engine's side of the events. */
export interface EventBus {
  /** Calls `subscriber` at every event of that name; returns the way to stop it. */
  on<Name extends EventName>(
    name: Name,
    subscriber: Subscriber<Name>,
    subscriberName?: string,
  ): () => void
  /** A payload that costs something is given as a function: it is made only when somebody listens. */
  publish<Name extends EventName>(
    name: Name,
    payload: EventPayloads[Name] | (() => EventPayloads[Name]),
  ): void
  /** False: nobody listens, so a payload need not be made. */
  hasSubscribers(name: EventName): boolean
  /** Counts a failure of a subscriber and has it reported. */
  fail(failure: SubscriberFailure): void
  /** How many deliveries ended in an error. */
  readonly failureCount: number
  readonly failures: readonly FailureCount[]
}

/** The diagnostics channel of an event. */
export const channelName = (event: string): string => `tasker:${event}`

/** What a channel is given. */
export interface ChannelMessage<Name extends EventName = EventName> {
  readonly name: string
  readonly payload: EventPayloads[Name]
}

type AnySubscriber = (payload: never, name: never) => void | Promise<void>

export function createEventBus(onFailure: (failure: SubscriberFailure) => void): EventBus {
  // By subscriber the names they failed under: an entry of a map each, so one function may listen twice.
  const subscribers = new Map<EventName, Map<object, readonly [AnySubscriber, string]>>()
  const channels = new Map<EventName, Channel>(
    eventNames.map((name) => [name, channel(channelName(name))]),
  )
  const counts = new Map<string, FailureCount>()
  let failureCount = 0

  const fail = (failure: SubscriberFailure): void => {
    failureCount += 1
    const { event, subscriber } = failure
    const key = JSON.stringify([event, subscriber])
    counts.set(key, { event, subscriber, count: (counts.get(key)?.count ?? 0) + 1 })
    onFailure(failure)
  }

  const isWatched = (name: EventName): boolean => channels.get(name)?.hasSubscribers === true
  const hasSubscribers = (name: EventName): boolean =>
    (subscribers.get(name)?.size ?? 0) > 0 || isWatched(name)

  return {
    on(name, subscriber, subscriberName = subscriber.name || 'anonymous') {
      const known = subscribers.get(name) ?? new Map<object, readonly [AnySubscriber, string]>()
      subscribers.set(name, known)
      const entry = {}
      known.set(entry, [subscriber, subscriberName])
      return () => known.delete(entry)
    },
    publish(name, given) {
      // A custom event is always made: its own channel is known by its payload. It is rare and made already.
      if (name !== 'custom' && !hasSubscribers(name)) return
      const payload = typeof given === 'function' ? given() : given
      // A copy: a subscriber may add or remove subscribers while it is told.
      const now = [...(subscribers.get(name)?.values() ?? [])]
      for (const [subscriber, subscriberName] of now) {
        const event = toldName(name, payload)
        const failed = (error: unknown): void => fail({ event, subscriber: subscriberName, error })
        try {
          // The map under a name holds only subscribers of that name: `on` is the one way in.
          const answer = (subscriber as Subscriber<typeof name>)(payload, name)
          if (answer instanceof Promise) answer.catch(failed)
        } catch (error) {
          failed(error)
        }
      }
      if (isWatched(name)) channels.get(name)?.publish({ name: toldName(name, payload), payload })
      if (name === 'custom') tellOwnChannel(toldName(name, payload), payload)
    },
    hasSubscribers,
    fail,
    get failureCount() {
      return failureCount
    },
    get failures() {
      return [...counts.values()]
    },
  }
}

/** Custom events are told under their own names. */
function toldName<Name extends EventName>(name: Name, payload: EventPayloads[Name]): string {
  // A payload under the name `custom` is that of a custom event.
  return name === 'custom' ? (payload as EventPayloads['custom']).name : name
}

function tellOwnChannel(name: string, payload: object): void {
  const own = channel(channelName(name))
  if (own.hasSubscribers) own.publish({ name, payload })
}
