// A store that fails when a test says so: what the application does then can be seen.
import type { CacheStore } from '../cache/cache-store.ts'
import { layered, type StoreOperation } from '../cache/layered-store.ts'

/**
 * `gone`: each operation is rejected. `hanging`: none is answered. `full`: nothing more can be kept; the rest is as before.
 * `garbage`: texts are answered that nobody put there. `forgetful`: it answers that there is nothing.
 */
export type StoreFault = 'gone' | 'hanging' | 'full' | 'garbage' | 'forgetful'

export interface BreakableStore {
  readonly store: CacheStore
  /** From now on; null: it is well again. What hung before is not answered any more. */
  readonly fail: (fault: StoreFault | null) => void
}

const keepingOperations: readonly StoreOperation[] = ['set', 'increment', 'acquire']

export function breakableStore(inner: CacheStore): BreakableStore {
  let fault: StoreFault | null = null
  const ask = async <Answer>(
    operation: StoreOperation,
    answer: () => Promise<Answer>,
  ): Promise<Answer> => {
    if (fault === 'hanging') return new Promise(() => undefined)
    if (fault === 'gone') throw new Error('the store is gone')
    if (fault === 'full' && keepingOperations.includes(operation)) throw new Error('out of memory')
    return answer()
  }
  const store = layered(inner, { ask })
  return {
    store: {
      ...store,
      async get(key) {
        const text = await store.get(key)
        if (fault === 'garbage') return `\u0000}{${key}`
        return fault === 'forgetful' ? null : text
      },
    },
    fail(next) {
      fault = next
    },
  }
}
