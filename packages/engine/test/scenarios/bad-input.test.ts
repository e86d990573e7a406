// Definitions and contexts nobody should send: a clear error, or it works from end to end; nothing is left half done.
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { JsonObject } from '../../src/json.ts'
import { defineShape, type ShapeStep } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const shapeOf = (name: string, steps: readonly ShapeStep[]) => ({
  namespace: 'default',
  version: '0.1.0',
  name,
  steps,
})

async function countRows(tables: readonly string[]): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  const counts: number[] = []
  for (const table of tables) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from tasker.${table}`)
    counts.push(Number(rows[0]?.count))
  }
  return counts
}

/** Rows that index scans of these tables have fetched since the database was made. */
async function rowsFetched(tables: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(async () => client.end())
  const { rows } = await client.query<{ count: string }>(
    'select sum(idx_tup_fetch) as count from pg_stat_user_tables where relname = any ($1)',
    [tables],
  )
  return Number(rows[0]?.count)
}

const definitionTables = ['task_namespaces', 'named_tasks', 'definitions', 'graph_steps', 'workers']
const taskTables = [
  'tasks',
  'task_progress',
  'task_contexts',
  'workflow_steps',
  'due',
  'task_transitions',
  'graph_steps',
]

describe('definitions', () => {
  const tooMany = Array.from({ length: 10_001 }, (_, index) => ({
    name: `s${index}`,
    dependsOn: [],
  }))
  test.each<[string, readonly ShapeStep[], RegExp]>([
    [
      'a cycle, with its path',
      [
        { name: 'a', dependsOn: ['c'] },
        { name: 'b', dependsOn: ['a'] },
        { name: 'c', dependsOn: ['b'] },
      ],
      /a.*(→|->).*/,
    ],
    ['a step that waits for itself', [{ name: 'a', dependsOn: ['a'] }], /a/],
    [
      'an unknown dependency, with the nearest',
      [
        { name: 'charge', dependsOn: [] },
        { name: 'b', dependsOn: ['chrage'] },
      ],
      /charge/,
    ],
    [
      'one name twice',
      [
        { name: 'a', dependsOn: [] },
        { name: 'a', dependsOn: [] },
      ],
      /a/,
    ],
    ['no steps', [], /step/],
    ['10,001 steps', tooMany, /10.?000/],
  ])('%s', async (_what, steps, message) => {
    const before = await countRows(definitionTables)
    const starting = stage(database.url, { definitions: [defineShape(shapeOf('bad', steps))] })
    await expect(starting).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
      message: expect.stringMatching(message) as unknown,
    })
    expect(await countRows(definitionTables)).toEqual(before)
  })

  test('of several the one bad definition keeps the others from being stored', async () => {
    const before = await countRows(definitionTables)
    const good = defineTask({ name: 'good_beside_bad' }).step('a', async () => null)
    await expect(
      stage(database.url, { definitions: [good, defineShape(shapeOf('bad', []))] }),
    ).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    })
    expect(await countRows(definitionTables)).toEqual(before)
  })

  test('names in any script run from end to end', async () => {
    const names = [
      'Prüfung 🧾',
      'проверка',
      '確認',
      '__proto__',
      'constructor',
      "o'clock",
      '"quoted"',
      'a,b{c}',
      'tab\\t',
      '%s',
      '$1',
    ]
    const steps = names.map((name, index) => ({
      name,
      dependsOn: index === 0 ? [] : [names[index - 1] ?? ''],
    }))
    const definition = defineShape(
      { namespace: 'платежи', name: '注文 🧾', version: '0.1.0', steps },
      (name) =>
        async ({ results }) => ({ name, before: Object.keys(results) }),
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create('платежи/注文 🧾', { context: { ключ: '値' } })
    const task = await run(taskId)
    expect(task).toMatchObject({ state: 'complete', namespace: 'платежи', name: '注文 🧾' })
    expect(task.steps.map(({ result }) => result)).toEqual(
      names.map((name, index) => ({ name, before: index === 0 ? [] : [names[index - 1]] })),
    )
  })

  test('10,000 steps side by side, between a first and a last, run from end to end', async () => {
    const middle = Array.from({ length: 9_998 }, (_, index) => ({
      name: `m${index}`,
      dependsOn: ['first'],
    }))
    const last = { name: 'last', dependsOn: middle.map(({ name }) => name) }
    const definition = defineShape(
      shapeOf('wide', [{ name: 'first', dependsOn: [] }, ...middle, last]),
      () =>
        async ({ results }) =>
          Object.keys(results).length,
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition], slots: 1_000 })
    const task = await run((await tasker.tasks.create(definition, { context: {} })).taskId)
    expect(task.state).toBe('complete')
    expect(task.results['last']).toBe(9_998)

    // Counted in rows, never in time: each step is looked up a few times, not once for every other step.
    await tasker.close() // its connections report their counts when they end
    const rows = await rowsFetched(['workflow_steps', 'graph_steps'])
    expect(rows).toBeLessThan(100 * 10_000)
  })
})

const nested = (levels: number): JsonObject => {
  let value: JsonObject = { bottom: true }
  for (let level = 1; level < levels; level += 1) value = { down: value }
  return value
}

describe('contexts', () => {
  const echo = defineTask({ name: 'echo' }).step('echo', async ({ context }) => context)
  const large = { execution: { contextMaxBytes: 10_485_760, resultMaxBytes: 10_485_760 } }

  test.each<[string, () => unknown, string]>([
    ['NUL', () => ({ text: 'a\0b' }), 'NUL'],
    ['NUL in a key', () => ({ 'a\0': 1 }), 'NUL'],
    ['a lone surrogate', () => ({ text: ['\ud83d'] }), 'surrogate'],
    ['NaN', () => ({ value: Number.NaN }), 'NaN'],
    ['a number beyond all', () => ({ value: 1e308 * 10 }), 'Infinity'],
    ['a bigint', () => ({ value: 2n ** 64n }), 'bigint'],
    ['a function', () => ({ value: () => 1 }), 'function'],
    ['1,001 levels', () => nested(1_001), '1000 levels'],
    ['100,000 levels', () => nested(100_000), '1000 levels'],
    ['more than contextMaxBytes', () => ({ text: 'x'.repeat(10_485_760) }), 'limit is 10485760'],
    ['a toJSON that is no object', () => ({ toJSON: () => 7 }), 'object'],
  ])('%s is refused with the reason, and nothing is stored', async (_what, context, reason) => {
    const { tasker } = await stage(database.url, {
      definitions: [echo],
      ...large,
      isWorking: false,
    })
    const before = await countRows(taskTables)
    // What a JavaScript caller may pass.
    const refused = await tasker.tasks
      .create(echo, { context: context() as JsonObject })
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'CONTEXT_INVALID' })
    expect(String(refused)).toContain(reason)
    expect(String(refused).length).toBeLessThan(1_000)
    expect(await countRows(taskTables)).toEqual(before)
  })

  test.each<[string, () => JsonObject]>([
    ['an empty object', () => ({})],
    [
      'the largest and the smallest numbers',
      () => ({ a: Number.MAX_VALUE, b: Number.MIN_VALUE, c: -0.1, d: 2 ** 53 }),
    ],
    [
      'prototype keys',
      () =>
        JSON.parse(
          '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":null}',
        ) as JsonObject,
    ],
    ['1,000 levels', () => nested(1_000)],
    ['10 MB', () => ({ text: 'ж'.repeat(5_242_000) })],
    [
      'text that reads like code',
      () => ({ a: "'; drop table tasker.tasks; --", b: '${x}', c: '\\u0000', d: '<script>' }),
    ],
    ['every key there is', () => ({ '': 1, ' ': 2, 'a.b': 3, 'a/b': 4, '🧾': 5, length: 6 })],
  ])('%s comes through unchanged', async (_what, make) => {
    const { tasker, run } = await stage(database.url, { definitions: [echo], ...large })
    const { taskId } = await tasker.tasks.create(echo, { context: make() })
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(task.context).toEqual(make())
    expect(task.results['echo']).toEqual(make())
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
