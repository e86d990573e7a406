// What can go wrong around a step with `transaction: true`: its connection breaks, its time is over, no connection is
// free, or the handler ends the transaction itself. Time is real here: these are matters between Node and the server.
import { once } from 'node:events'
import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config.ts'
import { connect, type Database } from '../../src/database/connect.ts'
import type { ClaimedStep } from '../../src/database/steps.ts'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import { createHttpClient } from '../../src/http/client.ts'
import { DependentSystems } from '../../src/http/systems/dependent-systems.ts'
import type { DefinitionId, WorkerId } from '../../src/ids.ts'
import { newTaskId } from '../../src/ids.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { silentLogger } from '../../src/log.ts'
import { ResultCache } from '../../src/steps/result-cache.ts'
import { AttemptScope } from '../../src/steps/attempt-scope.ts'
import { BlockedLoop } from '../../src/steps/blocked-loop.ts'
import { runInTransaction } from '../../src/steps/run-in-transaction.ts'
import { AttemptAborted } from '../../src/steps/abort.ts'
import { runStep, type Attempt, type StepRunner } from '../../src/steps/run-step.ts'
import { attemptsOf, gate, statesOf } from './handlers.ts'
import { ledgerOfFile } from './ledger.ts'
import { stageOf, transaction } from './transaction-stage.ts'

const { database, query, entriesOf } = ledgerOfFile()
const setup = stageOf(database)
const never = new Promise<never>(() => undefined)

describe('the connection', () => {
  test('when it is lost while the handler does something else, the attempt fails at once and the next completes', async () => {
    const backend = Promise.withResolvers<unknown>()
    const reasons: unknown[] = []
    const definition = defineTask({ name: 'lost_connection' }).step(
      'book',
      transaction,
      async ({ tx, taskId, attempt, signal }) => {
        await tx.query('insert into ledger values ($1, $2)', [taskId, `attempt ${attempt}`])
        if (attempt > 1) return null
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        backend.resolve((await tx.query('select pg_backend_pid() as pid')).rows[0])
        return never
      },
    )
    const { tasker, events } = await setup([definition])
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await query('select pg_terminate_backend(($1::json->>$2)::integer)', [
      JSON.stringify(await backend.promise),
      'pid',
    ])
    const task = await tasker.tasks.waitFor(taskId)
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual({ book: 2 })
    expect(await entriesOf(taskId)).toEqual(['attempt 2'])
    expect(events.of('step.failed')).toMatchObject([{ error: { code: 'DATABASE_UNREACHABLE' } }])
    expect(reasons).toEqual([expect.objectContaining({ abortCause: 'connection_lost' })])
  })

  test('steps that wait long for a free one spend no attempt', async () => {
    // Longer than a connection may take, which is long enough for one to be made on a busy machine.
    const sleep: RunStep = async ({ tx }) => {
      await tx?.query('select pg_sleep(2.1)')
      return null
    }
    const definition = defineTask({ name: 'crowded' })
      .step('first', transaction, sleep)
      .step('second', transaction, async () => null)
      .step('third', transaction, async () => null)
    const { tasker } = await setup([definition], { connectTimeoutMs: 2_000 })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const task = await tasker.tasks.waitFor(taskId)
    expect(statesOf(task)).toEqual({ first: 'complete', second: 'complete', third: 'complete' })
    expect(attemptsOf(task)).toEqual({ first: 1, second: 1, third: 1 })
  })

  test('a step that waits for a free one can be called off, and then never holds one', async () => {
    const open = lone()
    const held = await open.transactionClient(new AbortController().signal)
    const attempt = attemptOf(async () => null)
    const running = runInTransaction(runnerOn(open), attempt, constants)
    attempt.abort.abort(new AttemptAborted('stopping'))
    expect(await running).toMatchObject({
      attempt: { outcome: { kind: 'release', reason: 'stopping' } },
    })
    held.release()
    const next = await open.transactionClient(new AbortController().signal)
    expect((await next.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    next.release()
  })

  test('when there is none before the handler starts, the attempt is handed back unspent', async () => {
    const calls: string[] = []
    const handler: RunStep = async ({ stepName }) => {
      calls.push(stepName)
      return null
    }
    const runner = runnerOn(lone('postgresql://127.0.0.1:1/nowhere'))
    const handedBack = { outcome: { kind: 'release', reason: 'database_unavailable' } }
    expect(await runInTransaction(runner, attemptOf(handler), constants)).toMatchObject({
      kind: 'failed',
      attempt: handedBack,
    })
    // Results too large to travel with the claim are read when the attempt is prepared.
    expect(await runStep(runner, attemptOf(handler, { results: null }))).toMatchObject(handedBack)
    expect(calls).toEqual([])
  })

  test('what a handler set for the session is gone when the next step has the connection', async () => {
    const seen: unknown[] = []
    const look = `select pg_backend_pid() as pid, current_setting('search_path') as path,
      current_setting('default_transaction_isolation') as isolation, to_regclass('pg_temp.scratch') as scratch,
      (select count(*)::integer from pg_locks where pid = pg_backend_pid() and locktype = 'advisory') as locks`
    const definition = defineTask({ name: 'session_state' })
      .step('before', transaction, async ({ tx }) => {
        seen.push(...(await tx.query(look)).rows)
        await tx.query('set search_path to pg_catalog')
        await tx.query("set default_transaction_isolation to 'serializable'")
        await tx.query('create temp table scratch (n integer)')
        await tx.query('select pg_advisory_lock(4711)')
        return null
      })
      .step('after', { ...transaction, dependsOn: ['before'] }, async ({ tx }) => {
        seen.push(...(await tx.query(look)).rows)
        return null
      })
    const { tasker } = await setup([definition])
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
    expect(seen[0]).toMatchObject({ isolation: 'read committed', locks: 0, scratch: null })
    expect(seen[1]).toEqual(seen[0])
  })
})

describe('the timeout', () => {
  test('a handler that outlives it cannot write any more, not even in the transaction of another step', async () => {
    const late = gate()
    const lateWrite = Promise.withResolvers<unknown>()
    const definition = defineTask({ name: 'outlives' })
      .step(
        'slow',
        { transaction: true, timeoutMs: 50, retry: { limit: 1 } },
        async ({ tx, taskId }) => {
          await late.opened
          const write = tx.query('insert into ledger values ($1, $2)', [taskId, 'late'])
          lateWrite.resolve(await write.catch((error: unknown) => error))
          return null
        },
      )
      .step('next', transaction, async ({ tx, taskId }) => {
        late.open()
        const fault = await lateWrite.promise
        await tx.query('insert into ledger values ($1, $2)', [taskId, 'next'])
        return { code: fault instanceof Error && 'code' in fault ? fault.code : null }
      })
    const { tasker } = await setup([definition])
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const task = await tasker.tasks.waitFor(taskId)
    expect(statesOf(task)).toEqual({ slow: 'error', next: 'complete' })
    expect(task.results).toMatchObject({ next: { code: 'TRANSACTION_OVER' } })
    expect(await entriesOf(taskId)).toEqual(['next'])
  })

  test('ends an attempt also while a statement of it runs', async () => {
    const definition = defineTask({ name: 'long_statement' }).step(
      'sleep',
      { transaction: true, timeoutMs: 50, retry: { limit: 1 } },
      async ({ tx }) => {
        await tx.query('select pg_sleep(30)')
        return null
      },
    )
    const { tasker, events } = await setup([definition])
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect((await tasker.tasks.waitFor(taskId)).state).toBe('error')
    expect(await events.until('step.failed')).toMatchObject({ error: { code: 'STEP_TIMEOUT' } })
  })

  test('alone bounds the statements of the handler: those of Tasker may be held shorter', async () => {
    const definition = defineTask({ name: 'longer_than_ours' }).step(
      'sleep',
      { ...transaction, retry: { limit: 1 } },
      async ({ tx }) => {
        await tx.query('select pg_sleep(2.1)')
        return null
      },
    )
    const { tasker } = await setup([definition], { statementTimeoutMs: 2_000 })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
  })

  test('a handler that fails while a statement of it runs does not wait for that statement', async () => {
    const definition = defineTask({ name: 'left_behind' }).step(
      'sleep',
      { ...transaction, retry: { limit: 1 } },
      async ({ tx }) => {
        await Promise.all([tx.query('select pg_sleep(30)'), Promise.reject(new Error('the other'))])
        return null
      },
    )
    const { tasker, events } = await setup([definition])
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect((await tasker.tasks.waitFor(taskId)).state).toBe('error')
    expect(await events.until('step.failed')).toMatchObject({ error: { message: 'the other' } })
  })
})

test.each(['stopping', 'cancelled', 'lease_lost'] as const)(
  'an attempt that was called off before its handler started does not start it: %s',
  async (cause) => {
    const calls: string[] = []
    const attempt = attemptOf(async ({ stepName }) => {
      calls.push(stepName)
      return null
    })
    attempt.abort.abort(new AttemptAborted(cause))
    const handedBack = { outcome: { kind: 'release', reason: cause } }
    expect(await runStep(runnerOn(lone()), attempt)).toMatchObject(handedBack)
    expect(await runInTransaction(runnerOn(lone()), attempt, constants)).toMatchObject({
      attempt: handedBack,
    })
    expect(calls).toEqual([])
  },
)

test('a connection that goes silent is given up, with its place among the connections', async () => {
  const wire = await silentWire()
  const open = lone(wire.url, 100)
  const attempt = attemptOf(async ({ tx }) => {
    await tx?.query('select 1')
    wire.cut()
    return null
  })
  expect(await runInTransaction(runnerOn(open), attempt, constants)).toMatchObject({
    kind: 'failed',
    attempt: { outcome: { error: { code: 'DATABASE_UNREACHABLE' } } },
  })
  expect(open.connections().transactions).toMatchObject({ lent: 0, waiting: 0 })
})

/** The server behind a wire that is never closed, and carries nothing once it was cut. */
async function silentWire(): Promise<{ readonly url: string; readonly cut: () => void }> {
  const { host, port, user } = inject('testServer')
  const ends: Socket[] = []
  const server = createServer((near) => {
    const far = dial(`${host}/.s.PGSQL.${port}`)
    ends.push(near, far)
    near.pipe(far)
    far.pipe(near)
    for (const end of [near, far]) end.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  const { port: nearPort } = server.address() as AddressInfo // it listens on TCP
  const name = database.url.slice(database.url.lastIndexOf('/'))
  return {
    url: `postgresql://${user}@127.0.0.1:${nearPort}${name}`,
    cut: () => ends.forEach((end) => void end.unpipe().pause()),
  }
}

/** Connections without a Tasker around them: one for calls, one for transactions. */
function lone(url: string = database.url, statementTimeoutMs = 30_000): Database {
  const open = connect({
    url,
    schema: 'tasker',
    poolSize: 1,
    transactionPoolSize: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs,
    applicationName: 'tasker',
    preparedStatements: true,
  })
  onTestFinished(() => open.close())
  return open
}

const runnerOn = (open: Database): StepRunner => ({
  database: open,
  clock: systemClock,
  policy: {
    backoff: {
      defaultBackoffSeconds: [1],
      maxBackoffSeconds: 300,
      backoffMultiplier: 2,
      jitterEnabled: false,
      jitterMaxPercentage: 0,
    },
    resultMaxBytes: 1_000,
    random: () => 0,
  },
  stepTimeoutMs: null,
  calling: () => undefined,
  outside: {
    http: createHttpClient(resolveConfig({ env: {} }).config.http),
    systems: new DependentSystems({ limits: {}, clock: systemClock, random: () => 0 }),
    secrets: { readSecret: null, variables: {} },
    events: new Map(),
    correlationHeader: 'x-correlation-id',
    log: silentLogger,
    results: new ResultCache({
      store: new MemoryStore(),
      ttlMs: 1_000,
      resultMaxBytes: 1_000,
      logger: silentLogger,
    }),
  },
  blockedLoop: new BlockedLoop({
    clock: systemClock,
    thresholdMs: null,
    blocked: () => undefined,
  }),
})

const constants = (): Parameters<typeof runInTransaction>[2] extends () => infer C ? C : never => ({
  workerId: 1 as WorkerId, // no worker: these attempts never come to be recorded
  lostLimit: 3,
  resultsMaxBytes: 1_000,
  now: null,
})

/** The first attempt of a step that no task has. */
function attemptOf(handler: RunStep, changes: Partial<ClaimedStep> = {}): Attempt {
  const definition = buildDefinition(
    defineTask({ name: 'alone' }).step('only', transaction, handler),
  )
  const step: ClaimedStep = {
    taskId: newTaskId(),
    stepNo: 1,
    claimNo: 1,
    attempts: 1,
    losses: 0,
    retryLimit: 3,
    startedAt: new Date(0),
    definitionId: 1 as DefinitionId, // stored nowhere
    name: 'only',
    handler: 'only',
    timeoutMs: 60_000,
    inputs: null,
    priority: 0,
    createdAt: new Date(0),
    context: {},
    traceParent: null,
    taskStartedAt: null,
    correlationId: null,
    results: {},
    ...changes,
  }
  return {
    step,
    definition,
    settings: definition.steps[0],
    abort: new AbortController(),
    scope: new AttemptScope({ step, definition }),
    trace: null,
  }
}
