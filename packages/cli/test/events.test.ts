// `tasker events follow`: events of other processes, each of them once, also across a worker that is killed.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { runCli, startCli, times } from './run-cli.ts'

const config = fileURLToPath(new URL('./followed.config.ts', import.meta.url))

interface Line {
  readonly name: string
  readonly eventId: string
  readonly cursor: string
  readonly payload: { readonly taskId: string }
}

const linesOf = (stdout: string): readonly Line[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line) // what --json prints for each event

test('a third process is told each cause once while one of two workers is killed', async () => {
  const { url } = await cloneDatabase()
  const given = ['--config', config, '--database', url]
  const follower = startCli(['events', 'follow', '--json', ...given])
  await follower.untilStderr(/Following events/)
  const create = async (name: string): Promise<string> => {
    const { stdout } = await runCli(['task', 'run', `followed/${name}`, ...given, '--json'])
    return (JSON.parse(stdout) as { taskId: string }).taskId // the document of `task run`
  }
  const killed = startCli(['worker', ...given])
  const stuck = await create('stuck')
  await follower.untilStdout(/step\.execution_requested/)
  killed.process.kill('SIGKILL')
  const other = startCli(['worker', ...given])
  const plain = await create('plain')
  const completed = '"name":"task.completed"'
  await follower.untilStdout(times(2, completed))
  follower.process.kill('SIGINT')
  const { exitCode, stdout, stderr } = await follower.ended
  other.process.kill('SIGTERM')
  await other.ended

  const lines = linesOf(stdout)
  const told = (taskId: string) =>
    lines
      .filter(({ payload }) => payload.taskId === taskId)
      .map(({ name, eventId }) => `${name} ${eventId.slice(taskId.length + 1)}`)
  expect(told(stuck)).toEqual([
    'task.initialize_requested 0',
    'task.start_requested 1',
    'step.execution_requested 1/1',
    'step.failed 1/1',
    'step.retry_requested 1/1',
    'step.execution_requested 1/2',
    'step.completed 1/2',
    'task.completed 4',
  ])
  expect(told(plain)).toEqual([
    'task.initialize_requested 0',
    'task.start_requested 1',
    'step.execution_requested 1/1',
    'step.completed 1/1',
    'step.execution_requested 2/1',
    'step.completed 2/1',
    'task.completed 4',
  ])
  expect(lines).toHaveLength(15)
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/To go on from here: --from 1\.\w+/)

  // From the cursor of an event on, as text: the rest, with what the filter leaves.
  const from = lines[2]?.cursor ?? ''
  const filter = ['--from', from, '--task', stuck, '--event', 'task.*']
  const again = startCli(['events', 'follow', ...filter, ...given])
  await again.untilStdout(/task\.completed/)
  again.process.kill('SIGTERM')
  const rest = await again.ended
  expect(rest.exitCode).toBe(0)
  expect(rest.stdout.trim().split('\n')).toHaveLength(1)
  expect(rest.stdout).toContain(`task.completed  followed/stuck@0.1.0  ${stuck}`)
})

test('a cursor that is none is refused, with what to do', async () => {
  const { url } = await cloneDatabase()
  const follow = await runCli(['events', 'follow', '--from', 'noon', '--database', url])
  expect(follow.exitCode).toBe(1)
  expect(follow.stderr).toMatch(/cursor cannot be used.*Start anew with `now`/s)
})
