// What a host may do with events: listen, see who listens, and read what can happen. Publishing is the engine's alone.
import type { Logger } from '../log.ts'
import type { EventBus, FailureCount, Subscriber } from './bus.ts'
import type { EventName } from './catalogue.ts'
import { describeEvents, type DeclaredEvent, type EventCatalogue } from './described-events.ts'
import { EventSubscriber, isSubscriberClass } from './subscriber.ts'
import type { SubscribeOptions, Subscription } from './subscription.ts'
import {
  createSubscriptions,
  type SubscriberOptions,
  type SubscriberSource,
  type Subscriptions,
} from './subscriptions.ts'
import type { ToldAs } from './told-event.ts'

export interface Events {
  /** Calls `subscriber` at every event of that name; returns the way to stop it. */
  on<Name extends EventName>(name: Name, subscriber: Subscriber<Name>): () => void
  /**
   * Tells a function of every event of these names and patterns (`task.*`, `*`, the name of a custom event).
   * @throws {TaskerError} REQUEST_INVALID for a name that nothing here has, or a subscriber name that is taken
   */
  subscribe<const Pattern extends string>(
    to: Pattern | readonly Pattern[],
    handle: (event: ToldAs<Pattern>) => unknown,
    options?: SubscribeOptions<ToldAs<Pattern>>,
  ): Subscription
  /**
   * Tells a subscriber class, or an instance of one, of the events it says. The same one again is the subscription it has.
   * @throws {TaskerError} REQUEST_INVALID for a name that nothing here has, or when no event has a method
   */
  subscribe(subscriber: SubscriberSource, options?: SubscriberOptions): Subscription
  /** By name, class or instance. False: there is no such subscription. */
  unsubscribe(who: string | SubscriberSource): boolean
  /** Those of `subscribe`, in the order they came. */
  readonly subscriptions: readonly Subscription[]
  /** What can happen here: the events of Tasker, and the custom events of the definitions given. */
  readonly catalogue: EventCatalogue
  /** How many deliveries ended in an error. */
  readonly failureCount: number
  /** The same by event and subscriber. */
  readonly failures: readonly FailureCount[]
}

export function createEvents(parts: {
  readonly bus: EventBus
  readonly logger: Logger
  readonly declared: readonly DeclaredEvent[]
}): Events {
  const { bus, logger, declared } = parts
  const customEvents = declared.map(({ name }) => name)
  const subscriptions = createSubscriptions({ bus, logger, customEvents })
  return {
    on: (name, subscriber) => bus.on(name, subscriber),
    subscribe: (...args: readonly unknown[]) => subscribe(subscriptions, args),
    unsubscribe: (who) => subscriptions.unsubscribe(who),
    get subscriptions() {
      return subscriptions.list()
    },
    catalogue: describeEvents(declared),
    get failureCount() {
      return bus.failureCount
    },
    get failures() {
      return bus.failures
    },
  }
}

/** Resolves when what waits for asynchronous subscribers has been told. */
export async function allTold({ subscriptions }: Events): Promise<void> {
  await Promise.all(subscriptions.map((subscription) => subscription.idle()))
}

// The casts are the two overloads of `subscribe`; what a JavaScript caller passes instead is refused there.
function subscribe(subscriptions: Subscriptions, [first, second, third]: readonly unknown[]) {
  if (isSubscriberClass(first) || first instanceof EventSubscriber)
    return subscriptions.attach(first, second as SubscriberOptions | undefined)
  return subscriptions.subscribe(
    first as string | readonly string[],
    second as () => unknown,
    third as SubscribeOptions | undefined,
  )
}
