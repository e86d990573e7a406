// One store for several applications: the keys of each begin with its own name.
import type { CacheStore } from './cache-store.ts'
import { layered } from './layered-store.ts'

/** The store, as far as its keys begin with this name and a colon. A name without colons is none of another's keys. */
export const namespaced = (store: CacheStore, namespace: string): CacheStore =>
  layered(store, {
    capabilities: { namespaceSupport: true },
    keyOf: (key) => `${namespace}:${key}`,
  })
