// Whether this process can do its work now: the database answers, its tables are those of this version, the cache keeps what
// it is given. All checks go on side by side and have one limit together; one that hangs is told as such.
import { randomUUID } from 'node:crypto'
import type { CacheStore } from '../cache/cache-store.ts'
import type { CacheStrategy, Coordination } from '../cache/capabilities.ts'
import type { Clock } from '../clock.ts'
import { requireAnswer, requireOurSchema } from '../database/check-ready.ts'
import type { Database } from '../database/connect.ts'
import { TaskerError, type ErrorCode } from '../errors.ts'

export const readinessChecks = ['database', 'migrations', 'cache'] as const
export type ReadinessCheck = (typeof readinessChecks)[number]

export interface CheckResult {
  readonly isHealthy: boolean
  /** Until it was known, or given up. */
  readonly responseTimeMs: number
  /** Why not: the code of what was thrown, `TIMED_OUT`, or `CACHE_FORGOT`. The log has the rest. */
  readonly fault: ErrorCode | 'TIMED_OUT' | 'CACHE_FORGOT' | null
}

/** How processes share the store was found out when the Tasker was made, and stands here also while the store is away. */
export interface CacheCheckResult extends CheckResult {
  readonly storeClass: string
  readonly coordination: Coordination
  /** It is one store for all processes. */
  readonly isDistributed: boolean
  /** It adds whoever adds at the same time. */
  readonly countsAtomically: boolean
  readonly locks: boolean
}

export interface Readiness {
  /** Every check is healthy. */
  readonly isReady: boolean
  readonly checks: Readonly<Record<Exclude<ReadinessCheck, 'cache'>, CheckResult>> & {
    readonly cache: CacheCheckResult
  }
  readonly failedChecks: readonly ReadinessCheck[]
  readonly at: Date
  readonly durationMs: number
}

export interface ReadinessParts {
  readonly clock: Clock
  readonly database: Database
  readonly store: CacheStore
  readonly strategy: CacheStrategy
  /** For all checks together. */
  readonly timeoutMs: number
}

/** Who asks while it is being found out waits for the same answer: many probes cost as much as one. */
export function readinessProbe(parts: ReadinessParts): () => Promise<Readiness> {
  let underWay: Promise<Readiness> | null = null
  return () => {
    underWay ??= findOut(parts).finally(() => {
      underWay = null
    })
    return underWay
  }
}

async function findOut(parts: ReadinessParts): Promise<Readiness> {
  const { clock, database, store, strategy, timeoutMs } = parts
  const startedMs = clock.monotonicMs()
  const { promise: timedOut, resolve: giveUp } = Promise.withResolvers<'TIMED_OUT'>()
  const cancel = clock.schedule(timeoutMs, () => giveUp('TIMED_OUT'))
  const checked = async (check: Promise<CheckResult['fault']>): Promise<CheckResult> => {
    const fault = await Promise.race([check.catch(codeOf), timedOut])
    const responseTimeMs = roundedMs(clock.monotonicMs() - startedMs)
    return { isHealthy: fault === null, responseTimeMs, fault }
  }
  const [answering, migrated, keeping] = await Promise.all([
    checked(requireAnswer(database).then(() => null)),
    checked(requireOurSchema(database).then(() => null)),
    checked(tryStore(store, strategy)),
  ])
  cancel()
  const checks = {
    database: answering,
    migrations: migrated,
    cache: { ...keeping, ...described(strategy) },
  }
  const failedChecks = readinessChecks.filter((name) => !checks[name].isHealthy)
  return {
    isReady: failedChecks.length === 0,
    checks,
    failedChecks,
    at: clock.databaseNow() ?? new Date(clock.nowMs()),
    durationMs: roundedMs(clock.monotonicMs() - startedMs),
  }
}

const keptForMs = 60_000

async function tryStore(store: CacheStore, strategy: CacheStrategy): Promise<CheckResult['fault']> {
  const key = `tasker:readiness:${randomUUID()}`
  await store.set(key, key, keptForMs)
  const text = await store.get(key)
  await store.delete(key)
  return text === key || strategy.supports('keepsNothing') ? null : 'CACHE_FORGOT'
}

const described = (
  strategy: CacheStrategy,
): Omit<CacheCheckResult, 'isHealthy' | 'responseTimeMs' | 'fault'> => ({
  storeClass: strategy.storeClass,
  coordination: strategy.coordination,
  isDistributed: strategy.supports('distributed'),
  countsAtomically: strategy.supports('atomicIncrement'),
  locks: strategy.supports('locking'),
})

const codeOf = (error: unknown): ErrorCode =>
  error instanceof TaskerError ? error.code : 'INTERNAL'

const roundedMs = (ms: number): number => Math.round(ms * 100) / 100
