// A worker among faults: loggers that throw, starts that fail, stops at a bad moment, tasks that somebody else holds.
import { setImmediate as nextTurn } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker, defineTask } from '../../src/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { stage } from './stage.ts'

const ran: string[] = []
const single = defineTask({ namespace: 'faults', name: 'single', version: '1.0.0' }).step(
  'only',
  async ({ taskId }) => {
    ran.push(taskId)
    return 1
  },
)

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Waits until some other session of this database waits for a lock. Each look is a round trip. */
async function somebodyWaits(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
    )
    if (rows.length > 0) return
  }
}

/** Waits until no other connection is left: those that are closing take a moment. Each look is a round trip. */
async function nobodyConnected(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::integer as n from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    if (rows[0]?.n === 0) return
  }
}

test('a logger and a subscriber that throw disturb nobody', async () => {
  const { url } = await cloneDatabase()
  const fail = (): never => {
    throw new Error('the log is full')
  }
  const { tasker, run } = await stage(url, {
    definitions: [single],
    logger: { debug: fail, info: fail, warn: fail, error: fail },
  })
  tasker.events.on('step.completed', fail)
  tasker.events.on('task.completed', () => Promise.reject(new Error('later')))
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  expect(await run(taskId)).toMatchObject({ state: 'complete' })
  expect(tasker.events.failureCount).toBe(2)
})

test('a start that failed leaves nothing behind, and the next one works', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const { tasker, run } = await stage(url, { definitions: [single], isWorking: false })
  await client.query('alter table tasker.workers rename to workers_away')
  await expect(tasker.worker.start()).rejects.toThrow('workers')
  await client.query('alter table tasker.workers_away rename to workers')

  await tasker.worker.start()
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  expect(await run(taskId)).toMatchObject({ state: 'complete' })
  await tasker.close()
  await nobodyConnected(client)
})

test('a stop during the start waits for it; closing twice is closing once', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const tasker = await createTasker({ database: url, definitions: [single] })
  const starting = tasker.worker.start()
  await Promise.all([tasker.worker.stop({ waitMs: 0, abortMs: 0 }), tasker.close(), tasker.close()])
  await starting
  const { rows } = await client.query("select 1 from tasker.workers where state = 'live'")
  expect(rows).toEqual([])
  await nobodyConnected(client)
})

test('steps that a call under way brings to a stopping worker are handed back, not started', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const { tasker } = await stage(url, { definitions: [single], isWorking: false })
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  await client.query('begin; lock table tasker.receipts in exclusive mode')
  await tasker.worker.start()
  const looker = await open(url)
  await somebodyWaits(looker) // the claim, at its receipt

  const stopped = tasker.worker.stop({ waitMs: 0, abortMs: 0 })
  await client.query('commit')
  await stopped

  expect(ran).not.toContain(taskId)
  expect((await tasker.tasks.get(taskId)).steps).toMatchObject([
    { state: 'pending', isReady: true, attempts: 0 },
  ])
})

test('a task that somebody else holds keeps no other task waiting', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const gate = Promise.withResolvers<void>()
  const held = defineTask({ namespace: 'faults', name: 'held', version: '1.0.0' }).step(
    'only',
    async () => gate.promise,
  )
  const { tasker, run, events } = await stage(url, {
    definitions: [single, held],
    slots: 2,
    poolSize: 2,
  })
  const first = await tasker.tasks.create(held, { context: {} })
  await events.until('step.execution_requested')
  await client.query('begin')
  await client.query('select 1 from tasker.task_progress where task_id = $1 for update', [
    first.taskId,
  ])
  gate.resolve()
  await somebodyWaits(await open(url)) // the outcome of the held task, on its second try

  const second = await tasker.tasks.create(single, { context: {} })
  await events.until('task.completed', ({ taskId }) => taskId === second.taskId)

  await client.query('commit')
  expect(await run(first.taskId)).toMatchObject({ state: 'complete' })
})

/** Ends every other session of this database. */
const endSessions = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`

test('a server that is read-only by mistake is said once, waited for, and said once when it is over', async () => {
  const { url, name } = await cloneDatabase()
  const client = await open(url)
  const said: string[] = []
  const note = (_fields: object, message: string): void => void said.push(message)
  const { tasker, run, events, clock } = await stage(url, {
    definitions: [single],
    logger: { debug: () => undefined, info: note, warn: note, error: note },
    telemetry: { logLevels: { cache: 'warn' } },
    orchestration: {
      heartbeatIntervalMs: 1_000,
      leaseMs: 3_600_000,
      scanIntervalMs: 700,
      sweepIntervalMs: 1_300,
    },
  })
  await client.query(`alter database "${name}" set default_transaction_read_only = on`)
  await client.query(endSessions)
  for (let second = 0; second < 10; second += 1) await clock.advance(1_000)
  expect(said).toEqual(['the database cannot be used; the worker waits for it'])

  await client.query(`alter database "${name}" reset default_transaction_read_only`)
  await client.query(endSessions)
  while (said.length < 2) await clock.advance(1_000)
  expect(said).toEqual([
    'the database cannot be used; the worker waits for it',
    'the database answers again',
  ])
  expect(events.of('worker.state_changed').map(({ state }) => state)).toEqual(['offline', 'live'])
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  expect(await run(taskId)).toMatchObject({ state: 'complete' })
})

test('a role that loses its rights is said once, with what it needs, waited for, and said once when it has them', async () => {
  const { url, name } = await cloneDatabase()
  const client = await open(url)
  const role = `app_of_${name}`
  await client.query(`create role ${role} login`)
  onTestFinished(async () => {
    await client.query(`drop owned by ${role}`)
    await client.query(`drop role ${role}`)
  })
  const grant = `grant usage on schema tasker to ${role};
    grant select, insert, update, delete on all tables in schema tasker to ${role}`
  await client.query(grant)
  const said: string[] = []
  const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    const { exception_message: reason } = fields
    said.push(typeof reason === 'string' ? `${message}: ${reason}` : message)
  }
  const asRole = new URL(url)
  asRole.username = role
  const { tasker, run, clock } = await stage(asRole.href, {
    definitions: [single],
    logger: { debug: () => undefined, info: note, warn: note, error: note },
    telemetry: { logLevels: { cache: 'warn' } },
    orchestration: { heartbeatIntervalMs: 1_000, leaseMs: 3_600_000, scanIntervalMs: 700 },
  })
  await client.query(`revoke usage on schema tasker from ${role}`)
  for (let second = 0; second < 10; second += 1) await clock.advance(1_000)
  expect(said).toEqual([
    'the database cannot be used; the worker waits for it: The server answers, but refuses the role its rights ' +
      '(permission denied for schema tasker). To run, the role needs `usage` on the schema and `select`, `insert`, ' +
      '`update` and `delete` on its tables; to migrate, it has to own them, and at first to `create` in the database.',
  ])

  await client.query(grant)
  for (let second = 0; second < 500 && said.length < 2; second += 1) await clock.advance(1_000)
  expect(said.slice(1)).toEqual(['the database answers again'])
  const { taskId } = await tasker.tasks.create(single, { context: {} })
  expect(await run(taskId)).toMatchObject({ state: 'complete' })
  await tasker.close()
})

test('a worker that stops while it cannot record says how many steps it leaves to the others', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const never = defineTask({ namespace: 'faults', name: 'never', version: '1.0.0' }).step(
    'only',
    async () => new Promise<never>(() => undefined),
  )
  const quiet = (): void => undefined
  const said: unknown[] = []
  const { tasker, events, clock } = await stage(url, {
    definitions: [never],
    logger: {
      debug: quiet,
      info: quiet,
      warn: (fields, message) => said.push({ steps: fields['steps'], message }),
      error: quiet,
    },
  })
  await tasker.tasks.create(never, { context: {} })
  await events.until('step.execution_requested')
  await client.query('alter schema tasker rename to elsewhere')
  const stopped = new AbortController()
  const stopping = tasker.worker.stop({ waitMs: 0, abortMs: 0 }).then(() => stopped.abort())
  while (!stopped.signal.aborted) {
    await nextTurn()
    await clock.advance(1_000)
  }
  await stopping
  expect(said).toContainEqual({
    steps: 1,
    message: expect.stringContaining('stopped without handing these steps back') as unknown,
  })
})

test('a schema that is away for a while costs no outcome: it is recorded when the schema is back', async () => {
  const { url } = await cloneDatabase()
  const client = await open(url)
  const gate = Promise.withResolvers<void>()
  const away = Promise.withResolvers<void>()
  const held = defineTask({ namespace: 'faults', name: 'schema_away', version: '1.0.0' }).step(
    'only',
    async () => {
      await gate.promise
      return { charged: 1 }
    },
  )
  const quiet = (): void => undefined
  const { tasker, run, events, clock } = await stage(url, {
    definitions: [held],
    logger: { debug: quiet, info: quiet, warn: () => away.resolve(), error: quiet },
  })
  const { taskId } = await tasker.tasks.create(held, { context: {} })
  await events.until('step.execution_requested')
  await client.query('alter schema tasker rename to elsewhere')
  gate.resolve()
  await away.promise // the failed call has been said
  await client.query('alter schema elsewhere rename to tasker')

  await clock.advance(1_000) // the pause before the call is repeated
  expect(await run(taskId)).toMatchObject({ state: 'complete', results: { only: { charged: 1 } } })
})
