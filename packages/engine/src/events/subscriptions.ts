// Who listens: functions with names and patterns, and subscriber classes. Each under a name of its own, by which its failures
// are counted and by which it is listed and unsubscribed. How one is told is subscription.ts.
import { TaskerError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { SubscriberChanged } from './catalogue.ts'
import { matchPatterns, type Listening } from './names.ts'
import {
  type EventSubscriber,
  handlerFor,
  isSubscriberClass,
  methodNames,
  type EventSubscriberClass,
} from './subscriber.ts'
import {
  deliver,
  type DeliveryParts,
  type Plan,
  type SubscribeOptions,
  type Subscription,
} from './subscription.ts'
import type { ToldEvent } from './told-event.ts'

/** Of a class, or of an instance of one. */
export interface SubscriberOptions extends SubscribeOptions {
  /** Instead of the `subscribeTo` of its class. */
  readonly to?: readonly string[]
}

export type SubscriberSource = EventSubscriber | EventSubscriberClass

export interface Subscriptions {
  subscribe(
    to: string | readonly string[],
    handle: (event: ToldEvent) => unknown,
    options?: SubscribeOptions,
  ): Subscription
  /** The same class or instance again is the subscription that it has. */
  attach(source: SubscriberSource, options?: SubscriberOptions): Subscription
  /** By name, class or instance. False: there is no such subscription. */
  unsubscribe(who: string | SubscriberSource): boolean
  list(): readonly Subscription[]
}

export interface SubscriptionParts extends DeliveryParts {
  /** The names of the custom events that may be published in this process. */
  readonly customEvents: readonly string[]
}

interface Entry {
  readonly source: object
  readonly subscription: Subscription
}

export function createSubscriptions(parts: SubscriptionParts): Subscriptions {
  const { bus, logger, customEvents } = parts
  const entries = new Map<string, Entry>()

  const uniqueName = (wanted: string): string => {
    let name = wanted
    for (let count = 2; entries.has(name); count += 1) name = `${wanted} ${count}`
    return name
  }
  const attempt = (changed: SubscriberChanged, planOf: () => Plan): Subscription => {
    try {
      const plan = planOf()
      if (entries.has(plan.name)) throw refusal(`The subscriber name "${plan.name}" is taken.`)
      return enter(plan)
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      bus.publish('subscriber.validation_failed', { ...changed, fault })
      throw error
    }
  }
  const enter = (plan: Plan): Subscription => {
    const { name, events, source } = plan
    bus.publish('subscriber.registered', { subscriber: name, events })
    const subscription = deliver(plan, parts, () => {
      if (!entries.delete(name)) return false
      bus.publish('subscriber.unregistered', { subscriber: name, events })
      return true
    })
    entries.set(name, { source, subscription })
    return subscription
  }
  const entryOf = (who: unknown): Entry | undefined =>
    typeof who === 'string'
      ? entries.get(who)
      : [...entries.values()].find(({ source }) => source === who)

  return {
    subscribe(to, handle, options = {}) {
      const events = typeof to === 'string' ? [to] : [...to]
      const named = { name: options.name ?? uniqueName(nameOfFunction(handle)) }
      return attempt({ subscriber: named.name, events }, () => {
        if (typeof handle !== 'function') throw refusal('A subscriber is a function or a class.')
        requireOptions(options)
        return {
          ...named,
          source: handle,
          events,
          listening: listeningTo(events, customEvents),
          options,
          handle,
        }
      })
    },
    attach(source, options = {}) {
      const present = entryOf(source)
      if (present !== undefined) return present.subscription
      const Class = isSubscriberClass(source) ? source : source.constructor
      const events = options.to ?? (isSubscriberClass(Class) ? Class.subscribeTo : [])
      const name = options.name ?? uniqueName(Class.name || 'subscriber')
      return attempt({ subscriber: name, events }, () => {
        requireOptions(options)
        const subscriber = isSubscriberClass(source) ? new source() : source
        const listening = routed(subscriber, { name, events, customEvents, logger })
        const handle = (event: ToldEvent): unknown => handlerFor(subscriber, event.name)?.(event)
        const { filter } = options
        const isWanted = (event: ToldEvent): boolean =>
          subscriber.shouldProcess(event) && (filter?.(event) ?? true)
        return {
          name,
          source,
          events,
          listening,
          handle,
          options: { ...options, filter: isWanted },
        }
      })
    },
    unsubscribe: (who) => entryOf(who)?.subscription.unsubscribe() ?? false,
    list: () => [...entries.values()].map(({ subscription }) => subscription),
  }
}

function listeningTo(events: readonly string[], customEvents: readonly string[]): Listening {
  const { unknown, ...listening } = matchPatterns(events, customEvents)
  if (events.length === 0) throw refusal('A subscriber listens to at least one event.')
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(', ')
    throw refusal(
      `Nothing that can happen here is called ${names}. tasker.events.catalogue lists what can.`,
    )
  }
  return listening
}

/** Only what it has a method for; what it names without one is warned of. */
function routed(
  subscriber: EventSubscriber,
  given: {
    readonly name: string
    readonly events: readonly string[]
    readonly customEvents: readonly string[]
    readonly logger: Logger
  },
): Listening {
  const { name, events, customEvents, logger } = given
  const listening = listeningTo(events, customEvents)
  const has = (event: string): boolean => handlerFor(subscriber, event) !== null
  for (const event of events.filter((known) => !known.endsWith('*') && !has(known))) {
    const [method] = methodNames(event)
    const message = `Handler method ${method} not found for event ${event}`
    logger.warn({ subscriber: name, event }, message)
  }
  const found = {
    events: new Set([...listening.events].filter(has)),
    customEvents: new Set([...listening.customEvents].filter(has)),
  }
  if (sizeOf(found) > 0 || sizeOf(listening) === 0) return found
  throw refusal(`Subscriber ${name} has no method for any of its events.`)
}

const sizeOf = ({ events, customEvents }: Listening): number => events.size + customEvents.size

function requireOptions({ delivery, waitingMax, filter, name }: SubscribeOptions): void {
  const faults = [
    ...(name === undefined || (typeof name === 'string' && name !== '')
      ? []
      : ['name is a text that is not empty']),
    ...(filter === undefined || typeof filter === 'function' ? [] : ['filter is a function']),
    ...(delivery === undefined || ['sync', 'async'].includes(delivery)
      ? []
      : [`delivery is sync or async, received ${delivery as string}`]),
    ...(waitingMax === undefined || (Number.isInteger(waitingMax) && waitingMax > 0)
      ? []
      : [`waitingMax is a whole number from 1, received ${String(waitingMax)}`]),
  ]
  if (faults.length > 0)
    throw refusal(`The options of a subscriber are wrong: ${faults.join('; ')}.`)
}

const refusal = (message: string): TaskerError => new TaskerError('REQUEST_INVALID', message)

const nameOfFunction = (handle: unknown): string =>
  typeof handle === 'function' && handle.name !== '' ? handle.name : 'subscriber'
