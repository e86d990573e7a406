// `tasker worker`: starts, logs, stops when it is told to.
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { runCli, startCli, testConfig } from './run-cli.ts'
import settings from './worker.config.ts'

const config = ['--config', testConfig]
const stoppedConfig = fileURLToPath(new URL('./stopped.config.ts', import.meta.url))

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

test('SIGTERM ends it with 0, after a clean stop', async () => {
  const { url } = await cloneDatabase()
  const worker = startCli(['worker', ...config, '--database', url])
  await worker.untilStderr(/worker started, serves 4 definitions/)
  worker.process.kill('SIGTERM')
  const { exitCode, stdout, stderr } = await worker.ended
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
  expect(stderr).toMatch(/stopping: nothing more is claimed.*\n.*worker stopped"}\n$/)
})

test('SIGTERM while it starts ends it with 0; nothing was claimed', async () => {
  const { url } = await cloneDatabase()
  const { definitions = [] } = settings
  const tasker = await createTasker({ database: { url, migrate: 'off' }, definitions })
  onTestFinished(() => tasker.close())
  const { taskId } = await tasker.tasks.create('tests/greet', { context: {} })
  const [client, looker] = [await open(url), await open(url)]
  await client.query('begin; lock table tasker.workers in exclusive mode')
  const worker = startCli(['worker', '--verbose', ...config, '--database', url])
  for (let isWaiting = false; !isWaiting;) {
    const { rowCount } = await looker.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    isWaiting = rowCount !== 0
  }
  worker.process.kill('SIGTERM')
  await worker.untilStderr(/stopping/)
  await client.query('commit')
  const { exitCode, stderr } = await worker.ended
  expect(exitCode).toBe(0)
  expect(stderr).not.toContain('Step started')
  expect(await tasker.tasks.get(taskId)).toMatchObject({
    state: 'pending',
    steps: [{ attempts: 0 }, { attempts: 0 }],
  })
  const { rows } = await client.query('select distinct state from tasker.workers')
  expect(rows).toEqual([{ state: 'stopped' }])
})

test('the same request twice in one moment, as npm makes of one Ctrl-C, is one request', async () => {
  const { url } = await cloneDatabase()
  const worker = startCli(['worker', ...config, '--database', url])
  await worker.untilStderr(/worker started/)
  worker.process.kill('SIGINT')
  worker.process.kill('SIGINT')
  await expect(worker.ended).resolves.toMatchObject({ exitCode: 0 })
})

test('a step that runs when it is told to stop is finished first', async () => {
  const { url } = await cloneDatabase()
  const given = ['--config', stoppedConfig, '--database', url]
  const created = await runCli(['task', 'run', 'tests/stopped', ...given, '--json'])
  const { taskId } = JSON.parse(created.stdout) as { taskId: string } // the document of `task run`
  const worker = startCli(['worker', '--verbose', ...given])
  await worker.untilStderr(/"step_name":"until_told".*"Step started"/)
  worker.process.kill('SIGTERM')
  const { exitCode } = await worker.ended
  const show = await runCli(['task', 'show', taskId, '--json', '--database', url])
  expect(exitCode).toBe(0)
  expect(JSON.parse(show.stdout)).toMatchObject({
    state: 'in_progress',
    steps: [
      { state: 'complete', attempts: 1 },
      { state: 'pending', attempts: 0 },
    ],
  })
})

test('an outdated database is refused with the command that helps', async () => {
  const { url } = await cloneDatabase({ from: 'empty' })
  const { exitCode, stderr } = await runCli(['worker', ...config, '--database', url])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error SCHEMA_MISSING: .*`tasker migrate`/)
})

test('without definitions it ends with 2 and says where they were looked for', async () => {
  const { url } = await cloneDatabase()
  const cwd = import.meta.dirname
  const { exitCode, stderr } = await runCli(['worker', '--database', url], { cwd })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('The worker has no definitions to run: there is no configuration file.')
})
