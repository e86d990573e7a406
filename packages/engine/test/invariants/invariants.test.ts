// Each invariant of the engine, broken on purpose in a database where real tasks ran and run: the list is closed, and each break
// is reported as that invariant and as no other, with the id, over all rows and over the sample that doctor takes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config.ts'
import { findViolations, invariants } from '../../src/database/invariants.ts'
import { sampleTasks } from '../../src/database/sample-tasks.ts'
import { diagnose, type Diagnosis } from '../../src/reports/doctor/diagnose.ts'
import { databaseForFile } from '../support/database.ts'
import { corruptionsOf, orphans, type Corruption } from './corruptions.ts'
import { liveIn, type LivedIn } from './lived-in.ts'

const database = databaseForFile()
const names = invariants.map(({ name }) => name)
let lived: LivedIn

beforeAll(async () => {
  lived = await liveIn(database.url)
})
afterAll(() => lived.leave())

const ask = async (text: string, values: readonly unknown[]) =>
  (await lived.client.query<Record<string, unknown>>(text, [...values])).rows

/** What is found over all rows, and over a sample, once these statements have run; then they are undone. */
async function foundAfter(sql: readonly string[]) {
  await lived.client.query('begin')
  try {
    for (const statement of sql) await lived.client.query(statement)
    const schema = 'tasker'
    const sample = await sampleTasks({ ask, schema }, 50)
    return {
      whole: await findViolations(ask, { schema }),
      sampled: await findViolations(ask, { schema, sample, limit: 10 }),
    }
  } finally {
    await lived.client.query('rollback')
  }
}

const inOrder = <T extends { readonly subject: string }>(found: readonly T[]): readonly T[] =>
  found.toSorted((a, b) => (a.subject < b.subject ? -1 : 1))

test('in what real workers wrote no invariant is broken', async () => {
  expect(await foundAfter([])).toEqual({ whole: [], sampled: [] })
})

test('each invariant has a corruption that breaks it, and a name of its own', () => {
  expect(Object.keys(corruptionsOf(lived.ids))).toEqual(names)
  expect(new Set(names).size).toBe(names.length)
})

test.each(names)('%s: its corruption is reported as this, with the id', async (name) => {
  const corruption: Corruption | undefined = corruptionsOf(lived.ids)[name]
  if (corruption === undefined) throw new Error(`${name} has no corruption.`)
  const { whole, sampled } = await foundAfter(corruption.sql)
  expect([...new Set(whole.map((violation) => violation.name))]).toEqual([name])
  expect(whole.map(({ subject }) => subject).join('\n')).toContain(corruption.id)
  expect(inOrder(sampled)).toEqual(inOrder(whole))
})

test.each(Object.keys(orphans))(
  'no-orphan: a row of %s without its task is found',
  async (table) => {
    const { whole, sampled } = await foundAfter([`insert into tasker.${table} ${orphans[table]}`])
    expect(whole.map(({ name, subject }) => `${name} ${subject.split(':')[0]}`)).toEqual([
      `no-orphan ${table}`,
    ])
    expect(inOrder(sampled)).toEqual(inOrder(whole))
  },
)

test.each(['tasks', 'workflow_steps'])(
  'a state of %s that no constraint keeps out is reported',
  async (table) => {
    const { whole } = await foundAfter([
      `alter table tasker.${table} drop constraint ${table}_state_check`,
      `update tasker.${table} set state = 'lost' where task_id = '${lived.ids.counted}'`,
    ])
    const name = table === 'tasks' ? 'task-state' : 'step-state'
    expect(whole.find((violation) => violation.name === name)?.subject).toContain('is lost')
  },
)

test('in code, diagnose answers each invariant by name, and the broken one with examples', async () => {
  const asked = (): Promise<Diagnosis> =>
    diagnose({
      resolved: resolveConfig({ code: { database: { url: database.url } } }),
      url: database.url,
      definitions: [],
      clock: systemClock,
      invariantsOf: 50,
    })
  const sound = await asked()
  expect(sound.isHealthy).toBe(true)
  expect(sound.findings.slice(1).map(({ invariant }) => invariant)).toEqual(names)
  expect(sound.findings[0]?.seen).toMatch(
    /^Looked at 8 tasks, .* of 5 definitions, at one moment\.$/,
  )

  const { counted } = lived.ids
  const progress = (seq: string): string =>
    `update tasker.task_progress set seq = ${seq} where task_id = '${counted}'`
  await lived.client.query(progress('seq + 1'))
  const broken = await asked()
  await lived.client.query(progress('seq - 1'))
  expect(broken.isHealthy).toBe(false)
  expect(broken.findings.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    {
      check: 'invariants',
      verdict: 'problem',
      invariant: 'history-numbers',
      examples: [expect.stringContaining(counted)],
    },
  ])
})
