// `tasker definitions`, its statistics and its differences, and `tasker task analyse`.
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { runCli } from './run-cli.ts'
import { runCommand } from './run-command.ts'

const config = ['--config', fileURLToPath(new URL('./definitions.config.ts', import.meta.url))]
/** Nothing listens there: a command that succeeds has not asked for it. */
const noDatabase = ['--database', 'postgres://nobody@127.0.0.1:1/none']

describe('definitions diff', () => {
  const diff = (from: string, to: string, ...options: readonly string[]) =>
    runCommand([
      'definitions',
      'diff',
      `tests/import@${from}`,
      `tests/import@${to}`,
      ...config,
      ...options,
    ])

  test('tells what differs, what breaks and why, without a database', async () => {
    const { exitCode, stdout, stderr } = await diff('1.0.0', '2.0.0', ...noDatabase)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(
      /^tests\/import@1\.0\.0 → tests\/import@2\.0\.0: incompatible in 1 point\n/,
    )
    expect(stdout).toMatch(/^ {2}incompatible +report +step removed +Whoever reads its result/m)
    expect(stdout).toMatch(/^ {2}compatible +write +retryLimit: 3 → 5 +It has more attempts\.$/m)
  })

  test('with --exit-code ends with 1 when it breaks, and only then', async () => {
    const breaking = await diff('1.0.0', '2.0.0', '--exit-code', ...noDatabase)
    const fine = await diff('1.0.0', '1.1.0', '--exit-code', ...noDatabase)
    const same = await diff('1.0.0', '1.0.0', '--exit-code', ...noDatabase)
    expect([breaking, fine, same].map(({ exitCode }) => exitCode)).toEqual([1, 0, 0])
    expect(fine.stdout).toContain('tests/import@1.1.0: compatible')
    expect(same.stdout).toContain('differ in nothing but the version')
  })

  test('with --json is one document', async () => {
    const { stdout } = await diff('1.1.0', '2.0.0', '--json', ...noDatabase)
    expect(JSON.parse(stdout)).toMatchObject({
      from: 'tests/import@1.1.0',
      to: 'tests/import@2.0.0',
      isCompatible: false,
      graph: { stepsRemoved: ['report'], edgesRemoved: [{ from: 'write', to: 'report' }] },
      differences: [{ kind: 'step_removed', step: 'report', isCompatible: false }],
    })
  })

  test('finds stored versions and ranges in the database', async () => {
    const { url } = await cloneDatabase()
    await runCommand(['task', 'run', 'tests/import@1.0.0', ...config, '--database', url]) // stores all
    const sides = ['tests/import@^1', 'tests/import@latest']
    const { exitCode, stdout } = await runCommand([
      'definitions',
      'diff',
      ...sides,
      '--database',
      url,
    ])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^tests\/import@1\.1\.0 → tests\/import@2\.0\.0: incompatible/)
  })

  test('wants a version on each side, and one that exists', async () => {
    const without = await runCommand(['definitions', 'diff', 'tests/import', 'tests/import@1.0.0'])
    expect(without.exitCode).toBe(2)
    expect(without.stderr).toContain('Name a version: tests/import@1.0.0')
    const { url } = await cloneDatabase()
    const unknown = await diff('1.0.0', '9.9.9', '--database', url)
    expect(unknown.exitCode).toBe(1)
    expect(unknown.stderr).toContain('Known versions: 1.0.0, 1.1.0, 2.0.0.')
  })
})

describe('definitions stats', () => {
  test('puts the file beside the database, and names what nobody serves', async () => {
    const { url } = await cloneDatabase()
    const empty = await runCommand(['definitions', 'stats', ...config, '--database', url])
    expect(empty.stdout).toMatch(/^ {2}tests\/import@2\.0\.0 +yes +yes +no +0 +0 +0 +0 +0$/m)
    await runCommand(['task', 'run', 'tests/import@1.0.0', ...config, '--database', url])
    const { exitCode, stdout } = await runCommand(['definitions', 'stats', '--database', url])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}tests\/import@1\.0\.0 +no +yes +1 +0 +1 +0 +0$/m)
    expect(stdout).toMatch(/^tests\/import@1\.0\.0 has open tasks and no live worker serves it\.$/m)
    const json = await runCommand(['definitions', 'stats', '--json', ...config, '--database', url])
    expect(JSON.parse(json.stdout)).toMatchObject({
      isHealthy: false,
      unserved: ['tests/import@1.0.0'],
      notRegistered: [],
      notStored: [],
      newest: ['tests/import@2.0.0', 'tests/refuse@1.0.0'],
    })
  })

  test('says so when there is nothing', async () => {
    const { url } = await cloneDatabase()
    const { stdout } = await runCommand(['definitions', 'stats', '--database', url])
    expect(stdout).toBe('No definitions, neither in a configuration file nor in the database.\n')
  })
})

test('the list itself is as it was', async () => {
  const { exitCode, stdout } = await runCommand(['definitions', ...config, ...noDatabase])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^ {2}Namespace +Name +Version +Steps +Digest/)
  expect(stdout).toMatch(/^ {2}tests +import +2\.0\.0 +2 +[0-9a-f]{12}/m)
})

test('task analyse prints what matters, and the whole of it with --json', async () => {
  const { url } = await cloneDatabase()
  const database = ['--database', url]
  const run = await runCli([
    'dev',
    '--run',
    'tests/refuse',
    '--once',
    '--json',
    ...config,
    ...database,
  ])
  const { taskId } = JSON.parse(run.stdout) as { taskId: string } // the document of `dev --once`
  const { exitCode, stdout } = await runCommand(['task', 'analyse', taskId, ...database])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(
    new RegExp(
      `^Task ${taskId}: critical, 0 % done\n2 steps on 2 levels, 1 dependency, 1 path, the longest of 2 steps\n`,
    ),
  )
  expect(stdout).toMatch(/^ {2}[\d.]+ +2 +0 +1 +1 +ask → go_on$/m)
  expect(stdout).toMatch(/^ {2}ask +1\/3 +1 +\d+ +Investigate Root Cause$/m)
  expect(stdout).toMatch(/^ {2}ask +Non-Retryable +\d+ +High +Immediate action needed$/m)
  expect(stdout).toMatch(/^ {2}Retry or resolve "ask": it failed for good after 1 of 3 attempts; /m)
  const json = await runCommand(['task', 'analyse', taskId, '--json', ...database])
  expect(JSON.parse(json.stdout)).toMatchObject({
    taskId,
    taskExecutionSummary: { overallHealth: 'critical' },
    criticalPaths: { totalPaths: 1 },
  })
  const unknown = await runCommand(['task', 'analyse', 'nonsense', ...database])
  expect(unknown.exitCode).toBe(1)
  expect(unknown.stderr).toMatch(/^error TASK_NOT_FOUND: /)
})
