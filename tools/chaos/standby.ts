// A standby of the scenario's server, fed by streaming replication, that takes its place: promoted, and reached at the
// address of the one that died, as behind a virtual address or a name in DNS.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { PostgresServer } from './postgres-server.ts'

export class Standby {
  readonly server: PostgresServer
  readonly #primary: PostgresServer

  private constructor(primary: PostgresServer, server: PostgresServer) {
    this.#primary = primary
    this.server = server
  }

  /** Copies the running server and follows it from there. `folder`: where the copy goes. */
  static async of(primary: PostgresServer, folder: string): Promise<Standby> {
    const { host, port, user } = primary.address
    const home = join(folder, 'postgres')
    const data = join(home, 'data')
    mkdirSync(home, { recursive: true })
    chmodSync(folder, 0o755) // under root the server runs as another user, who has to get in
    const label = await withClient(primary.url, async (client) => {
      await client.query(`select pg_backup_start('standby', true)`)
      // With its owner and its rights. A file that went while it was copied is no fault: its end is in the log.
      spawnSync('cp', ['-a', primary.dataFolder, data], { stdio: 'ignore' })
      const { rows } = await client.query<{ labelfile: string }>(
        'select labelfile from pg_backup_stop(false)',
      )
      return rows[0]?.labelfile ?? ''
    })
    rmSync(join(data, 'postmaster.pid'))
    const { uid, gid } = statSync(data)
    for (const [name, text] of [
      ['backup_label', label],
      ['standby.signal', ''],
    ] as const) {
      writeFileSync(join(data, name), text)
      chownSync(join(data, name), uid, gid)
    }
    const server = await PostgresServer.start(folder, {
      primary_conninfo: `host=${host} port=${port} user=${user} application_name=standby`,
    })
    return new Standby(primary, server)
  }

  /** From now on a commit is acknowledged once the standby has it on its disk. */
  async makeSynchronous(): Promise<void> {
    await withClient(this.#primary.url, async (client) => {
      await client.query(`alter system set synchronous_standby_names = 'standby'`)
      await client.query('select pg_reload_conf()')
    })
  }

  /** Whether the primary waits for it. */
  async isSynchronous(): Promise<boolean> {
    return withClient(this.#primary.url, async (client) => {
      const { rows } = await client.query(
        `select 1 from pg_stat_replication where application_name = 'standby' and sync_state = 'sync'`,
      )
      return rows.length > 0
    })
  }

  /** Becomes the server at the address of the one that died. */
  async takeOver(): Promise<void> {
    await withClient(this.server.url, (client) => client.query('select pg_promote(true)'))
    const { host, port } = this.#primary.address
    const file = `.s.PGSQL.${port}`
    rmSync(join(host, file), { force: true })
    symlinkSync(join(this.server.address.host, file), join(host, file))
  }

  /** After the checks: the address goes with it. */
  async stop(): Promise<void> {
    const { host, port } = this.#primary.address
    rmSync(join(host, `.s.PGSQL.${port}`), { force: true })
    await this.server.stop()
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
