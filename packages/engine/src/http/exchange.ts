// One request on the wire and its response, byte for byte: no redirects, no JSON. Ends in every case: by the response, by
// the connection, by silence, by size, or by the signal of the whole call. What undici says after that is not heard.
import type { Dispatcher } from 'undici'
import { systemClock as clock } from '../clock.ts'
import { Fault, readFault } from './fault.ts'
import type { HttpMethod } from './model.ts'

export interface Outgoing {
  readonly url: URL
  readonly method: HttpMethod
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
}

export interface Incoming {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

export interface ExchangeLimits {
  readonly idleMs: number
  readonly responseMaxBytes: number
  /** Ends the exchange; its reason is a Fault. Not aborted yet. */
  readonly signal: AbortSignal
  /** Told when the first byte may be on its way. */
  readonly onSent: () => void
}

export function exchange(
  dispatcher: Dispatcher,
  outgoing: Outgoing,
  limits: ExchangeLimits,
): Promise<Incoming> {
  const { promise, resolve, reject } = Promise.withResolvers<Incoming>()
  const handler = new Exchange(outgoing.method, limits, { resolve, reject })
  try {
    dispatcher.dispatch(
      {
        origin: outgoing.url.origin,
        path: `${outgoing.url.pathname}${outgoing.url.search}`,
        method: outgoing.method,
        headers: outgoing.headers,
        body: outgoing.body,
      },
      handler,
    )
  } catch (error) {
    handler.fail(error)
  }
  return promise
}

interface Settle {
  readonly resolve: (incoming: Incoming) => void
  readonly reject: (fault: Fault) => void
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #method: HttpMethod
  readonly #limits: ExchangeLimits
  /** Null: it has ended. */
  #settle: Settle | null
  #controller: Dispatcher.DispatchController | null = null
  #head: Omit<Incoming, 'bytes'> | null = null
  /** Begins with the body so far, `#size` bytes. */
  #bytes: Buffer = Buffer.alloc(0)
  #size = 0
  #heardAt = 0
  #cancelIdle: () => void = () => undefined

  constructor(method: HttpMethod, limits: ExchangeLimits, settle: Settle) {
    this.#method = method
    this.#limits = limits
    this.#settle = settle
    limits.signal.addEventListener('abort', this.#onStop, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settle === null) {
      controller.abort(new Error('called off before it was sent'))
      return
    }
    this.#controller = controller
    this.#limits.onSent()
    this.#heardAt = clock.monotonicMs()
    this.#watch(this.#limits.idleMs)
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (this.#settle === null) return
    this.#heardAt = clock.monotonicMs()
    if (status < 200) return // only that the other system is at work
    const head = { status, headers: joinHeaders(headers) }
    this.#head = head
    if (this.#method === 'HEAD') return
    const announced = Number(head.headers['content-length'])
    if (announced > this.#limits.responseMaxBytes) this.#endTooLarge()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settle === null) return
    this.#heardAt = clock.monotonicMs()
    if (this.#size + chunk.length > this.#limits.responseMaxBytes) this.#endTooLarge()
    else this.#keep(chunk)
  }

  onResponseEnd(): void {
    if (this.#head === null) {
      this.fail(new Fault('HTTP_RESPONSE_INVALID', 'the response has no status'))
      return
    }
    this.#end()?.resolve({ ...this.#head, bytes: this.#bytes.subarray(0, this.#size) })
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: unknown): void {
    this.fail(error)
  }

  /** Ends it without a response, and its connection with it. */
  fail(error: unknown): void {
    const settle = this.#end()
    if (settle === null) return
    const controller = this.#controller
    const fault = error instanceof Fault ? error : readFault(error, controller !== null)
    controller?.abort(fault)
    settle.reject(fault)
  }

  // Copied, not collected: a body that comes byte by byte would take a hundred times its size as objects.
  #keep(chunk: Buffer): void {
    const size = this.#size + chunk.length
    if (size > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length))
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    }
    chunk.copy(this.#bytes, this.#size)
    this.#size = size
  }

  readonly #onStop = (): void => this.fail(this.#limits.signal.reason)

  #endTooLarge(): void {
    const limit = this.#limits.responseMaxBytes
    const message = `the response is larger than ${limit} bytes`
    this.fail(new Fault('HTTP_RESPONSE_TOO_LARGE', message))
  }

  /** One timer for many pieces: it looks when the last one came, and waits for the rest. */
  #watch(delayMs: number): void {
    // Judged after what has arrived is read: a process that was busy for longer must not blame the other system.
    this.#cancelIdle = clock.schedule(delayMs, () => setImmediate(() => this.#judgeSilence()))
  }

  #judgeSilence(): void {
    if (this.#settle === null) return
    const { idleMs } = this.#limits
    const restMs = this.#heardAt + idleMs - clock.monotonicMs()
    if (restMs > 0) {
      this.#watch(restMs)
      return
    }
    const awaited = this.#head === null ? 'no response' : 'no more of the body'
    this.fail(new Fault('HTTP_IDLE_TIMEOUT', `${awaited} for ${idleMs} ms`))
  }

  #end(): Settle | null {
    const settle = this.#settle
    this.#settle = null
    this.#cancelIdle()
    this.#limits.signal.removeEventListener('abort', this.#onStop)
    return settle
  }
}

/** Object.fromEntries and no assignment: a header may be called `__proto__`. */
const joinHeaders = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  )
