// What may leave this process in log lines, span attributes and payloads for others: a copy as plain data, in which the values
// of filtered names are masked and texts are without credentials. Bounded, whatever it is given.
import { snakeCase } from '../config/names.ts'
import type { Config } from '../config.ts'
import type { Json, JsonObject } from '../json.ts'
import { isSecretName, redactText } from '../redact.ts'
import { describeError } from '../steps/describe-error.ts'
import { remembered } from './remembered.ts'

/**
 * May throw, as what it is given may: a getter, a proxy, something too large. Who calls it leaves out the whole then, and
 * never gives what was not filtered.
 */
export interface ParameterFilter {
  readonly fields: (given: Readonly<Record<string, unknown>>) => JsonObject
  readonly text: (given: string) => string
}

const partsMax = 10_000
const depthMax = 20
const textMax = 10_000
const keyMax = 1_000
/** Of all texts together: each of them is searched for secrets. */
const charactersMax = 1_000_000

/** After secrets are out: the cut might leave a part of one. */
const shortened = (text: string): string =>
  text.length > textMax ? `${text.slice(0, textMax)}…` : text

type Rule = (key: string, path: string) => boolean

/** A text is found anywhere in a name, or in a dotted path of names, in any case; a regular expression is asked for both. */
export function createParameterFilter({
  filterParameters,
  filterMask,
}: Pick<Config['telemetry'], 'filterParameters' | 'filterMask'>): ParameterFilter {
  const rules = filterParameters.map(ruleOf)
  const decide: Rule = (key, path) => isSecretName(key) || rules.some((rule) => rule(key, path))
  const decided = remembered((path) => decide(path.slice(path.lastIndexOf('.') + 1), path))
  // A name with a dot in it, or one that is changed in the path, is not what stands last in the path.
  const isFiltered: Rule = (key, path) =>
    !key.includes('.') && path.endsWith(key) ? decided(path) : decide(key, path)
  const text = (given: string): string =>
    shortened(redactText(given.slice(0, 2 * textMax), [], filterMask))
  return {
    text,
    fields: (given) => new Copy(isFiltered, filterMask, text).object(given, ''),
  }
}

function ruleOf(given: string | RegExp): Rule {
  if (typeof given === 'string') {
    const wanted = given.toLowerCase()
    return (key, path) =>
      key.toLowerCase().includes(wanted) ||
      snakeCase(key).includes(wanted) ||
      path.toLowerCase().includes(wanted)
  }
  const pattern = new RegExp(given.source, given.flags.replaceAll(/[gy]/g, '')) // these two remember
  return (key, path) => pattern.test(key) || pattern.test(path)
}

/** One copy: it counts its parts. */
class Copy {
  readonly #isFiltered: Rule
  readonly #mask: string
  readonly #text: (given: string) => string
  readonly #around = new Set<object>()
  #parts = 0
  #characters = 0

  constructor(isFiltered: Rule, mask: string, text: (given: string) => string) {
    this.#isFiltered = isFiltered
    this.#mask = mask
    this.#text = text
  }

  object(given: object, path: string): JsonObject {
    const entries: [string, Json][] = []
    for (const [name, value] of Object.entries(given)) {
      const key = this.#key(name)
      const at = path === '' ? key : `${path}.${key}`
      const isMasked = name.length > keyMax || this.#isFiltered(name, at)
      const copied = isMasked ? this.#mask : this.#value(value, at)
      if (copied !== undefined) entries.push([key, copied])
    }
    return Object.fromEntries(entries)
  }

  /** Most are names, and hold nothing that texts may hold. */
  #key(name: string): string {
    return /^[\w.-]{0,100}$/.test(name) ? name : this.#text(name.slice(0, keyMax))
  }

  #bounded(given: string): string {
    this.#characters += Math.min(given.length, 2 * textMax)
    return this.#characters > charactersMax ? '…' : this.#text(given)
  }

  /** Undefined: nothing that is data. */
  #value(given: unknown, path: string): Json | undefined {
    this.#parts += 1
    if (this.#parts > partsMax) throw new RangeError('too many parts')
    switch (typeof given) {
      case 'string':
        return this.#bounded(given)
      case 'number':
        return Number.isFinite(given) ? given : String(given)
      case 'boolean':
        return given
      case 'bigint':
        return String(given)
      case 'object':
        return given === null ? null : this.#part(given, path)
      default:
        return undefined
    }
  }

  #part(given: object, path: string): Json | undefined {
    if (this.#around.has(given) || this.#around.size >= depthMax) return '…'
    this.#around.add(given)
    try {
      return this.#partOf(given, path)
    } finally {
      this.#around.delete(given)
    }
  }

  #partOf(given: object, path: string): Json | undefined {
    if (given instanceof Date) return Number.isNaN(given.getTime()) ? null : given.toISOString()
    if (given instanceof Error) return this.object(describeError(given), path)
    if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) return '(binary)'
    if (given instanceof Map) return this.object(Object.fromEntries<unknown>(given), path)
    if (given instanceof Set) return this.#list([...given], path)
    if (Array.isArray(given)) return this.#list(given, path)
    const asJson: unknown = Reflect.get(given, 'toJSON')
    if (typeof asJson === 'function') return this.#value(Reflect.apply(asJson, given, ['']), path)
    return this.object(given, path)
  }

  #list(given: readonly unknown[], path: string): readonly Json[] {
    return given.map((member) => this.#value(member, path) ?? null)
  }
}
