// The part of a store, and of the locks, that one database has for itself: two applications may give their caches one name, and
// must not count together or wait for one another. Whoever uses the database finds it, whatever process that is.
import { createHash } from 'node:crypto'
import type { CacheStore } from './cache-store.ts'
import type { Locks } from './locks.ts'

export interface PartOfCache {
  readonly store: Pick<CacheStore, 'get' | 'set' | 'delete' | 'extend'>
  readonly locks: Pick<Locks, 'tryWith'>
}

/** @param identity a text that no other database has; asked for until it is answered, and what fails then is passed on */
export function partOfDatabase(
  { store, locks }: PartOfCache,
  identity: () => Promise<string>,
): PartOfCache {
  let known: string | null = null
  const named = async (name: string): Promise<string> => {
    known ??= createHash('sha256')
      .update(await identity())
      .digest('base64url')
      .slice(0, 16)
    return `${known}/${name}`
  }
  const extend = store.extend?.bind(store)
  return {
    store: {
      get: async (key) => store.get(await named(key)),
      set: async (key, text, ttlMs) => store.set(await named(key), text, ttlMs),
      delete: async (key) => store.delete(await named(key)),
      ...(extend && {
        extend: async (key: string, ttlMs: number) => extend(await named(key), ttlMs),
      }),
    },
    locks: {
      tryWith: async (order, work) =>
        locks.tryWith({ ...order, name: await named(order.name) }, work),
    },
  }
}
