// What a subscriber is told: one event with its name, its category and its payload, and how to read a field of it that may
// not be there.
import type { EventName, EventPayloads } from './catalogue.ts'

/** An event of Tasker. */
export interface ToldOf<Name extends EventName> {
  readonly name: Name
  readonly category: 'tasker'
  readonly payload: EventPayloads[Name]
}

/** An event that a handler published, under its own name. */
export interface ToldCustom {
  readonly name: string
  readonly category: 'custom'
  readonly payload: EventPayloads['custom']
}

type TaskerName = Exclude<EventName, 'custom'>

/** One of Tasker's events, to be told apart by its name, or a custom one. */
export type ToldEvent = { [Name in TaskerName]: ToldOf<Name> }[TaskerName] | ToldCustom

/** What a subscriber to a name or a pattern is told. */
export type ToldAs<Pattern extends string> = Pattern extends TaskerName
  ? ToldOf<Pattern>
  : Pattern extends '*'
    ? ToldEvent
    : Pattern extends `${infer Prefix}.*`
      ? ToldWithPrefix<Prefix>
      : string extends Pattern
        ? ToldEvent
        : ToldCustom

type ToldWithPrefix<Prefix extends string> =
  Extract<TaskerName, `${Prefix}.${string}`> extends never
    ? ToldCustom
    : ToldAs<Extract<TaskerName, `${Prefix}.${string}`>>

/**
 * A field of an event’s payload, or of a payload, by its name or a path such as `error.message`, in camelCase or snake_case. What is not there, an
 * event that is not there included, is the fallback; null is null.
 */
export function safeGet(event: unknown, path: string, fallback: unknown = null): unknown {
  // A payload is taken too, and that of a custom event has a field `payload` of its own.
  for (const start of [fieldOf(event, 'payload'), event]) {
    const found = path.split('.').reduce<unknown>(step, start)
    if (found !== undefined) return found
  }
  return fallback
}

function step(value: unknown, key: string): unknown {
  const found = fieldOf(value, key)
  return found === undefined ? fieldOf(value, camelCase(key)) : found
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string, unknown>>)[key] // an own field of an object
}

/** `retry_requested` → `retryRequested`. */
export const camelCase = (text: string): string =>
  text.replaceAll(/_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
