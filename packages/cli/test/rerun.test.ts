// `tasker task rerun`: what will run is shown first, and the new task is linked to the old one.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { operated } from './operated.ts'
import { testConfig } from './run-cli.ts'

const config = fileURLToPath(new URL('./operated.config.ts', import.meta.url))

test('a dry run shows what would run and what is taken over, and creates nothing', async () => {
  const { cli, ended, tasker } = await operated()
  const [taskId = ''] = await ended(1)
  const trial = await cli('task', 'rerun', taskId, '--from', 'charge', '--dry-run')
  expect(trial).toMatchObject({ exitCode: 0, stderr: '' })
  expect(trial.stdout.split('\n')).toEqual([
    expect.stringMatching(/^ {2}Step +Was +In the rerun$/),
    expect.stringMatching(/^ {2}load +complete +is taken over with its result$/),
    expect.stringMatching(/^ {2}charge +complete +runs$/),
    expect.stringMatching(/^ {2}receipt +complete +runs$/),
    '',
  ])
  expect((await tasker.tasks.find({})).tasks).toHaveLength(1)
})

test('a failed task is done again with a corrected context, and followed to its end', async () => {
  const { cli, ended, tasker } = await operated()
  const [taskId = ''] = await ended(-1)
  await tasker.worker.start()
  const context = ['--context', '{"cents": 5}', '--config', config]
  const rerun = await cli('task', 'rerun', taskId, ...context, '--reason', 'sign', '--follow')
  expect(rerun).toMatchObject({ exitCode: 0, stderr: '' })
  const newId = /^Task (\S+) was created\.$/m.exec(rerun.stdout)?.[1] ?? ''
  expect(rerun.stdout).toMatch(/^ {2}charge +error +runs$/m)
  expect(rerun.stdout).toMatch(/^ {2}charge +charged 5$/m)
  const show = await cli('task', 'show', newId)
  const list = await cli('task', 'list', '--rerun-of', taskId)
  expect(show.stdout).toContain(`\nRerun of ${taskId}\n`)
  expect(list.stdout).toMatch(new RegExp(`^  ${newId} .* complete .* ${taskId}$`, 'm'))
  const note = (await tasker.tasks.history(taskId)).at(-1)
  expect(note).toMatchObject({ reason: 'sign', metadata: { rerun_as: newId } })
})

test('a new context without its definition is answered with where to say it', async () => {
  const { cli, ended } = await operated()
  const [taskId = ''] = await ended(-1)
  const context = ['--context', '{"cents": 5}', '--config', testConfig]
  const { exitCode, stderr } = await cli('task', 'rerun', taskId, ...context)
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error DEFINITION_NOT_FOUND: /)
  expect(stderr).toContain('say with --config which file lists it')
})

test('new inputs make their step run; with --json the rerun is the document', async () => {
  const { cli, ended } = await operated()
  const [taskId = ''] = await ended(1)
  const inputs = ['--inputs', '{"receipt": {"copy": true}}']
  const rerun = await cli('task', 'rerun', taskId, ...inputs, '--json')
  expect(JSON.parse(rerun.stdout)).toMatchObject({
    taskId: expect.any(String) as string,
    rerunOf: taskId,
    steps: [
      { step: 'load', runs: false, was: 'complete' },
      { step: 'charge', runs: false },
      { step: 'receipt', runs: true },
    ],
  })
  expect(rerun.stderr).toMatch(/No live worker/i)
})

test('a task that goes on is not done again: the commands that are allowed are shown', async () => {
  const { cli, unstarted } = await operated()
  const [taskId = ''] = await unstarted(1)
  const { exitCode, stderr } = await cli('task', 'rerun', taskId)
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error MOVE_NOT_ALLOWED: .* is pending; it cannot be done again\./)
  expect(stderr).toMatch(new RegExp(`^ .* task hold ${taskId}`, 'm'))
})
