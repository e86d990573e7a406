// The PostgreSQL that everything is measured on: one of the benchmark's own with default durability, or one that is given.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { startServerFromFolder } from '../../packages/engine/test/support/installed-server.ts'
import { findOldestServer } from '../../packages/engine/test/support/oldest-binaries.ts'
import { databaseUrl } from '../../packages/engine/test/support/server.ts'

/**
 * What a server of this size would be given; the rest is PostgreSQL's default, `fsync` and `synchronous_commit` on among it.
 * Checkpoints are rare, so that no run meets one by chance.
 */
export const serverSettings: Readonly<Record<string, string>> = {
  shared_buffers: '1GB',
  max_connections: '300',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  autovacuum_naptime: '10s',
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'top',
}

export interface BenchServer {
  readonly version: string
  /** The settings that were asked for; of a given server, those that it has. */
  readonly settings: Readonly<Record<string, string>>
  /** Makes an empty database with the extensions that are read, and drops it afterwards. */
  withDatabase<T>(use: (url: string) => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** @param given URL of a server to use instead; its role must be able to make databases and read statistics. */
export async function startServer(
  given: string | null,
  settings: Readonly<Record<string, string>> = serverSettings,
): Promise<BenchServer> {
  if (given !== null) return openServer(given, () => Promise.resolve())
  const folder = await mkdtemp(join(tmpdir(), 'tasker-bench-'))
  const server = await startEmbeddedPostgres({ folder, settings })
  return openServer(server.url, async () => {
    await server.release()
    await rm(folder, { recursive: true, force: true })
  })
}

/** From the PostgreSQL binaries that are installed on this machine, with the same settings; null when there are none. */
export async function startInstalledServer(): Promise<BenchServer | null> {
  const binaries = findOldestServer()
  if (binaries === null) return null
  const folder = await mkdtemp(join(tmpdir(), 'tasker-bench-'))
  await chmod(folder, 0o755) // under root the server runs as another user, who has to get in
  const server = await startServerFromFolder(binaries.folder, folder, serverSettings)
  const address = { ...server.connection, majorVersion: binaries.majorVersion }
  return openServer(databaseUrl(address, 'postgres'), async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })
}

async function openServer(url: string, stop: () => Promise<void>): Promise<BenchServer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  let made = 0
  return {
    version: await show(client, 'server_version'),
    settings: await settingsOf(client),
    async withDatabase(use) {
      made += 1
      const name = `bench_${process.pid}_${made}`
      await client.query(`create database ${name}`)
      try {
        return await use(inDatabase(url, name))
      } finally {
        await drop(client, name)
      }
    },
    async stop() {
      await client.end()
      await stop()
    },
  }
}

/** The first waits up to 5 s for connections that are about to close, as pools do not when they end. */
async function drop(client: pg.Client, name: string): Promise<void> {
  await client
    .query(`drop database ${name}`)
    .catch(() => client.query(`drop database ${name} with (force)`))
}

async function settingsOf(client: pg.Client): Promise<Readonly<Record<string, string>>> {
  const names = [...Object.keys(serverSettings), 'fsync', 'synchronous_commit', 'full_page_writes']
  const shown: Record<string, string> = {}
  for (const name of names) shown[name] = await show(client, name)
  return shown
}

async function show(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<Record<string, string>>(`show ${name}`)
  return Object.values(rows[0] ?? {})[0] ?? ''
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
