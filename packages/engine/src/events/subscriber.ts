// A subscriber as a class: it says what it listens to and has a method for each event, `handleTaskCompleted` or
// `handle_task_completed` for `task.completed`. Attaching it is subscriptions.ts.
import { camelCase, safeGet, type ToldEvent } from './told-event.ts'

export abstract class EventSubscriber {
  /** Names and patterns, as in `['task.completed', 'step.*']`. */
  static readonly subscribeTo: readonly string[] = []

  /** False: it is not told of this event. */
  shouldProcess(_event: ToldEvent): boolean {
    return true
  }

  /** A field of an event's payload, or the fallback: see `safeGet`. */
  protected safeGet(event: unknown, path: string, fallback: unknown = null): unknown {
    return safeGet(event, path, fallback)
  }
}

/** A subscriber class that can be made without arguments. */
export type EventSubscriberClass = (new () => EventSubscriber) & {
  readonly subscribeTo: readonly string[]
}

export const isSubscriberClass = (value: unknown): value is EventSubscriberClass =>
  typeof value === 'function' && value.prototype instanceof EventSubscriber

type Handle = (event: ToldEvent) => unknown

/** The method for an event of that name; `handle`, if there is one, takes those without a method of their own. */
export function handlerFor(subscriber: EventSubscriber, eventName: string): Handle | null {
  for (const method of [...methodNames(eventName), 'handle']) {
    const found: unknown = Reflect.get(subscriber, method)
    if (typeof found === 'function')
      return (event): unknown => Reflect.apply(found, subscriber, [event]) as unknown // whatever a method returns
  }
  return null
}

/** `task.completed` → `handleTaskCompleted`, `handle_task_completed`. */
export function methodNames(eventName: string): readonly [string, string] {
  const snake = `handle_${eventName.replaceAll(/[^A-Za-z0-9]+/g, '_')}`
  return [camelCase(snake), snake]
}
