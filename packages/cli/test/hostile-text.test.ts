// What handlers, callers and operators wrote is text of others: whatever it holds, it moves no cursor, clears no screen,
// hides no link and turns no line around.
import { createTasker, defineTask, PermanentError } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { runCommand } from './run-command.ts'

const link = '\u001B]8;;http://evil.example\u001B\\link\u001B]8;;\u001B\\'
const hostile = `bad \u001B[2J\u009B2J\rover ${link} \u202Egnp.exe`

const order = defineTask({ namespace: 'sh\u202Eop', name: 'order', version: '1.0.0' })
  .step('load\u2066', async () => ({ [`no${link}te`]: hostile }))
  .step('charge', { dependsOn: ['load\u2066'] }, async () => {
    throw new PermanentError(hostile, { code: 'DECLINED' })
  })

async function setup() {
  const { url } = await cloneDatabase()
  const tasker = await createTasker({ database: url, definitions: [order] })
  onTestFinished(() => tasker.close())
  const { taskId } = await tasker.tasks.create(order, {
    context: {},
    initiator: hostile,
    reason: hostile,
    tags: [hostile],
  })
  await tasker.worker.start()
  await tasker.tasks.waitFor(taskId)
  await tasker.worker.stop()
  return { url, tasker, taskId }
}

/** Any control character but the line break, and any mark that turns text around. */
const harmful = /(?!\n)\p{Cc}|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u
const escape = '\u001B'
const colours = new RegExp(`${escape}\\[\\d+m`, 'gu')

test.for([
  ['why', 'bad'],
  ['history', 'bad'],
  ['show', 'bad'],
  ['list', 'order@1.0.0'],
] as const)('task %s prints it without what a terminal obeys', async ([word, expected]) => {
  const { url, taskId } = await setup()
  const words = ['task', word, ...(word === 'list' ? [] : [taskId]), '--database', url]
  const { exitCode, stdout, stderr } = await runCommand(words)
  const coloured = await runCommand(words, { env: { FORCE_COLOR: '1' } })
  expect(exitCode).toBe(0)
  expect(stdout).toContain(expected)
  expect(stdout + stderr).not.toMatch(harmful)
  expect(coloured.stdout).toMatch(colours)
  expect(coloured.stdout.replaceAll(colours, '')).not.toMatch(harmful)
})

test('failures and doctor print it so, too', async () => {
  const { url, tasker, taskId } = await setup()
  await tasker.namespaces.hold('sh\u202Eop', { actor: hostile, reason: hostile })
  const cli = (...words: readonly string[]) => runCommand([...words, '--database', url])
  const failure = await cli('task', 'history', taskId, '--step', hostile)
  const refusal = await cli('task', 'wake', taskId, '--step', 'load\u2066')
  const doctor = await cli('doctor')
  expect(failure.stderr).toMatch(/^error STEP_NOT_FOUND: Task \S+ has no step "bad /)
  expect(refusal.stderr).toMatch(/^error MOVE_NOT_ALLOWED: Step "load" of task/)
  expect(doctor.stdout).toMatch(/Namespace shop is held by bad /)
  for (const { stdout, stderr } of [failure, refusal, doctor])
    expect(stdout + stderr).not.toMatch(harmful)
})
