// Processes that share one embedded server and nothing else: the harness's side of embedded-process.ts. It kills them, the
// server, one session of it, or all of them in one moment, and reads what was acknowledged.
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface EmbeddedSettings {
  /** Of the embedded server, as `database.embedded`. */
  readonly folder: string
  /** Where it writes which tasks were acknowledged: `<task id> <n>`, a line each. */
  readonly ledger: string
  /** Its tasks are numbered from here on. */
  readonly firstNo: number
  /** Pause between two tasks. */
  readonly everyMs: number
}

/** `rest`: create nothing more, and work on. */
export type EmbeddedOrder = 'rest' | 'close'

export interface Acknowledged {
  readonly taskId: string
  readonly n: number
}

/** The exit code of a process whose start failed because the server was killed under it: it is started again. */
export const startFailedCode = 3

/** Numbers of tasks that one process may use up. */
const numbersEach = 100_000

export class EmbeddedFleet {
  readonly folder: string
  readonly #home: string
  readonly #everyMs: number
  #running: readonly Running[] = []
  #started = 0
  #fallen: string[] = []

  constructor(home: string, everyMs: number) {
    this.#home = home
    this.folder = join(home, 'app')
    this.#everyMs = everyMs
  }

  get processes(): readonly Running[] {
    return this.#running
  }

  /** Processes that ended by themselves, which none may. */
  get fallen(): readonly string[] {
    return this.#fallen
  }

  start(count: number): void {
    for (let index = 0; index < count; index += 1) this.#startOne()
  }

  /** SIGKILL to these processes. Resolves when they are gone. */
  async kill(victims: readonly Running[]): Promise<void> {
    for (const victim of victims) {
      victim.isMeant = true
      victim.child.kill('SIGKILL')
    }
    await Promise.all(victims.map(({ exited }) => exited))
  }

  /** Gives an order to all. */
  tell(order: EmbeddedOrder): void {
    for (const running of this.#running) {
      if (order === 'close') running.isMeant = true
      running.child.send(order)
    }
  }

  /** Resolves with the exit codes when all have ended. */
  exits(): Promise<readonly (number | null)[]> {
    return Promise.all(this.#running.map(({ exited }) => exited))
  }

  /**
   * The server's processes, the postmaster first, so that it cannot replace the others; empty when none runs. Found by the
   * data folder in its arguments: a pid file may name a stranger by now.
   */
  serverProcesses(): readonly number[] {
    const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    const rows = table.split('\n').map((line) => {
      const [pid, ppid, program = '', ...args] = line.trim().split(/\s+/)
      return { pid: Number(pid), ppid: Number(ppid), program, args }
    })
    const data = join(this.folder, 'postgres', 'data')
    const postmaster = rows.find(
      ({ program, args }) => program.endsWith('/postgres') && args[args.indexOf('-D') + 1] === data,
    )
    if (postmaster === undefined) return []
    return [postmaster, ...rows.filter(({ ppid }) => ppid === postmaster.pid)].map(({ pid }) => pid)
  }

  /** Every line that was written whole. */
  acknowledged(): readonly Acknowledged[] {
    return Array.from({ length: this.#started }, (_, index) => this.#ledgerOf(index + 1))
      .filter((file) => existsSync(file))
      .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
      .map((line) => {
        const [taskId = '', n] = line.split(' ')
        return { taskId, n: Number(n) }
      })
  }

  #startOne(): void {
    this.#started += 1
    const no = this.#started
    const settings: EmbeddedSettings = {
      folder: this.folder,
      ledger: this.#ledgerOf(no),
      firstNo: no * numbersEach,
      everyMs: this.#everyMs,
    }
    const child = fork(program, [JSON.stringify(settings)], {
      execArgv: ['--conditions=@tasker/source'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const log = createWriteStream(join(this.#home, `process-${no}.log`))
    child.stdout?.pipe(log, { end: false })
    child.stderr?.pipe(log, { end: false })
    const { promise, resolve } = Promise.withResolvers<number | null>()
    const running: Running = { no, child, exited: promise, isMeant: false }
    child.once('exit', (code, signal) => {
      this.#running = this.#running.filter((one) => one !== running)
      log.end()
      if (code === startFailedCode) this.#startOne()
      else if (!running.isMeant)
        this.#fallen.push(`process ${no} ended by itself: ${signal ?? code}`)
      resolve(code)
    })
    this.#running = [...this.#running, running]
  }

  #ledgerOf(no: number): string {
    return join(this.#home, `acknowledged-${no}.log`)
  }
}

export interface Running {
  readonly no: number
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  /** It ends because the harness wants it to. */
  isMeant: boolean
}

const program = join(import.meta.dirname, 'embedded-process.ts')

export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
}
