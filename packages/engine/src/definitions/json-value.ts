// Copies a value that must be JSON and says where it is not, without ever showing it. Pure.
// The encoding of step results, with its size limit, is steps/encode-result.ts.
import type { Fault } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { typeName } from './names.ts'

/** Deepest nesting that is copied; JSON readers along the way (PostgreSQL's too) recurse. */
export const nestingDepthMax = 1_000
/** Most values copied: references shared many times over would otherwise multiply without end. */
const valuesMax = 5_000_000
const faultsMax = 50

export interface JsonCopy {
  readonly value: Json
  readonly faults: readonly Fault[]
}

/** Copies `value`. Members that are `undefined` are left out, as JSON.stringify does. */
export function copyJson(value: unknown, path: string): JsonCopy {
  const copier: Copier = { root: path, keys: [], ancestors: new Set(), faults: [], count: 0 }
  return { value: copyValue(value, copier), faults: copier.faults }
}

/** `context/lines/0/sku`: a JSON pointer behind the name of the document. */
export function pointer(root: string, keys: readonly (string | number)[]): string {
  const parts = keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1'))
  return [root, ...parts].join('/')
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Plain objects of another realm (vm, worker) have another Object.prototype, which also ends the chain.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Narrows JSON to an object. */
export function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deep merge: maps merge key by key, everything else in `over` replaces. */
export function mergeJson(base: JsonObject, over: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(base))
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key)
    const isBoth = below !== undefined && isJsonObject(below) && isJsonObject(value)
    merged.set(key, isBoth ? mergeJson(below, value) : value)
  }
  return Object.fromEntries(merged)
}

/** Freezes a JSON value with everything in it. */
export function deepFreeze<Value extends Json>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

interface Copier {
  readonly root: string
  readonly keys: (string | number)[]
  readonly ancestors: Set<object>
  readonly faults: Fault[]
  count: number
}

function copyValue(value: unknown, copier: Copier): Json {
  copier.count += 1
  if (copier.count > valuesMax) {
    if (copier.count === valuesMax + 1) report(copier, `has more than ${valuesMax} values`)
    return null
  }
  switch (typeof value) {
    case 'string':
      return copyString(value, copier)
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      return report(copier, `expected a finite number, received ${typeName(value)}`)
    case 'object':
      return value === null ? null : copyContainer(value, copier)
    default:
      return report(copier, `expected JSON, received ${typeName(value)}`)
  }
}

function copyString(value: string, copier: Copier): Json {
  if (value.includes('\0'))
    return report(copier, 'contains a NUL character, which cannot be stored')
  if (/\p{Cs}/u.test(value)) return report(copier, 'contains a lone surrogate (broken Unicode)')
  return value
}

function copyContainer(value: object, copier: Copier): Json {
  if (copier.ancestors.has(value)) return report(copier, 'contains itself')
  if (copier.keys.length >= nestingDepthMax) {
    return report(copier, `is nested more than ${nestingDepthMax} levels deep`)
  }
  copier.ancestors.add(value)
  const copy = Array.isArray(value) ? copyArray(value, copier) : copyObject(value, copier)
  copier.ancestors.delete(value)
  return copy
}

function copyArray(value: readonly unknown[], copier: Copier): Json {
  const copy: Json[] = []
  for (let index = 0; index < value.length; index += 1) {
    copier.keys.push(index)
    copy.push(copyValue(value[index], copier))
    copier.keys.pop()
  }
  return copy
}

function copyObject(value: object, copier: Copier): Json {
  if (!isPlainObject(value)) {
    return report(copier, `expected JSON, received an instance of ${className(value)}`)
  }
  const copy: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    copier.keys.push(key)
    copyString(key, copier)
    // Not by assignment: `__proto__` from parsed JSON is a key like any other, not the prototype.
    Object.defineProperty(copy, key, {
      value: copyValue(member, copier),
      writable: true,
      enumerable: true,
      configurable: true,
    })
    copier.keys.pop()
  }
  return copy
}

function report(copier: Copier, message: string): null {
  if (copier.faults.length < faultsMax) {
    copier.faults.push({ path: shorten(pointer(copier.root, copier.keys)), message })
  }
  return null
}

/** The path to the bottom of a deep value would be longer than the rest of the message. */
function shorten(path: string): string {
  return path.length <= 200 ? path : `${path.slice(0, 100)}…${path.slice(-100)}`
}

function className(value: object): string {
  const constructor: unknown = Reflect.get(value, 'constructor')
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class'
}
