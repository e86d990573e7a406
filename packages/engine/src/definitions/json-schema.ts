// JSON Schema through Ajv: compiles a schema, checks a context or a result and applies defaults. Messages never show values.
// Semantics are the standard's: `required` alone decides what must be there, unknown keys pass unless forbidden.
import { Ajv, type ErrorObject, type Options } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Fault } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { isPlainObject } from './json-value.ts'
import { didYouMean, quote, show, typeName } from './names.ts'

/** Says what is wrong with a value. Inserts the defaults of the schema into it. */
export type JsonSchemaCheck = (value: Json) => readonly Fault[]

export type CompiledJsonSchema =
  | { readonly ok: true; readonly check: JsonSchemaCheck }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Most faults of one value that are listed; a long array of wrong rows would fill the log. */
const faultsMax = 50

/**
 * Compiles a schema of draft 2020-12 (the default), 2019-09, 07 or 06, as its `$schema` says. A keyword that the
 * dialect does not know is a fault unless it begins with `x-`: a misspelt `required` would check nothing. `root` is what
 * faults call the value that is checked.
 */
export function compileJsonSchema(schema: JsonObject, root = 'context'): CompiledJsonSchema {
  const Dialect = dialectOf(schema['$schema'])
  if (Dialect === null) {
    const message = `expected draft 2020-12, 2019-09, 07 or 06, received ${show(schema['$schema'])}`
    return { ok: false, faults: [{ path: 'schema/$schema', message }] }
  }
  const warnings: string[] = []
  try {
    const ajv = new Dialect(optionsWith(warnings))
    formats.default(ajv)
    ajv.addVocabulary(annotationsIn(schema))
    const { $schema: _dialect, ...rules } = schema
    const validate = ajv.compile(rules)
    if (warnings.length > 0) return { ok: false, faults: warnings.map(schemaFault) }
    return {
      ok: true,
      check: (value) => (validate(value) ? [] : valueFaults(validate.errors ?? [], root)),
    }
  } catch (error) {
    // Ajv throws plain errors about the schema itself: a bad type, an unresolved $ref, a broken pattern.
    return {
      ok: false,
      faults: [schemaFault(error instanceof Error ? error.message : 'is invalid')],
    }
  }
}

function optionsWith(warnings: string[]): Options {
  return {
    allErrors: true,
    useDefaults: true,
    // Own keys only: `constructor` is missing unless the context really has it.
    ownProperties: true,
    verbose: true,
    strict: false,
    // 'log' instead of true, because a default that cannot be applied (inside anyOf) is legitimate JSON Schema.
    strictSchema: 'log',
    logger: {
      log: () => undefined,
      warn: (...parts: unknown[]) => {
        const message = parts.join(' ')
        if (/unknown (keyword|format)/.test(message)) warnings.push(message)
      },
      error: () => undefined,
    },
  }
}

function dialectOf(declared: unknown): typeof Ajv | typeof Ajv2019 | typeof Ajv2020 | null {
  if (declared === undefined) return Ajv2020
  if (typeof declared !== 'string') return null
  if (declared.includes('2020-12')) return Ajv2020
  if (declared.includes('2019-09')) return Ajv2019
  return /draft-0[67]/.test(declared) ? Ajv : null
}

/** Annotations in common use that check nothing, and every `x-` key of this schema. */
function annotationsIn(schema: JsonObject): string[] {
  const found = new Set(['example', 'xml', 'externalDocs'])
  const pending: unknown[] = [schema]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next)) pending.push(...(next as readonly unknown[])) // Array.isArray gives any[]
    if (!isPlainObject(next)) continue
    for (const [key, member] of Object.entries(next)) {
      if (key.startsWith('x-')) found.add(key)
      else pending.push(member)
    }
  }
  return [...found]
}

function schemaFault(message: string): Fault {
  return { path: 'schema', message: message.replace(/^strict mode: /, '') }
}

function valueFaults(errors: readonly ErrorObject[], root: string): readonly Fault[] {
  const faults = errors.slice(0, faultsMax).map((error) => valueFault(error, root))
  const left = errors.length - faults.length
  if (left > 0) faults.push({ path: root, message: `and ${left} more faults` })
  return faults
}

/** Ajv's parameters hold parts of the schema and names of keys, never values; its `data` is used for its type only. */
function valueFault(error: ErrorObject, root: string): Fault {
  const path = `${root}${error.instancePath}`
  const param = (name: string): string => String(error.params[name])
  switch (error.keyword) {
    case 'required':
      return { path: `${path}/${param('missingProperty')}`, message: 'is missing' }
    case 'additionalProperties':
      return unknownKey(path, param('additionalProperty'), error.parentSchema)
    case 'unevaluatedProperties':
      return unknownKey(path, param('unevaluatedProperty'), error.parentSchema)
    case 'type':
      return { path, message: `expected ${param('type')}, received ${typeName(error.data)}` }
    case 'enum':
    case 'const': {
      const allowed = JSON.stringify(error.params['allowedValues'] ?? error.params['allowedValue'])
      return { path, message: `expected ${allowed}, received another ${typeName(error.data)}` }
    }
    default:
      return {
        path,
        message: `${error.message ?? error.keyword}; received ${typeName(error.data)}`,
      }
  }
}

function unknownKey(path: string, key: string, schema: unknown): Fault {
  const properties = isPlainObject(schema) ? schema['properties'] : undefined
  const known = isPlainObject(properties) ? Object.keys(properties) : []
  return {
    path: `${path}/${key}`,
    message: `is a key that the schema does not allow (${quote(key)})${didYouMean(key, known)}`,
  }
}
