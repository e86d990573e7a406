// Opens the cache as a Tasker would, tries it out and closes it again: what `tasker doctor` knows of it.
import type { CacheStore } from './cache/cache-store.ts'
import type { CacheDetector } from './cache/detect-capabilities.ts'
import { tryStore } from './cache/try-store.ts'
import type { Clock } from './clock.ts'
import { environment, type Config } from './config.ts'
import { connect } from './database/connect.ts'
import { thisInstance } from './instance.ts'
import { silentLogger } from './log.ts'
import { openCache } from './open-cache.ts'
import type { CacheReading } from './reports/doctor/check-cache.ts'

export interface CacheInspection {
  readonly config: Config
  /** As `createTasker` is given them. */
  readonly cacheStore?: CacheStore
  readonly cacheDetectors?: readonly CacheDetector[]
  readonly clock: Clock
}

/** @throws {TaskerError} what `createTasker` would throw for the cache */
export async function inspectCache(
  { config, cacheStore, cacheDetectors = [], clock }: CacheInspection,
  url: string,
): Promise<CacheReading> {
  const warnings: string[] = []
  const database = connect({ ...config.database, url, poolSize: 1, transactionPoolSize: 1 })
  try {
    const cache = await openCache({
      config,
      given: cacheStore ?? null,
      detectors: cacheDetectors,
      database,
      clock,
      instance: thisInstance(environment()['HOSTNAME']),
      logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) },
    })
    const { store, strategy, sharing } = cache
    try {
      const timeoutMs = config.cache.operationTimeoutMs * 2 // several operations each
      const trial = await tryStore({ store, strategy, clock, timeoutMs })
      const { storeClass, coordination } = strategy
      return {
        storeClass,
        coordination,
        isToKeep: !strategy.supports('keepsNothing'),
        sharing,
        warnings,
        trial,
      }
    } finally {
      await cache.close()
    }
  } finally {
    await database.close()
  }
}
