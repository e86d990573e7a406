// `tasker task cancel|retry|…`: what an operator reads after an action, and where it is refused.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { operatorActions } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { actionCommands } from '../src/action-commands.ts'
import { operated } from './operated.ts'

test('every action of the engine has one command', () => {
  expect(actionCommands.map(({ action }) => action)).toEqual(operatorActions)
  const words = actionCommands.map(({ word }) => word)
  expect(new Set(words).size).toBe(words.length)
})

test('a retry says which steps are due, what happens next and who did it', async () => {
  const { cli, ended, tasker } = await operated()
  const [taskId = ''] = await ended(-1)
  const retry = await cli('task', 'retry', taskId, '--reason', 'the gateway is back')
  expect(retry).toMatchObject({ exitCode: 0, stderr: '' })
  const [head, titles, step, now, undo] = retry.stdout.split('\n')
  expect(head).toBe(`Task ${taskId} is in_progress, was error.`)
  expect(titles).toMatch(/^ {2}Step +Was +Is$/)
  expect(step).toMatch(/^ {2}charge +error +pending +due now$/)
  expect(now).toMatch(/^Now: +No live worker serves shop\/order@1\.0\.0/)
  expect(undo).toMatch(/^Undo: +A retry cannot be undone/)
  expect(await tasker.tasks.history(taskId)).toContainEqual(
    expect.objectContaining({
      step: 'charge',
      to: 'pending',
      actor: `cli:${userInfo().username}`,
      reason: 'the gateway is back',
    }),
  )
})

test('a step is resolved with the result in a file, and the step behind it is released', async () => {
  const { cli, ended, tasker } = await operated()
  const [taskId = ''] = await ended(-1)
  const folder = await mkdtemp(join(tmpdir(), 'tasker-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'result.json')
  await writeFile(file, '{"charged": 5}')
  const resolve = await cli('task', 'resolve', taskId, '--step', 'charge', '--result', `@${file}`)
  expect(resolve.exitCode).toBe(0)
  expect(resolve.stdout).toMatch(/^ {2}charge +error +resolved_manually$/m)
  expect(resolve.stdout).toMatch(/^ {2}receipt +pending +pending +due now: its last parent/m)
  expect(resolve.stdout).toMatch(/^Undo: .* task rerun [0-9a-f-]{36}/m)
  expect((await tasker.tasks.get(taskId)).results).toMatchObject({ charge: { charged: 5 } })
})

test('several steps are named one by one; with --json the operation is the document', async () => {
  const { cli, unstarted } = await operated()
  const [taskId = ''] = await unstarted(1)
  const steps = ['--step', 'load', '--step', 'charge']
  const skip = await cli('task', 'skip', taskId, ...steps, '--actor', 'ana', '--json')
  expect({ ...skip, stdout: JSON.parse(skip.stdout) as unknown }).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: {
      action: 'skip',
      taskId,
      from: 'pending',
      state: 'pending',
      isChanged: true,
      steps: [
        { step: 'load', to: 'skipped', by: 'asked' },
        { step: 'charge', to: 'skipped', by: 'asked' },
        { step: 'receipt', to: 'pending', by: 'release' },
      ],
    },
  })
  const cancel = await cli('task', 'cancel', taskId, '--step', 'receipt')
  expect(cancel.stdout).toContain(`Task ${taskId} is cancelled, was pending.\n`)
})

test('a retry and a wait are brought forward, a limit is set', async () => {
  const { cli, waiting } = await operated()
  const taskId = await waiting()
  const limit = await cli('task', 'retry-limit', taskId, '--step', 'call', '--limit', '9')
  const now = await cli('task', 'retry-now', taskId)
  const wake = await cli('task', 'wake', taskId, '--step', 'approve')
  expect(limit.stdout).toMatch(/^ {2}call +error +error +has its new limit$/m)
  expect(now.stdout).toMatch(/^ {2}call +error +error +due now$/m)
  expect(wake.stdout).toMatch(/^ {2}approve +pending +pending +due now$/m)
  const show = await cli('task', 'show', taskId)
  expect(show.stdout).toMatch(/^ {2}call +error +1\/9 /m)
})

test('a held task is marked everywhere; holding it twice changes nothing and is no failure', async () => {
  const { cli, unstarted } = await operated()
  const [taskId = ''] = await unstarted(1)
  const hold = await cli('task', 'hold', taskId, '--reason', 'audit', '--actor', 'ana')
  const twice = await cli('task', 'hold', taskId)
  const list = await cli('task', 'list', '--held')
  const show = await cli('task', 'show', taskId)
  const resume = await cli('task', 'resume', taskId)
  expect(hold.stdout).toContain(`Task ${taskId} is held (pending).\n`)
  expect(hold.stdout).toMatch(/^Now: .*held by ana since .*: audit/m)
  expect(hold.stdout).toMatch(new RegExp(`^Undo: .* task resume ${taskId}.* lets it run`, 'm'))
  expect(twice).toMatchObject({
    exitCode: 0,
    stdout: `Task ${taskId} was held already; nothing was changed (pending).\n`,
  })
  expect(list.stdout).toMatch(new RegExp(`^  ${taskId} .* pending, held `, 'm'))
  expect(show.stdout).toMatch(/^shop\/order@1\.0\.0 {2}pending, held$/m)
  expect(resume.stdout).toContain(`Task ${taskId} is no longer held (pending).\n`)
})

test('a refusal names the state and shows the commands that would be accepted', async () => {
  const { cli, ended } = await operated()
  const [failed = '', complete = ''] = await ended(-1, 1)
  const step = await cli('task', 'retry', failed, '--step', 'receipt')
  const whole = await cli('task', 'cancel', complete, '--json')
  expect([step.exitCode, step.stdout]).toEqual([1, ''])
  expect(step.stderr).toMatch(/^error MOVE_NOT_ALLOWED: Step "receipt" of task .* is pending; /)
  expect(step.stderr).toMatch(
    new RegExp(`^ .* task resolve ${failed} --step receipt .* --result '<json>'$`, 'm'),
  )
  expect(step.stderr).toMatch(
    new RegExp(`^ .* task retry-limit ${failed} --step receipt .* --limit <number>$`, 'm'),
  )
  expect(whole.stderr).toMatch(new RegExp(`^ .* task rerun ${complete}`, 'm'))
  expect(JSON.parse(whole.stdout)).toMatchObject({
    error: { code: 'MOVE_NOT_ALLOWED', details: { state: 'complete', allowed: ['rerun'] } },
  })
})

test('what is mistyped is answered with what there is, and nothing is changed', async () => {
  const { cli, ended, tasker } = await operated()
  const [taskId = ''] = await ended(-1)
  const before = await tasker.tasks.history(taskId)
  const unknown = await cli('task', 'retry', taskId, '--step', 'chrage')
  const nameless = await cli('task', 'skip', taskId)
  const zero = await cli('task', 'retry-limit', taskId, '--step', 'charge', '--limit', '0')
  const text = await cli('task', 'resolve', taskId, '--step', 'charge', '--result', '{s3cret')
  expect([unknown, nameless, zero, text].map(({ exitCode }) => exitCode)).toEqual([1, 2, 2, 2])
  expect(unknown.stderr).toContain('no step "chrage"; did you mean "charge"? Check the name')
  expect(nameless.stderr).toContain("required option '--step <name>' not specified")
  expect(zero.stderr).toContain('Expected a whole number from 1 to 32767.')
  expect(text.stderr).toContain('error USAGE: --result is not JSON')
  expect(text.stderr).not.toContain('s3cret')
  expect(await tasker.tasks.history(taskId)).toEqual(before)
})

test('a namespace is held and resumed; the list says by whom and why', async () => {
  const { cli } = await operated()
  const hold = await cli('namespace', 'hold', 'shop', '--actor', 'ana', '--reason', 'bank is down')
  const twice = await cli('namespace', 'hold', 'shop')
  const list = await cli('namespace', 'list')
  const resume = await cli('namespace', 'resume', 'shop', '--json')
  const unknown = await cli('namespace', 'hold', 'shpo')
  expect(hold.stdout).toMatch(/^Namespace shop is held: none of its steps start/)
  expect(hold.stdout).toMatch(/^Undo: .* namespace resume shop/m)
  expect(twice.exitCode).toBe(0)
  expect(twice.stdout).toContain('was held already; nothing was changed')
  expect(list.stdout).toMatch(/^ {2}shop +since 20.*Z by ana: bank is down/m)
  expect(JSON.parse(resume.stdout)).toEqual({ namespace: 'shop', isHeld: false, isChanged: true })
  expect([unknown.exitCode, unknown.stderr]).toEqual([
    1,
    expect.stringContaining('did you mean "shop"?'),
  ])
})
