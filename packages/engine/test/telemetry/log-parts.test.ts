// The parts of logging that stand by themselves: the forms of a line read back, the bounded sink, and that nothing under a
// filtered name ever leaves, wherever it stands.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { pino } from 'pino'
import type { Json, JsonObject } from '../../src/json.ts'
import { lineForms } from '../../src/telemetry/logs/formats.ts'
import { openLogs } from '../../src/telemetry/logs/logs.ts'
import { createSink } from '../../src/telemetry/logs/sink.ts'
import { createParameterFilter } from '../../src/telemetry/parameter-filter.ts'
import { configOf, untyped } from '../config/resolve-input.ts'

/** Reads a line of logfmt back, as any reader of it does. */
function readLogfmt(line: string): JsonObject {
  const pattern = /([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?: |$)/gy
  const found = [...line.matchAll(pattern)]
  expect(found.map(([whole]) => whole).join('')).toBe(line)
  return Object.fromEntries(
    found.map(([, key = '', value = '']): [string, Json] => [key, JSON.parse(value) as Json]),
  )
}

describe('a line', () => {
  test('of logfmt can be read back whatever it holds', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z_.]{1,12}$/), value), (given) => {
        const line = { ...given } as JsonObject // a dictionary may have no prototype
        expect(readLogfmt(lineForms.logfmt(line))).toEqual(line)
      }),
    )
    expect(lineForms.logfmt({ 'a b="\n': { deep: 'x "y"' } })).toBe(
      'a_b___={"deep":"x \\"y\\""}'.replace(/\{.*\}/, JSON.stringify('{"deep":"x \\"y\\""}')),
    )
  })

  test('of text and of a terminal stands on one line whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (message, other) => {
        const line = {
          level: 'warn',
          timestamp: '2030-01-01T00:00:00.000Z',
          component: 'step',
          message,
        }
        for (const form of ['text', 'terminal', 'json', 'logfmt'] as const) {
          expect(lineForms[form]({ ...line, other })).not.toMatch(/[\n\r]/)
        }
      }),
    )
    const failed = { exception_class: 'Error', exception_message: 'two\nlines' }
    expect(
      lineForms.text({ level: 'warn', component: 'step', message: 'Step failed', ...failed }),
    ).toBe(' WARN  step: Step failed (Error: two\\nlines)')
  })
})

describe('a terminal', () => {
  test.for(['text', 'terminal', 'logfmt', 'pretty_json'] as const)(
    'is not steered by %s',
    (form) => {
      const evil = 'a\u001b[2J\u009b2J\u202e\u2028\u2066\u007f'
      const line = { level: 'info', component: 'handler', message: evil, [`k${evil}`]: evil }
      expect(lineForms[form](line).replaceAll('\n', '')).not.toMatch(
        /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u,
      )
    },
  )
})

describe('the sink', () => {
  test('keeps order, drops the less important first, and says how many', () => {
    const lines: string[] = []
    let drain: () => void = () => undefined
    let isFull = false
    const told: number[] = []
    const sink = createSink(
      {
        write: (line) => {
          lines.push(line)
          return !isFull
        },
        once: (_, listener) => void (drain = listener),
      },
      (count) => told.push(count),
      8,
    )
    isFull = true
    sink.write('first', 'low')
    for (const priority of ['low', 'normal', 'high', 'critical'] as const) {
      for (let count = 1; count <= 4; count += 1) sink.write(`${priority} ${count}`, priority)
    }
    expect(lines).toEqual(['first'])
    isFull = false
    drain()
    expect(lines).toEqual([
      'first',
      'low 1',
      'low 2',
      'normal 1',
      'normal 2',
      'high 1',
      'high 2',
      'critical 1',
      'critical 2',
    ])
    expect(sink.droppedCount).toBe(8)
    expect(told).toEqual([8])
  })

  test('a destination that throws while it drains disturbs nobody', () => {
    const lines: string[] = []
    let drain: () => void = () => undefined
    let answer = (): boolean => false
    const sink = createSink(
      {
        write(line) {
          lines.push(line)
          return answer()
        },
        once: (_, listener) => void (drain = listener),
      },
      () => undefined,
    )
    for (const line of ['one', 'two', 'three']) sink.write(line, 'normal')
    answer = () => {
      throw new Error('it is gone')
    }
    expect(drain).not.toThrow()
    answer = () => true
    expect(() => sink.write('four', 'normal')).not.toThrow()
    expect(lines.at(-1)).toBe('four')
  })

  test('holds so many characters and no more, however few lines they are', () => {
    const sink = createSink({ write: () => false, once: () => undefined }, () => undefined, 100, 80)
    for (let count = 0; count < 10; count += 1) sink.write('0123456789', 'normal')
    expect(sink.droppedCount).toBe(5) // one is on its way, four are half of what there is room for
  })

  test('hands over what waits when it is closed', () => {
    const lines: string[] = []
    const sink = createSink(
      { write: (line) => lines.push(line) > 1, once: () => undefined },
      () => undefined,
    )
    sink.write('one', 'normal')
    sink.write('two', 'normal')
    sink.close()
    expect(lines).toEqual(['one', 'two'])
  })
})

describe('the parameter filter', () => {
  const filterOf = (telemetry: object = {}) =>
    createParameterFilter(configOf(untyped({ telemetry })).telemetry)
  const filtered = [
    'password',
    'userEmail',
    'clientSecret',
    'Access-Token',
    'apiKey',
    'api_key',
    'ssn',
  ]

  test('a marker under a filtered name never appears in any line, at any depth, in any form', () => {
    const marker = 'mArKeR-7f3a'
    const wrap = fc.constantFrom<(inner: unknown) => unknown>(
      (inner) => ({ inner }),
      (inner) => [1, inner],
      (inner) => new Map([['inner', inner]]),
      (inner) => new Set([inner]),
      (inner) => ({ toJSON: () => ({ inner }) }),
    )
    const secret = fc.constantFrom<unknown>(
      marker,
      { deep: { deeper: marker } },
      [marker],
      new Error(marker),
      Buffer.from(marker),
      new Map([[marker, marker]]),
    )
    const lines: string[] = []
    const forms = ['json', 'pretty_json', 'logfmt'].map((logFormat) =>
      openLogs({
        config: configOf(untyped({ telemetry: { logFormat } })),
        clock: systemClock,
        logger: null,
        own: { pino, destination: { write: (line) => lines.push(line) }, isTerminal: false },
        activeSpan: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }),
        workerId: () => 3,
      }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...filtered),
        secret,
        fc.array(wrap, { maxLength: 6 }),
        (name, value, wraps) => {
          const given = wraps.reduce<unknown>((inner, each) => each(inner), {
            [name]: value,
            kept: 1,
          })
          for (const logs of forms) logs.application.info({ given }, 'said')
        },
      ),
    )
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.filter((line) => line.includes('mArKeR'))).toEqual([])
    expect(lines.every((line) => /said/.test(line) && /FILTERED|filter_error/.test(line))).toBe(
      true,
    )
    expect(lines[0]).toMatch(/"worker_id":3,"trace_id":"a{32}","span_id":"b{16}"/)
  })

  test('names are texts too, and bounded as all texts together are', () => {
    const { fields } = filterOf()
    const seen = { seen: new Map([['https://user:hunter2@host/', 1]]) }
    expect(JSON.stringify(fields(seen))).not.toContain('hunter2')
    expect(JSON.stringify(fields({ ['k'.repeat(5_000_000)]: 1 })).length).toBeLessThan(2_000)
    const rows = Array.from({ length: 9_000 }, () => 'x'.repeat(30_000))
    expect(JSON.stringify(fields({ rows, last: 1 })).length).toBeLessThan(1_200_000)
    expect(fields({ rows, last: 1 })['last']).toBe(1)
  })

  test('takes texts, dotted paths and regular expressions, and a mask', () => {
    const filter = filterOf({
      filterParameters: ['card.number', /^x-/g, 'Pin'],
      filterMask: '***',
    })
    for (let again = 0; again < 2; again += 1) {
      expect(
        filter.fields({
          order: { card: { number: 4, brand: 'v' } },
          number: 5,
          'x-a': 1,
          spinning: 2,
        }),
      ).toEqual({
        order: { card: { number: '***', brand: 'v' } },
        number: 5,
        'x-a': '***',
        spinning: '***',
      })
    }
  })

  test('takes credentials out of texts, in messages too', () => {
    const { text, fields } = filterOf()
    expect(text('no answer of postgres://ada:hunter2@db/x?a=1')).toBe(
      'no answer of postgres://[FILTERED]@db/x?a=1',
    )
    expect(
      JSON.stringify(fields({ error: new Error('https://a:hunter2@b/ token=hunter2') })),
    ).not.toContain('hunter2')
  })

  test('is bounded, and ends with what holds itself', () => {
    const { fields } = filterOf()
    const endless: Record<string, unknown> = { at: new Date(0), big: 7n, nothing: undefined }
    endless['self'] = endless
    expect(fields({ endless })).toEqual({
      endless: { at: '1970-01-01T00:00:00.000Z', big: '7', self: '…' },
    })
    expect(JSON.stringify(fields({ long: 'x'.repeat(50_000) })).length).toBeLessThan(10_100)
    expect(() => fields({ many: Array.from({ length: 20_000 }, () => 1) })).toThrow('too many')
  })
})
