// Answers as texts: what comes back is what was written, and whatever else stands in a store is no answer.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAnswer, writeAnswer } from '../../src/cache/answer-text.ts'
import { runs } from '../properties/runs.ts'

const question = { key: '["a"]', version: '[1]' }
const about = { madeAtMs: 1_000, ttlMs: 2_000 }
const written = (value: unknown, charactersMax = 10_000_000) =>
  writeAnswer(question, { value, ...about }, charactersMax)
const again = (value: unknown) => readAnswer(question, written(value) ?? '')?.value

test('values of JSON and dates come back as they were, whatever their fields are called', () => {
  const at = fc.date({ noInvalidDate: true })
  const name = fc.oneof(fc.constantFrom('$tasker', '__proto__', 'toString'), fc.string())
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, false),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (one === 0 ? 0 : one)),
      at,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(value, (one) => {
      expect(again(one)).toEqual(one)
    }),
    runs(200),
  )
})

test('fields without a value are left out', () => {
  expect(again({ a: undefined, b: 1 })).toStrictEqual({ b: 1 })
})

test('what would come back as something else is not written', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  const values = [
    new Map(),
    new Set([1]),
    Symbol('a'),
    1n,
    undefined,
    [undefined],
    Number.NaN,
    Infinity,
    new Date(Number.NaN),
    new URL('http://localhost'),
    () => 1,
    cycle,
  ]
  for (const value of values) expect([value, written(value)]).toEqual([value, null])
  expect(written('x'.repeat(100), 100)).toBeNull()
})

test('an answer to another question, of another form or version of Tasker, and garbage are no answers', () => {
  const text = written({ n: 1 }) ?? ''
  expect(readAnswer(question, text)).toEqual({ value: { n: 1 }, ...about })
  expect(readAnswer({ ...question, key: '["b"]' }, text)).toBeNull()
  expect(readAnswer({ ...question, version: '[2]' }, text)).toBeNull()
  const changed = (change: object) => JSON.stringify({ ...(JSON.parse(text) as object), ...change }) // an object
  const others = [
    changed({ format: 'tasker answer 0, 9.9.9' }),
    changed({ ttlMs: 'long' }),
    changed({ madeAtMs: null }),
    changed({ madeAtMs: -1 }),
    changed({ ttlMs: 1e300 }),
    changed({ madeAtMs: 8_640_000_000_000_000 }),
    changed({ value: { $tasker: 'x' } }),
    changed({ value: { $tasker: 1e300 } }),
    JSON.stringify({ ...question, ...about }),
    '',
    'null',
    '[]',
    '{"format":',
    text.slice(0, -2),
    '[['.repeat(100_000),
  ]
  for (const other of others)
    expect([other.slice(0, 80), readAnswer(question, other)]).toEqual([other.slice(0, 80), null])
  fc.assert(
    fc.property(fc.string(), (any) => {
      expect(readAnswer(question, any)).toBeNull()
    }),
    runs(50),
  )
})
