// Whatever a handler throws, through real workers and into a real history: its own step fails with an error that says
// something, the step beside it is well, and the worker goes on.
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { errorBytesMax } from '../../src/steps/describe-error.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from '../scenarios/stage.ts'
import { runs } from './runs.ts'

const database = databaseForFile()

const bomb = (): never => {
  throw new Error('do not look')
}

/** Makes the value anew for each attempt: some can be looked at only once. */
type Make = () => unknown

const cyclic = (): object => {
  const value: Record<string, unknown> = { message: 'a circle' }
  value['cause'] = value
  value['errors'] = [value]
  return value
}

const revoked = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const endless = (): Error =>
  Object.defineProperty(new Error('level'), 'cause', { get: () => endless() })

const makes: readonly Make[] = [
  () => undefined,
  () => null,
  () => '',
  () => 'a word',
  () => 42,
  () => Number.NaN,
  () => 10n,
  () => false,
  () => Symbol('thrown'),
  () => bomb,
  () => PermanentError,
  () => [],
  () => new Map(),
  () => Object.create(null) as unknown,
  () => Object.freeze(new Error('frozen')),
  () => Object.freeze({ message: 'frozen' }),
  cyclic,
  endless,
  () => new Proxy(new Error('behind a proxy'), {}),
  () =>
    new Proxy(new Error('x'), {
      get: bomb,
      has: bomb,
      getPrototypeOf: bomb,
      ownKeys: bomb,
      getOwnPropertyDescriptor: bomb,
    }),
  () => revoked({}),
  () => revoked(new Error('gone')),
  () => revoked([]),
  // oxlint-disable-next-line unicorn/no-thenable -- what is thrown may be one
  () => ({ then: (resolve: (value: string) => void) => resolve('a result?') }),
  // oxlint-disable-next-line unicorn/no-thenable -- as above
  () => ({ then: bomb, message: 'a thenable that throws' }),
  () => Promise.resolve('a promise'),
  () => runInNewContext("new (class Foreign extends RangeError {})('from elsewhere')") as unknown,
  () => runInNewContext('Object.create(null)') as unknown,
  () => new DOMException('aborted', 'AbortError'),
  () => AbortSignal.abort().reason as unknown,
  () => new AggregateError([new Error('a'), null, revoked({}), cyclic()], ''),
  () => Object.assign(new AggregateError([]), { errors: new Proxy([], { get: bomb }) }),
  () => new Error('x'.repeat(5_000_000)),
  () => new Error('a\0b\ud800'),
  () => Object.assign(new Error('x'), { kind: 'tasker.wait', at: 'soon', reason: 'no' }),
  () =>
    new RetryableError('x', {
      context: {
        get broken() {
          return bomb()
        },
      },
    }),
  () => Object.assign(new PermanentError('x'), { context: revoked({}) }),
  () => Object.assign(new RetryableError('x'), { afterMs: {} }),
  () => Object.defineProperty(new RetryableError('x'), 'afterMs', { get: bomb }),
  () => Object.defineProperty(new Error('x'), 'constructor', { get: bomb }),
]

/** Errors whose fields are whatever fast-check thinks of, a part of them behind getters that throw. */
const oddErrors: fc.Arbitrary<Make> = fc
  .record(
    {
      name: fc.anything(),
      message: fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 5_000 })),
      stack: fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 2_000 })),
      code: fc.anything(),
      cause: fc.oneof(
        fc.anything().map((value) => () => value),
        fc.constantFrom(...makes),
      ),
      errors: fc.oneof(fc.anything(), fc.array(fc.anything())),
      context: fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
      afterMs: fc.anything(),
    },
    { requiredKeys: [] },
  )
  .chain((fields) =>
    fc
      .tuple(
        fc.constantFrom<new (message: string) => Error>(
          Error,
          RetryableError,
          PermanentError,
          TypeError,
        ),
        fc.subarray(Object.keys(fields)),
      )
      .map(([Thrown, broken]) => () => {
        const { cause, ...rest } = fields
        const error: Error = Object.assign(new Thrown('x'), rest, { cause: cause?.() })
        for (const key of broken) Object.defineProperty(error, key, { get: bomb })
        return error
      }),
  )

test('no throw, however strange, does more than fail its own step', async () => {
  const thrown = new Map<string, Make>()
  const definition = defineTask({ name: 'strange_throws' })
    .expand(
      'odd',
      { retry: { limit: 2 } },
      ({ keys }) => (keys as readonly string[]).map((key) => ({ key, inputs: key })), // as created
      async ({ inputs }) => {
        const make = thrown.get(inputs)
        throw make === undefined ? new Error('not planned') : make()
      },
    )
    .step('well', async () => 'well')
  const { tasker, run } = await stage(database.url, { definitions: [definition] })

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(...makes), oddErrors), { minLength: 5, maxLength: 20 }),
      async (batch) => {
        thrown.clear()
        batch.forEach((make, index) => thrown.set(String(index), make))
        const context = { keys: [...thrown.keys()] }
        const { taskId } = await tasker.tasks.create(definition, { context })
        const task = await run(taskId)
        expect(task.state).toBe('error')
        for (const { name, state, error } of task.steps) {
          expect([name, state]).toEqual([name, name === 'well' ? 'complete' : 'error'])
          if (name === 'well') continue
          expect(typeof error?.['class']).toBe('string')
          expect(typeof error?.['message']).toBe('string')
          expect(typeof error?.['retryable']).toBe('boolean')
          expect(Buffer.byteLength(JSON.stringify(error))).toBeLessThan(errorBytesMax)
        }
        expect((await tasker.tasks.why(taskId)).summary).not.toBe('')
      },
    ),
    { ...runs(8), endOnFailure: true },
  )
})

test('every strange throw there is a name for is described', async () => {
  const definition = defineTask({ name: 'named_throws' }).expand(
    'odd',
    { retry: { limit: 1 } },
    () => makes.map((_, index) => ({ key: String(index), inputs: index })),
    async ({ inputs }) => {
      throw makes[inputs]?.()
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  const messages = task.steps.map(({ state, error }) => [state, typeof error?.['message']])
  expect(messages).toEqual(makes.map(() => ['error', 'string']))
})
