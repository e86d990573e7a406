// What every cache store must do, case by case, for those who write one of their own: each case says what it is about, whether it
// is meant for a store, and throws where the store does something else. Some wait a second or two for a time to end.
import { countingCases } from './cache-store/counting.ts'
import { keepingCases } from './cache-store/keeping.ts'
import { lifetimeCases } from './cache-store/lifetimes.ts'
import { lockingCases } from './cache-store/locking.ts'
import type { CacheStoreCase } from './cache-store/store-case.ts'

export type { CacheStoreCase } from './cache-store/store-case.ts'

export const cacheStoreCases: readonly CacheStoreCase[] = [
  ...keepingCases,
  ...lifetimeCases,
  ...countingCases,
  ...lockingCases,
]
