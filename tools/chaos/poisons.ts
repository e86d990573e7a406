// What a handler can be given, return or do that harms: each with what must become of its step. The cast plays them, the
// scenario compares. Values are made anew each time, because some of them cannot be looked at twice.
import { setTimeout as pause } from 'node:timers/promises'

/** The end of the step. */
export interface End {
  readonly state: 'complete' | 'error'
  /** The code of its last error, else its class; `worker_lost`; null where there is none. */
  readonly says: string | null
  readonly attempts: number
}

/** Of the step that is poisoned: an attempt may be repeated once. */
export const attemptsMax = 2
/** Of the step that is poisoned: long enough for all that ends, in a process that somebody blocks. */
export const timeoutMs = 4_000

const megabytes = 10_485_760
/** Long enough for the outcome to be recorded. */
const aftermathMs = 1_000

const deep = (levels: number): unknown => {
  let value: unknown = 'deep'
  for (let level = 0; level < levels; level += 1) value = { in: value }
  return value
}

const cyclic = (): unknown => {
  const value: Record<string, unknown> = {}
  value['self'] = [value]
  return value
}

const hostile = (): never => {
  throw new Error('nobody may look at this')
}

/** Every question asked of it throws. */
const proxy = (): object =>
  new Proxy(
    {},
    {
      get: hostile,
      has: hostile,
      ownKeys: hostile,
      getPrototypeOf: hostile,
      getOwnPropertyDescriptor: hostile,
    },
  )

const unreadable = (): Error =>
  Object.defineProperties(new Error('hidden'), {
    message: { get: hostile },
    stack: { get: hostile },
    name: { get: hostile },
    code: { get: hostile },
  })

/** Values that cannot be stored: refused as a context, final as a result. */
export const unstorable: Readonly<Record<string, () => unknown>> = {
  NUL: () => ({ text: 'a\0b' }),
  'NUL in a key': () => ({ 'a\0b': 1 }),
  'lone surrogate': () => ({ text: '\ud800' }),
  'lone surrogate in a key': () => ({ '\udfff': 1 }),
  '1e400': () => ({ value: Number('1e400') }),
  NaN: () => ({ value: Number.NaN }),
  deep: () => deep(1_001),
  'very deep': () => deep(100_000),
  '10 MB': () => ({ text: 'x'.repeat(megabytes) }),
  bigint: () => ({ value: 1n }),
  symbol: () => ({ value: Symbol('s') }),
  function: () => ({ value: hostile }),
  cycle: cyclic,
  'proxy that throws': proxy,
  'proxy that throws, inside': () => ({ inside: proxy() }),
  'getter that throws': () => Object.defineProperty({}, 'x', { get: hostile, enumerable: true }),
  'getter that throws what cannot be read': () =>
    Object.defineProperty({}, 'x', {
      get: () => {
        throw unreadable()
      },
      enumerable: true,
    }),
  'getter that throws 10 MB': () =>
    Object.defineProperty({}, 'x', {
      get: () => {
        throw new Error('x'.repeat(megabytes))
      },
      enumerable: true,
    }),
  'toJSON that throws null': () => ({
    toJSON: () => {
      throw null // oxlint-disable-line typescript/only-throw-error, no-throw-literal -- hosts do
    },
  }),
  Map: () => ({ value: new Map([['a', 1]]) }),
  'revoked proxy': () => {
    const { proxy: revoked, revoke } = Proxy.revocable({}, {})
    revoke()
    return { revoked }
  },
}

/** Values that are odd and JSON all the same. */
export const odd: Readonly<Record<string, () => unknown>> = {
  'prototype keys': (): unknown =>
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  'invalid UTF-8': () => ({ bytes: Buffer.from([0xff, 0xfe, 0xc0]) }),
  'huge integer': () => ({ value: 2 ** 1023, exact: Number.MAX_SAFE_INTEGER }),
  'tiny number': () => ({ value: Number.MIN_VALUE, minus: -0 }),
  'text that looks like SQL': () => ({ text: `'; drop schema tasker cascade; --` }),
  'no prototype': () => Object.assign(Object.create(null) as object, { text: 'null' }),
  'many keys': () =>
    Object.fromEntries(Array.from({ length: 5_000 }, (_, key) => [`k${key}`, key])),
}

type Deed = (signal: AbortSignal) => unknown

const throwing =
  (make: () => unknown): Deed =>
  () => {
    throw make() // oxlint-disable-line typescript/only-throw-error -- handlers throw anything
  }

const blocking =
  (ms: number): Deed =>
  () => {
    const startedMs = performance.now()
    while (performance.now() - startedMs < ms);
    return 'at last'
  }

/** What a handler does beside returning a value; all of it leaves the process alive. */
export const deeds: Readonly<Record<string, readonly [Deed, End]>> = {
  'throws a string': [throwing(() => 'text'), failed('NonError')],
  'throws undefined': [throwing(() => undefined), failed('NonError')],
  'throws null': [throwing(() => null), failed('NonError')],
  'throws a symbol': [throwing(() => Symbol('s')), failed('NonError')],
  'throws a proxy': [throwing(proxy), failed('UnreadableError')],
  'throws what cannot be read': [throwing(unreadable), failed('Error')], // of which only its class is told
  'throws 10 MB': [throwing(() => new Error('x'.repeat(megabytes))), failed('Error')],
  'throws NUL': [throwing(() => new Error('a\0b\ud800')), failed('Error')],
  'throws a cycle of causes': [throwing(cycleOfCauses), failed('Error')],
  'throws a frozen error': [throwing(() => Object.freeze(new Error('cold'))), failed('Error')],
  'rejects with a promise': [() => Promise.reject(Promise.resolve(1)), failed('NonError')], // oxlint-disable-line typescript/prefer-promise-reject-errors -- handlers do
  'returns a thenable': [() => thenable((resolve) => resolve('then')), complete()],
  'returns a thenable that throws': [() => thenable(hostile), failed('Error')],
  'returns a thenable that answers twice': [
    () =>
      thenable((resolve, reject) => {
        resolve('once')
        resolve('twice')
        reject(new Error('thrice'))
      }),
    complete(),
  ],
  'returns a thenable that never answers': [
    () => thenable(() => undefined),
    failed('STEP_TIMEOUT'),
  ],
  hangs: [() => pause(3_600_000, undefined, { ref: false }), failed('STEP_TIMEOUT')],
  'answers too late': [() => pause(timeoutMs + 200, 'late'), failed('STEP_TIMEOUT')],
  'blocks the event loop': [blocking(600), complete()],
}

/** What ends the process, or lets it end, while the handler still runs: its step is taken for the cause in the end. */
export const exits: Readonly<Record<string, Deed>> = {
  exits: () => process.exit(0),
  'exits with a code': () => process.exit(7),
  'forgets a promise that rejects': () => {
    void Promise.reject(new Error('forgotten'))
    return pause(600_000)
  },
  'throws in a timer': () => {
    setTimeout(hostile, 1)
    return pause(600_000)
  },
  aborts: () => process.abort(),
  'kills itself': () => {
    process.kill(process.pid, 'SIGKILL')
    return pause(600_000)
  },
}

/** What goes wrong in the process only when the handler has long returned: its step is complete. */
export const aftermaths: Readonly<Record<string, Deed>> = {
  'leaves a promise that rejects': () => {
    setTimeout(() => void Promise.reject(new Error('later')), aftermathMs)
    return 'gone'
  },
  'leaves a timer that throws': () => {
    setTimeout(hostile, aftermathMs)
    return 'gone'
  },
}

/** What becomes of each kind of step. */
export const endOf = (kind: string): End => {
  // JavaScript asks what a handler returns for its `then`: one that throws at that has thrown in the handler.
  if (kind === 'proxy that throws') return failed('Error')
  if (kind in unstorable)
    return failed(kind === '10 MB' ? 'RESULT_TOO_LARGE' : 'RESULT_NOT_STORABLE')
  if (kind in exits) return { state: 'error', says: 'worker_lost', attempts: 0 }
  return deeds[kind]?.[1] ?? complete()
}

function failed(says: string): End {
  return { state: 'error', says, attempts: says.startsWith('RESULT_') ? 1 : attemptsMax }
}

function complete(): End {
  return { state: 'complete', says: null, attempts: 1 }
}

function cycleOfCauses(): Error {
  const error = new Error('a')
  error.cause = new Error('b', { cause: error })
  return error
}

function thenable(
  then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => unknown,
): unknown {
  return { then } // oxlint-disable-line no-thenable -- handlers do
}
