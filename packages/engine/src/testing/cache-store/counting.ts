// Cases of the suite for cache stores: sums that many add to at the same time.
import { deepEqual, equal, rejects } from 'node:assert/strict'
import { TaskerError } from '../../errors.ts'
import type { CacheStore } from '../../cache/cache-store.ts'
import { claims, longMs, methodOf, newKey, until, type CacheStoreCase } from './store-case.ts'

const counts = (store: CacheStore): boolean => claims(store, 'atomicIncrement')

export const countingCases: readonly CacheStoreCase[] = [
  {
    name: 'begins to count at 0, adds to a number that was set, and has the sum as a text',
    isMeantFor: counts,
    async run(store) {
      const increment = methodOf(store, 'increment')
      const key = newKey('sum')
      equal(await increment(key, 5, longMs), 5)
      equal(await increment(key, 0, longMs), 5)
      equal(await store.get(key), '5')
      await store.set(key, '9', longMs)
      equal(await increment(key, 2 ** 32 - 1, longMs), 2 ** 32 + 8)
      equal(await increment(key, 1, longMs), 2 ** 32 + 9)
      await store.delete(key)
      equal(await increment(key, 1, longMs), 1)
    },
  },
  {
    name: 'loses no addition of those that are made at the same time',
    isMeantFor: counts,
    async run(store) {
      const increment = methodOf(store, 'increment')
      const key = newKey('sum')
      const sums = await Promise.all(
        Array.from({ length: 100 }, async () => increment(key, 1, longMs)),
      )
      deepEqual(
        sums.toSorted((one, other) => one - other),
        Array.from({ length: 100 }, (_, index) => index + 1),
      )
    },
  },
  {
    name: 'lets a sum live as long as its first addition said, and begins anew then',
    isMeantFor: counts,
    async run(store) {
      const increment = methodOf(store, 'increment')
      const key = newKey('sum')
      await increment(key, 1, 300)
      await increment(key, 1, longMs)
      await until(async () => (await store.get(key)) === null, 'the time of the sum is over')
      equal(await increment(key, 1, longMs), 1)
    },
  },
  {
    name: 'refuses to add to a text that is no number, and leaves it as it is',
    isMeantFor: counts,
    async run(store) {
      const increment = methodOf(store, 'increment')
      const key = newKey('sum')
      await store.set(key, 'twelve', longMs)
      await rejects(
        increment(key, 1, longMs),
        (error) => error instanceof TaskerError && error.category === 'invalid_input',
      )
      equal(await store.get(key), 'twelve')
    },
  },
]
