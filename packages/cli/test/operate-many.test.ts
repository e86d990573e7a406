// `tasker tasks <action>`: by filter, with a dry run, without a question where nobody can answer, stopped by a signal.
import type { BulkReport, TaskId } from '@tasker/engine'
import pg from 'pg'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { formatBulk } from '../src/bulk-report.ts'
import { operated } from './operated.ts'
import { startCli } from './run-cli.ts'
import { runCommand } from './run-command.ts'

test('a dry run shows examples and changes nothing; with --yes it is done', async () => {
  const { cli, ended, tasker } = await operated()
  const [failed = ''] = await ended(-1, -2, 1)
  const which = ['--namespace', 'shop', '--newer-than', '1h']
  const trial = await cli('tasks', 'retry', ...which, '--dry-run')
  expect(trial).toMatchObject({ exitCode: 0, stderr: '' })
  expect(trial.stdout).toMatch(new RegExp(`^  ${failed} +error +in_progress +charge$`, 'm'))
  expect(trial.stdout).toMatch(/^Would be retried: 2 tasks, of 2 looked at\.$/m)
  expect(trial.stdout).toMatch(/^A dry run: nothing was changed\.$/m)
  expect((await tasker.tasks.get(failed)).state).toBe('error')

  const real = await cli('tasks', 'retry', ...which, '--yes', '--reason', 'gateway is back')
  expect(real).toMatchObject({ exitCode: 0, stderr: '' })
  expect(real.stdout).toMatch(/^Retried: 2 tasks, of 2 looked at\.\nUndo: /)
  expect((await tasker.tasks.get(failed)).state).toBe('in_progress')
})

test('tasks with nothing to do are counted apart and are no failure; refusals are, with the reason', async () => {
  const { cli, ended, unstarted } = await operated()
  await ended(-1)
  await unstarted(2)
  const hold = await cli('tasks', 'hold', '--state', 'pending', '--yes', '--json')
  const again = await cli('tasks', 'hold', '--name', 'order', '--yes')
  const skip = await cli('tasks', 'retry', '--name', 'order', '--step', 'charge', '--yes')
  expect(JSON.parse(hold.stdout)).toMatchObject({ action: 'hold', matched: 2, changed: 2 })
  expect(again).toMatchObject({ exitCode: 0 })
  expect(again.stdout).toBe('Held: 0 tasks, of 2 looked at. Nothing to do in 2.\n')
  expect(skip.exitCode).toBe(0)
  const open = ['--name', 'order', '--state', 'pending,in_progress', '--yes']
  const refused = await cli('tasks', 'retry-now', '--step', 'charge', ...open)
  expect(refused.exitCode).toBe(1)
  expect(refused.stdout).toMatch(/Refused: 3\.$/m)
  expect(refused.stdout).toMatch(
    /^ {2}refused {2}Step "charge" of task \S+ is pending; .*retry-limit\.$/m,
  )
})

test('a refusal writes the moves as they are typed, and nothing else', () => {
  const why =
    'Step "retry_now" of task 7 is pending; it cannot be retried. Allowed now: skip, set_retry_limit.'
  const report: BulkReport = {
    action: 'retry',
    dryRun: false,
    matched: 1,
    changed: 0,
    unchanged: 0,
    refused: 1,
    isStopped: false,
    nextCursor: null,
    failure: null,
    changedTasks: [],
    refusedTasks: [{ taskId: '7' as TaskId, why }], // any
    undo: '',
  }
  const view = { paint: pc.createColors(false), width: 200 }
  expect(formatBulk(report, null, view)).toContain(
    'Step "retry_now" of task 7 is pending; it cannot be retried. Allowed now: skip, retry-limit.',
  )
})

test('where nobody can be asked, and where every task would be meant, it refuses before it connects', async () => {
  const nowhere = ['--database', 'postgres://nobody@127.0.0.1:1/none']
  const unasked = await runCommand(['tasks', 'cancel', '--namespace', 'shop', ...nowhere])
  const everything = await runCommand(['tasks', 'cancel', '--yes', ...nowhere])
  const both = await runCommand([
    'tasks',
    'wake',
    '--yes',
    '--newer-than',
    '1d',
    '--created-from',
    '2026-11-21',
    ...nowhere,
  ])
  const never = await runCommand([
    'tasks',
    'wake',
    '--yes',
    '--created-from',
    '2026-02-30',
    ...nowhere,
  ])
  const all = [unasked, everything, both, never]
  expect(all.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2])
  expect(unasked.stderr).toContain('say --yes to do it, or --dry-run to see what it would do')
  expect(everything.stderr).toContain('Say which tasks: give at least one of --state')
  expect(both.stderr).toContain("cannot be used with option '--created-from <time>'")
  expect(never.stderr).toContain("argument '2026-02-30' is invalid. Expected a date or a time")
})

test('a signal ends it after the batch under way, and it says what was done', async () => {
  const { url, unstarted, tasker } = await operated()
  const ids = await unstarted(3)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // The first batch, which is the newest task, waits for this lock.
    await client.query('begin')
    await client.query('select 1 from tasker.task_progress where task_id = $1 for update', [
      ids.at(-1),
    ])
    const args = ['--name', 'order', '--yes', '--batch', '1', '--database', url]
    const bulk = startCli(['tasks', 'cancel', ...args])
    while ((await countWaiting(client)) !== 1); // each look is a round trip; the test's own limit ends it
    bulk.process.kill('SIGTERM')
    await bulk.untilStderr(/Stopping after this batch\./)
    await client.query('rollback')
    const { exitCode, stdout } = await bulk.ended
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^Cancelled: 1 task, of 1 looked at\.\nIt was stopped before the end/)
  } finally {
    await client.end()
  }
  const left = await tasker.tasks.find({ states: ['pending'] })
  expect(left.tasks.map(({ taskId }) => taskId).toSorted()).toEqual(ids.slice(0, 2).toSorted())
})

/** Connections to this database that wait for a lock. What one transaction sees of others is cached, hence the first call. */
async function countWaiting(client: pg.Client): Promise<number | null> {
  await client.query('select pg_stat_clear_snapshot()')
  const { rowCount } = await client.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rowCount
}
