// Cases of the suite for cache stores: locks that one owner has at a time, and that nobody else frees.
import { deepEqual, equal } from 'node:assert/strict'
import type { CacheStore, LockStore } from '../../cache/cache-store.ts'
import {
  claims,
  longMs,
  methodOf,
  newKey,
  until,
  untilGoneAfter,
  type CacheStoreCase,
} from './store-case.ts'

const locks = (store: CacheStore): boolean => claims(store, 'locking')

const locksOf = (store: CacheStore): LockStore => ({
  acquire: methodOf(store, 'acquire'),
  renew: methodOf(store, 'renew'),
  release: methodOf(store, 'release'),
})

export const lockingCases: readonly CacheStoreCase[] = [
  {
    name: 'gives a lock to one of those who want it at the same time',
    isMeantFor: locks,
    async run(store) {
      const { acquire } = locksOf(store)
      const key = newKey('lock')
      const owners = Array.from({ length: 20 }, (_, no) => `owner ${no}`)
      const got = await Promise.all(owners.map(async (owner) => acquire(key, owner, longMs)))
      equal(got.filter(Boolean).length, 1)
    },
  },
  {
    name: 'gives no lock twice to its owner, and renews and frees it for its owner alone',
    isMeantFor: locks,
    async run(store) {
      const { acquire, renew, release } = locksOf(store)
      const key = newKey('lock')
      equal(await renew(key, 'one', longMs), false)
      equal(await release(key, 'one'), false)
      equal(await acquire(key, 'one', longMs), true)
      deepEqual(
        [
          await acquire(key, 'one', longMs),
          await acquire(key, 'other', longMs),
          await renew(key, 'other', longMs),
          await release(key, 'other'),
          await renew(key, 'one', longMs),
        ],
        [false, false, false, false, true],
      )
      equal(await release(key, 'one'), true)
      equal(await release(key, 'one'), false)
      equal(await acquire(key, 'other', longMs), true)
    },
  },
  {
    name: 'gives a lock to another when its time is over, and the first owner frees it no more',
    isMeantFor: locks,
    async run(store) {
      const { acquire, renew, release } = locksOf(store)
      const key = newKey('lock')
      equal(await acquire(key, 'one', 200), true)
      await until(async () => acquire(key, 'other', longMs), 'the lock is free')
      equal(await renew(key, 'one', longMs), false)
      equal(await release(key, 'one'), false)
      equal(await acquire(key, 'one', longMs), false)
    },
  },
  {
    name: 'leaves a renewed lock to its owner beyond its first time',
    isMeantFor: locks,
    async run(store) {
      const { acquire, renew } = locksOf(store)
      const key = newKey('lock')
      equal(await acquire(key, 'one', 1_000), true)
      equal(await renew(key, 'one', longMs), true)
      await untilGoneAfter(store, 1_000)
      equal(await acquire(key, 'other', longMs), false)
    },
  },
]
