// What history keeps of a failed attempt: what was wrong, what was behind it, where in the application, and what the other
// system said; and what it leaves out.
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { HttpError } from '../../src/http/model.ts'
import type { JsonObject } from '../../src/json.ts'
import { describeError } from '../../src/steps/describe-error.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

class CardDeclined extends Error {}

const withStack = (error: Error, frames: readonly string[]): Error =>
  Object.assign(error, { stack: `Error: ${error.message}\n${frames.join('\n')}` })

describe('class, code and message', () => {
  test('a class that sets no name of its own is known by the name of the class', () => {
    expect(describeError(new CardDeclined('no funds'))).toMatchObject({
      class: 'CardDeclined',
      message: 'no funds',
    })
  })

  test('a name that says more than the class is kept', () => {
    expect(describeError(new DOMException('took too long', 'TimeoutError'))).toMatchObject({
      class: 'TimeoutError',
      message: 'took too long',
    })
  })

  test('an error of another realm, and an object that looks like one, are errors', () => {
    const foreign: unknown = runInNewContext("new TypeError('from elsewhere')")
    expect(foreign).not.toBeInstanceOf(Error)
    expect(describeError(foreign)).toMatchObject({
      class: 'TypeError',
      message: 'from elsewhere',
    })
    expect(describeError({ message: 'by hand', code: 'E_HAND' })).toEqual({
      class: 'Error',
      message: 'by hand',
      code: 'E_HAND',
    })
  })

  test('200 characters of class and code are kept, 2,000 of the message', () => {
    const error = Object.assign(new Error('m'.repeat(3_000)), {
      name: 'n'.repeat(300),
      code: 'c'.repeat(300),
      stack: undefined,
    })
    expect(describeError(error)).toEqual({
      class: 'n'.repeat(200),
      message: 'm'.repeat(2_000),
      code: 'c'.repeat(200),
    })
  })
})

describe('what is behind an error', () => {
  const chain = (length: number): Error =>
    Array.from({ length }).reduce<Error>(
      (cause, _, index) => new Error(`level ${length - index}`, { cause }),
      new Error('the root'),
    )

  test('is kept with its place, the nearest first', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const { causes } = describeError(
      new RetryableError('the gateway is away', {
        cause: new CardDeclined('x', { cause: refused }),
      }),
    )
    const at = expect.stringContaining('described-errors.test.ts') as unknown
    expect(causes).toEqual([
      { class: 'CardDeclined', message: 'x', at },
      { class: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', at },
    ])
  })

  test('is kept five errors deep, 500 characters of each message', () => {
    const causes = describeError(chain(20))['causes'] as readonly JsonObject[] // of this shape
    expect(causes.map(({ message }) => message)).toEqual([2, 3, 4, 5, 6].map((n) => `level ${n}`))
    const long = new Error('x', { cause: new Error('y'.repeat(600)) })
    expect(describeError(long)).toMatchObject({ causes: [{ message: 'y'.repeat(500) }] })
  })

  test('may go in a circle, or be no error at all', () => {
    const a = new Error('a')
    const b = new Error('b', { cause: a })
    a.cause = b
    expect(describeError(a)).toMatchObject({ causes: [{ message: 'b' }] })
    expect(describeError(new Error('x', { cause: 'a word' }))).toMatchObject({
      causes: [{ class: 'NonError', message: 'a word' }],
    })
    expect(describeError(new Error('x', { cause: null }))).not.toHaveProperty('causes')
  })

  test('many errors in one are kept, ten of them, and how many there were', () => {
    const errors = Array.from({ length: 12 }, (_, index) => new Error(`address ${index}`))
    const described = describeError(new AggregateError(errors, 'nobody answers'))
    expect(described).toMatchObject({
      class: 'AggregateError',
      message: 'nobody answers',
      errors_left_out: 2,
    })
    expect(described['errors']).toHaveLength(10)
  })

  test('stands in for a message that is missing', () => {
    const errors = [new Error('connect ECONNREFUSED ::1:80')]
    expect(describeError(new AggregateError(errors))).toMatchObject({
      message: 'connect ECONNREFUSED ::1:80',
    })
  })
})

describe('the stack', () => {
  const cwd = process.cwd()

  test('has the frames of the application first, with paths from the working directory', () => {
    const error = withStack(new Error('x'), [
      `    at Socket.read (${join(cwd, 'node_modules/pg/lib/client.js')}:10:2)`,
      `    at async Charge.process (file://${join(cwd, 'src/charge.ts')}:12:9)`,
      `    at ${join(cwd, 'src/main.ts')}:3:1`,
      `    at Array.map (<anonymous>)`,
      `    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
      `    at runStep (${join(import.meta.dirname, '../../src/steps/run-step.ts')}:1:1)`,
      `    at async Promise.all (index 0)`,
      `    at load (/elsewhere/module.ts:7:7)`,
    ])
    expect(describeError(error)['stack']).toEqual([
      'Charge.process (src/charge.ts:12:9)',
      'src/main.ts:3:1',
      'load (/elsewhere/module.ts:7:7)',
      'Socket.read (node_modules/pg/lib/client.js:10:2)',
    ])
  })

  test('of a defect of ours is kept whole', () => {
    const own = `${join(import.meta.dirname, '../../src/steps/run-step.ts')}:1:1`
    const error = withStack(new Error('x'), [`    at runStep (${own})`])
    expect(describeError(error)).not.toHaveProperty('stack')
    expect(describeError(error, { keepsOwnFrames: true })['stack']).toHaveLength(1)
  })

  test('is not confused by a message of many lines that looks like one', () => {
    const message = 'odd\n    at fake (/not/a/frame.ts:1:1)'
    const error = withStack(new Error(message), ['    at real (/app/real.ts:2:2)'])
    expect(describeError(error)['stack']).toEqual(['real (/app/real.ts:2:2)'])
  })

  test('has ten frames of at most 300 characters; what is no frame is left out', () => {
    const frames = Array.from({ length: 20 }, () => `    at ${'f'.repeat(500)} (/app/x.ts:1:1)`)
    const error = withStack(new Error('x'), ['no frame', ...frames])
    expect(describeError(error)['stack']).toEqual(Array.from({ length: 10 }, () => 'f'.repeat(300)))
    expect(describeError(Object.assign(new Error('x'), { stack: 7 }))).not.toHaveProperty('stack')
  })
})

describe('what RetryableError and PermanentError carry', () => {
  test('a request that brought no answer says where it went, and whether anything was sent', () => {
    const request = { method: 'POST', url: 'https://pay.example.com/charges' }
    const error = new HttpError('HTTP_RESET', 'broke', { request, isSent: true })
    expect(describeError(error)['http']).toEqual({ ...request, sent: true })
  })

  test('fields of an answer that are named like secrets are redacted, whoever kept them', () => {
    const http = { status: 500, headers: { 'set-cookie': 'a=b', server: 'x' }, body: 'token=abcd' }
    expect(describeError(new RetryableError('busy', { context: { http } }))['http']).toEqual({
      status: 500,
      headers: { 'set-cookie': '[REDACTED]', server: 'x' },
      body: 'token=[REDACTED]',
    })
  })

  test('what was said over HTTP stands by itself, beside the rest of the context', () => {
    const http = { method: 'POST', url: 'https://pay.example/charges', status: 503 }
    const error = new RetryableError('busy', { context: { http, order: 7 } })
    expect(describeError(error)).toMatchObject({ http, context: { order: 7 } })
    expect(describeError(new RetryableError('busy', { context: { http } }))).not.toHaveProperty(
      'context',
    )
  })

  test('fields named like secrets are redacted, however deep they are', () => {
    const context = { order: 7, gateway: { api_key: 'k-1', user: 'ann' }, password: 'hush' }
    expect(describeError(new PermanentError('x', { context }))['context']).toEqual({
      order: 7,
      gateway: { api_key: '[REDACTED]', user: 'ann' },
      password: '[REDACTED]',
    })
  })

  test('what is too large is left out, with the reason', () => {
    const context = { http: { body: 'x'.repeat(20_000) }, list: 'y'.repeat(70_000) }
    expect(describeError(new PermanentError('x', { context }))).toMatchObject({
      http: expect.stringMatching(/^not kept: it takes \d+ bytes of JSON/) as unknown,
      context: expect.stringMatching(/^not kept: it takes \d+ bytes of JSON/) as unknown,
    })
  })
})

test('history says whether the error may be tried again, and when it asked for it', async () => {
  const definition = defineTask({ name: 'wishes' }).step('only', async ({ attempt }) => {
    if (attempt === 1) throw new RetryableError('busy', { afterMs: 2_500 })
    if (attempt === 2) throw new Error('odd')
    throw new PermanentError('no', { code: 'NO' })
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const history = await tasker.tasks.history(taskId)
  const errors = history.flatMap(({ metadata }) => metadata?.['error'] ?? []) as JsonObject[] // stored so
  const wishes = errors.map(({ message, retryable, retry_after_ms: afterMs }) => ({
    message,
    retryable,
    afterMs,
  }))
  expect(wishes).toEqual([
    { message: 'busy', retryable: true, afterMs: 2_500 },
    { message: 'odd', retryable: true, afterMs: undefined },
    { message: 'no', retryable: false, afterMs: undefined },
  ])
})
