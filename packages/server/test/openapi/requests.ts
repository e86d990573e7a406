// Requests that fit what the OpenAPI document says of an operation, and requests that do not: made from its schemas alone. Names
// and ids are often those of something that is there.
import type { JsonObject } from '@tasker/engine'
import fc from 'fast-check'

/** What a test needs of the document, as JSON. */
export interface Described {
  readonly method: string
  readonly path: string
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required: boolean
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>
  }
  readonly responses: Readonly<Record<string, DescribedAnswer>>
}

export interface DescribedAnswer {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
}

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

export interface MadeRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** Values of fields, by their name: of what is there. */
export type Known = Readonly<Record<string, readonly string[]>>

export interface RequestParts {
  readonly prefix: string
  readonly schemas: Readonly<Record<string, Schema>>
  readonly known: Known
}

export function requestsFor(operation: Described, parts: RequestParts): fc.Arbitrary<MadeRequest> {
  const values = valuesOf(parts)
  const parameters = operation.parameters ?? []
  const inPath = parameters.filter((one) => one.in === 'path')
  const path = fc
    .record(
      Object.fromEntries(
        inPath.map(({ name, schema }) => [
          name,
          fc.oneof({ weight: 4, arbitrary: values(schema, name) }, strange),
        ]),
      ),
    )
    .map((given) =>
      operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segmentOf(given[name])),
    )
  const fittingIn = (place: Parameter['in']) => {
    const there = parameters.filter((one) => one.in === place)
    return fc.record(
      Object.fromEntries(there.map(({ name, schema }) => [name, values(schema, name)])),
      { requiredKeys: there.filter(({ required }) => required).map(({ name }) => name) },
    )
  }
  const fitting = fittingIn('query')
  const query = fc.oneof(
    { weight: 4, arbitrary: fitting },
    { weight: 1, arbitrary: fc.dictionary(keysOf(parameters), strange, { maxKeys: 4 }) },
  )
  return fc
    .record({ path, query, sent: bodiesFor(operation, values), headers: fittingIn('header') })
    .map(({ path: at, query: given, sent: { type, body }, headers }) => {
      const search = new URLSearchParams(
        Object.entries(given).map(([name, value]): [string, string] => [name, textOf(value)]),
      ).toString()
      return {
        method: operation.method.toUpperCase(),
        target: `${parts.prefix}${at}${search === '' ? '' : `?${search}`}`,
        headers: {
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, headerOf(value)]),
          ),
          ...(body === null || type === null ? {} : { 'content-type': type }),
        },
        body,
      }
    })
}

interface Sent {
  readonly type: string | null
  readonly body: string | null
}

function bodiesFor({ requestBody }: Described, values: Values): fc.Arbitrary<Sent> {
  const schema = requestBody?.content['application/json']?.schema
  if (schema === undefined) return fc.constant({ type: null, body: null })
  const type = 'application/json'
  const asJson = (value: unknown): Sent => ({ type, body: JSON.stringify(value) })
  const fitting = values(schema, '')
  return fc.oneof(
    { weight: 6, arbitrary: fitting.map(asJson) },
    { weight: 3, arbitrary: fitting.chain(spoiled).map(asJson) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map((body) => ({ type, body })) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom(type, 'text/plain', 'multipart/form-data', `${type}; charset=utf-7`),
        body: fc.oneof(fc.constant(''), fc.string(), fc.constant('{"a":'), deep),
      }),
    },
  )
}

const deep = fc.constantFrom(100, 20_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth))

/** One field is missing, one is too many, or one is of another type. */
function spoiled(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.jsonValue()
  const given = value as JsonObject // neither null nor a list
  const keys = Object.keys(given)
  const key = keys.length === 0 ? fc.string() : fc.constantFrom(...keys)
  return fc.oneof(
    key.map((one) => Object.fromEntries(Object.entries(given).filter(([name]) => name !== one))),
    fc.record({ key: fc.string(), value: fc.jsonValue({ maxDepth: 2 }) }).map((added) => ({
      ...given,
      [added.key]: added.value,
    })),
    fc.record({ key, value: fc.oneof(strange, fc.jsonValue({ maxDepth: 2 })) }).map((other) => ({
      ...given,
      [other.key]: other.value,
    })),
  )
}

/** What no schema asks for, and somebody sends. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '.',
    '%',
    '-1',
    '0',
    '1e99',
    '9'.repeat(40),
    'null',
    'NaN',
    '\u0000',
    '\uD800',
    "'; drop table tasks; --",
    '__proto__',
    'constructor',
    'x'.repeat(5_000),
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '+275760-09-13T00:00:00Z',
  ),
  fc.string({ unit: 'binary' }),
)

const keysOf = (parameters: readonly Parameter[]): fc.Arbitrary<string> =>
  fc.oneof(
    ...(parameters.length === 0 ? [] : [fc.constantFrom(...parameters.map(({ name }) => name))]),
    fc.string({ maxLength: 20 }),
  )

/** As it stands in a path or a query; lone surrogates cannot. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',')
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.toWellFormed()
}

/** What a header can carry of it. */
const headerOf = (value: unknown): string => textOf(value).replaceAll(/[^\x20-\x7e]/g, '~')

/** Nothing, and dots alone, would be another path. */
const segmentOf = (value: unknown): string =>
  encodeURIComponent(textOf(value).replace(/^\.{0,2}$/, (dots) => `~${dots}`))

type Values = (schema: Schema, name: string) => fc.Arbitrary<unknown>

function valuesOf({ schemas, known }: RequestParts): Values {
  const values: Values = (schema, name) => {
    const { $ref, type, anyOf, oneOf } = schema
    if ($ref !== undefined) return values(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, name)
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const choices = anyOf ?? oneOf
    if (choices !== undefined) return fc.oneof(...choices.map((choice) => values(choice, name)))
    if (Array.isArray(type))
      return fc.oneof(...type.map((one: string) => values({ ...schema, type: one }, name)))
    switch (type) {
      case 'string':
        return texts(schema, known[name])
      case 'integer':
      case 'number':
        return numbers(schema)
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array':
        return fc.array(values(schema.items ?? {}, name), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 4, 4),
        })
      case 'object':
        return objects(schema, values)
      default:
        return fc.jsonValue({ maxDepth: 2 })
    }
  }
  return values
}

function objects(schema: Schema, values: Values): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties = true } = schema
  const declared = fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, values(field, name)]),
    ),
    { requiredKeys: [...required] },
  )
  if (additionalProperties === false) return declared
  const value =
    additionalProperties === true ? fc.jsonValue({ maxDepth: 3 }) : values(additionalProperties, '')
  return fc
    .record({ others: fc.dictionary(fc.string({ maxLength: 8 }), value, { maxKeys: 3 }), declared })
    .map(({ others, declared: own }) => ({ ...others, ...own }))
}

function numbers({ type, minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = minimum ?? exclusiveMinimum ?? -1_000
  const max = maximum ?? Math.max(min, 1_000)
  return type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
}

function texts(schema: Schema, known: readonly string[] | undefined): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 200 } = schema
  const any = formatted(schema) ?? fc.string({ minLength, maxLength: Math.min(maxLength, 200) })
  if (known === undefined) return any
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, any)
}

function formatted({ format, pattern }: Schema): fc.Arbitrary<string> | null {
  if (format === 'uuid') return fc.uuid()
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date(253_402_300_799_999), noInvalidDate: true })
      .map((date) => date.toISOString())
  return pattern === undefined ? null : fc.stringMatching(new RegExp(pattern, 'u'))
}
