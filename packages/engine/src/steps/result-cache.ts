// Results that steps share: one that is fresh is used again, and equal ones that are wanted at the same time are made once in
// this process. A failure is never kept, and what becomes of the store never fails a step.
import { createHash } from 'node:crypto'
import type { CacheStore } from '../cache/cache-store.ts'
import type { StepOutcome } from '../database/steps.ts'
import { formatAddress } from '../definitions/names.ts'
import type { StepCaching, StepExecution } from '../definitions/model.ts'
import { TaskerError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { toStorable } from '../storable.ts'
import { untilAborted } from './abort.ts'
import { describeError } from './describe-error.ts'

export interface ResultCacheOptions {
  readonly store: CacheStore
  /** Of a step that names none. */
  readonly ttlMs: number
  readonly resultMaxBytes: number
  readonly logger: Logger
}

interface Entry {
  readonly key: string
  /** Its address, for those who read that it is not kept. */
  readonly step: string
}

interface Wanted {
  readonly caching: StepCaching
  /** Its key in the definition: steps generated from the context share one. */
  readonly handler: string
  readonly execution: StepExecution
}

export class ResultCache {
  readonly #options: ResultCacheOptions
  /** By key: what is being made. Null: its maker has no result for others. */
  readonly #making = new Map<string, Promise<string | null>>()
  /** Steps of which it was said that their results cannot be kept, or cannot be used. */
  readonly #told = new Set<string>()

  constructor(options: ResultCacheOptions) {
    this.#options = options
  }

  /** The text of a result made before, or what `run` made now. */
  async through(
    { caching, handler, execution }: Wanted,
    run: () => Promise<StepOutcome>,
  ): Promise<string | StepOutcome> {
    const { signal } = execution
    const wanted = await caching.keyOf(execution)
    if (wanted === null) return run()
    const step = stepAddress(execution, handler)
    const key = storeKey(step, wanted)
    // Whoever waited and got nothing may find that another who waited is making it now.
    for (let making = this.#making.get(key); making; making = this.#making.get(key)) {
      const text = await untilAborted(making, signal)
      if (text !== null) return text
    }
    const made = Promise.withResolvers<string | null>()
    this.#making.set(key, made.promise)
    let text: string | null = null
    try {
      text = await untilAborted(this.#read({ key, step }), signal)
      if (text !== null) return text
      // A handler that ignores its signal must not keep the others waiting.
      const outcome = await untilAborted(run(), signal)
      if (outcome.kind === 'complete') text = outcome.result
      // Not waited for: what was done must not fail because a store does not answer.
      if (text !== null) {
        void this.#write({ key, step }, text, caching.ttlMs ?? this.#options.ttlMs)
      }
      return outcome
    } finally {
      this.#making.delete(key)
      made.resolve(text)
    }
  }

  /** What stands in a store may have been put there by anybody, and goes into a statement as it is. */
  async #read({ key, step }: Entry): Promise<string | null> {
    const { store, resultMaxBytes } = this.#options
    try {
      const text = await store.get(key)
      const storable = text === null ? null : toStorable(JSON.parse(text), resultMaxBytes)
      return storable?.ok === true ? storable.text : null
    } catch (error) {
      this.#tell(error, step, 'a result in the cache cannot be read; it is made anew')
      return null
    }
  }

  async #write({ key, step }: Entry, text: string, ttlMs: number): Promise<void> {
    try {
      await this.#options.store.set(key, text, ttlMs)
    } catch (error) {
      this.#tell(error, step, 'a result is not kept in the cache')
    }
  }

  /** Once for each step. That a store fails, it says itself. */
  #tell(error: unknown, step: string, what: string): void {
    if (error instanceof TaskerError && error.code === 'CACHE_UNAVAILABLE') return
    if (this.#told.has(step)) return
    this.#told.add(step)
    this.#options.logger.warn({ err: describeError(error), step }, what)
  }
}

/** Steps of other definitions, and of other versions, may return something else for the same key. */
function stepAddress({ namespace, taskName, version }: StepExecution, handler: string): string {
  return `${formatAddress({ namespace, name: taskName, version })}/${handler}`
}

function storeKey(step: string, wanted: string): string {
  // Digested: what a result depends on may be private, and of any length.
  const digest = createHash('sha256').update(wanted).digest('base64url')
  return `step/${step}/${digest}`
}
