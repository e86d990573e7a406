// What a handler hands over is made storable before it is queued: waits with odd reasons, errors of any kind, values that
// turn into nothing. One bad value must never hold up the batch that it travels in.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClaimedStep, StepOutcome } from '../../src/database/steps.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import type { DefinitionId, TaskId } from '../../src/ids.ts'
import type { JsonObject } from '../../src/json.ts'
import { describeError, errorBytesMax } from '../../src/steps/describe-error.ts'
import { succeeded } from '../../src/steps/outcome.ts'
import { isStorableText, toStorable } from '../../src/storable.ts'
import { defineShape } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { runs } from '../properties/runs.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

const step: ClaimedStep = {
  taskId: '0190a3b0-0000-7000-8000-000000000001' as TaskId, // any id
  stepNo: 1,
  claimNo: 1,
  attempts: 1,
  losses: 0,
  retryLimit: 3,
  startedAt: new Date('2030-01-01T00:00:00Z'),
  definitionId: 1 as DefinitionId, // any id
  name: 'ask',
  handler: 'ask',
  timeoutMs: null,
  inputs: null,
  priority: 2,
  createdAt: new Date('2030-01-01T00:00:00Z'),
  context: {},
  traceParent: null,
  taskStartedAt: null,
  correlationId: null,
  results: {},
}

const outcomeOf = (value: unknown): StepOutcome =>
  succeeded(step, value, {
    backoff: {
      defaultBackoffSeconds: [1, 2],
      maxBackoffSeconds: 10,
      backoffMultiplier: 2,
      jitterEnabled: false,
      jitterMaxPercentage: 0.1,
    },
    resultMaxBytes: 1_000_000,
    random: () => 0,
  })

const cyclic = (): object => {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}

const at = new Date('2030-01-02T00:00:00Z')

const oddReasons: readonly (readonly [string, unknown])[] = [
  ['a bigint', 1n],
  ['a cycle', cyclic()],
  ['nothing', undefined],
  ['a symbol', Symbol('s')],
  ['NUL', 'a\0b'],
  ['half a surrogate pair', '\ud83d'],
  ['an emoji across the cut', `${'x'.repeat(499)}🧾`],
  ['a million characters', 'x'.repeat(1_000_000)],
]

describe('a step that waits', () => {
  test.each(oddReasons)('with %s as the reason is an outcome that can be sent', (_what, reason) => {
    const outcome = outcomeOf({ kind: 'tasker.wait', at, reason })
    expect(outcome).toMatchObject({ kind: 'wait', runAt: at })
    expect(isStorableText(outcome.reason ?? '\0')).toBe(true)
    expect((outcome.reason ?? '').length).toBeLessThanOrEqual(500)
    expect(JSON.stringify(outcome)).toContain('"kind":"wait"')
  })

  test('has its own date, whatever the handler does with the one it gave', () => {
    const given = new Date(at)
    const outcome = outcomeOf({ kind: 'tasker.wait', at: given, reason: 'later' })
    given.setFullYear(1999)
    expect(outcome.runAt).toEqual(at)
  })

  test.each<[string, unknown]>([
    ['an object that only looks like a Date', Object.create(Date.prototype)],
    ['text', '2030-01-02'],
  ])('until %s fails for good', (_what, odd) => {
    expect(outcomeOf({ kind: 'tasker.wait', at: odd, reason: 'x' })).toMatchObject({
      kind: 'failed',
      delayMs: null,
      error: { code: 'RESULT_NOT_STORABLE' },
    })
  })

  test('with a reason that is no text waits, and runs again, beside others that go on', async () => {
    const reasons = new Map<string, unknown>([
      ['bigint', 1n],
      ['cycle', cyclic()],
      ['nul', 'a\0b'],
    ])
    const steps = ['bigint', 'cycle', 'nul', 'well'].map((name) => ({ name, dependsOn: [] }))
    const definition = defineShape(
      { namespace: 'default', name: 'odd_reasons', version: '0.1.0', steps },
      (name) =>
        async ({ claimNo }) =>
          claimNo === 1 && name !== 'well'
            ? { kind: 'tasker.wait', at, reason: reasons.get(name) }
            : 'ran',
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect(await run(taskId)).toMatchObject({
      state: 'complete',
      results: { bigint: 'ran', cycle: 'ran', nul: 'ran', well: 'ran' },
    })
  })
})

/** Text of any code units: NUL, control characters and halves of surrogate pairs are as likely as letters. */
const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('🧾', '\0', '\n', 'x'),
    ),
    maxLength,
    size: 'max',
  })

/** The same, and texts with something odd just where they are cut. */
const textAround = (cutAt: number): fc.Arbitrary<string> =>
  fc.oneof(
    anyText(cutAt * 1.5),
    fc
      .tuple(fc.integer({ min: cutAt - 2, max: cutAt + 2 }), anyText(4))
      .map(([length, tail]) => `${'x'.repeat(length)}🧾${tail}`),
  )

const anyError: fc.Arbitrary<unknown> = fc
  .record({
    name: fc.oneof(
      { weight: 9, arbitrary: textAround(200) },
      { weight: 1, arbitrary: fc.constant(7) },
    ),
    message: fc.oneof(
      { weight: 9, arbitrary: textAround(2_000) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    code: fc.oneof(textAround(200), fc.constant(undefined)),
    stack: fc.oneof(
      fc.array(textAround(500), { maxLength: 15 }).map((lines) => lines.join('\n')),
      fc.constant(undefined),
      fc.constant({}),
    ),
    context: fc.oneof(fc.object(), fc.bigInt(), fc.constant(null), fc.constant(cyclic())),
  })
  .map((fields) => Object.assign(new PermanentError('x'), fields))

describe('an error', () => {
  test('of any kind is described as JSON that can be stored, of a bounded size', () => {
    fc.assert(
      fc.property(fc.oneof(anyError, fc.anything()), (error) => {
        const described = describeError(error)
        const storable = toStorable(described, errorBytesMax)
        expect(storable.ok ? 'storable' : storable.fault).toBe('storable')
      }),
      runs(100),
    )
  })

  test('with an emoji where its message is cut is kept, and so is the step after it', async () => {
    const definition = defineTask({ name: 'cut_emoji' }).step('only', async ({ attempt }) => {
      if (attempt === 1) throw new Error(`${'x'.repeat(1_999)}🧾`)
      return 'ran'
    })
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect(await run(taskId)).toMatchObject({ state: 'complete', results: { only: 'ran' } })
    const history = await tasker.tasks.history(taskId)
    const message = history.map(({ metadata }) => metadata?.['error'] as JsonObject | undefined)
    expect(message.find((error) => error !== undefined)).toMatchObject({
      message: `${'x'.repeat(1_999)}\ufffd`,
    })
  })
})

describe('a value whose toJSON returns nothing', () => {
  const nothing = { toJSON: () => undefined }

  test('is null as a result', () => {
    expect(outcomeOf(nothing)).toMatchObject({ kind: 'complete', result: 'null' })
  })

  test('is refused as a context', async () => {
    const definition = defineTask({ name: 'to_json' }).step('only', async () => null)
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    // What a JavaScript caller may pass.
    const context = nothing as unknown as JsonObject
    await expect(tasker.tasks.create(definition, { context })).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
    })
  })
})

describe('a value whose getter throws', () => {
  const whose = (make: () => unknown): object =>
    Object.defineProperty({}, 'broken', {
      enumerable: true,
      get: () => {
        throw make() // oxlint-disable-line typescript/only-throw-error -- hosts do
      },
    })
  const throwingError = Object.defineProperty(new Error('hidden'), 'message', {
    get: () => {
      throw new Error('nobody may look at this')
    },
  })

  test.each<[string, () => unknown, string]>([
    ['an error that cannot be read', () => throwingError, 'unknown error'],
    ['an error whose message is no text', () => Object.assign(new Error(), { message: 7 }), '7'],
    ['10 MB', () => new Error('x'.repeat(10_485_760)), 'xxx'],
    ['a revoked proxy', () => revoked(), 'unknown error'],
  ])('%s is refused in a sentence of ours', (_, make, said) => {
    const storable = toStorable(whose(make), 1000)
    expect(storable).toMatchObject({ ok: false, isTooLarge: false })
    if (storable.ok) return
    expect(storable.fault).toMatch(/^it cannot be written as JSON/)
    expect(storable.fault).toContain(said)
    expect(storable.fault.length).toBeLessThan(1_000)
  })
})

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
