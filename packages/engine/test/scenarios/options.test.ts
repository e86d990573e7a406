// Options that this part of the product reads, each observed in what it changes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connect, sqlState, type ConnectionOptions } from '../../src/database/connect.ts'
import { resolveConfig } from '../../src/config.ts'
import { TaskerError } from '../../src/errors.ts'
import { createTasker, defineTask } from '../../src/index.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

const connection = (changes: Partial<ConnectionOptions> = {}): ConnectionOptions => ({
  url: database.url,
  schema: 'tasker',
  poolSize: 1,
  transactionPoolSize: 1,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 30_000,
  applicationName: 'tasker',
  preparedStatements: true,
  ...changes,
})

describe('database', () => {
  test('preparedStatements: with false nothing is prepared on the server', async () => {
    const preparedWith = async (preparedStatements: boolean): Promise<number> => {
      const open = connect(connection({ preparedStatements }))
      onTestFinished(() => open.close())
      await open.run('one', 'select 1', [])
      return (await open.run('', 'select name from pg_prepared_statements', [])).length
    }
    expect(await preparedWith(true)).toBe(1)
    expect(await preparedWith(false)).toBe(0)
  })

  test('preparedStatements: with false nothing is set on the session, so isolation and limit are the role’s', async () => {
    const { url, name } = await cloneDatabase()
    const sessionOf = async (preparedStatements: boolean): Promise<unknown> => {
      const open = connect(connection({ url, preparedStatements, statementTimeoutMs: 7_000 }))
      onTestFinished(() => open.close())
      const set = `alter database "${name}" set`
      await open.run('', `${set} default_transaction_isolation = 'serializable'`, [])
      await open.run('', `${set} statement_timeout = '1min'`, [])
      const again = connect(connection({ url, preparedStatements, statementTimeoutMs: 7_000 }))
      onTestFinished(() => again.close())
      const [row] = await again.run(
        '',
        `select current_setting('transaction_isolation') as isolation,
           current_setting('statement_timeout') as "limit"`,
        [],
      )
      return row
    }
    expect(await sessionOf(true)).toEqual({ isolation: 'read committed', limit: '7s' })
    expect(await sessionOf(false)).toEqual({ isolation: 'serializable', limit: '1min' })
    const refused = createTasker({
      database: { url, preparedStatements: false },
      definitions: [defineTask({ name: 'isolated', version: '1.0.0' }).step('only', async () => 1)],
    }).then(async (tasker) => {
      await using opened = tasker
      await opened.worker.start()
    })
    await expect(refused).rejects.toMatchObject({ code: 'WRONG_ISOLATION' })
  })

  test('whatever way the database writes times, they are read', async () => {
    const { url, name } = await cloneDatabase()
    const asked = connect(connection({ url }))
    onTestFinished(() => asked.close())
    await asked.run('', `alter database "${name}" set datestyle = 'SQL, DMY'`, [])
    const open = connect(connection({ url }))
    onTestFinished(() => open.close())
    const [row] = await open.run('', `select timestamptz '2026-02-03T04:05:06Z' as at`, [])
    expect(row).toEqual({ at: new Date('2026-02-03T04:05:06Z') })
  })

  test('statementTimeoutMs: a statement that takes longer is ended by the server', async () => {
    const open = connect(connection({ statementTimeoutMs: 1_000 }))
    onTestFinished(() => open.close())
    const state = await open.run('', 'select pg_sleep(60)', []).catch(sqlState)
    expect(state).toBe('57014')
  })

  test('applicationName: is what pg_stat_activity shows', async () => {
    const open = connect(connection({ applicationName: 'orders worker' }))
    onTestFinished(() => open.close())
    const rows = await open.run('', "select current_setting('application_name') as name", [])
    expect(rows).toEqual([{ name: 'orders worker' }])
  })

  test('poolSize: a call that finds all connections in use names it', async () => {
    const holder = connect(connection())
    const open = connect(connection({ connectTimeoutMs: 2_000 }))
    onTestFinished(async () => {
      await Promise.all([holder.close(), open.close()])
    })
    await holder.run('', 'select pg_advisory_lock(7)', [])
    const waiting = open.run('', 'select pg_advisory_lock(7)', [])
    const refused = open.run('', 'select 1', [])
    await expect(refused).rejects.toMatchObject({ code: 'DATABASE_BUSY' })
    await expect(refused).rejects.toThrow(
      /None of the 1 connections .* 2000 ms.*`database.poolSize`/,
    )
    await holder.run('', 'select pg_advisory_unlock(7)', [])
    await waiting
  })

  test('schema: a name that SQL would not take unquoted is refused, one that it takes is not', async () => {
    const open = connect(connection())
    onTestFinished(() => open.close())
    const refused = (schema: string): boolean => {
      try {
        resolveConfig({ code: { database: { schema } } })
        return false
      } catch (error) {
        return error instanceof TaskerError && error.code === 'CONFIG_INVALID'
      }
    }
    const rows = await open.run('', `select word from pg_get_keywords() where catcode <> 'U'`, [])
    const keywords = rows.map(({ word }) => String(word))
    expect(keywords.filter((word) => !refused(word))).toEqual([])
    expect(['pg_tasker', 'loop', 'Tasker'].filter((name) => !refused(name))).toEqual([])
    expect(['tasker', 'orders', 'users', 'pgtasker', 'tables'].filter(refused)).toEqual([])
  })

  test('connectTimeoutMs: a server that accepts and says nothing is given up', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const open = connect(
      connection({ url: `postgresql://127.0.0.1:${port}/x`, connectTimeoutMs: 100 }),
    )
    onTestFinished(() => open.close())
    await expect(open.run('', 'select 1', [])).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    })
  })

  test('a role whose default isolation is another one does no harm', async () => {
    const { url, name } = await cloneDatabase()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(
      `alter database "${name}" set default_transaction_isolation = 'serializable'`,
    )
    await client.end()
    const definition = defineTask({ name: 'isolated', version: '1.0.0' }).step(
      'only',
      async () => 1,
    )
    const { tasker, run } = await stage(url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect(await run(taskId)).toMatchObject({ state: 'complete' })
  })

  test('separate: a step with a transaction is refused at the start, with the reason', async () => {
    const definition = defineTask({ name: 'atomic', version: '1.0.0' }).step(
      'write',
      { transaction: true, timeoutMs: 1000 },
      async () => 1,
    )
    const refused = createTasker({
      database: { url: database.url, separate: true },
      definitions: [definition],
    })
    await expect(refused).rejects.toMatchObject({ code: 'TRANSACTION_UNAVAILABLE' })
    await expect(refused).rejects.toThrow('"write"')
  })
})

describe('orchestration', () => {
  test('namespaces: a worker leaves other namespaces alone, and why says that nobody serves them', async () => {
    const served = defineTask({ namespace: 'served', name: 'task', version: '1.0.0' }).step(
      'only',
      async () => 1,
    )
    const other = defineTask({ namespace: 'other', name: 'task', version: '1.0.0' }).step(
      'only',
      async () => 1,
    )
    const { url } = await cloneDatabase()
    const { tasker, run } = await stage(url, {
      definitions: [served, other],
      orchestration: { namespaces: ['served'] },
    })
    const ours = await tasker.tasks.create(served, { context: {} })
    const theirs = await tasker.tasks.create(other, { context: {} })

    expect(await run(ours.taskId)).toMatchObject({ state: 'complete' })
    const why = await tasker.tasks.why(theirs.taskId)
    expect(why.summary).toContain('No live worker serves other/task@1.0.0')
    expect(why.steps).toMatchObject([{ step: 'only', reason: 'no_worker' }])
  })

  test('versions: blue and green share a database, and a task in flight stays with its version', async () => {
    const { url } = await cloneDatabase()
    const gate = Promise.withResolvers<void>()
    const ofVersion = (version: string, by: string, opens: Promise<void> | null = null) =>
      defineTask({ namespace: 'shop', name: 'order', version })
        .step('reserve', async () => {
          await opens
          return by
        })
        .step('ship', { dependsOn: ['reserve'] }, async () => by)
    const [old, current] = [ofVersion('1.4.0', 'blue', gate.promise), ofVersion('2.0.0-rc.1', '')]
    // One build, deployed twice: both know both versions, and each serves its own.
    const blue = await stage(url, {
      definitions: [old, current],
      orchestration: { versions: '1.x' },
    })
    const before = await blue.tasker.tasks.create(old, { context: {} })
    await blue.events.until('step.execution_requested')
    const after = await blue.tasker.tasks.create(current, { context: {} })
    const why = await blue.tasker.tasks.why(after.taskId)
    expect(why).toMatchObject({
      summary: expect.stringContaining(
        'o live worker serves shop/order@2.0.0-rc.1; live workers serve 1.4.0 of it',
      ) as unknown,
      steps: [{ step: 'reserve', reason: 'no_worker' }, { step: 'ship' }],
    })

    const green = await stage(url, {
      definitions: [ofVersion('1.4.0', 'green', gate.promise), ofVersion('2.0.0-rc.1', 'green')],
      orchestration: { versions: '2.x' },
    })
    expect(blue.tasker.worker.serves).toEqual([
      { namespace: 'shop', name: 'order', version: '1.4.0' },
    ])
    expect(green.tasker.worker.serves).toEqual([
      { namespace: 'shop', name: 'order', version: '2.0.0-rc.1' },
    ])
    expect(await green.run(after.taskId)).toMatchObject({
      state: 'complete',
      results: { reserve: 'green', ship: 'green' },
    })
    gate.resolve()
    expect(await blue.run(before.taskId)).toMatchObject({
      state: 'complete',
      version: '1.4.0',
      results: { reserve: 'blue', ship: 'blue' },
    })
    expect(blue.events.of('step.execution_requested')).toHaveLength(2)
    expect(green.events.of('step.execution_requested')).toHaveLength(2)
  })

  test('lanesPerCall: more definitions than lanes in a call are all served, in rotation', async () => {
    const definitions = Array.from({ length: 7 }, (_, index) =>
      defineTask({ namespace: 'lanes', name: `task_${index}`, version: '1.0.0' }).step(
        'only',
        async () => index,
      ),
    )
    const { url } = await cloneDatabase()
    const { tasker, run } = await stage(url, { definitions, orchestration: { lanesPerCall: 2 } })
    const created = await tasker.tasks.createMany(
      definitions.map((definition) => ({ definition, context: {} })),
    )
    for (const { taskId } of created) expect(await run(taskId)).toMatchObject({ state: 'complete' })
  })
})

describe('engine', () => {
  test('taskConfigDirectory and environment: every YAML file there is a definition of that environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tasker-yaml-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(
      join(folder, 'greet.yaml'),
      `name: greet
version: 1.0.0
step_templates:
  - name: say
    handler_class: Say
    handler_config: { word: hello }
environments:
  staging:
    step_templates:
      - name: say
        handler_config: { word: good day }
`,
    )
    const { url } = await cloneDatabase()
    const { tasker, run } = await stage(url, {
      handlers: { Say: async ({ config }: { config: { word: string } }) => config.word },
      engine: { taskConfigDirectory: folder, environment: 'staging' },
    })
    const { taskId } = await tasker.tasks.create('greet', { context: {} })
    expect(await run(taskId)).toMatchObject({ state: 'complete', results: { say: 'good day' } })
  })
})

describe('execution', () => {
  test('contextMaxBytes: a larger context is refused before anything is stored', async () => {
    const definition = defineTask({ name: 'bounded', version: '1.0.0' }).step('only', async () => 1)
    const { url } = await cloneDatabase()
    const { tasker } = await stage(url, {
      definitions: [definition],
      execution: { contextMaxBytes: 1_024 },
    })
    const refused = tasker.tasks.create(definition, { context: { text: 'x'.repeat(2_000) } })
    await expect(refused).rejects.toSatisfy(
      (error) =>
        error instanceof TaskerError &&
        error.code === 'CONTEXT_INVALID' &&
        /1024/.test(error.message),
    )
    expect((await tasker.tasks.find()).tasks).toEqual([])
  })
})
