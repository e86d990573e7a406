// `tasker config`, `definitions` and `migrate`: where settings come from, and what they reach.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { runCli } from './run-cli.ts'
import { runCommand } from './run-command.ts'

async function folderWith(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, name), text)
  return folder
}

test('config names the source of each value and hides what is secret', async () => {
  const yaml = 'backoff:\n  max_backoff_seconds: 60\n'
  const cwd = await folderWith('tasker.config.yaml', yaml)
  const env = {
    DATABASE_URL: 'postgres://app:hunter2@db.example.com/app',
    TASKER_EXECUTION__WORKER_LOST_LIMIT: '7',
  }
  const args = ['config', '--schema', 'jobs']
  const text = await runCommand(args, { cwd, env })
  const json = await runCommand([...args, '--changed', '--json'], { cwd, env })
  expect(text.exitCode).toBe(0)
  expect(text.stdout + json.stdout).not.toContain('hunter2')
  expect(text.stdout).toMatch(/^ {2}orchestration\.leaseMs +default +15000 milliseconds$/m)
  const option = (key: string, value: string, source: string) => ({ key, value, source })
  expect(JSON.parse(json.stdout)).toMatchObject({
    file: 'tasker.config.yaml',
    options: [
      option('database.url', 'postgres://app:***@db.example.com/app', 'env DATABASE_URL'),
      option('database.schema', 'jobs', 'command line'),
      option('backoff.maxBackoffSeconds', '60', 'file tasker.config.yaml'),
      option('execution.workerLostLimit', '7', 'env TASKER_EXECUTION__WORKER_LOST_LIMIT'),
    ],
  })
})

test('a configuration with faults ends with 1 and names them all', async () => {
  const cwd = await folderWith(
    'tasker.config.json',
    '{"backof": {}, "execution": {"workerLostLimit": 0}}',
  )
  const { exitCode, stderr } = await runCommand(['config'], { cwd })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error CONFIG_INVALID: The configuration has 2 faults:/)
  expect(stderr).toContain('Did you mean backoff?')
  expect(stderr).toContain('execution.workerLostLimit')
})

test.for([
  ['export const config = {}', 'has no object as its default export'],
  ['throw new Error("half written")', 'could not be loaded: half written'],
])('a configuration file in code that is wrong is refused: %s', async ([text, problem]) => {
  const cwd = await folderWith('tasker.config.js', text ?? '')
  const { exitCode, stderr } = await runCli(['definitions'], { cwd })
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`The configuration file tasker.config.js ${problem ?? ''}`)
})

test('a configuration file that is not there is refused', async () => {
  const { exitCode, stderr } = await runCommand(['config', '--config', 'nowhere.ts'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error CONFIG_INVALID: The configuration file nowhere\.ts does not exist/)
})

test('definitions lists what the configuration file registers, without a database', async () => {
  const args = ['definitions', '--config', 'examples/tasker.config.ts']
  const text = await runCommand(args)
  const json = await runCommand([...args, '--json'])
  expect(text).toMatchObject({ exitCode: 0, stderr: '' })
  expect(text.stdout).toMatch(/^ {2}ecommerce +process_order +1\.0\.0 +5\+ {2}[0-9a-f]{12} /m)
  expect(text.stdout).toMatch(/^ {2}blog_examples +customer_analytics +1\.0\.0 +8 /m)
  const step = (name: string, dependsOn: readonly string[], limits: readonly [number, number]) => {
    return { name, dependsOn, retryLimit: limits[0], timeoutMs: limits[1] }
  }
  const { definitions } = JSON.parse(json.stdout) as { definitions: readonly { name: string }[] }
  expect(definitions.find(({ name }) => name === 'process_order')).toMatchObject({
    namespace: 'ecommerce',
    steps: [
      step('validate_cart', [], [3, 15_000]),
      step('process_payment', ['validate_cart'], [3, 30_000]),
      step('update_inventory', ['validate_cart', 'process_payment'], [2, 20_000]),
      step('create_order', ['validate_cart', 'process_payment', 'update_inventory'], [3, 15_000]),
      step('send_confirmation', ['validate_cart', 'create_order'], [5, 10_000]),
    ],
  })
})

test('migrate says what it would do, prints the SQL, does it, and has nothing left to do', async () => {
  const { url } = await cloneDatabase({ from: 'empty' })
  const migrate = (...args: readonly string[]) =>
    runCommand(['migrate', ...args, '--schema', 'jobs', '--database', url])
  const dryRun = await migrate('--dry-run')
  const sql = await migrate('--sql')
  const stillEmpty = await migrate('--dry-run', '--json')
  const done = await migrate()
  const again = await migrate('--json')
  expect(dryRun.stdout).toMatch(
    /^Schema jobs is empty; .* \d+ migrations and the functions:\n {2}0001_/,
  )
  expect(sql.stdout).toMatch(/^begin;[\s\S]*create table jobs\.tasks[\s\S]*commit;\n$/)
  expect(JSON.parse(stillEmpty.stdout)).toMatchObject({ isDone: false, databaseVersion: null })
  expect(done.stdout).toMatch(/^Schema jobs was empty and is now at \d+\.\d+\.\d+: applied /)
  expect(JSON.parse(again.stdout)).toMatchObject({ schema: 'jobs', pending: [] })
  expect([dryRun, sql, done, again].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
})
