// What the command line shows of a failed attempt: in `task show`, `task history` and `task why`.
import { createTasker, defineTask, PermanentError, RetryableError } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import type { CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

const payment = defineTask({ namespace: 'tests', name: 'payment', version: '1.0.0' })
  .step('ask', async () => {
    const http = { method: 'POST', url: 'https://pay.example/charges', status: 422 }
    throw new PermanentError('the gateway said no', {
      code: 'HTTP_422',
      context: { http },
      cause: new RetryableError('the first address failed', { cause: refused }),
    })
  })
  .step('plain', { retry: { limit: 1 } }, async () => {
    throw Object.assign(new Error('only a line'), { stack: undefined })
  })

test('what was behind an error, what the other system said and where it was are shown', async () => {
  const { url } = await cloneDatabase()
  const tasker = await createTasker({ database: url, definitions: [payment] })
  onTestFinished(() => tasker.close())
  const { taskId } = await tasker.tasks.create(payment, { context: {} })
  await tasker.worker.start()
  await tasker.tasks.waitFor(taskId)
  await tasker.worker.stop()
  const cli = (...words: readonly string[]): Promise<CliResult> =>
    runCommand(['task', ...words, taskId, '--database', url])

  const line = 'PermanentError HTTP_422: the gateway said no'
  const cause = 'Error ECONNREFUSED: connect ECONNREFUSED'
  const show = await cli('show')
  const [, errors = ''] = /\nErrors\n([\s\S]*?)\n\n/.exec(show.stdout) ?? []
  expect(errors.replaceAll(/ \(\S*errors\.test\.ts:\d+:\d+\)/g, ' (HERE)').split('\n')).toEqual([
    `  ask: ${line}`,
    '    http       POST https://pay.example/charges 422',
    '    caused by  RetryableError: the first address failed (HERE)',
    `    caused by  ${cause} (HERE)`,
    expect.stringMatching(/^ {4}at {9}\S*errors\.test\.ts:\d+:\d+$/),
  ])
  expect((await cli('history')).stdout).toContain(`${line}, caused by ${cause}`)
  expect((await cli('why')).stdout).toContain(`(${line}, caused by ${cause})`)
  const why = JSON.parse((await cli('why', '--json')).stdout) as unknown
  expect(JSON.stringify(why)).toContain('"cause":{"class":"Error","message":"connect ECONNREFUSED"')
})
