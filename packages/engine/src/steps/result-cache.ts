// Results that steps share: one that is fresh is used again, and equal ones that are wanted at the same time are made once in
// this process. A failure is never kept, and what becomes of the store never fails a step.
import { createHash } from 'node:crypto'
import type { CacheStore } from '../cache/cache-store.ts'
import type { StepOutcome } from '../database/steps.ts'
import { formatAddress } from '../definitions/names.ts'
import type { StepCaching, StepExecution } from '../definitions/model.ts'
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
  #isStoreFailing = false

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
    const key = storeKey(execution, handler, wanted)
    // Whoever waited and got nothing may find that another who waited is making it now.
    for (let making = this.#making.get(key); making; making = this.#making.get(key)) {
      const text = await untilAborted(making, signal)
      if (text !== null) return text
    }
    const made = Promise.withResolvers<string | null>()
    this.#making.set(key, made.promise)
    let text: string | null = null
    try {
      text = await untilAborted(this.#read(key), signal)
      if (text !== null) return text
      // A handler that ignores its signal must not keep the others waiting.
      const outcome = await untilAborted(run(), signal)
      if (outcome.kind === 'complete') text = outcome.result
      // Not waited for: what was done must not fail because a store does not answer.
      if (text !== null) void this.#write(key, text, caching.ttlMs ?? this.#options.ttlMs)
      return outcome
    } finally {
      this.#making.delete(key)
      made.resolve(text)
    }
  }

  /** What stands in a store may have been put there by anybody, and goes into a statement as it is. */
  async #read(key: string): Promise<string | null> {
    const { store, resultMaxBytes } = this.#options
    try {
      const text = await store.get(key)
      const storable = text === null ? null : toStorable(JSON.parse(text), resultMaxBytes)
      this.#isStoreFailing = false
      return storable?.ok === true ? storable.text : null
    } catch (error) {
      this.#storeFailed(error)
      return null
    }
  }

  async #write(key: string, text: string, ttlMs: number): Promise<void> {
    try {
      await this.#options.store.set(key, text, ttlMs)
    } catch (error) {
      this.#storeFailed(error)
    }
  }

  /** Said once, until it answers again. */
  #storeFailed(error: unknown): void {
    if (this.#isStoreFailing) return
    this.#isStoreFailing = true
    const err = describeError(error)
    this.#options.logger.warn({ err }, 'the cache store fails; steps run without it')
  }
}

/** Steps of other definitions, and of other versions, may return something else for the same key. */
function storeKey(execution: StepExecution, handler: string, wanted: string): string {
  const { namespace, taskName, version } = execution
  const address = formatAddress({ namespace, name: taskName, version })
  // Digested: what a result depends on may be private, and of any length.
  const digest = createHash('sha256').update(wanted).digest('base64url')
  return `step/${address}/${handler}/${digest}`
}
