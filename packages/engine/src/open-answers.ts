// The cache of answers over an open store, as the configuration has it, and what a Tasker shows of it.
import { AdaptiveCache } from './cache/adaptive-cache.ts'
import { SeenTogether } from './cache/seen-together.ts'
import type { TaskerCache } from './cache/tasker-cache.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { readDatabaseIdentity } from './database/read-discovery.ts'
import type { Database } from './database/connect.ts'
import type { OpenCache } from './open-cache.ts'

export interface AnswerParts {
  readonly config: Config
  readonly clock: Clock
  readonly database: Database
  readonly cache: Pick<OpenCache, 'store' | 'strategy' | 'locks'>
}

export function openAnswers({ config, clock, database, cache }: AnswerParts): AdaptiveCache {
  const { store, strategy, locks } = cache
  const isShared = strategy.coordination !== 'local_only'
  const settings = config.cache
  const counting = strategy.supports('atomicIncrement')
  return new AdaptiveCache({
    store,
    clock,
    owner: () => readDatabaseIdentity(database),
    locks: isShared ? locks : null,
    tracking: settings.performanceTrackingEnabled
      ? {
          sums: isShared ? new SeenTogether(store, { counting }) : null,
          learning: {
            smoothing: settings.hitRateSmoothingFactor,
            decayPerSecond: settings.accessFrequencyDecayRate,
          },
          bounds: settings.adaptiveTtlEnabled
            ? { minSeconds: settings.minAdaptiveTtl, maxSeconds: settings.maxAdaptiveTtl }
            : null,
          intervalMs: settings.adaptiveCalculationInterval * 1_000,
        }
      : null,
    defaultTtlMs: settings.defaultTtl * 1_000,
    pressureThreshold: settings.cachePressureThreshold,
  })
}

const topKeysShown = 10
/** Keys of callers begin with it, so that they meet none of Tasker's own. */
const callers = 'app'

export function taskerCache(
  answers: AdaptiveCache,
  { strategy, instance }: Pick<OpenCache, 'strategy' | 'instance'>,
): TaskerCache {
  return {
    strategy,
    fetch: (key, order) => answers.fetch([callers, ...key], order),
    forget: (key) => answers.forget([callers, ...key]),
    performance() {
      const { kinds, storeErrorCount } = answers.reading()
      const sum = (of: 'hits' | 'staleHits' | 'misses'): number =>
        kinds.reduce((total, one) => total + one[of], 0)
      const [hits, misses] = [sum('hits'), sum('misses')]
      const keys = answers.keys() ?? []
      const made = keys.filter(({ generations }) => generations > 0)
      const generations = made.reduce((total, one) => total + one.generations, 0)
      const generationMs = made.reduce(
        (total, one) => total + one.generations * (one.meanGenerationMs ?? 0),
        0,
      )
      return {
        storeClass: strategy.storeClass,
        coordination: strategy.coordination,
        instance: instance.id,
        isTracking: answers.keys() !== null,
        hits,
        staleHits: sum('staleHits'),
        misses,
        storeErrors: storeErrorCount,
        hitRate: hits + misses === 0 ? null : hits / (hits + misses),
        trackedKeys: keys.length,
        meanGenerationMs: generations === 0 ? null : generationMs / generations,
        topKeys: keys.slice(0, topKeysShown),
      }
    },
  }
}
