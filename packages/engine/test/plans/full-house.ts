// A database full of retained tasks with a backlog in front, and a worker of one process that does there everything that
// workers and applications do for every task or by themselves, on a clock that stands still.
import { onTestFinished } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PostgresStore } from '../../src/database/postgres-store.ts'
import { RetryableError } from '../../src/errors.ts'
import type { DefinitionId } from '../../src/ids.ts'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import { recordEvents, testClock, type TestClock } from '../../src/testing/index.ts'
import type { Connection, Lab } from '../protocol/lab.ts'
import { keepEntries, postponeTasks, queueTasks, retainTasks } from './retained.ts'
import { explainSessions, listenToPools, type Call } from './session-plans.ts'

export interface FullHouse {
  readonly eye: Connection
  /** Adds so many complete tasks, and the same backlog again; statistics are analyzed. */
  fill(retainedCount: number): Promise<void>
  /** A life of some hundred tasks: what the worker's sessions asked, with plans. */
  work(): Promise<readonly Call[]>
  /** The same of a worker that starts, and whose steps all hang for a minute. */
  linger(): Promise<readonly Call[]>
  /** Tables that have at least as many rows as the backlog has tasks of one kind. */
  bigTables(): Promise<ReadonlySet<string>>
}

const result = { text: 'x'.repeat(80) } // 100 bytes as JSON
/** More than travels with a claim, however it is compressed. */
const large = Array.from({ length: 500 }, (_, index) => index)
/** So many outcomes in a call that a set which is read once for each row of another is beyond the bound on rows. */
const slots = 200
const diamondCount = 60
/** Steps of the backlog that run before they hang. */
const queuedMin = 600
const minute = 61_000
/** As often as it takes that sessions know the statement, and that one call more or less does not count. */
const times = 8

/** Each definition is the same for every kind of task, so that nothing but the lane and the time tells them apart. */
function definitionsOf(stage: { isHanging: boolean }) {
  const queued = defineTask({ namespace: 'plans', name: 'queued', version: '1.0.0' })
    .step('first', async ({ signal }) => {
      if (stage.isHanging)
        await new Promise((_, reject) => signal.addEventListener('abort', reject))
      return result
    })
    .step('second', { dependsOn: ['first'] }, async () => result)
  const diamond = defineTask({
    namespace: 'plans',
    name: 'diamond',
    version: '1.0.0',
    priority: 'high',
  })
    .step('root', async () => result)
    .step('left', { dependsOn: ['root'] }, async ({ attempt }) => {
      if (attempt === 1) throw new RetryableError('once', { afterMs: 1000 })
      return result
    })
    .step('right', { dependsOn: ['root'] }, async () => large)
    .step('join', { dependsOn: ['left', 'right'] }, async () => result)
    .step('last', { dependsOn: ['join'], transaction: true, timeoutMs: 60_000 }, async () => result)
    .annotate(async () => [{ type: 'total', annotation: { sum: 1 } }])
  const endless = defineTask({
    namespace: 'plans',
    name: 'endless',
    version: '1.0.0',
    priority: 'high',
  }).step(
    'only',
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)),
  )
  return { queued, diamond, endless }
}

/** On a database of the lab's own. */
export async function openFullHouse(lab: Lab, backlogCount: number): Promise<FullHouse> {
  const { eye } = lab
  const clock = testClock('2026-01-01T12:00:00.000Z')
  const stage = { isHanging: false }
  const definitions = definitionsOf(stage)
  await explainSessions(eye)
  const plans = listenToPools()
  onTestFinished(() => plans.leave())
  const tasker = await openTasker(lab, clock, definitions)
  const options = { ...tasker.config.database, url: lab.url }
  const store = new PostgresStore({ database: { options }, clock, timeoutMs: 60_000 })
  onTestFinished(() => store.close())
  const secrets = await makeTokens(tasker)
  const unserved = await lab.define([
    ['first', []],
    ['second', ['first']],
  ])
  const queued = await definitionNamed(eye, 'queued')
  let days = 0
  return {
    eye,
    async fill(retainedCount) {
      days += 1
      const before = (hours: number): Date =>
        new Date(clock.nowMs() - (days * 24 + hours) * 3_600_000)
      const backlog = { definition: queued, count: backlogCount }
      await retainTasks(eye, { definition: queued, count: retainedCount, before: before(4) })
      await queueTasks(eye, { ...backlog, definition: unserved, before: before(3) })
      await postponeTasks(eye, { ...backlog, before: before(2) })
      await queueTasks(eye, { ...backlog, before: before(1) })
      await keepEntries(eye, { prefix: `live ${days}`, count: backlogCount, until: before(-48) })
      await keepEntries(eye, { prefix: `over ${days}`, count: backlogCount, until: before(0) })
      await eye.query('vacuum analyze')
    },
    async work() {
      stage.isHanging = false
      await plans.take()
      const [task] = await eye.query('select min(task_id::text) as id from tasker.tasks')
      await serve(tasker, { secrets, taskId: String(task?.['id']) })
      await share(store)
      await live({ tasker, clock, definitions, hang: () => (stage.isHanging = true) })
      return plans.take()
    },
    async linger() {
      stage.isHanging = true
      await plans.take()
      await tasker.worker.start()
      await tasker.worker.settled()
      await clock.advance(minute)
      await tasker.worker.stop()
      return plans.take()
    },
    async bigTables() {
      const rows = await eye.query(
        `select c.relname from pg_class c
         where c.relnamespace = 'tasker'::regnamespace and c.relkind = 'r' and c.reltuples >= $1`,
        [backlogCount],
      )
      return new Set(rows.map((row) => String(row['relname'])))
    },
  }
}

type Definitions = ReturnType<typeof definitionsOf>

async function openTasker(lab: Lab, clock: TestClock, definitions: Definitions): Promise<Tasker> {
  const tasker = await createTasker({
    database: { url: lab.url, migrate: 'off' },
    orchestration: { listen: false, shutdownGraceMs: 0, abortGraceMs: 60_000 },
    execution: {
      minConcurrentSteps: slots,
      maxConcurrentStepsLimit: slots,
      parentResultsMaxBytes: 1000,
    },
    backoff: { jitterEnabled: false },
    clock,
    definitions: Object.values(definitions),
  })
  onTestFinished(() => tasker.close())
  return tasker
}

async function definitionNamed(eye: Connection, name: string): Promise<DefinitionId> {
  const [row] = await eye.query(
    `select d.definition_id
     from tasker.definitions d join tasker.named_tasks n on n.named_task_id = d.named_task_id where n.name = $1`,
    [name],
  )
  return row?.['definition_id'] as DefinitionId // the identity column of definitions
}

async function makeTokens(tasker: Tasker): Promise<readonly string[]> {
  const secrets: string[] = []
  while (secrets.length < times) {
    const name = `token-${secrets.length}`
    const { secret } = await tasker.apiTokens.create({ name, scopes: ['*'], expiresInMs: null })
    secrets.push(secret)
  }
  return secrets
}

/** What a server does for each request: who sends it, and what it changes. */
async function serve(
  tasker: Tasker,
  { secrets, taskId }: { readonly secrets: readonly string[]; readonly taskId: string },
): Promise<void> {
  for (const secret of secrets) {
    await tasker.apiTokens.verify(secret)
    const attempt = { actor: 'token', operation: 'cancelTask', transport: 'rest', taskId }
    const change = await tasker.audit.begin({ ...attempt, steps: ['first'] })
    await change.end({ outcome: 'refused', code: 'MOVE_NOT_ALLOWED' })
  }
}

/** What processes do with what they share, each among all entries. */
async function share(store: PostgresStore): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await store.set('shared', 'text', minute)
    await store.get('shared')
    await store.extend('shared', minute)
    await store.remainingMs('shared')
    await store.delete('shared')
    await store.increment('count', 1, minute)
    await store.acquire('lock', 'owner', minute)
    await store.renew('lock', 'owner', minute)
    await store.release('lock', 'owner')
  }
}

let keys = 0 // only to make keys differ

async function live(parts: {
  readonly tasker: Tasker
  readonly clock: TestClock
  readonly definitions: Definitions
  hang(): void
}): Promise<void> {
  const { tasker, clock, definitions } = parts
  const events = recordEvents(tasker.events)
  const { diamond, endless } = definitions
  const { cursor } = await tasker.history.read()
  const batch = Array.from({ length: diamondCount }, () => {
    keys += 1
    return { definition: diamond, context: {}, idempotencyKey: `key ${keys}` }
  })
  const created = await tasker.tasks.createMany(batch)
  const cancelled = await createSome(tasker, endless, {})
  const late = await createSome(tasker, endless, { deadlineMs: minute })
  for (let time = 0; time < times; time += 1) {
    await tasker.worker.start()
    await tasker.worker.settled()
    await tasker.worker.stop()
  }
  await tasker.worker.start()

  await events.until('step.failed', () => events.of('step.failed').length >= diamondCount)
  await clock.advance(2000)
  tasker.worker.wake()
  await Promise.all(created.map(({ taskId }) => tasker.tasks.waitFor(taskId)))
  for (const taskId of cancelled) await tasker.tasks.cancel(taskId)
  await events.until('step.completed', () => events.of('step.completed').length >= queuedMin)
  parts.hang()

  // Every timer of the worker fires, and often enough for plans to be kept.
  for (let minutes = 0; minutes < 4; minutes += 1) await clock.advance(minute)
  await Promise.all(late.map((taskId) => tasker.tasks.waitFor(taskId)))
  await tasker.worker.stop()
  events.stop()
  for (let after = cursor, isEnd = false; !isEnd;)
    ({ cursor: after, isEnd } = await tasker.history.read({ after }))
}

/** One call each. */
async function createSome(
  tasker: Tasker,
  definition: Definitions['endless'],
  request: { readonly deadlineMs?: number },
): Promise<readonly string[]> {
  const ids: string[] = []
  while (ids.length < times) {
    ids.push((await tasker.tasks.create(definition, { context: {}, ...request })).taskId)
  }
  return ids
}
