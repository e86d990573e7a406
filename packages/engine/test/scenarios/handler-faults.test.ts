// What a handler can do wrong: throw anything, return anything, never end. Its own step fails with a clear error, at once
// where trying again cannot help; nothing else notices.
import { describe, expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import { RetryableError } from '../../src/errors.ts'
import { defineShape } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

/** One step of one attempt beside one that is well: the fault of the first must not reach the second. */
async function runFaulty(name: string, run: RunStep, retryLimit = 1) {
  const definition = defineShape(
    {
      namespace: 'default',
      version: '0.1.0',
      name,
      steps: [
        { name: 'faulty', dependsOn: [], retryLimit },
        { name: 'well', dependsOn: [] },
        { name: 'after_well', dependsOn: ['well'] },
      ],
    },
    (step) => (step === 'faulty' ? run : async () => ({ ok: true })),
  )
  const set = await stage(database.url, { definitions: [definition] })
  const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
  const task = await set.run(taskId)
  expect(statesOf(task)).toMatchObject({ well: 'complete', after_well: 'complete' })
  return { ...set, task, faulty: task.steps[0] }
}

const deep = (levels: number): unknown => {
  let value: unknown = 'deep'
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

const cyclic = (): unknown => {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}

describe('a result that cannot be stored fails its step for good, with the reason', () => {
  test.each<[string, () => unknown, string]>([
    ['NUL', () => ({ text: 'a\0b' }), 'NUL'],
    ['NUL in a key', () => ({ 'a\0b': 1 }), 'NUL'],
    ['a lone surrogate', () => ({ text: '\ud800' }), 'surrogate'],
    ['a lone surrogate in a key', () => ({ '\udfff': 1 }), 'surrogate'],
    ['NaN', () => ({ value: Number.NaN }), 'NaN'],
    ['Infinity', () => [Number.NEGATIVE_INFINITY], '-Infinity'],
    ['a bigint', () => ({ value: 1n }), 'bigint'],
    ['a function', () => ({ value: () => undefined }), 'function'],
    ['a symbol', () => Symbol('s'), 'symbol'],
    ['a Map', () => new Map([['a', 1]]), 'Map'],
    ['a cycle', cyclic, 'refers to itself'],
    ['1,001 levels', () => deep(1_001), '1000 levels'],
    ['50,000 levels', () => deep(50_000), '1000 levels'],
    [
      'a getter that throws',
      () => ({
        get broken(): never {
          throw new Error('no')
        },
      }),
      'cannot be written',
    ],
    [
      'a toJSON that throws a string',
      () => ({
        toJSON: () => {
          throw 'no' // oxlint-disable-line typescript/only-throw-error -- hosts do
        },
      }),
      'cannot be written',
    ],
    [
      'a wait for no date',
      () => ({ kind: 'tasker.wait', at: new Date(Number.NaN), reason: 'x' }),
      'no valid Date',
    ],
    ['a wait without a date', () => ({ kind: 'tasker.wait' }), 'no valid Date'],
  ])('%s', async (what, value, reason) => {
    const { faulty, events } = await runFaulty(
      `result_${what.replaceAll(/\W+/g, '_').toLowerCase()}`,
      async () => value(),
      3,
    )
    expect(faulty).toMatchObject({ state: 'error', attempts: 1, result: null })
    expect(faulty?.error).toMatchObject({ code: 'RESULT_NOT_STORABLE' })
    expect(faulty?.error?.['message']).toContain(reason)
    expect(events.of('step.retry_requested')).toEqual([])
  })

  test('more than execution.resultMaxBytes', async () => {
    const { faulty } = await runFaulty('result_too_large', async () => 'x'.repeat(10_485_760), 3)
    expect(faulty).toMatchObject({ state: 'error', attempts: 1 })
    expect(faulty?.error).toMatchObject({ code: 'RESULT_TOO_LARGE' })
    expect(faulty?.error?.['message']).not.toContain('xxx')
  })

  test('a date beyond what PostgreSQL holds, found by PostgreSQL itself', async () => {
    const { faulty } = await runFaulty(
      'result_far_wait',
      async (step) => step.waitUntil(new Date(8.64e15), 'the end of time'),
      3,
    )
    expect(faulty).toMatchObject({ state: 'error', attempts: 1 })
  })
})

describe('a result that is odd but JSON comes back as it was', () => {
  test.each<[string, unknown, unknown]>([
    ['nothing', undefined, null],
    ['null', null, null],
    ['an empty string', '', ''],
    ['a huge number', 1.7976931348623157e308, 1.7976931348623157e308],
    ['a tiny number', 5e-324, 5e-324],
    ['a large integer', 2 ** 53, 2 ** 53],
    ['1,000 levels', deep(1_000), deep(1_000)],
    ['every script', { 'ключ 🧾': 'مرحبا 𝕏' }, { 'ключ 🧾': 'مرحبا 𝕏' }],
    [
      'prototype keys',
      JSON.parse('{"__proto__":{"admin":true},"constructor":1}'),
      JSON.parse('{"__proto__":{"admin":true},"constructor":1}'),
    ],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['keys without a value', { a: undefined, b: 1 }, { b: 1 }],
  ])('%s', async (what, value, stored) => {
    const read: unknown[] = []
    const definition = defineShape(
      {
        namespace: 'default',
        version: '0.1.0',
        name: `odd_${what.replaceAll(/\W+/g, '_').toLowerCase()}`,
        steps: [
          { name: '__proto__', dependsOn: [] },
          { name: 'reads', dependsOn: ['__proto__'] },
        ],
      },
      (name) =>
        async ({ results }) => {
          if (name === '__proto__') return value
          read.push(Object.hasOwn(results, '__proto__'), Object.entries(results)[0]?.[1])
          return null
        },
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(read).toEqual([true, stored])
    expect(task.steps[0]?.result).toEqual(stored)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined() // nobody's prototype was touched
  })
})

describe('whatever a handler throws is a failed attempt', () => {
  const broken = Object.defineProperties(new Error('unreadable'), {
    message: {
      get: () => {
        throw new Error('no message')
      },
    },
    code: {
      get: () => {
        throw new Error('no code')
      },
    },
  })
  test.each<[string, unknown, object]>([
    ['undefined', undefined, { class: 'NonError' }],
    ['null', null, { class: 'NonError' }],
    ['a string', 'no such customer', { class: 'NonError', message: 'no such customer' }],
    ['an object', { code: 7 }, { class: 'NonError' }],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('trap')
          },
          getPrototypeOf: () => {
            throw new Error('trap')
          },
        },
      ),
      { class: 'UnreadableError' },
    ],
    [
      'an error whose fields throw',
      broken,
      { class: 'Error', message: 'its message cannot be read' },
    ],
    [
      'an error with NUL and half a pair',
      new Error('a\0b\ud800'),
      { class: 'Error', message: 'a�b�' },
    ],
    [
      'an error with a long message',
      new Error('x'.repeat(1_000_000)),
      { message: 'x'.repeat(2_000) },
    ],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: 7 }), {}],
    ['an error whose name is no text', Object.assign(new Error('x'), { name: { a: 1 } }), {}],
  ])('%s', async (what, thrown, error) => {
    const { task, faulty } = await runFaulty(
      `throws_${what.replaceAll(/\W+/g, '_').toLowerCase()}`,
      async () => {
        throw thrown
      },
      2,
    )
    expect(task.state).toBe('error')
    expect(faulty).toMatchObject({ state: 'error', attempts: 2 })
    expect(faulty?.error).toMatchObject(error)
  })

  test.each<[string, number, number]>([
    ['no number', Number.NaN, 1_000],
    ['a negative number', -5, 0],
    ['for ever', Number.POSITIVE_INFINITY, 300_000],
  ])(
    'a RetryableError that asks to wait %s is tried again all the same',
    async (_what, afterMs, waitedMs) => {
      const { task, clock } = await runFaulty(
        `retry_after_${waitedMs}`,
        async ({ attempt }) => {
          if (attempt === 1) throw new RetryableError('odd', { afterMs })
        },
        2,
      )
      expect(task.state).toBe('complete')
      expect(clock.now().getTime() - Date.parse('2030-01-01')).toBe(waitedMs)
    },
  )

  test('a context of an error that cannot be stored is left out, with the reason', async () => {
    const { faulty } = await runFaulty('error_context', async () => {
      throw new RetryableError('busy', { context: { big: 1n } })
    })
    expect(faulty?.error).toMatchObject({ context: expect.stringContaining('bigint') as unknown })
  })

  test('a handler that throws before it returns a promise fails like any other', async () => {
    const { faulty } = await runFaulty('throws_at_once', () => {
      throw new Error('not even a promise')
    })
    expect(faulty?.error).toMatchObject({ message: 'not even a promise' })
  })

  test('a promise that the handler abandons and that rejects later is the host’s, not the step’s', async () => {
    const unhandled = Promise.withResolvers<unknown>()
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.once('unhandledRejection', unhandled.resolve)
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection')
      for (const listener of others) process.on('unhandledRejection', listener)
    })
    const { task } = await runFaulty('abandons', async () => {
      void Promise.reject(new Error('forgotten'))
      return 'done'
    })
    expect(task.state).toBe('complete')
    expect(await unhandled.promise).toMatchObject({ message: 'forgotten' })
  })
})

test('a handler that this process does not have fails its step for good, naming it', async () => {
  const name = 'handler_gone'
  const steps = [{ name: 'only', dependsOn: [] }]
  const shape = { namespace: 'default', version: '0.1.0', name, steps }
  const definition = defineShape(shape)
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('complete')
  expect(attemptsOf(await tasker.tasks.get(taskId))).toEqual({ only: 1 })
})

test('one of many outcomes that PostgreSQL refuses is found and failed; the others are recorded', async () => {
  const definition = defineTask({ name: 'one_bad_of_many' }).expand(
    'item',
    {},
    () => Array.from({ length: 30 }, (_, index) => ({ key: String(index), inputs: index })),
    async (step) =>
      step.inputs === 17 ? step.waitUntil(new Date(8.64e15), 'beyond the end') : step.inputs,
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.execution).toMatchObject({ completedSteps: 29, failedSteps: 1 })
  expect(statesOf(task)['item[17]']).toBe('error')
})
