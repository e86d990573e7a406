// `tasker stats` as an operator reads it, and as a script does.
import { expect, test } from 'vitest'
import { operated } from './operated.ts'

test('stats counts all tasks, and says how those of late went and which were slowest', async () => {
  const { cli, ended, unstarted } = await operated()
  const [failed = '', done = ''] = await ended(-1, 1)
  await unstarted(2)
  const { stdout, exitCode } = await cli('stats', '--slowest')
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^ {2}pending +2 +\d+$/m)
  expect(stdout).toMatch(/^ {2}complete +1 +\d+$/m)
  expect(stdout).toMatch(/^ {2}skipped +0$/m)
  expect(stdout).toMatch(/^ {2}total +4 +\d+$/m)
  expect(stdout).toMatch(/^Steps in error: 0 to be tried again \(0 not yet due\), 1 for good\.$/m)
  expect(stdout).toMatch(/^Created since .*Z: 4 tasks with \d+ steps\.$/m)
  expect(stdout).toMatch(/^Complete 1 \(25 %\), in error 1 \(25 %\)\.$/m)
  expect(stdout).toMatch(new RegExp(`^  ${failed}  .*  error `, 'm'))
  expect(stdout).toMatch(new RegExp(`^  ${done}  .*  complete `, 'm'))
})

test('a script gets one document, of the window and the namespace it asked for', async () => {
  const { cli, ended } = await operated()
  await ended(1)
  const found = await cli('stats', '--since', '2d', '--slowest', '--json')
  const other = await cli('stats', '--namespace', 'nobody', '--json')
  expect(JSON.parse(found.stdout)).toMatchObject({
    health: { tasks: { total: 1, complete: 1 }, errors: { exhausted: 0 } },
    analytics: { tasks: 1, completeTasks: 1, completionRate: 100, healthScore: 1 },
    slowestTasks: [{ state: 'complete' }],
  })
  expect(JSON.parse(other.stdout)).toMatchObject({
    health: { tasks: { total: 1 } },
    analytics: { tasks: 0, taskDurationMs: null },
  })
  expect(JSON.parse(other.stdout)).not.toHaveProperty('slowestTasks')
})

test('counting anew changes nothing where the counts were right', async () => {
  const { cli, ended } = await operated()
  await ended(1, -1)
  const before = await cli('stats', '--json')
  const after = await cli('stats', '--recount', '--json')
  const tasksIn = (text: string) =>
    (JSON.parse(text) as { health: { tasks: unknown } }).health.tasks // `stats`
  expect(tasksIn(after.stdout)).toEqual(tasksIn(before.stdout))
  expect(after.stderr).toContain('Counting anew')
})
