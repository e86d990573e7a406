// Puts something before each call of a store: another key, another form of its texts, a limit. What the store cannot do, the
// layered one cannot do either.
import type { CacheCapabilities } from './capabilities.ts'
import type { CacheStore } from './cache-store.ts'
import { declaredOf } from './declared-capabilities.ts'

export type StoreOperation = Exclude<keyof CacheStore, 'capabilities' | 'shareInUse' | 'close'>

export interface StoreLayer {
  /** What the store can do through this layer, beside what it can do without it. */
  readonly capabilities?: CacheCapabilities
  readonly keyOf?: (key: string) => string
  readonly pack?: (text: string) => Promise<string>
  /** @throws when it is nothing that `pack` made */
  readonly unpack?: (packed: string) => Promise<string>
  readonly ask?: <Answer>(operation: StoreOperation, ask: () => Promise<Answer>) => Promise<Answer>
}

/** Closing it closes the store. */
export function layered(store: CacheStore, layer: StoreLayer): CacheStore {
  const { keyOf = same, pack = sameText, unpack = sameText } = layer
  const ask = layer.ask ?? (async (_operation, run) => run())
  const increment = store.increment?.bind(store)
  const remainingMs = store.remainingMs?.bind(store)
  const extend = store.extend?.bind(store)
  const acquire = store.acquire?.bind(store)
  const renew = store.renew?.bind(store)
  const release = store.release?.bind(store)
  const shareInUse = store.shareInUse?.bind(store)
  return {
    capabilities: { ...declaredOf(store), ...layer.capabilities },
    async get(key) {
      const packed = await ask('get', async () => store.get(keyOf(key)))
      return packed === null ? null : unpack(packed)
    },
    async set(key, text, ttlMs) {
      const packed = await pack(text)
      await ask('set', async () => store.set(keyOf(key), packed, ttlMs))
    },
    delete: (key) => ask('delete', async () => store.delete(keyOf(key))),
    ...(increment && {
      increment: (key: string, by: number, ttlMs: number) =>
        ask('increment', async () => increment(keyOf(key), by, ttlMs)),
    }),
    ...(remainingMs && {
      remainingMs: (key: string) => ask('remainingMs', async () => remainingMs(keyOf(key))),
    }),
    ...(extend && {
      extend: (key: string, ttlMs: number) => ask('extend', async () => extend(keyOf(key), ttlMs)),
    }),
    ...(acquire && {
      acquire: (key: string, owner: string, ttlMs: number) =>
        ask('acquire', async () => acquire(keyOf(key), owner, ttlMs)),
    }),
    ...(renew && {
      renew: (key: string, owner: string, ttlMs: number) =>
        ask('renew', async () => renew(keyOf(key), owner, ttlMs)),
    }),
    ...(release && {
      release: (key: string, owner: string) =>
        ask('release', async () => release(keyOf(key), owner)),
    }),
    ...(shareInUse && { shareInUse }),
    close: async () => store.close?.(),
  }
}

const same = (key: string): string => key
const sameText = async (text: string): Promise<string> => text
