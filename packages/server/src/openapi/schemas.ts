// zod schemas as the JSON Schemas of an OpenAPI document: what has an id stands once, under `components`, and is referred to.
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '@tasker/engine'
import { z } from 'zod'

const components = '#/components/schemas/'

/** `input`: what a caller may send; `output`: what is answered. */
export type Side = 'input' | 'output'

export interface Schemas {
  /** @throws {Error} when two schemas that differ have one id */
  describe(schema: z.ZodType, side: Side): JsonObject
  /** All that have an id, by it, of what was described so far. */
  readonly components: Readonly<Record<string, JsonObject>>
}

export function collectSchemas(): Schemas {
  const named: Record<string, JsonObject> = {}
  return {
    components: named,
    describe(schema, side) {
      const {
        $schema: _dialect,
        $defs: definitions = {},
        ...described
      } = z.toJSONSchema(schema, {
        io: side,
        unrepresentable: 'any', // what a schema cannot say, its `meta` says
        override: ({ zodSchema, jsonSchema }) => sayAsMeta(zodSchema, jsonSchema),
      })
      for (const [name, definition] of Object.entries(definitions)) add(named, name, definition)
      return referring(described)
    },
  }
}

function add(named: Record<string, JsonObject>, name: string, given: object): void {
  const { id: _id, ...definition } = referring(given)
  const known = named[name]
  if (known !== undefined && !isDeepStrictEqual(known, definition))
    throw new Error(`Two schemas that differ have the id "${name}".`)
  named[name] = definition
}

/**
 * Metadata with a `type` is the whole description: text in a query that stands for a number is documented as a number. What
 * a format says already, and the bounds that every whole number has, are left out.
 */
function sayAsMeta(zodSchema: z.core.$ZodType, jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const meta = z.globalRegistry.get(zodSchema)
  if (meta?.['type'] !== undefined)
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
  Object.assign(jsonSchema, meta) // again: zod leaves out defaults and examples of what it transforms
  const { example, format, minimum, maximum } = jsonSchema
  if (example !== undefined) jsonSchema.examples = [example]
  delete jsonSchema['example']
  if (format !== undefined) delete jsonSchema.pattern
  if (minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** References to definitions beside a schema become references into the document. */
function referring(schema: object): JsonObject {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#\/\$defs\//, components) : value,
  )
  return JSON.parse(text) as JsonObject // of an object
}
