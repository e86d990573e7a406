// What is kept of whatever was thrown: bounded, storable, readable. Nothing that is thrown can make it throw: each field
// is read by itself, because a getter or a trap of the host may throw too. What becomes of the attempt is outcome.ts.
import { PermanentError, RetryableError } from '../errors.ts'
import { HttpError } from '../http/model.ts'
import type { Json, JsonObject } from '../json.ts'
import { redactJson } from '../redact.ts'
import { toStorable } from '../storable.ts'
import { applicationFrames } from './stack-frames.ts'

const nameMax = 200
const messageMax = 2_000
const innerMessageMax = 500
const causesMax = 5
const errorsMax = 10
const framesMax = 10
const contextBytesMax = 65_536
const httpBytesMax = 16_384

/** No described error takes more bytes of JSON; most take a hundredth. */
export const errorBytesMax = 196_608

export interface DescriptionOptions {
  /** For logs of our own defects. Default false: of a failed attempt, where we called the handler helps nobody. */
  readonly keepsOwnFrames?: boolean
}

/**
 * An error as history keeps it. Always storable. `class` and `message`, and where there is something to say:
 *
 * - `code`: the error's own, when it is text.
 * - `http`, `context`: of the context of RetryableError and PermanentError; at most 16 and 64 KiB of JSON. Fields of the
 *   two whose names are those of secrets are redacted. Of an HttpError `http` says where the request went.
 * - `causes`: class, code, message and place of up to 5 errors behind `cause`, the nearest first.
 * - `errors`: of an AggregateError, the same of its first 10 errors; `errors_left_out` counts the others.
 * - `stack`: up to 10 places of the application, then of packages.
 */
export function describeError(thrown: unknown, options: DescriptionOptions = {}): JsonObject {
  try {
    return isErrorLike(thrown) ? describe(thrown, options) : describeValue(thrown)
  } catch {
    return {
      class: 'UnreadableError',
      message: 'a handler threw an error whose fields cannot be read',
    }
  }
}

/** Errors of other realms (vm, another copy of a library) and what is written by hand to look like one, too. */
function isErrorLike(thrown: unknown): thrown is object {
  if (typeof thrown !== 'object' || thrown === null) return false
  if (thrown instanceof Error) return true
  return typeof Reflect.get(thrown, 'message') === 'string'
}

function describeValue(thrown: unknown): JsonObject {
  const message =
    typeof thrown === 'string' && thrown.trim() !== ''
      ? cut(thrown, messageMax)
      : `a handler threw ${thrown === null ? 'null' : `a value of type ${typeof thrown}`}`
  return { class: 'NonError', message }
}

function describe(error: object, { keepsOwnFrames = false }: DescriptionOptions): JsonObject {
  const stack = framesOf(error, keepsOwnFrames)
  const { http, context } = contextOf(error)
  const { errors, leftOut } = innerErrors(error)
  const causes = causesOf(error)
  return {
    ...head(error, messageMax),
    ...(http === null ? {} : { http }),
    ...(context === null ? {} : { context }),
    ...(causes.length === 0 ? {} : { causes }),
    ...(errors.length === 0 ? {} : { errors }),
    ...(leftOut === 0 ? {} : { errors_left_out: leftOut }),
    ...(stack.length === 0 ? {} : { stack: stack.slice(0, framesMax) }),
  }
}

function head(error: object, messageLengthMax: number): JsonObject {
  const code = read(error, 'code')
  return {
    class: cut(classOf(error), nameMax),
    message: cut(messageOf(error), messageLengthMax),
    ...(typeof code === 'string' && code !== '' ? { code: cut(code, nameMax) } : {}),
  }
}

const builtIns: readonly string[] = [
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]

/** Many classes of errors do not set a name of their own; then the class says more. */
function classOf(error: object): string {
  const name = textOf(read(error, 'name'))
  if (name !== '' && !builtIns.includes(name)) return name
  const maker = read(error, 'constructor')
  const className = typeof maker === 'function' ? textOf(read(maker, 'name')) : ''
  if (className !== '' && className !== 'Object') return className
  return name === '' ? 'Error' : name
}

const unreadable = Symbol('unreadable')

function messageOf(error: object): string {
  const message = read(error, 'message')
  if (message === unreadable) return 'its message cannot be read'
  if (typeof message === 'object' && message !== null) return 'its message is no text'
  const text = textOf(message)
  if (text !== '') return text
  // Node's own: a connection that failed on each address of a host has only these.
  const [first] = membersOf(read(error, 'errors'), 1)
  return isObject(first) ? textOf(read(first, 'message')) : ''
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      return ''
  }
}

/** One error behind another: no frames, no context, but the place where it began. */
function describeInner(inner: unknown): JsonObject {
  try {
    if (!isErrorLike(inner)) return describeValue(inner)
    const [at] = framesOf(inner, false)
    return { ...head(inner, innerMessageMax), ...(at === undefined ? {} : { at }) }
  } catch {
    return { class: 'UnreadableError', message: 'its fields cannot be read' }
  }
}

function causesOf(error: object): readonly JsonObject[] {
  const seen = new Set<unknown>([error])
  const causes: JsonObject[] = []
  let cause = read(error, 'cause')
  while (isSomething(cause) && !seen.has(cause) && causes.length < causesMax) {
    seen.add(cause)
    causes.push(describeInner(cause))
    cause = isObject(cause) ? read(cause, 'cause') : null
  }
  return causes
}

const isSomething = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== unreadable

function innerErrors(error: object): {
  readonly errors: readonly JsonObject[]
  readonly leftOut: number
} {
  const list = read(error, 'errors')
  const errors = membersOf(list, errorsMax).map(describeInner)
  const length = isObject(list) ? read(list, 'length') : 0
  const leftOut = typeof length === 'number' ? Math.max(0, length - errors.length) : 0
  return { errors, leftOut: errors.length < errorsMax ? 0 : leftOut }
}

/** Of what need not be an array that behaves. */
function membersOf(list: unknown, membersMax: number): readonly unknown[] {
  try {
    return Array.isArray(list) ? list.slice(0, membersMax) : []
  } catch {
    return []
  }
}

function contextOf(error: object): { readonly http: Json; readonly context: Json } {
  if (error instanceof HttpError) return { http: requestOf(error), context: null }
  const isOurs = error instanceof RetryableError || error instanceof PermanentError
  const fields = isOurs ? read(error, 'context') : null
  if (!isObject(fields)) return { http: null, context: null }
  try {
    const { http = null, ...rest }: { readonly http?: unknown } = fields
    return {
      http: http === null ? null : redactJson(kept(http, httpBytesMax)),
      context: Object.keys(rest).length === 0 ? null : redactJson(kept(rest, contextBytesMax)),
    }
  } catch {
    return { http: null, context: 'not kept: it cannot be read' }
  }
}

function requestOf(error: HttpError): Json {
  try {
    const { request, isSent } = error
    return kept({ method: request.method, url: request.url, sent: isSent }, httpBytesMax)
  } catch {
    return null // the handler has changed it
  }
}

function kept(fields: unknown, bytesMax: number): Json {
  const storable = toStorable(fields, bytesMax)
  return storable.ok
    ? (JSON.parse(storable.text) as Json) // what was just written
    : cut(`not kept: ${storable.fault}`, messageMax)
}

function framesOf(error: object, keepsOwnFrames: boolean): readonly string[] {
  const stack = read(error, 'stack')
  if (typeof stack !== 'string') return []
  const message = read(error, 'message')
  return applicationFrames(stack, {
    message: typeof message === 'string' ? message : '',
    keepsOwnFrames,
  }).map(storableText)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function read(from: object, key: string): unknown {
  try {
    return Reflect.get(from, key)
  } catch {
    return unreadable
  }
}

/** Cut before it is made storable: the cut may leave half a surrogate pair. */
export const cut = (text: string, charactersMax: number): string =>
  storableText(text.slice(0, charactersMax))

const storableText = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed()
