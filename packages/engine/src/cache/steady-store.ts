// A store that never holds anybody up for long: each answer has a limit, and one that fails is asked again only after a pause, by
// one caller; who holds a lock is not kept from it. Says once that it fails, and once that it is over.
import type { Clock } from '../clock.ts'
import { asError, TaskerError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { CacheStore } from './cache-store.ts'
import { layered, type StoreOperation } from './layered-store.ts'

export interface SteadyOptions {
  /** Longest wait for one answer. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** After a failure. Who asks meanwhile is refused at once, unless he holds a lock. */
const pauseMs = 1_000
/** So long without a failure, and it is said to be over: one that fails now and then is not said to fail each time. */
const calmMs = 5_000

/** Operations that need room fail alone when a store is full; what stands in it can still be read. */
type Side = 'keeping' | 'reading'
const keepingOperations: readonly StoreOperation[] = ['set', 'increment', 'acquire']
const sideOf = (operation: StoreOperation): Side =>
  keepingOperations.includes(operation) ? 'keeping' : 'reading'

/** Sent during the pause too: a lock that its holder keeps for nothing, or loses, stops everybody else's work or his own. */
const holderOperations: readonly StoreOperation[] = ['renew', 'release']

interface Failing {
  readonly error: Error
  pausedUntilMs: number
}

/** Rejects with CACHE_UNAVAILABLE where the store fails; faults of what was asked (`invalid_input`) are passed on. */
export function steady(store: CacheStore, options: SteadyOptions): CacheStore {
  const outages = new Outages(store.constructor.name, options)
  return layered(store, { ask: (operation, ask) => outages.ask(operation, ask) })
}

class Outages {
  readonly #storeClass: string
  readonly #options: SteadyOptions
  readonly #failing = new Map<Side, Failing>()
  #isSaid = false
  #lastFailureMs = 0

  constructor(storeClass: string, options: SteadyOptions) {
    this.#storeClass = storeClass
    this.#options = options
  }

  async ask<Answer>(operation: StoreOperation, ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, timeoutMs } = this.#options
    const side = sideOf(operation)
    const failing = this.#failing.get(side)
    if (failing !== undefined && !holderOperations.includes(operation)) {
      if (clock.monotonicMs() < failing.pausedUntilMs) throw this.#unavailable(failing.error)
      // This caller finds out; the others need not wait as well.
      failing.pausedUntilMs = clock.monotonicMs() + timeoutMs + pauseMs
    }
    let answer: Answer
    try {
      answer = await this.#inTime(ask)
    } catch (error) {
      if (error instanceof TaskerError && error.category === 'invalid_input') {
        this.#answered(side)
        throw error
      }
      throw this.#failed(side, asError(error))
    }
    this.#answered(side)
    return answer
  }

  async #inTime<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, timeoutMs } = this.#options
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    const cancel = clock.schedule(timeoutMs, () =>
      reject(new Error(`it did not answer within ${timeoutMs} ms`)),
    )
    try {
      return await Promise.race([ask(), tooLate])
    } finally {
      cancel()
    }
  }

  #failed(side: Side, error: Error): TaskerError {
    const nowMs = this.#options.clock.monotonicMs()
    this.#failing.set(side, { error, pausedUntilMs: nowMs + pauseMs })
    this.#lastFailureMs = nowMs
    if (!this.#isSaid) {
      this.#isSaid = true
      this.#options.logger.warn(
        { storeClass: this.#storeClass, reason: reasonOf(error) },
        'the cache store fails; one goes on without it',
      )
    }
    return this.#unavailable(error)
  }

  #answered(side: Side): void {
    this.#failing.delete(side)
    if (!this.#isSaid || this.#failing.size > 0) return
    const calmForMs = this.#options.clock.monotonicMs() - this.#lastFailureMs
    if (calmForMs < calmMs) return
    this.#isSaid = false
    this.#options.logger.info({ storeClass: this.#storeClass }, 'the cache store answers again')
  }

  #unavailable(cause: Error): TaskerError {
    const storeClass = this.#storeClass
    const message = `The cache store (${storeClass}) fails: ${reasonOf(cause).replace(/\.$/, '')}.`
    return new TaskerError('CACHE_UNAVAILABLE', message, { storeClass }, cause)
  }
}

/** Errors of connections to several addresses have no message. */
function reasonOf(error: Error): string {
  if (error.message !== '') return error.message
  const [first] = error instanceof AggregateError ? error.errors.map(asError) : []
  return first?.message ?? error.name
}
