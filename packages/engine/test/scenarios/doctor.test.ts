// `tasker doctor` against real databases: a sound one, and ones that were broken by hand.
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config.ts'
import { migrate } from '../../src/database/migrate.ts'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { diagnose, type DiagnosisRequest } from '../../src/reports/doctor/diagnose.ts'
import type { Finding, Verdict } from '../../src/reports/doctor/finding.ts'
import { createTasker } from '../../src/tasker.ts'
import { cloneDatabase } from '../support/database.ts'

const order = defineTask({ namespace: 'shop', name: 'order' }).step('pay', async () => 1)

const request = (url: string, parts: Partial<DiagnosisRequest> = {}): DiagnosisRequest => ({
  resolved: resolveConfig({ code: { database: { url } } }),
  url,
  definitions: [],
  clock: systemClock,
  ...parts,
})

/** Findings of one check, or every finding that is not ok. */
const found = async (asked: DiagnosisRequest, check?: string): Promise<readonly Finding[]> =>
  (await diagnose(asked)).findings.filter((finding) =>
    check === undefined ? finding.verdict !== 'ok' : finding.check === check,
  )

const verdictsOf = (findings: readonly Finding[]): Readonly<Record<string, Verdict>> =>
  Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]))

async function setup(from: 'migrated' | 'empty' = 'migrated') {
  const { url } = await cloneDatabase({ from })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return { url, sql: (text: string) => client.query(text) }
}

async function createOrder(url: string): Promise<string> {
  const tasker = await createTasker({
    database: { url, migrate: 'off' },
    definitions: [order],
  })
  onTestFinished(() => tasker.close())
  return (await tasker.tasks.create(order, { context: {} })).taskId
}

test('in a sound database only the unsafe settings of the test server are found', async () => {
  const { url } = await setup()
  const findings = await found(request(url))
  expect(findings.map(({ check, seen }) => `${check}: ${seen.split(' ')[0]}`)).toEqual([
    'settings: fsync',
    'settings: full_page_writes',
    'settings: synchronous_commit',
  ])
})

describe('drift', () => {
  test('is an index that was dropped, a function that was changed, a table that was added', async () => {
    const { url, sql } = await setup()
    await sql('drop index tasker.due_lane_idx')
    await sql('alter table tasker.tasks alter column reason drop not null')
    await sql(`create or replace function tasker.is_due_right(p_due tasker.due) returns boolean
      language sql stable as 'select true'`)
    await sql('create table tasker.mine (id integer)')
    const [missing, changed, unknown] = await found(request(url), 'drift')
    expect(missing).toMatchObject({ verdict: 'problem' })
    expect(missing?.seen).toContain('tasks.reason text not null')
    expect(missing?.seen).toContain('CREATE INDEX due_lane_idx')
    expect(changed).toMatchObject({
      verdict: 'problem',
      seen: 'Functions with another body than this version’s: is_due_right.',
    })
    expect(unknown).toMatchObject({ verdict: 'warning' })
    expect(unknown?.seen).toContain('table mine')
  })

  test('is none in a schema of another name, nor for a role whose search path holds it', async () => {
    const { url, sql } = await setup('empty')
    await migrate({ url, schema: 'jobs' })
    await sql(`do $$ begin execute format('alter role %I in database %I set search_path = jobs',
      current_user, current_database()); end $$`)
    const resolved = resolveConfig({ code: { database: { url, schema: 'jobs' } } })
    expect(await found(request(url, { resolved }), 'drift')).toMatchObject([{ verdict: 'ok' }])
  })
})

describe('a broken set-up', () => {
  test('without a server: every other check says that it was not made', async () => {
    const url = 'postgresql://app:hunter2@127.0.0.1:1/app'
    const { isHealthy, findings } = await diagnose(request(url))
    expect(isHealthy).toBe(false)
    expect(verdictsOf(findings)).toMatchObject({
      configuration: 'ok',
      database: 'problem',
      schema: 'skipped',
      invariants: 'skipped',
    })
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  test('without a schema: the server is looked at all the same', async () => {
    const { url } = await setup('empty')
    const { findings } = await diagnose(request(url))
    expect(verdictsOf(findings)).toMatchObject({
      database: 'ok',
      connections: 'ok',
      schema: 'problem',
      work: 'skipped',
    })
  })

  test('with an older schema: what can be asked is asked', async () => {
    const { url, sql } = await setup()
    await sql(`delete from tasker.migrations where id = (select max(id) from tasker.migrations)`)
    const { findings } = await diagnose(request(url))
    expect(verdictsOf(findings)).toMatchObject({
      schema: 'problem',
      drift: 'skipped',
      workers: 'ok',
      work: 'ok',
      invariants: 'ok',
    })
  })

  test('with a schema of a newer Tasker: no problem while that one bears it, and then it is not compared', async () => {
    const { url, sql } = await setup()
    await sql(`update tasker.schema_version set version = '99.0.0'`)
    expect(await found(request(url), 'schema')).toMatchObject([
      { verdict: 'ok', seen: expect.stringContaining('is at 99.0.0') as string },
    ])
    expect(await found(request(url), 'drift')).toMatchObject([{ verdict: 'skipped' }])
    await sql('update tasker.schema_version set runs_from = 9000')
    expect(await found(request(url), 'schema')).toMatchObject([
      { verdict: 'problem', remedy: expect.stringContaining('Upgrade this process') as string },
    ])
  })

  test('with tables that a role may not read: the checks of them say so', async () => {
    const { url, sql } = await setup()
    await sql('create role doctor_reader login')
    onTestFinished(async () => {
      await sql('drop owned by doctor_reader')
      await sql('drop role doctor_reader')
    })
    const asReader = url.replace(/\/\/[^@]*@/, '//doctor_reader@')
    const { findings } = await diagnose(request(asReader))
    expect(verdictsOf(findings)).toMatchObject({ database: 'ok', schema: 'problem' })
    expect(findings.filter(({ verdict }) => verdict === 'skipped').length).toBeGreaterThan(2)
  })
})

describe('work that is stuck', () => {
  test('tasks without a worker are a problem, and are counted', async () => {
    const { url } = await setup()
    await createOrder(url)
    expect(await found(request(url), 'work')).toMatchObject([
      { verdict: 'problem', seen: '1 task to do, and no worker is live.' },
    ])
  })

  test('what is due and served by nobody is named, though another worker lives', async () => {
    const { url, sql } = await setup()
    await createOrder(url)
    await sql(`select tasker.register_worker('h', 1, '0.0.1', '{999}', 1, 600000)`)
    await sql(`update tasker.due set run_at = now() - interval '5 minutes'`)
    const [work] = await found(request(url), 'work')
    expect(work).toMatchObject({ verdict: 'problem' })
    expect(work?.seen).toBe(
      'No live worker serves what is due: shop/order@0.1.0 (1 step, the oldest since 5 min 00 s).',
    )
    expect(await found(request(url), 'workers')).toMatchObject([
      { verdict: 'warning', seen: expect.stringContaining('Live workers run 0.0.1') as string },
    ])
  })

  test('a counter that was written over is found by its invariant, with the ids', async () => {
    const { url, sql } = await setup()
    const taskId = await createOrder(url)
    await sql('update tasker.task_progress set open = 2')
    const [finding] = await found(request(url), 'invariants')
    expect(finding).toMatchObject({ verdict: 'problem' })
    expect(finding?.seen).toContain('counters that differ from a recount (rule 12)')
    expect(finding?.seen).toContain(taskId)
  })
})

describe('definitions', () => {
  test('changed under a version that tasks use are a problem before a worker meets it', async () => {
    const { url } = await setup()
    await createOrder(url)
    const other = defineTask({ namespace: 'shop', name: 'order' }).step('charge', async () => 1)
    const same = request(url, { definitions: [buildDefinition(order)] })
    const changed = request(url, { definitions: [buildDefinition(other)] })
    expect(await found(same, 'definitions')).toMatchObject([{ verdict: 'ok' }])
    expect(await found(changed, 'definitions')).toMatchObject([
      { verdict: 'problem', remedy: 'Give the changed definition a new version.' },
    ])
  })

  test('of tasks that go on and that nobody registers here are a warning', async () => {
    const { url } = await setup()
    await createOrder(url)
    const next = defineTask({ namespace: 'shop', name: 'order', version: '2.0.0' }).step(
      'pay',
      async () => 1,
    )
    const [finding] = await found(
      request(url, { definitions: [buildDefinition(next)] }),
      'definitions',
    )
    expect(finding).toMatchObject({ verdict: 'warning' })
    expect(finding?.seen).toContain('shop/order@0.1.0')
  })
})
