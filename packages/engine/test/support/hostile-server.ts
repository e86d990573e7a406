// Global setup of the run under hostile settings: the newest server, set as badly as a host may set it. What of Tasker's own
// options lies under those that a test sets itself is `hostileOptions`, handed over by vitest.hostile.config.ts.
import type { TestProject } from 'vitest/node'
import { provideServer } from './provide-server.ts'
import { startNewestServer } from './server.ts'

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

/** Nothing of a session may be leaned on: neither how it writes times and numbers nor what it allows or plans. */
const hostileSettings = {
  statement_timeout: '10s',
  deadlock_timeout: '10ms',
  timezone: 'Pacific/Apia',
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  bytea_output: 'escape',
  extra_float_digits: '0',
  plan_cache_mode: 'force_custom_plan',
  work_mem: '64kB',
} as const

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideServer(project, await startNewestServer(undefined, hostileSettings))
}
