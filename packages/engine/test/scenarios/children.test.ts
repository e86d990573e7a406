// What a child is given does not depend on who remembers it: the worker that ran its parents, or the database.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { RetryableError } from '../../src/errors.ts'
import type { DefinitionSource } from '../../src/definitions/build-definition.ts'
import type { StepExecution } from '../../src/definitions/model.ts'
import type { Json, JsonObject } from '../../src/json.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

/** Everything in it that the database may keep in another order, or that a handler may change. */
const result = { zebra: 1, a: { long: [{ b: 1, aa: 2 }], c: null }, '10': 1, ä: 2, z: 3, '9': 4 }

const given = ({ context, results, inputs, idempotencyKey, config }: StepExecution): string =>
  JSON.stringify({ context, results, inputs, idempotencyKey, config })

test('at its first attempt and, from the database, at its second, byte for byte', async () => {
  const seen: string[] = []
  const definition = defineTask({ namespace: 'children', name: 'twice', version: '1.0.0' })
    .step('parent', async () => result)
    .step('child', { dependsOn: ['parent'], timeoutMs: 5000 }, async (execution) => {
      seen.push(given(execution))
      const { inputs } = execution
      if (typeof inputs === 'object' && inputs !== null) Reflect.set(inputs, 'spoilt', true)
      seen.push(given(execution))
      if (execution.attempt === 1) throw new RetryableError('once more', { afterMs: 0 })
      return null
    })
  const withInputs: DefinitionSource = {
    toDraft() {
      const draft = definition.toDraft()
      return { ...draft, steps: draft.steps.map((step) => ({ ...step, inputs: result })) }
    },
  }
  const { tasker } = await stage(database.url, { definitions: [withInputs] })
  const context = { zz: 1, b: { yy: 1, x: 2 } }
  const { taskId } = await tasker.tasks.create(withInputs, { context })
  tasker.worker.wake()
  await tasker.tasks.waitFor(taskId)
  expect(seen).toHaveLength(4)
  expect(seen.slice(2)).toEqual(seen.slice(0, 2))
})

test('and the database is asked for the first step alone', async () => {
  const { url } = await cloneDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(
    `do $$ begin execute format('alter database %I set track_functions = pl', current_database()); end $$`,
  )
  const definition = defineTask({ namespace: 'children', name: 'chain', version: '1.0.0' })
    .step('a', async () => 1)
    .step('b', { dependsOn: ['a'] }, async ({ results }) => results.a + 1)
    .step('c', { dependsOn: ['b'] }, async ({ results }) => results.b + 1)
  const { tasker } = await stage(url, {
    definitions: [definition],
    orchestration: { dueEveryCalls: 1_000 },
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  tasker.worker.wake()
  const { results } = await tasker.tasks.waitFor(taskId)
  expect(results).toEqual({ a: 1, b: 2, c: 3 })
  await tasker.close()
  expect(await callsOf(client, 'describe_claims')).toBe(1)
})

/** The server has counted the calls of a session when it is gone. Each look is a round trip. */
async function callsOf(client: pg.Client, name: string): Promise<number | undefined> {
  for (;;) {
    const others = await client.query(
      `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    if (others.rowCount === 0) break
  }
  const { rows } = await client.query<{ calls: number }>(
    `select calls::integer from pg_stat_user_functions where funcname = $1`,
    [name],
  )
  return rows[0]?.calls
}

test('whatever the handlers before it did to what they had been given', async () => {
  const change = (value: Json): void => {
    Reflect.set(value as object, 'spoilt', true) // an object, below
  }
  const seen: JsonObject[] = []
  const definition = defineTask({ namespace: 'children', name: 'spoilt', version: '1.0.0' })
    .step('a', async ({ context }) => {
      change(context)
      change((context as { deep: JsonObject }).deep) // as created below
      return { deep: {} }
    })
    .step('b', { dependsOn: ['a'] }, async ({ results }) => {
      change(results.a)
      change(results.a.deep)
      return 1
    })
    .step('c', { dependsOn: ['a', 'b'] }, async ({ context, results }) => {
      seen.push({ context, a: results.a })
      return 2
    })
  const { tasker } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: { deep: {} } })
  tasker.worker.wake()
  await tasker.tasks.waitFor(taskId)
  expect(seen).toEqual([{ context: { deep: {} }, a: { deep: {} } }])
})

test('also where the results of its parents are too large to be kept for it', async () => {
  const text = 'x'.repeat(5000)
  const definition = defineTask({ namespace: 'children', name: 'large', version: '1.0.0' })
    .step('a', async () => text)
    .step('b', { dependsOn: ['a'] }, async ({ results }) => results.a.length)
  const { tasker } = await stage(database.url, {
    definitions: [definition],
    execution: { parentResultsMaxBytes: 1000 },
  })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  tasker.worker.wake()
  const { results } = await tasker.tasks.waitFor(taskId)
  expect(results['b']).toBe(5000)
})

test('also where another process has stored the version anew, with other steps, before any task used it', async () => {
  const head = { namespace: 'children', name: 'replaced', version: '1.0.0' }
  const before = defineTask(head)
    .step('a', async () => 'a')
    .step('b', { dependsOn: ['a'] }, async () => 'b')
    .step('c', { dependsOn: ['b'] }, async () => 'c')
  const after = defineTask(head)
    .step('a', async () => 'a')
    .step('c', { dependsOn: ['a'] }, async () => 'c')
    .step('b', { dependsOn: ['c'] }, async () => 'b')
  const { tasker } = await stage(database.url, { definitions: [before] })
  const other = await stage(database.url, { definitions: [after], isWorking: false })
  const { taskId } = await other.tasker.tasks.create(after, { context: {} })
  tasker.worker.wake()
  const { results } = await tasker.tasks.waitFor(taskId)
  expect(results).toEqual({ a: 'a', b: 'b', c: 'c' })
})
