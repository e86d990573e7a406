// Tasker's own options in the run under hostile settings, under those that a test sets itself. Apart from the server, because
// vitest.hostile.config.ts has to load before the package that starts it is built.

/**
 * Environment variables: one slot, and so batches of one; the shortest lease and the fewest renewals in it; no LISTEN, and notifications that come once in ten
 * seconds; one connection; statements that are soon ended.
 */
export const hostileOptions = {
  TASKER_EXECUTION__MIN_CONCURRENT_STEPS: '1',
  TASKER_EXECUTION__MAX_CONCURRENT_STEPS_LIMIT: '1',
  TASKER_ORCHESTRATION__LEASE_MS: '1000',
  TASKER_ORCHESTRATION__HEARTBEAT_INTERVAL_MS: '500',
  TASKER_ORCHESTRATION__SCAN_INTERVAL_MS: '500',
  TASKER_ORCHESTRATION__SWEEP_INTERVAL_MS: '1000',
  TASKER_ORCHESTRATION__LISTEN: 'false',
  TASKER_ORCHESTRATION__NOTIFY_COOLDOWN_MS: '10000',
  TASKER_DATABASE__POOL_SIZE: '1',
  TASKER_DATABASE__TRANSACTION_POOL_SIZE: '1',
  TASKER_DATABASE__STATEMENT_TIMEOUT_MS: '5000',
} as const
