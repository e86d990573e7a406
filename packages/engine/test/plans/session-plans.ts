// The plans that a worker's own sessions execute, those inside functions included: auto_explain sends each as a notice to the
// session that asked, and every session of the driver's pools is listened to. What the plans say is plan-faults.ts.
import pg from 'pg'
import type { Connection } from '../protocol/lab.ts'

/** A node of `explain (analyze, buffers, format json)`: what is read of it here. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Alias?: string
  readonly Operation?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly PlanNode[]
}

/** One execution of one statement. */
export interface Execution {
  /** The function that it stands in; null: it came from the client. */
  readonly within: string | null
  readonly plan: PlanNode
}

/** One statement of a client, and all that ran inside it. */
export interface Call {
  /** Under which it is prepared in its session; null: it is not. */
  readonly name: string | null
  readonly text: string
  /** The client's own statement is the last. */
  readonly executions: readonly Execution[]
}

export interface SessionPlans {
  /** The calls since the last time, of every session; in the order of their ends within each. */
  take(): Promise<readonly Call[]>
  /** The driver is as it was. */
  leave(): void
}

/** Sessions that begin from now on in the connection's database explain what they execute. */
export async function explainSessions(eye: Connection): Promise<void> {
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_buffers': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
  }
  await eye.query(`load 'auto_explain'`) // the server knows the names of its settings now
  for (const [name, value] of Object.entries(settings)) {
    await eye.query(
      `do $$ begin
         execute format('alter database %I set ${name} = %L', current_database(), '${value}');
       end $$`,
    )
  }
}

/** Listens to the sessions of pools that are made from now on. */
export function listenToPools(): SessionPlans {
  const { Pool } = pg
  const sessions = new Set<Session>()
  class ListenedPool extends Pool {
    constructor(options?: pg.PoolConfig) {
      super({ ...options, idleTimeoutMillis: 0 }) // they are asked for the names of their statements at the end
      this.on('connect', (client) => void sessions.add(new Session(client)))
    }
  }
  Object.assign(pg, { Pool: ListenedPool })
  const names = new Map<string, string>()
  return {
    async take() {
      for (const session of sessions) await session.learnNames(names)
      return [...sessions].flatMap((session) =>
        session.take().map((call) => ({ ...call, name: names.get(call.text) ?? null })),
      )
    },
    leave: () => void Object.assign(pg, { Pool }),
  }
}

/** What auto_explain writes after the word `plan:`. */
interface Explained {
  readonly 'Query Text': string
  readonly Plan: PlanNode
}

const ofPreparedStatements = 'select name, statement from pg_prepared_statements'

class Session {
  readonly #client: pg.PoolClient
  #hasEnded = false
  #within: Execution[] = []
  #calls: Omit<Call, 'name'>[] = []

  constructor(client: pg.PoolClient) {
    this.#client = client
    client.on('notice', ({ message = '', where }) => this.#receive(message, where))
    client.on('end', () => (this.#hasEnded = true))
  }

  async learnNames(names: Map<string, string>): Promise<void> {
    if (this.#hasEnded) return
    const { rows } = await this.#client.query<{ name: string; statement: string }>(
      ofPreparedStatements,
    )
    for (const { name, statement } of rows) names.set(statement, name)
  }

  take(): readonly Omit<Call, 'name'>[] {
    const calls = this.#calls
    this.#calls = []
    return calls
  }

  #receive(message: string, where: string | undefined): void {
    const [, json] = /^duration: .*?plan:\n(.*)$/s.exec(message) ?? []
    if (json === undefined) return
    const { Plan: plan, 'Query Text': text } = JSON.parse(json) as Explained // auto_explain wrote it
    if (text === ofPreparedStatements) return
    if (where !== undefined) {
      const [, name] = /function (?:\w+\.)?"?(\w+)/.exec(where) ?? []
      this.#within.push({ within: name ?? where, plan })
      return
    }
    this.#calls.push({ text, executions: [...this.#within, { within: null, plan }] })
    this.#within = []
  }
}
