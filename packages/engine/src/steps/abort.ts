// Calling an attempt off, and waiting for a handler no longer than that. A handler may ignore it and go on for ever, so
// nothing of the one who waited may hang on its promise or its signal: each closure here keeps only what it names.
import type { Clock } from '../clock.ts'

/** Why an attempt was called off from outside. `connection_lost`: that of its transaction, so its writes are undone. */
export type AbortCause = 'timeout' | 'cancelled' | 'stopping' | 'lease_lost' | 'connection_lost'

/** Raised in the handler's signal, so that it can tell why. */
export class AttemptAborted extends Error {
  override readonly name = 'AttemptAborted'
  readonly abortCause: AbortCause

  constructor(abortCause: AbortCause) {
    super(`the attempt was called off: ${abortCause}`)
    this.abortCause = abortCause
  }
}

/** Calls the attempt off at its timeout; returns the way to prevent that. */
export const abortAfter = (clock: Clock, timeoutMs: number, abort: AbortController): (() => void) =>
  clock.schedule(timeoutMs, () => abort.abort(new AttemptAborted('timeout')))

/** What stays behind on a promise that is waited for no more: nothing. */
interface Waiting<T> {
  settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void } | null
}

/** Settles as `answer` does, or rejects with the reason of `signal`, whichever is first. */
export async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const waiting: Waiting<T> = { settle: { resolve, reject } }
  forward(answer, waiting)
  const onAbort = (): void => reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } finally {
    waiting.settle = null
    signal.removeEventListener('abort', onAbort)
  }
}

// A function of its own: a closure keeps alive whatever any closure beside it uses.
function forward<T>(answer: Promise<T>, waiting: Waiting<T>): void {
  answer.then(
    (value) => waiting.settle?.resolve(value),
    (error: unknown) => waiting.settle?.reject(error),
  )
}
