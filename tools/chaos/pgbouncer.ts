// PgBouncer in transaction mode before the scenario's server, on a socket of its own: a real one, as installed on this
// machine. Each transaction of a client may meet another session of the server.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresServer } from './postgres-server.ts'

const startLimitMs = 10_000
const port = 6432 // names the socket file only

export interface PgBouncerOptions {
  readonly server: PostgresServer
  /** Where its configuration and its socket go. */
  readonly folder: string
  /** Sessions of the server that all clients share. */
  readonly poolSize: number
}

export class PgBouncer {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #target: PostgresServer['address']

  private constructor(child: ChildProcess, folder: string, target: PostgresServer['address']) {
    this.#process = child
    this.#folder = folder
    this.#target = target
  }

  /** First on PATH, then where Debian puts it. Null when it is not installed. */
  static find(): string | null {
    const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    const found = folders
      .map((folder) => join(folder, 'pgbouncer'))
      .find((path) => existsSync(path))
    return found ?? null
  }

  /** `PgBouncer 1.18.0` */
  static version(program: string): string {
    return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? ''
  }

  static async start(
    program: string,
    { server, folder, poolSize }: PgBouncerOptions,
  ): Promise<PgBouncer> {
    // The server's socket is open to its own user only, and PgBouncer refuses to run as root.
    const { uid, gid } = statSync(server.address.host)
    const own = join(folder, 'pgbouncer')
    mkdirSync(own, { recursive: true })
    const file = join(own, 'pgbouncer.ini')
    writeFileSync(file, configuration(server, own, poolSize))
    if (process.getuid?.() === 0) chownSync(own, uid, gid)
    const account = process.getuid?.() === 0 ? { uid, gid } : {}
    const child = spawn(program, [file], { stdio: 'ignore', cwd: own, ...account })
    const bouncer = new PgBouncer(child, own, server.address)
    await bouncer.#ready()
    return bouncer
  }

  /** For worker processes: the server, through this pooler. */
  get url(): string {
    return this.#urlOf(this.#target.database)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }

  #urlOf(database: string): string {
    return `postgresql://${this.#target.user}@${encodeURIComponent(this.#folder)}:${port}/${database}`
  }

  async #ready(): Promise<void> {
    const startedMs = performance.now()
    for (;;) {
      const client = new pg.Client({ connectionString: this.url })
      try {
        await client.connect()
        return
      } catch (error) {
        if (performance.now() - startedMs > startLimitMs) throw error
        await pause(50)
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  }
}

const configuration = (
  { address: { host, port: serverPort, user } }: PostgresServer,
  folder: string,
  poolSize: number,
): string => `[databases]
* = host=${host} port=${serverPort} user=${user}
[pgbouncer]
listen_addr =
listen_port = ${port}
unix_socket_dir = ${folder}
logfile = ${join(folder, 'pgbouncer.log')}
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 500
`
