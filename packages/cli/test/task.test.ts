// `tasker task …` against a database: create, list, show, why, cancel.
import { expect, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { startCli, testConfig, type CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

const config = ['--config', testConfig]

async function setup() {
  const { url } = await cloneDatabase()
  const tasker = (...args: readonly string[]): Promise<CliResult> =>
    runCommand(['task', ...args, '--database', url])
  const create = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await tasker('run', 'tests/greet', ...args, '--json', ...config)
    const { taskId } = JSON.parse(stdout) as { taskId: string } // the document of `task run`
    return taskId
  }
  return { url, tasker, create }
}

test('a task that nobody runs is created, found again by its key, listed and explained', async () => {
  const { tasker, create } = await setup()
  const taskId = await create('--key', 'greeting-1')
  const again = await tasker('run', 'tests/greet', '--key', 'greeting-1', ...config)
  const list = await tasker('list', '--state', 'pending', '--namespace', 'tests')
  const show = await tasker('show', taskId)
  const why = await tasker('why', taskId)
  expect(again.stdout).toContain(`Task ${taskId} exists already for this key.`)
  expect(again.stderr).toContain('No live worker serves tests/greet@1.2.0')
  expect(list.stdout).toMatch(new RegExp(`^  ${taskId}  tests/greet@1\\.2\\.0  pending`, 'm'))
  expect(show.stdout).toMatch(/^ {2}say +pending +0\/3 +after choose_words$/m)
  expect(why.stdout).toMatch(
    /^choose_words {2}no_worker.*\n {2}is due, and no live worker serves tests/m,
  )
  expect([again, list, show, why].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
})

test('a cancelled task says so everywhere, and is not cancelled twice', async () => {
  const { tasker, create } = await setup()
  const taskId = await create()
  const cancel = await tasker('cancel', taskId, '--reason', 'not needed')
  const twice = await tasker('cancel', taskId)
  const show = await tasker('show', taskId, '--json')
  expect(cancel).toMatchObject({ exitCode: 0, stderr: '' })
  expect(cancel.stdout).toContain(`Task ${taskId} is cancelled, was pending.\n`)
  expect(twice.exitCode).toBe(1)
  expect(twice.stderr).toMatch(/^error MOVE_NOT_ALLOWED: /)
  const { state, history } = JSON.parse(show.stdout) as { state: string; history: unknown[] } // `task show`
  expect(state).toBe('cancelled')
  expect(history).toContainEqual(
    expect.objectContaining({ step: null, to: 'cancelled', reason: 'not needed' }),
  )
})

test('the list goes page by page', async () => {
  const { tasker, create } = await setup()
  const ids = [await create(), await create(), await create()].toReversed()
  const first = await tasker('list', '--limit', '2')
  const after = /task list .*--after (\S+)/.exec(first.stderr)?.[1] ?? ''
  const second = await tasker('list', '--limit', '2', '--after', after)
  const idsIn = ({ stdout }: CliResult) =>
    stdout.match(/^ {2}[0-9a-f-]{36}/gm)?.map((id) => id.trim())
  expect([idsIn(first), idsIn(second)]).toEqual([ids.slice(0, 2), ids.slice(2)])
  expect(second.stderr).toBe('')
})

test('a task is followed while another process runs it', async () => {
  const { url, tasker } = await setup()
  const worker = startCli(['worker', ...config, '--database', url])
  await worker.untilStderr(/worker started/)
  const context = ['--context', '{"to":"all"}']
  const follow = await tasker('run', 'tests/greet', '--follow', ...context, ...config)
  worker.process.kill('SIGTERM')
  await worker.ended
  expect(follow).toMatchObject({ exitCode: 0, stderr: '' })
  expect(follow.stdout).toMatch(/ say +complete after /)
  expect(follow.stdout).toMatch(/^ {2}say +words \[2\]$/m)
})

test('an id that is none ends with 1', async () => {
  const { tasker } = await setup()
  const { exitCode, stderr } = await tasker('show', 'nonsense')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error TASK_NOT_FOUND: Task nonsense is not in schema "tasker"/)
})
