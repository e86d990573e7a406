// The schema of a context: JSON Schema or any Standard Schema, behind one question: "what of this input is wrong?"
// What is stored is what the check returns: defaults applied, plain JSON, own keys only.
import type { Fault } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { compileJsonSchema, type JsonSchemaCheck } from './json-schema.ts'
import { copyJson, deepFreeze, isJsonObject } from './json-value.ts'
import { show, typeName } from './names.ts'
import { checkStandardSchema, isStandardSchema, jsonSchemaOf } from './standard-schema.ts'

export type ContextCheck =
  | { readonly ok: true; readonly context: JsonObject } // defaults applied
  | { readonly ok: false; readonly faults: readonly Fault[] }

export interface ContextSchema {
  /** The JSON Schema when there is one (given, or derived from the Standard Schema); null when it cannot be known. */
  readonly jsonSchema: JsonObject | null
  /** `json-schema`, or the name that the Standard Schema's library gives itself. */
  readonly vendor: string
  /** Never rejects. Faults name paths (`context/orderId`), expectations and JSON types, never values. */
  check(input: unknown): Promise<ContextCheck>
}

export type ContextSchemaReading =
  | { readonly ok: true; readonly schema: ContextSchema }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/**
 * Reads what a definition declares as its context. A JSON Schema is compiled here, once, so that a broken schema is a
 * fault of the definition and not of the first request.
 */
export function contextSchemaFrom(declared: unknown): ContextSchemaReading {
  if (isStandardSchema(declared)) {
    const schema: ContextSchema = {
      jsonSchema: jsonSchemaOf(declared),
      vendor: declared['~standard'].vendor,
      check: async (input) => {
        const checked = await checkStandardSchema(declared, input, 'context')
        return checked.ok ? readContext(checked.value) : checked
      },
    }
    return { ok: true, schema: Object.freeze(schema) }
  }
  const { value, faults } = copyJson(declared, 'schema')
  if (faults.length > 0) return { ok: false, faults }
  if (!isJsonObject(value)) {
    const message = `expected a JSON Schema or a Standard Schema, received ${show(declared)}`
    return { ok: false, faults: [{ path: 'schema', message }] }
  }
  const compiled = compileJsonSchema(value)
  return compiled.ok ? { ok: true, schema: jsonContextSchema(value, compiled.check) } : compiled
}

/** Copies a context that must be a JSON object. Used as it is where a definition declares no schema. */
export function readContext(input: unknown): ContextCheck {
  const { value, faults } = copyJson(input, 'context')
  if (faults.length > 0) return { ok: false, faults }
  if (isJsonObject(value)) return { ok: true, context: value }
  return {
    ok: false,
    faults: [{ path: 'context', message: `expected object, received ${typeName(input)}` }],
  }
}

function jsonContextSchema(jsonSchema: JsonObject, check: JsonSchemaCheck): ContextSchema {
  return Object.freeze({
    jsonSchema: deepFreeze(jsonSchema),
    vendor: 'json-schema',
    check: async (input: unknown): Promise<ContextCheck> => {
      const read = readContext(input)
      if (!read.ok) return read
      const faults = check(read.context)
      return faults.length === 0 ? read : { ok: false, faults }
    },
  })
}
