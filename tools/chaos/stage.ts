// What a scenario stands on: a database on a server of its own, worker processes, chance from a seed, a place for faults, and
// the checks that follow every scenario: each worker still lives (tail check), everything has ended, every invariant holds.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import {
  createTasker,
  migrate,
  type GivenDefinition,
  type JsonObject,
  type Tasker,
} from '@tasker/engine'
import { isConnectionError } from '../../packages/engine/src/database/connect.ts'
import { checkAfterTheEnd } from '../../packages/engine/test/protocol/invariants.ts'
import { ledgerTable } from './ledger.ts'
import type { PostgresServer } from './postgres-server.ts'
import { createDags, dagsToCreate, type DagPlan } from './random-dags.ts'
import type { Random } from './random.ts'
import { tailToCreate } from './tail.ts'
import { WorkerHandle, type Exit } from './worker-handle.ts'
import type { WorkerOptions } from './worker-settings.ts'

/** One statement, with its values; rows by column name. */
export type Ask = (
  text: string,
  values?: readonly unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>

export interface WorkerRequest {
  /** Stays the same when the process is replaced. Letters, digits and underscores. */
  readonly name: string
  /** File name in casts/, without `.ts`. Default `random-dags`. */
  readonly cast?: string
  readonly castOptions?: JsonObject
  /** Default: `quickOptions`. Given sections replace single options of those. */
  readonly options?: WorkerOptions
  /** Default: the server itself; give a proxy's to put faults between. */
  readonly databaseUrl?: string
  /** Default 0. */
  readonly clockSkewMs?: number
  /** Its handlers end the process by an exit code. Default false: that is a fault. */
  readonly mayExit?: boolean
  /** Workers in the one process. Default 1. */
  readonly workers?: number
}

/** Short times, so that losing a worker costs seconds; a budget of losses that no scenario spends by accident. */
export const quickOptions = {
  orchestration: {
    heartbeatIntervalMs: 500,
    leaseMs: 2_000,
    scanIntervalMs: 500,
    sweepIntervalMs: 2_000,
    pollIntervalMs: 500,
  },
  execution: { minConcurrentSteps: 1, maxConcurrentStepsLimit: 8, workerLostLimit: 1_000 },
  database: { poolSize: 4, connectTimeoutMs: 2_000 },
  backoff: { defaultBackoffSeconds: [0.05, 0.1, 0.2], maxBackoffSeconds: 1 },
} as const satisfies WorkerOptions

export interface StageOptions {
  readonly seed: number
  readonly isShort: boolean
  readonly random: Random
  readonly server: PostgresServer
  /** Of this run: logs of the processes. */
  readonly folder: string
  /** A line for whoever watches. */
  readonly tell: (line: string) => void
}

const probeEveryMs = 50
const answerLimitMs = 60_000

export class ChaosStage {
  readonly seed: number
  /** The small variant, for CI. */
  readonly isShort: boolean
  readonly random: Random
  readonly server: PostgresServer
  readonly tell: (line: string) => void
  /** Every process that was started, the ended ones too. */
  readonly processes: WorkerHandle[] = []
  /** What is wrong. The scenario has failed when there is one. */
  readonly faults: string[] = []
  /** Of this run: logs of the processes, and whatever a scenario puts beside them. */
  readonly folder: string
  readonly #pool: pg.Pool
  readonly #atClose: (() => Promise<unknown>)[] = []
  #isClosed = false

  private constructor({ seed, isShort, random, server, folder, tell }: StageOptions) {
    this.seed = seed
    this.isShort = isShort
    this.random = random
    this.server = server
    this.tell = tell
    this.folder = folder
    this.#pool = new pg.Pool({
      connectionString: server.url,
      max: 8,
      connectionTimeoutMillis: 5_000,
    })
    this.#pool.on('error', () => undefined) // the server is killed on purpose
  }

  static async open(options: StageOptions): Promise<ChaosStage> {
    await migrate({ url: options.server.url, schema: 'tasker' })
    const stage = new ChaosStage(options)
    await stage.ask(ledgerTable)
    return stage
  }

  /** Processes that run now. */
  get workers(): readonly WorkerHandle[] {
    return this.processes.filter(({ isRunning }) => isRunning)
  }

  /** Something is wrong. */
  fault(...says: readonly string[]): void {
    this.faults.push(...says)
  }

  /** A fault when the two differ. */
  expect(what: string, actual: unknown, expected: unknown): void {
    if (JSON.stringify(actual) === JSON.stringify(expected)) return
    this.fault(`${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`)
  }

  /** Starts a process; its worker is not ready yet (`await worker.ready()`). */
  startWorker(request: WorkerRequest): WorkerHandle {
    this.#mustBeOpen()
    const { cast = 'random-dags', options = {} } = request
    const worker = new WorkerHandle(
      {
        name: request.name,
        databaseUrl: request.databaseUrl ?? this.server.url,
        ledgerUrl: this.server.url,
        cast: join(import.meta.dirname, 'casts', `${cast}.ts`),
        castOptions: request.castOptions ?? {},
        options: {
          ...options,
          orchestration: { ...quickOptions.orchestration, ...options.orchestration },
          execution: { ...quickOptions.execution, ...options.execution },
          database: { ...quickOptions.database, ...options.database },
          backoff: { ...quickOptions.backoff, ...options.backoff },
        },
        clockSkewMs: request.clockSkewMs ?? 0,
        mayExit: request.mayExit ?? false,
        workers: request.workers ?? 1,
      },
      this.folder,
    )
    this.processes.push(worker)
    return worker
  }

  /** Starts workers `w1` to `w<count>` and waits until all of them work. */
  async startWorkers(
    count: number,
    request: Omit<WorkerRequest, 'name'> = {},
  ): Promise<readonly WorkerHandle[]> {
    const started = Array.from({ length: count }, (_, index) =>
      this.startWorker({ ...request, name: `w${index + 1}` }),
    )
    await Promise.all(started.map((worker) => worker.ready()))
    return started
  }

  /** A process in the place of one that ended, with the same settings. */
  replace(worker: WorkerHandle): WorkerHandle {
    this.#mustBeOpen()
    const started = new WorkerHandle(worker.settings, this.folder)
    this.processes.push(started)
    return started
  }

  /** Asks the database, for as long as it is away too: up to a minute. */
  readonly ask: Ask = async (text, values = []) => {
    const startedMs = performance.now()
    for (;;) {
      try {
        return (await this.#pool.query<Record<string, unknown>>(text, [...values])).rows
      } catch (error) {
        if (!isConnectionError(error) || performance.now() - startedMs > answerLimitMs) throw error
        await pause(probeEveryMs)
      }
    }
  }

  /** The one number that a statement returns. */
  async count(text: string, values: readonly unknown[] = []): Promise<number> {
    const rows = await this.ask(text, values)
    return Number(Object.values(rows[0] ?? {})[0] ?? 0)
  }

  /** Waits until the probe says true. @throws when it does not within the limit, with what was waited for. */
  async until(
    what: string,
    probe: () => boolean | Promise<boolean>,
    options: { readonly limitMs?: number; readonly everyMs?: number } = {},
  ): Promise<void> {
    const { limitMs = 60_000, everyMs = probeEveryMs } = options
    const startedMs = performance.now()
    while (!(await probe())) {
      this.#mustBeOpen()
      const fallen = this.#fallen()
      if (fallen.length > 0) throw new Error(`${what}: not any more. ${fallen.join(' ')}`)
      if (performance.now() - startedMs > limitMs) {
        throw new Error(`${what}: not within ${limitMs} ms. ${await this.#whatStands()}`)
      }
      await pause(everyMs)
    }
  }

  /** The seeded pause of a monkey. Never a way to wait for something. */
  async pauseBetween(fromMs: number, toMs: number): Promise<void> {
    await pause(this.random.between(fromMs, toMs))
    this.#mustBeOpen()
  }

  /** A Tasker of the harness's own, without a worker; close it. */
  createTasker(definitions: readonly GivenDefinition[], databaseUrl?: string): Promise<Tasker> {
    const { database } = quickOptions
    const url = databaseUrl ?? this.server.url
    return createTasker({ database: { ...database, url, migrate: 'off' }, definitions })
  }

  /** Creates the tasks of these plans, in batches, each asked for again when its answer was lost. */
  async createDags(plans: readonly DagPlan[], databaseUrl?: string): Promise<void> {
    const batchMax = 50
    const tasker = await this.#untilAnswered(() => this.createTasker(dagsToCreate, databaseUrl))
    try {
      for (let start = 0; start < plans.length; start += batchMax) {
        const batch = plans.slice(start, start + batchMax)
        await this.#untilAnswered(() => createDags(tasker, batch))
      }
    } finally {
      await tasker.close()
    }
  }

  /** Waits until every task has ended. */
  async untilAllEnded(limitMs: number): Promise<void> {
    await this.until('every task has ended', async () => (await this.#openTasks()) === 0, {
      limitMs,
      everyMs: 200,
    })
  }

  /** What follows every scenario: the last tasks of each worker finish, all stop cleanly, and nothing is left or wrong. */
  async finish(): Promise<void> {
    for (const worker of this.workers) worker.thaw()
    await this.#checkTails()
    // Those of the dead go with the next rescue scan, those of the living with their next call.
    await this.until('every receipt is settled', async () => (await this.count(receipts)) === 0)
    const exits = await Promise.all(
      this.workers.map((worker) => worker.stop({ waitMs: 5_000, abortMs: 1_000 })),
    )
    for (const { signal } of exits.filter((exit: Exit) => exit.signal !== null)) {
      this.fault(`a worker did not stop cleanly: ${signal}`)
    }
    await this.#checkDatabase()
    this.fault(...this.#fallen())
    for (const { name, pid, messages } of this.processes) {
      for (const message of messages) {
        if (message.kind === 'log' && message.level === 'error')
          this.fault(`${name} (pid ${pid}) logged: ${message.text}`)
      }
    }
  }

  /** Ends something of the scenario's own (a proxy, a pooler) after the checks, which may still need it. */
  atClose(end: () => Promise<unknown>): void {
    this.#atClose.push(end)
  }

  /** Ends what is left, however. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.workers.map((worker) => worker.kill()))
    for (const end of this.#atClose) await end()
    await this.#pool.end()
  }

  /** What a scenario that hung still does ends here. */
  #mustBeOpen(): void {
    if (this.#isClosed) throw new Error('the scenario was ended')
  }

  /** Processes that ended by themselves, which none may. */
  #fallen(): readonly string[] {
    return this.processes
      .filter(({ exit, settings }) => exit !== null && exit.code !== 0 && !settings.mayExit)
      .filter(({ exit }) => exit?.signal === null)
      .map(
        ({ name, pid, exit, lastError }) =>
          `${name} (pid ${pid}) ended by itself, exit code ${exit?.code}. ${lastError}`,
      )
  }

  async #checkTails(): Promise<void> {
    const tailLength = 3
    const names = [...new Set(this.workers.map(({ name }) => name))]
    if (names.length === 0) return
    const tasker = await this.createTasker(names.map(tailToCreate))
    try {
      for (const name of names) {
        for (let made = 0; made < tailLength; made += 1)
          await tasker.tasks.create(`tail/tail_of_${name}`, { context: {} })
      }
    } finally {
      await tasker.close()
    }
    await this.untilAllEnded(60_000)
    const complete = await this.count(
      `select count(*) from tasker.tasks t join tasker.definitions d using (definition_id)
       join tasker.named_tasks n using (named_task_id)
       where n.name like 'tail\\_of\\_%' and t.state = 'complete'`,
    )
    this.expect('last tasks that are complete', complete, names.length * tailLength)
  }

  async #checkDatabase(): Promise<void> {
    const client = await this.#pool.connect()
    try {
      this.fault(...(await checkAfterTheEnd(client, 'tasker')))
    } finally {
      client.release()
    }
    const deadlocks = await this.count(
      'select deadlocks from pg_stat_database where datname = current_database()',
    )
    this.expect('deadlocks', deadlocks, 0)
  }

  async #untilAnswered<T>(run: () => Promise<T>): Promise<T> {
    const startedMs = performance.now()
    for (;;) {
      try {
        return await run()
      } catch (error) {
        if (!isConnectionError(error) || performance.now() - startedMs > answerLimitMs) throw error
        await pause(probeEveryMs)
      }
    }
  }

  async #openTasks(): Promise<number> {
    return this.count(`select count(*) from tasker.tasks where state in ('pending', 'in_progress')`)
  }

  async #whatStands(): Promise<string> {
    const [row] = await this.ask(whatStands)
    return `What stands: ${JSON.stringify(row)}`
  }
}

const receipts = 'select count(*) from tasker.receipts'

const whatStands = `
  select
    (select json_object_agg(state, n) from
      (select state, count(*) as n from tasker.tasks group by state) t) as tasks,
    (select json_object_agg(state, n) from
      (select state, count(*) as n from tasker.workflow_steps where step_no > 0 group by state) s) as steps,
    (select json_object_agg(state, n) from
      (select state, count(*) as n from tasker.workers group by state) w) as workers,
    (select count(*) from tasker.due where run_at <= clock_timestamp() and lane > 0) as due,
    (select count(*) from tasker.due where lane < 0) as suspects,
    (select count(*) from tasker.receipts) as receipts`
