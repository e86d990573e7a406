// Tells subscribers in this process what happened. Synchronous to publish, isolated to receive: a subscriber that throws
// or rejects is counted and reported, and neither the publisher nor another subscriber notices.
import type { EventName, EventPayloads } from './catalogue.ts'

export type Subscriber<Name extends EventName> = (
  payload: EventPayloads[Name],
  name: Name,
) => void | Promise<void>

/** Called with what a subscriber threw. */
export type SubscriberFailure = (failure: {
  readonly event: EventName
  readonly error: unknown
}) => void

/** What a host may do with events: listen. */
export interface Events {
  /** Calls `subscriber` at every event of that name; returns the way to stop it. */
  on<Name extends EventName>(name: Name, subscriber: Subscriber<Name>): () => void
  /** How many deliveries ended in an error. */
  readonly failureCount: number
}

/** The engine's side of it. */
export interface EventBus extends Events {
  publish<Name extends EventName>(name: Name, payload: EventPayloads[Name]): void
  /** False: nobody listens, so a payload need not be made. */
  hasSubscribers(name: EventName): boolean
}

/** The bus without the way to publish: only what happened is told. */
export function listenersOf(bus: EventBus): Events {
  return {
    on: (name, subscriber) => bus.on(name, subscriber),
    get failureCount() {
      return bus.failureCount
    },
  }
}

type AnySubscriber = (payload: never, name: never) => void | Promise<void>

export function createEventBus(onFailure: SubscriberFailure): EventBus {
  const subscribers = new Map<EventName, Set<AnySubscriber>>()
  let failureCount = 0

  const fail = (event: EventName, error: unknown): void => {
    failureCount += 1
    onFailure({ event, error })
  }

  return {
    on(name, subscriber) {
      const known = subscribers.get(name) ?? new Set()
      subscribers.set(name, known)
      known.add(subscriber)
      return () => known.delete(subscriber)
    },
    publish(name, payload) {
      // A copy: a subscriber may add or remove subscribers while it is told.
      for (const subscriber of new Set(subscribers.get(name))) {
        try {
          // The set under a name holds only subscribers of that name: `on` is the one way in.
          const answer = (subscriber as Subscriber<typeof name>)(payload, name)
          if (answer instanceof Promise) answer.catch((error: unknown) => fail(name, error))
        } catch (error) {
          fail(name, error)
        }
      }
    },
    hasSubscribers: (name) => (subscribers.get(name)?.size ?? 0) > 0,
    get failureCount() {
      return failureCount
    },
  }
}
