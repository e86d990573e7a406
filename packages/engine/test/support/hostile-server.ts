// Global setup of the run under hostile settings: the newest server, set as badly as a host may set it. What of Tasker's own
// options lies under those that a test sets itself is hostile-options.ts.
import type { TestProject } from 'vitest/node'
import { provideServer } from './provide-server.ts'
import { startNewestServer } from './server.ts'

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
