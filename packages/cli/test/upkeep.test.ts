// `tasker prune` and `tasker doctor` as an operator or a cron job runs them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Diagnosis } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { readDuration } from '../src/duration-argument.ts'
import { formatBytes } from '../src/wording.ts'
import { runCli, testConfig, type CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

async function setup() {
  const { url } = await cloneDatabase()
  const tasker = (...args: readonly string[]): Promise<CliResult> =>
    runCommand([...args, '--database', url])
  const greet = ['--run', 'tests/greet', '--once', '--config', testConfig]
  await runCli(['dev', ...greet, '--database', url])
  return { tasker, url }
}

test('a dry run says what would go, a run with --yes removes it, and nothing is left', async () => {
  const { tasker } = await setup()
  const trial = await tasker('prune', '--older-than', '0s', '--dry-run')
  const real = await tasker('prune', '--older-than', '0s', '--yes', '--json')
  const list = await tasker('task', 'list', '--json')
  expect(trial.stdout).toMatch(/^ {2}tests\/greet@1\.2\.0 +complete +1$/m)
  expect(trial.stdout).toMatch(
    /^Would remove 1 task that ended before .* \(\d\.\d kB of rows\)\.$/m,
  )
  expect(JSON.parse(real.stdout)).toMatchObject({
    isDryRun: false,
    isComplete: true,
    taskCount: 1,
    groups: [{ name: 'greet', state: 'complete', count: 1 }],
  })
  expect(JSON.parse(list.stdout)).toMatchObject({ tasks: [] })
})

test('where nobody can be asked it refuses without --yes, and without an age', async () => {
  const { tasker } = await setup()
  const unasked = await tasker('prune', '--older-than', '30d')
  const ageless = await tasker('prune', '--yes')
  const nonsense = await tasker('prune', '--yes', '--older-than', 'long')
  const open = await tasker('prune', '--yes', '--older-than', '1h', '--state', 'pending')
  expect([unasked, ageless, nonsense].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2])
  expect(unasked.stderr).toContain('Say --yes, or --dry-run to see what would go.')
  expect(ageless.stderr).toContain("required option '--older-than <duration>' not specified")
  expect(nonsense.stderr).toContain('such as 12h or 30d')
  expect(open.exitCode).toBe(1)
  expect(open.stderr).toContain('"pending" is the state of a task that goes on')
})

test('lengths of time have a unit', () => {
  expect(['90s', '15m', '1.5h', '30d', '2w'].map(readDuration)).toEqual([
    90_000, 900_000, 5_400_000, 2_592_000_000, 1_209_600_000,
  ])
  for (const text of ['30', 'd', '-1d', '1 month', '']) expect(() => readDuration(text)).toThrow()
  expect([12, 1_300, 4_200_000].map(formatBytes)).toEqual(['12 B', '1.3 kB', '4.2 MB'])
})

test('doctor says what is wrong and what to do, and ends with 1', async () => {
  const { tasker } = await setup()
  const { exitCode, stdout } = await tasker('doctor')
  expect(exitCode).toBe(1) // the server of the tests does not wait for the disk
  expect(stdout).toMatch(/^ {2}database +ok +PostgreSQL \d+.* answers in \d+ ms\.$/m)
  expect(stdout).toMatch(/^ {2}settings +problem +fsync is off:.*\n +→ Set fsync = on\.$/m)
  expect(stdout).toMatch(/^\d+ problems, \d+ warnings?\.$/m)
})

test('doctor --invariants names each invariant, and ends with 1 when one is broken', async () => {
  const { tasker, url } = await setup()
  const sound = await tasker('doctor', '--invariants')
  expect(sound.exitCode).toBe(0)
  expect(sound.stdout).toMatch(/^ {2}invariants +ok +Looked at 1 task, /m)
  expect(sound.stdout).toMatch(
    /^ +ok +counters: no counters that differ from a recount \(rule 12\)\.$/m,
  )

  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ task_id: string }>(
    'update tasker.task_progress set open = 7 returning task_id',
  )
  await client.end()
  const broken = await tasker('doctor', '--invariants', '--sample', '10', '--json')
  expect(broken.exitCode).toBe(1)
  const { isHealthy, findings } = JSON.parse(broken.stdout) as Diagnosis // what the command prints
  expect(isHealthy).toBe(false)
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    {
      check: 'invariants',
      verdict: 'problem',
      invariant: 'counters',
      examples: [`${rows[0]?.task_id} has (7,0,0), counted (0,0,0)`],
    },
  ])
})

test('doctor names commands as they are started here, reaching the same database', async () => {
  const { url } = await cloneDatabase({ from: 'empty' })
  const { stdout } = await runCommand(['doctor', '--database', url, '--schema', 'flow'])
  expect(stdout).toMatch(/→ Run `node .*bin\.ts migrate --database \S+ --schema flow` against/)
})

test('doctor works where the configuration does not, and prints no password', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'tasker.config.yaml'), 'backof: {}\n')
  const faulty = await runCommand(['doctor'], { cwd: folder })
  const url = 'postgres://app:hunter2@127.0.0.1:1/app'
  const away = await runCommand(['doctor', '--database', url])
  expect([faulty.exitCode, away.exitCode]).toEqual([1, 1])
  expect(faulty.stdout).toMatch(/configuration +problem +The configuration has 1 fault:/)
  expect(away.stdout).toMatch(
    /settings, connections, .*: Not looked at: the database does not answer/,
  )
  expect(away.stdout + away.stderr).not.toContain('hunter2')
})
