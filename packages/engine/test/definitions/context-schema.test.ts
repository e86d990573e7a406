// Contexts against JSON Schema and Standard Schema: defaults, standard `required`, paths, and no values in messages.
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  contextSchemaFrom,
  type ContextCheck,
  type ContextSchema,
} from '../../src/definitions/context-schema.ts'
import type { JsonObject } from '../../src/json.ts'

function schemaOf(declared: unknown): ContextSchema {
  const reading = contextSchemaFrom(declared)
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults))
  return reading.schema
}

async function faultsOf(schema: ContextSchema, input: unknown): Promise<readonly string[]> {
  const check = await schema.check(input)
  return check.ok ? [] : check.faults.map((fault) => `${fault.path}: ${fault.message}`)
}

function contextOf(check: ContextCheck): JsonObject {
  if (!check.ok) throw new Error(JSON.stringify(check.faults))
  return check.context
}

const order = {
  type: 'object',
  required: ['order_id', 'customer'],
  properties: {
    order_id: { type: 'integer', minimum: 1 },
    note: { type: 'string' },
    priority: { type: 'string', enum: ['low', 'high'], default: 'low' },
    customer: {
      type: 'object',
      required: ['email'],
      additionalProperties: false,
      properties: {
        email: { type: 'string', format: 'email' },
        lang: { type: 'string', default: 'en' },
      },
    },
  },
}

describe('JSON Schema', () => {
  const schema = schemaOf(order)

  test('only what is required must be there; unknown keys pass; defaults are applied at every depth', async () => {
    const input = { order_id: 1, customer: { email: 'a@b.example' }, extra: [1] }
    expect(await schema.check(input)).toEqual({
      ok: true,
      context: {
        order_id: 1,
        customer: { email: 'a@b.example', lang: 'en' },
        extra: [1],
        priority: 'low',
      },
    })
    expect(input).toEqual({ order_id: 1, customer: { email: 'a@b.example' }, extra: [1] })
  })

  test('every fault is named with path, expectation and JSON type, never with the value', async () => {
    const secret = 'hunter2-4111'
    const faults = await faultsOf(schema, {
      order_id: secret,
      note: 7_777_777,
      priority: secret,
      customer: { email: secret, emial: secret },
    })
    expect(faults.toSorted()).toEqual(
      [
        'context/customer/emial: is a key that the schema does not allow ("emial"); did you mean "email"?',
        'context/customer/email: must match format "email"; received string',
        'context/order_id: expected integer, received string',
        'context/note: expected string, received number',
        'context/priority: expected ["low","high"], received another string',
      ].toSorted(),
    )
    expect(faults.join()).not.toContain(secret)
    expect(faults.join()).not.toContain('7777777')
  })

  test('a missing key is named by its own path', async () => {
    expect(await faultsOf(schema, { order_id: 1 })).toEqual(['context/customer: is missing'])
  })

  test.each([
    [null, 'null'],
    [[], 'array'],
    ['text', 'string'],
    [undefined, 'undefined'],
  ])('%j is not a context', async (input, received) => {
    const [fault] = await faultsOf(schema, input)
    expect(fault).toMatch(/^context: expected (object|JSON), received /)
    expect(fault).toContain(received)
  })

  test('what every object inherits does not count as present, and stays an own key when it is', async () => {
    const strict = schemaOf({
      type: 'object',
      required: ['constructor', '__proto__'],
      properties: { constructor: { type: 'integer' } },
    })
    expect(await faultsOf(strict, {})).toEqual([
      'context/constructor: is missing',
      'context/__proto__: is missing',
    ])
    const input: unknown = JSON.parse('{"constructor":1,"__proto__":{"isAdmin":true}}')
    const context = contextOf(await strict.check(input))
    expect(Object.hasOwn(context, '__proto__')).toBe(true)
    expect(Object.getPrototypeOf(context)).toBe(Object.prototype)
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
    expect(JSON.stringify(context)).toBe('{"constructor":1,"__proto__":{"isAdmin":true}}')
  })

  test('1,000 levels of nesting work; 1,001 and a context in itself are clear faults', async () => {
    const nested = (levels: number): unknown => {
      let value: unknown = {}
      for (let level = 1; level < levels; level += 1) value = { in: value }
      return value
    }
    const free = schemaOf({ type: 'object' })
    expect(await faultsOf(free, nested(1_000))).toEqual([])
    const [deep] = await faultsOf(free, nested(1_001))
    expect(deep).toContain('is nested more than 1000 levels deep')
    const [deeper] = await faultsOf(free, nested(200_000))
    expect(deeper).toContain('is nested more than 1000 levels deep')
    const own: Record<string, unknown> = {}
    own['self'] = own
    expect(await faultsOf(free, own)).toEqual(['context/self: contains itself'])
  })

  test('what is not JSON, or cannot be stored, is named by its path', async () => {
    const free = schemaOf({ type: 'object' })
    const input = {
      nan: Number.NaN,
      big: 10n,
      when: new Date(0),
      map: new Map(),
      run: () => 1,
      nul: 'a\0b',
      half: '\ud800',
      list: [undefined],
      gone: undefined,
    }
    expect(await faultsOf(free, input)).toEqual([
      'context/nan: expected a finite number, received NaN',
      'context/big: expected JSON, received bigint',
      'context/when: expected JSON, received an instance of Date',
      'context/map: expected JSON, received an instance of Map',
      'context/run: expected JSON, received function',
      'context/nul: contains a NUL character, which cannot be stored',
      'context/half: contains a lone surrogate (broken Unicode)',
      'context/list/0: expected JSON, received undefined',
    ])
  })

  test('a long list of faults is cut', async () => {
    const list = schemaOf({
      type: 'object',
      properties: { rows: { type: 'array', items: { type: 'integer' } } },
    })
    const rows = Array.from({ length: 1_000 }, () => 'x')
    const faults = await faultsOf(list, { rows })
    expect(faults).toHaveLength(51)
    expect(faults.at(-1)).toBe('context: and 950 more faults')
  })

  test.each([
    ['a keyword that does not exist', { type: 'object', requird: ['id'] }, 'requird'],
    ['a type that does not exist', { type: 'objekt' }, 'schema'],
    ['a reference that leads nowhere', { $ref: '#/$defs/none' }, 'none'],
    ['a broken pattern', { properties: { a: { pattern: '(' } } }, 'schema'],
    ['a format that does not exist', { properties: { a: { format: 'emial' } } }, 'emial'],
    ['an old dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }, '$schema'],
    ['a function', () => 1, 'schema'],
    ['a number', 7, 'schema'],
  ])('%s is a fault of the schema', (_what, declared, part) => {
    const reading = contextSchemaFrom(declared)
    expect(reading.ok).toBe(false)
    expect(JSON.stringify(reading)).toContain(part)
  })

  test('drafts 07 and 2019-09, `x-` keys, annotations and defaults in branches are accepted', () => {
    const schemas = [
      { $schema: 'http://json-schema.org/draft-07/schema#', definitions: {}, type: 'object' },
      { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'object' },
      { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
      { 'x-owner': 'payments', properties: { a: { 'x-pii': true, example: 1, examples: [1] } } },
      { anyOf: [{ properties: { a: { default: 1 } } }, { required: ['b'] }] },
    ]
    expect(schemas.map((declared) => contextSchemaFrom(declared).ok)).toEqual(
      schemas.map(() => true),
    )
  })
})

describe('Standard Schema', () => {
  const secret = 'hunter2-4111'

  test.each([
    ['zod', z.object({ id: z.number(), lang: z.string().default('en') })],
    ['valibot', v.object({ id: v.number(), lang: v.optional(v.string(), 'en') })],
    ['arktype', type({ id: 'number', lang: "string = 'en'" })],
  ])('%s: defaults are applied, faults have paths and show no value', async (vendor, declared) => {
    const schema = schemaOf(declared)
    expect(schema.vendor).toBe(vendor)
    expect(await schema.check({ id: 1 })).toEqual({ ok: true, context: { id: 1, lang: 'en' } })
    const faults = await faultsOf(schema, { id: secret })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(/^context\/id: /)
    expect(faults[0]).toContain('string')
    expect(faults[0]).not.toContain(secret)
  })

  test('a message of the application is kept, unless it quotes the context', async () => {
    const schema = schemaOf(
      z.object({
        card: z.string().refine((card) => card.startsWith('ok'), {
          error: (issue) => `card ${String(issue.input)} was declined`,
        }),
        age: z.number().refine((age) => age > 17, 'only grown-ups'),
      }),
    )
    expect(await faultsOf(schema, { card: secret, age: 3 })).toEqual([
      'context/card: does not match the schema; received string',
      'context/age: only grown-ups',
    ])
  })

  test('asynchronous checks are awaited; one that throws is a fault without its message', async () => {
    const slow = schemaOf(z.object({ id: z.number().refine(async (id) => id > 1, 'too small') }))
    expect(await faultsOf(slow, { id: 1 })).toEqual(['context/id: too small'])
    const broken = schemaOf(
      z.object({
        id: z.string().refine((id) => {
          throw new RangeError(`no room for ${id}`)
        }),
      }),
    )
    expect(await faultsOf(broken, { id: secret })).toEqual([
      'context: the schema could not be applied (RangeError)',
    ])
  })

  test('what a schema makes of the input is stored, and must be JSON', async () => {
    const schema = schemaOf(z.object({ id: z.coerce.number(), at: z.unknown().optional() }))
    expect(await schema.check({ id: '12' })).toEqual({ ok: true, context: { id: 12 } })
    expect(await faultsOf(schema, { id: '12', at: new Date(0) })).toEqual([
      'context/at: expected JSON, received an instance of Date',
    ])
    expect(await faultsOf(schemaOf(z.string()), 'text')).toEqual([
      'context: expected object, received string',
    ])
  })

  test('the JSON Schema is derived where the library can say it, and null where not', () => {
    expect(schemaOf(z.object({ id: z.number() })).jsonSchema).toMatchObject({
      type: 'object',
      properties: { id: { type: 'number' } },
    })
    expect(schemaOf(z.object({ at: z.date() })).jsonSchema).toBeNull()
    expect(schemaOf(v.object({ id: v.number() })).jsonSchema).toBeNull()
  })
})
