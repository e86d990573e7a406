// A PostgreSQL server of the harness's own, durable, that can be killed with -9, stopped and started again in place: the
// embedded one, with its data in the folder of the scenario.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tasker/embedded-postgres'

/** Settings of every server here; a scenario may add its own. */
const usualSettings: Readonly<Record<string, string>> = {
  max_connections: '300',
  shared_preload_libraries: 'pg_stat_statements',
  track_functions: 'all',
  log_min_messages: 'warning',
  timezone: 'UTC',
}

export class PostgresServer {
  readonly #folder: string
  readonly #settings: Readonly<Record<string, string>>
  #running: EmbeddedPostgres | null = null

  private constructor(folder: string, settings: Readonly<Record<string, string>>) {
    this.#folder = folder
    this.#settings = { ...usualSettings, ...settings }
  }

  static async start(
    folder: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PostgresServer> {
    const server = new PostgresServer(folder, settings)
    await server.start()
    return server
  }

  /** `postgresql://…`, over the private socket; the same after each start. */
  get url(): string {
    return this.#handle.url
  }

  /** Where it is reached without a URL: a socket's folder and a port. */
  get address(): EmbeddedPostgres['connection'] {
    return this.#handle.connection
  }

  get dataFolder(): string {
    return this.#handle.dataFolder
  }

  /** What it has logged; the settings of a scenario may have it log more. */
  get logFile(): string {
    return join(dirname(this.dataFolder), 'server.log')
  }

  get version(): string {
    return this.#handle.serverVersion
  }

  /** Starts it after `kill`. Resolves when it answers, its crash recovery included. */
  async start(): Promise<void> {
    const before = this.#running
    this.#running = await startEmbeddedPostgres({
      folder: this.#folder,
      settings: this.#settings,
    })
    await before?.release() // of the server that was killed
  }

  /** SIGKILL to the postmaster and every process of it, as when the machine's memory runs out. */
  kill(): void {
    const postmaster = this.postmasterPid
    const children = childrenOf(postmaster)
    process.kill(postmaster, 'SIGKILL')
    // One that was forked meanwhile ends by itself when it sees that the postmaster is gone.
    for (const pid of children) killIfThere(pid)
  }

  get postmasterPid(): number {
    const file = join(this.dataFolder, 'postmaster.pid')
    return Number(readFileSync(file, 'utf8').split('\n')[0])
  }

  /** Stops it for good. */
  async stop(): Promise<void> {
    await this.#running?.release()
  }

  get #handle(): EmbeddedPostgres {
    if (this.#running === null) throw new Error('the server has not started')
    return this.#running
  }
}

function childrenOf(parent: number): readonly number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []))
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
