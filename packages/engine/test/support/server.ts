// A PostgreSQL server for one test run: the newest supported version (embedded, from npm) or the oldest (from PATH).
// What stands in it (template, clones) is template.ts and database.ts.
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServerFromFolder } from './installed-server.ts'

/** What a test needs to reach the server; travels from the global setup to the workers as plain data. */
export interface TestServerAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Major version, 15 to 18. */
  readonly majorVersion: number
}

export interface TestServer {
  readonly address: TestServerAddress
  /** The data folder, kept when a test failed. */
  readonly folder: string
  stop(): Promise<void>
}

/** Where the binaries of the oldest supported server stand, as handed over by vitest.config.ts. */
export interface InstalledBinaries {
  readonly folder: string
  readonly majorVersion: number
}

/** Settings of every test server: room for many clones and their pools, and the counters that budget tests read. */
const testServerSettings: Readonly<Record<string, string>> = {
  max_connections: '300',
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': '10000',
  track_functions: 'all',
  timezone: 'UTC',
}

/** The embedded server, PostgreSQL 18. Opens `folder` when given: that is how a kept database is looked at. */
export async function startNewestServer(
  folder?: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  // Imported when asked for: the tests on the oldest server do without that package.
  const { startEmbeddedPostgres } = await import('@tasker/embedded-postgres')
  const data = folder ?? (await newServerFolder('newest'))
  const server = await startEmbeddedPostgres({
    folder: data,
    durability: 'unsafe_for_tests',
    settings: { ...testServerSettings, ...settings },
  })
  const { host, port, user } = server.connection
  return {
    address: { host, port, user, majorVersion: Number.parseInt(server.serverVersion, 10) },
    folder: data,
    stop: () => server.release(),
  }
}

/** What the embedded package calls `unsafe_for_tests`: commits do not wait for the disk. */
const withoutDurability = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** The oldest supported server, from the binaries installed on this machine. */
export async function startOldestServer(
  binaries: InstalledBinaries,
  folder?: string,
): Promise<TestServer> {
  const data = folder ?? (await newServerFolder('oldest'))
  const server = await startServerFromFolder(binaries.folder, data, {
    ...testServerSettings,
    ...withoutDurability,
  })
  return {
    address: { ...server.connection, majorVersion: binaries.majorVersion },
    folder: data,
    stop: server.stop,
  }
}

/** `postgresql://user@%2Ftmp%2Ffolder:5432/name`: understood by `pg`, by Tasker and by psql alike. */
export function databaseUrl(address: TestServerAddress, database: string): string {
  return `postgresql://${address.user}@${encodeURIComponent(address.host)}:${address.port}/${database}`
}

async function newServerFolder(label: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `tasker-test-${label}-`))
  await chmod(folder, 0o755) // under root the server runs as another user, who has to get in
  return folder
}
