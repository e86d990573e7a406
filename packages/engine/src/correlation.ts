// The correlation id: what a request, its task, every step, the calls of its handlers and every line about them have in
// common. Its form, where it is read from a request, and the scope in which it holds. Level 0.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomInt } from 'node:crypto'
import { systemClock } from './clock.ts'
import { TaskerError } from './errors.ts'

/** What holds while a request or a handler runs. */
export interface Scope {
  readonly correlationId: string
  /** For log lines: the task and the step, where it is a handler. */
  fields?(): Readonly<Record<string, unknown>>
}

// No state of ours: each entry belongs to the asynchronous call that made it, and ends with it.
const scopes = new AsyncLocalStorage<Scope>()

export const inScope = <T>(scope: Scope, run: () => T): T => scopes.run(scope, run)

export const currentScope = (): Scope | undefined => scopes.getStore()

const lengthMax = 100

/** 1 to 100 letters, digits, `_` and `-`, a letter or digit first. */
export const isCorrelationId = (id: string): boolean =>
  id.length <= lengthMax && /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(id)

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `tsk_mr3x0k2p_a8X3f9`: the millisecond in base 36, so that ids sort by time, and six characters that nobody can guess. */
export function newCorrelationId(nowMs: number = systemClock.nowMs()): string {
  const random = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('')
  return `tsk_${Math.floor(nowMs).toString(36)}_${random}`
}

/** As Node, Fetch, and gateways that speak CGI have them. */
export type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The correlation id that a request brings, or a new one: when it brings none, or one that is none. `name` is the header,
 * in any case; its CGI form, `HTTP_X_CORRELATION_ID`, is found too.
 */
export function correlationIdFromHeaders(headers: HeadersLike, name = 'X-Correlation-ID'): string {
  const given = headerOf(headers, name)?.trim()
  return given !== undefined && isCorrelationId(given) ? given : newCorrelationId()
}

function headerOf(headers: HeadersLike, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const wanted = [name.toLowerCase(), `http_${name.toLowerCase().replaceAll('-', '_')}`]
  const found = Object.entries(headers).find(([key]) => wanted.includes(key.toLowerCase()))?.[1]
  return typeof found === 'object' ? found[0] : found
}

/**
 * Runs a function, and all that it awaits, under a correlation id: tasks created there get it, and so do their steps,
 * requests and log lines. For whoever serves requests.
 * @throws {TaskerError} REQUEST_INVALID for an id that is none
 */
export function withCorrelationId<T>(id: string, run: () => T): T {
  if (typeof id !== 'string' || !isCorrelationId(id)) {
    throw new TaskerError(
      'REQUEST_INVALID',
      `A correlation id has 1 to ${lengthMax} letters, digits, "_" and "-", and begins with a letter or digit.`,
    )
  }
  return inScope({ correlationId: id }, run)
}

/** What a task is known by: its own id where nobody gave it another. */
export function correlationIdOf({
  taskId,
  correlationId,
  context,
}: {
  readonly taskId: string
  readonly correlationId: string | null
  readonly context?: Readonly<Record<string, unknown>>
}): string {
  return correlationId ?? idOfContext(context?.['correlation_id']) ?? taskId
}

/** What cannot stand in a header is left out: the context is data of whoever made the task. */
const idOfContext = (id: unknown): string | null =>
  typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id) ? id : null
