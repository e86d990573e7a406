// The definitions of a process beside those of the database: what is in flight of each version, who serves it, and how
// stored versions are compared.
import { describe, expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import { readDefinitionVersions } from '../../src/database/read-definitions.ts'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { createRegistry } from '../../src/definitions/registry.ts'
import { defineTask } from '../../src/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { alwaysFails, gate, scripted } from './handlers.ts'
import { stage } from './stage.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'

const ok = async () => null
const make = (version: string, namespace = 'default') =>
  defineTask({ namespace, name: 'sync', version }).step('pull', ok)

describe('what only one side knows', () => {
  test('versions of the past are not registered; the newest is a number, not a text', async () => {
    const { url } = await cloneDatabase()
    const before = await stage(url, {
      definitions: [make('0.9.0'), make('0.10.0')],
      isWorking: false,
    })
    await before.tasker.close()
    const { tasker, clock } = await stage(url, {
      definitions: [make('0.10.0'), make('1.0.0-beta.1')],
      isWorking: false,
    })
    const health = await tasker.reports.registry()
    expect(health).toMatchObject({
      generatedAt: clock.now(),
      isHealthy: true,
      registered: ['default/sync@0.10.0', 'default/sync@1.0.0-beta.1'],
      notRegistered: ['default/sync@0.9.0'],
      notStored: [],
      changed: [],
      unserved: [],
      newest: ['default/sync@0.10.0'],
      stats: { totalVersions: 2 },
      activity: { total: { registrations: 2, lookups: 0 } },
    })
    expect(health.versions.map(({ version }) => version)).toEqual([
      '0.9.0',
      '0.10.0',
      '1.0.0-beta.1',
    ])
  })

  test('definitions that were never stored, and one that another process has changed', async () => {
    const { url } = await cloneDatabase()
    const { tasker } = await stage(url, { definitions: [make('1.0.0')], isWorking: false })
    const registry = createRegistry()
    const changed = defineTask({ name: 'sync', version: '1.0.0' }).step('push', ok)
    registry.register(buildDefinition(changed))
    registry.register(buildDefinition(make('2.0.0')))
    const health = await tasker.reports.registry(registry)
    expect(health).toMatchObject({
      isHealthy: false,
      changed: ['default/sync@1.0.0'],
      notStored: ['default/sync@2.0.0'],
      newest: ['default/sync@2.0.0'],
    })
  })

  test('an empty database with nothing registered is healthy', async () => {
    const { url } = await cloneDatabase()
    const { tasker, clock } = await stage(url, { definitions: [], isWorking: false })
    expect(await tasker.reports.registry()).toMatchObject({
      generatedAt: clock.now(),
      isHealthy: true,
      versions: [],
      newest: [],
    })
  })
})

describe('what is in flight', () => {
  test('is counted by version: pending, in progress, due, later, held; ended tasks are not', async () => {
    const { url } = await cloneDatabase()
    const running = gate()
    const slow = defineTask({ name: 'slow', version: '1.0.0' })
      .step('wait', async () => running.opened)
      .step('after', ok)
    const failing = defineShape(
      { ...shapes.I, name: 'failing', version: '2.0.0' },
      scripted({ step_1: alwaysFails('as scripted') }),
    )
    const { tasker, events } = await stage(url, {
      definitions: [slow, failing, make('1.0.0')],
      slots: 3,
      isWorking: false,
    })
    const create = async (definition: string) =>
      (await tasker.tasks.create(definition, { context: {} })).taskId
    const held = await create('sync')
    await tasker.tasks.hold(held)
    const cancelled = await create('sync')
    await tasker.tasks.cancel(cancelled)
    await create('slow')
    await create('failing')
    await tasker.worker.start()
    await events.until('step.failed')
    await tasker.worker.settled()
    await tasker.worker.stop({ waitMs: 0, abortMs: 0 })
    await create('sync')

    const { versions, unserved, isHealthy } = await tasker.reports.registry()
    const of = (wanted: string) => versions.find(({ name }) => name === wanted)
    expect(of('sync')).toMatchObject({
      openTasks: 2,
      pendingTasks: 2,
      inProgressTasks: 0,
      heldTasks: 1,
      dueSteps: 1,
      laterSteps: 0,
    })
    expect(of('slow')).toMatchObject({ openTasks: 1, inProgressTasks: 1, heldTasks: 0 })
    expect(of('failing')).toMatchObject({ inProgressTasks: 1, dueSteps: 0, laterSteps: 1 })
    expect(unserved).toEqual(['default/failing@2.0.0', 'default/slow@1.0.0', 'default/sync@1.0.0'])
    expect(isHealthy).toBe(false)
    running.open()
  })

  test('is served while a live worker has the version, whichever process it is in', async () => {
    const { url } = await cloneDatabase()
    const worker = await stage(url, { definitions: [make('1.0.0')] })
    const { tasker } = await stage(url, {
      definitions: [make('2.0.0')],
      isWorking: false,
      clock: worker.clock,
    })
    await tasker.tasks.create('sync', { context: {} })
    const { versions, unserved } = await tasker.reports.registry()
    expect(versions.map(({ version, liveWorkers }) => [version, liveWorkers])).toEqual([
      ['1.0.0', 1],
      ['2.0.0', 0],
    ])
    expect(unserved).toEqual(['default/sync@2.0.0'])
  })

  test('of a held namespace says so', async () => {
    const { url } = await cloneDatabase()
    const { tasker } = await stage(url, {
      definitions: [make('1.0.0', 'billing'), make('1.0.0')],
      isWorking: false,
    })
    await tasker.namespaces.hold('billing')
    const { versions } = await tasker.reports.registry()
    expect(versions.map(({ namespace, isHeld }) => [namespace, isHeld])).toEqual([
      ['billing', true],
      ['default', false],
    ])
  })
})

test('counts what is in flight without a look at tasks that have ended', async () => {
  const { url } = await cloneDatabase()
  const { tasker } = await stage(url, { definitions: [make('1.0.0')], isWorking: false })
  await tasker.tasks.create('sync', { context: {} })
  const database = connect({
    url,
    schema: 'tasker',
    poolSize: 1, // so that all of this is one session
    transactionPoolSize: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 60_000,
    applicationName: 'tasker',
    preparedStatements: true,
  })
  onTestFinished(() => database.close())
  await database.run(
    '',
    `insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system, reason,
       requested_at, created_at, ended_at)
     select gen_random_uuid(), d.definition_id, d.graph_id, 'complete', 2, '{}', '', '', '', now(), now(), now()
     from tasker.definitions d, generate_series(1, 30000)`,
    [],
  )
  await database.run('', 'vacuum analyze tasker.tasks', [])
  await database.run('', 'begin', [])
  const { versions } = await readDefinitionVersions(database, null)
  const scans = await database.run(
    '',
    `select s.seq_scan::integer, s.idx_tup_fetch::integer from pg_stat_xact_user_tables s
     where s.schemaname = 'tasker' and s.relname = 'tasks'`,
    [],
  )
  await database.run('', 'rollback', [])
  expect(versions.map(({ pendingTasks }) => pendingTasks)).toEqual([1])
  // The open one, and the newest of the definition.
  expect(scans).toEqual([{ seq_scan: 0, idx_tup_fetch: 2 }])
})

describe('the difference of two versions', () => {
  const first = defineTask({
    namespace: 'payments',
    name: 'process_order',
    version: '1.0.0',
    description: 'Takes the money',
    context: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    priority: 'high',
    maxExecutionMs: 60_000,
    metadata: { team: 'payments' },
  })
    .step('fetch', { description: 'Reads it', dependentSystem: 'shop', priority: 'low' }, ok)
    .step('charge', { dependsOn: ['fetch'], retry: { limit: 5 }, timeoutMs: 2_000 }, ok)
    .step('log', { dependsOn: ['charge'], retry: { retryable: false }, skippable: true }, ok)
    .annotate(async () => [])
  const second = defineTask({ namespace: 'payments', name: 'process_order', version: '2.0.0' })
    .step('fetch', { description: 'Reads it', dependentSystem: 'shop', priority: 'low' }, ok)
    .step('charge', { dependsOn: ['fetch'], retry: { limit: 6 }, timeoutMs: 2_000 }, ok)

  test('a stored version differs from the same registered one in nothing', async () => {
    const { url } = await cloneDatabase()
    const { tasker } = await stage(url, { definitions: [first], isWorking: false })
    await tasker.tasks.create(first, { context: { id: 'a' } })
    const registry = createRegistry()
    registry.register(buildDefinition(first))
    const stored = await tasker.reports.definitionDiff(
      'payments/process_order@1.0.0',
      'payments/process_order@1.0.0',
      createRegistry(),
    )
    expect(stored.differences).toEqual([])
    const mixed = createRegistry()
    // The same content under another version: one side is read from the database, the other is not.
    mixed.register({ ...buildDefinition(first), version: '1.0.1' })
    const diff = await tasker.reports.definitionDiff(
      'payments/process_order@1.0.0',
      'payments/process_order@1.0.1',
      mixed,
    )
    expect(diff).toMatchObject({ isCompatible: true, differences: [] })
  })

  test('is the same from the database as from the process', async () => {
    const { url } = await cloneDatabase()
    const { tasker } = await stage(url, { definitions: [first, second], isWorking: false })
    const sides = ['payments/process_order@^1', 'payments/process_order'] as const
    const registered = await tasker.reports.definitionDiff(...sides)
    const stored = await tasker.reports.definitionDiff(...sides, createRegistry())
    // The text that describes a task is stored once for all its versions.
    const differences = registered.differences.filter(({ what }) => what !== 'description')
    expect(stored).toEqual({ ...registered, differences })
    expect(stored).toMatchObject({
      from: 'payments/process_order@1.0.0',
      to: 'payments/process_order@2.0.0',
      isCompatible: false,
      graph: { stepsRemoved: ['log'], edgesRemoved: [{ from: 'charge', to: 'log' }] },
    })
    expect(stored.differences.map(({ what, isCompatible }) => [what, isCompatible])).toEqual([
      ['annotates', false],
      ['log', false],
      ['contextSchema', true],
      ['priority', true],
      ['metadata', true],
      ['maxExecutionMs', true],
      ['retryLimit', true],
    ])
  })

  test('of a version that nobody knows is refused, with those there are', async () => {
    const { url } = await cloneDatabase()
    const { tasker } = await stage(url, { definitions: [first, second], isWorking: false })
    await expect(
      tasker.reports.definitionDiff('payments/process_order@1.0.0', 'payments/process_order@9.9.9'),
    ).rejects.toMatchObject({
      code: 'DEFINITION_NOT_FOUND',
      message: expect.stringContaining('Known versions: 1.0.0, 2.0.0.') as unknown,
    })
    await expect(tasker.reports.definitionDiff('none', 'none')).rejects.toMatchObject({
      code: 'DEFINITION_NOT_FOUND',
    })
  })
})
