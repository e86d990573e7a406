// Cases of the suite for cache stores: how long a text lives, how long it still will, and how it is given more time.
import { equal, ok } from 'node:assert/strict'
import type { CacheStore } from '../../cache/cache-store.ts'
import {
  claims,
  keeps,
  longMs,
  methodOf,
  newKey,
  until,
  untilGoneAfter,
  type CacheStoreCase,
} from './store-case.ts'

const canExtend = (store: CacheStore): boolean => keeps(store) && store.extend !== undefined
const tells = (store: CacheStore): boolean => claims(store, 'ttlInspection')

export const lifetimeCases: readonly CacheStoreCase[] = [
  {
    name: 'has nothing any more when the time of a text is over',
    isMeantFor: keeps,
    run: (store) => untilGoneAfter(store, 200),
  },
  {
    name: 'gives a text the time it was set with last',
    isMeantFor: keeps,
    async run(store) {
      const [longer, shorter] = [newKey('longer'), newKey('shorter')]
      await store.set(longer, 'first', 200)
      await store.set(longer, 'second', longMs)
      await store.set(shorter, 'first', longMs)
      await store.set(shorter, 'second', 200)
      await until(async () => (await store.get(shorter)) === null, 'its shorter time is over')
      await untilGoneAfter(store, 200)
      equal(await store.get(longer), 'second')
    },
  },
  {
    name: 'gives a text more time, or less, and none to what is not there',
    isMeantFor: canExtend,
    async run(store) {
      const extend = methodOf(store, 'extend')
      const [longer, shorter] = [newKey('longer'), newKey('shorter')]
      await store.set(longer, 'text', 2_000)
      equal(await extend(longer, longMs), true)
      await store.set(shorter, 'text', longMs)
      equal(await extend(shorter, 200), true)
      await until(async () => (await store.get(shorter)) === null, 'its shorter time is over')
      equal(await extend(shorter, longMs), false)
      equal(await store.get(shorter), null)
      await untilGoneAfter(store, 2_000)
      equal(await store.get(longer), 'text')
    },
  },
  {
    name: 'tells what is left of the time of a text',
    isMeantFor: tells,
    async run(store) {
      const remainingMs = methodOf(store, 'remainingMs')
      const key = newKey()
      const isWithin = async (ttlMs: number): Promise<void> => {
        const leftMs = await remainingMs(key)
        const isRight = leftMs !== null && leftMs > ttlMs - 60_000 && leftMs <= ttlMs + 1_000
        ok(isRight, `${leftMs} ms left of ${ttlMs} ms`)
      }
      await store.set(key, 'text', longMs)
      await isWithin(longMs)
      if (store.extend !== undefined) {
        await store.extend(key, 3 * longMs)
        await isWithin(3 * longMs)
      }
      await store.set(key, 'text', 200)
      await until(async () => (await remainingMs(key)) === null, 'nothing is left')
      equal(await store.get(key), null)
    },
  },
]
