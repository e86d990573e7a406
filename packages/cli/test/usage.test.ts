// How the command line answers when it is asked for help, and when it is misused.
import { expect, test } from 'vitest'
import { runCli } from './run-cli.ts'

test('--version prints the version and nothing else', async () => {
  const { exitCode, stdout, stderr } = await runCli(['--version'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('--help lists every command', async () => {
  const { exitCode, stdout } = await runCli(['--help'])
  expect(exitCode).toBe(0)
  for (const name of ['dev', 'worker', 'migrate', 'config', 'definitions', 'validate', 'task']) {
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
  }
})

test('the help of a command shows the options that every command takes', async () => {
  const { exitCode, stdout } = await runCli(['task', 'run', '--help'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('--context <json>')
  expect(stdout).toContain('--database <url>')
})

test('an unknown command ends with 2 and names the near one', async () => {
  const { exitCode, stdout, stderr } = await runCli(['task', 'lst'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toMatch(/^error USAGE: unknown command 'lst'. Did you mean list\?\n/)
})

test('an unknown option ends with 2', async () => {
  const { exitCode, stderr } = await runCli(['worker', '--fast'])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/^error USAGE: unknown option '--fast'/)
})

test('no command at all prints the help and ends with 2', async () => {
  const { exitCode, stderr } = await runCli([])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('Usage: tasker')
})

test('with --json a misuse is one JSON document on stdout', async () => {
  const { exitCode, stdout, stderr } = await runCli(['dev', '--json', '--once'])
  expect(exitCode).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE', details: {} } })
  expect(stderr).toContain('error USAGE: --once ends with the task of --run')
})

test('options that exclude each other are refused', async () => {
  const { exitCode, stderr } = await runCli(['migrate', '--dry-run', '--sql'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain("'--dry-run' cannot be used with option '--sql'")
})

test('a state that no task has is refused with the ones there are', async () => {
  const { exitCode, stderr } = await runCli(['task', 'list', '--state', 'pending,done'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('"done" is no state of a task. Known are pending, in_progress, complete')
})

test('an error shows its stack only with --debug', async () => {
  const args = ['task', 'list', '--database', 'postgres://nobody@127.0.0.1:1/none']
  const short = await runCli(args)
  const long = await runCli([...args, '--debug'])
  expect([short.exitCode, long.exitCode]).toEqual([1, 1])
  expect(short.stderr).toMatch(/^error DATABASE_UNREACHABLE: /)
  expect(short.stderr).not.toMatch(/^ {4}at /m)
  expect(long.stderr).toMatch(/^ {4}at /m)
})
