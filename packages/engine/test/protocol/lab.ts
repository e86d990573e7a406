// A bench for the execution protocol: a database of its own, connections whose transactions a test holds open, tasks and
// workers made by the engine's own callers, and waits that watch PostgreSQL's locks instead of a clock.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, onTestFinished } from 'vitest'
import type { Database, Row } from '../../src/database/connect.ts'
import { createTasks, type NewTask } from '../../src/database/create-tasks.ts'
import { finishSteps, type FinishReply, type StepOutcome } from '../../src/database/steps.ts'
import { registerWorker } from '../../src/database/workers.ts'
import type { DefinitionId, TaskId, WorkerId } from '../../src/ids.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'
import { testSchema } from '../support/template.ts'
import { databaseOn, finishCall, graphOf, newTask, type StepPlan } from './calls.ts'

export { finishCall, graphOf, newTask, outcomeOf, type StepPlan, type StepRef } from './calls.ts'

/** One connection, as the caller of the engine's functions and as a transaction that the test holds. */
export interface Connection {
  readonly client: pg.Client
  readonly pid: number
  readonly database: Database
  query(text: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface Lab {
  readonly url: string
  /** For looking on: never in a transaction. */
  readonly eye: Connection
  connect(): Promise<Connection>
  define(steps: readonly StepPlan[]): Promise<DefinitionId>
  create(definitionId: DefinitionId, request?: Partial<NewTask>): Promise<TaskId>
  worker(serves: readonly DefinitionId[], leaseMs?: number): Promise<WorkerId>
  /** Claims with a call of its own, on the eye's connection. */
  claim(workerId: WorkerId, lanes: readonly number[], want?: number): Promise<FinishReply>
  finish(workerId: WorkerId, outcomes: readonly StepOutcome[]): Promise<FinishReply>
}

/** Whether the lab has a database of its own; needed by a test that changes tables. */
export interface LabOptions {
  readonly alone?: boolean
}

/**
 * For the top level of a test file: returns what opens a lab inside a test. The labs of a file share one database, emptied
 * for each; a clone would cost ten times as much. Once a test has failed its database is left as it is.
 */
export function labsOfFile(): (options?: LabOptions) => Promise<Lab> {
  const shared = databaseForFile()
  let hasFailed = false
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail'
  })
  return async ({ alone = false } = {}) => {
    if (alone || hasFailed) return openLab((await cloneDatabase()).url)
    const lab = await openLab(shared.url)
    await emptyTables(lab.eye)
    return lab
  }
}

// A definition and everything after it; the tables of the migrations stay.
async function emptyTables(eye: Connection): Promise<void> {
  const [row] = await eye.query(
    `select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables
     from pg_tables
     where schemaname = $1 and tablename not in ('migrations', 'schema_version')`,
    [testSchema],
  )
  await eye.query(`truncate ${String(row?.['tables'])} restart identity`)
}

async function openLab(url: string): Promise<Lab> {
  const connect = (): Promise<Connection> => openConnection(url)
  const eye = await connect()
  let definitions = 0
  return {
    url,
    eye,
    connect,
    async define(steps) {
      definitions += 1
      const definition = {
        namespace: 'protocol',
        name: `task_${definitions}`,
        description: '',
        version: '1.0.0',
        digest: 'd',
        graph_id: randomUUID(),
        settings: {},
        annotates: false,
        steps: graphOf(steps),
      }
      const [row] = await eye.query('select stored_id from tasker.register_definition($1::jsonb)', [
        JSON.stringify(definition),
      ])
      return row?.['stored_id'] as DefinitionId // the identity column of definitions
    },
    async create(definitionId, request) {
      const [created] = await createTasks(eye.database, [newTask(definitionId, request)], {
        lockTimeoutMs: 10_000,
        now: null,
        transaction: null,
      })
      if (created === undefined) throw new Error('create_tasks answered nothing.')
      return created.taskId
    },
    worker: (serves, leaseMs = 60_000) =>
      registerWorker(eye.database, {
        host: 'lab',
        pid: 1,
        version: '0',
        serves,
        slots: 10,
        leaseMs,
        now: null,
      }),
    claim: (workerId, lanes, want = 1) =>
      finishSteps(eye.database, finishCall(workerId, { lanes, want })),
    finish: (workerId, outcomes) => finishSteps(eye.database, finishCall(workerId, { outcomes })),
  }
}

/** The claimed step of that name; steps without a name are the two hooks. */
export function named<Step extends { readonly name: string | null }>(
  steps: readonly Step[],
  name: string,
): Step {
  const found = steps.find((step) => step.name === name)
  if (found === undefined) throw new Error(`Step ${name} was not claimed.`)
  return found
}

/** In the order of their texts, to compare what comes in no order. */
export function sorted(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))
}

/** Rows of the table that holds the steps' states, by name: `{ a: 'complete', b: 'pending' }`. */
export async function stepStatesOf(
  lab: Lab,
  taskId: TaskId,
): Promise<Readonly<Record<string, unknown>>> {
  const rows = await lab.eye.query(
    `select g.name, s.state
     from tasker.workflow_steps s
     join tasker.tasks t on t.task_id = s.task_id
     join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
     where s.task_id = $1
     order by s.step_no`,
    [taskId],
  )
  return Object.fromEntries(rows.map((row) => [String(row['name']), row['state']]))
}

export async function taskStateOf(lab: Lab, taskId: TaskId): Promise<unknown> {
  const [row] = await lab.eye.query('select state from tasker.tasks where task_id = $1', [taskId])
  return row?.['state']
}

/** One number from one row: `select count(*)…`. */
export async function countOf(
  lab: Lab,
  sql: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const [row] = await lab.eye.query(`select (${sql})::integer as n`, values)
  return Number(row?.['n'])
}

async function openConnection(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // the database may be dropped under an open transaction
  await client.connect()
  onTestFinished(() => client.end())
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, [...values])).rows
  await query("set datestyle to 'ISO'") // as the engine does: the driver reads no other
  const [row] = await query('select pg_backend_pid() as pid')
  return { client, pid: Number(row?.['pid']), database: databaseOn(query), query }
}
