// Reads a layer of settings from an object: the options in code, or what a file holds. Keys may be
// in camelCase or snake_case; what stands inside the value of an option is the user's and is not
// renamed.
import { LayerBuilder, suggestion } from './layer.ts'
import type { ConfigSource, Layer } from './layer.ts'
import { camelCase, nearestName, snakeCase } from './names.ts'
import { isOption, isPlainObject } from './option.ts'
import type { OptionGroup } from './option.ts'
import { isOptionKey, options, optionsByKey } from './options.ts'
import { kindOf } from './printable.ts'
import { findReplaced, refusal, replacedKeys } from './replaced.ts'

type Values = Readonly<Record<string, unknown>>

export function readValues(values: unknown, source: ConfigSource): Layer {
  const layer = new LayerBuilder()
  const root = values ?? {}
  if (isPlainObject(root)) new Reader(layer, source).readGroup(options, '', root)
  else layer.refuse('(root)', `expected a map of sections, got ${kindOf(values)}${inFile(source)}`)
  return layer
}

class Reader {
  readonly #layer: LayerBuilder
  readonly #source: ConfigSource

  constructor(layer: LayerBuilder, source: ConfigSource) {
    this.#layer = layer
    this.#source = source
  }

  readGroup(group: OptionGroup, prefix: string, values: Values): void {
    const seen = new Set<string>()
    for (const [given, value] of Object.entries(values)) {
      if (value === undefined) continue
      const name = canonicalName(given)
      if (seen.has(name)) this.#refuse(`${prefix}${given}`, 'given twice, in both spellings')
      else this.#readKey(group, { name, given, prefix, value })
      seen.add(name)
    }
  }

  #readKey(group: OptionGroup, entry: Entry): void {
    const { name, given, prefix, value } = entry
    const key = `${prefix}${name}`
    const node = Object.hasOwn(group, name) ? group[name] : undefined
    if (node === undefined) {
      if (findReplaced(key) === null) this.#refuse(`${prefix}${given}`, unknownKey(group, given))
      else this.#refuseReplaced(key, value)
    } else if (!isOption(node)) {
      this.#readNestedGroup(node, key, value)
    } else if (isOptionKey(key)) {
      this.#layer.give({ key, value, source: this.#source, path: key })
    }
  }

  #readNestedGroup(group: OptionGroup, key: string, value: unknown): void {
    if (key === 'database' && typeof value === 'string') {
      this.readGroup(group, 'database.', { url: value })
      return
    }
    // A section without entries is null in YAML.
    if (value === null) return
    if (isPlainObject(value)) this.readGroup(group, `${key}.`, value)
    else this.#refuse(key, `${expectedOf(key)}, got ${kindOf(value)}`)
  }

  /** A replaced map is refused key by key where its keys have answers of their own. */
  #refuseReplaced(key: string, value: unknown): void {
    const parts = isPlainObject(value) ? Object.keys(value).map(canonicalName) : []
    const hasAnswers = replacedKeys.some((entry) => entry.key.startsWith(`${key}.`))
    const keys = hasAnswers && parts.length > 0 ? parts.map((part) => `${key}.${part}`) : [key]
    for (const refused of keys) {
      const entry = findReplaced(refused)
      if (entry !== null) this.#refuse(refused, refusal(entry))
    }
  }

  #refuse(path: string, message: string): void {
    this.#layer.refuse(path, `${message}${inFile(this.#source)}`)
  }
}

// Who has a pool or a client of `pg` tries to pass it.
const expectedOf = (key: string): string =>
  key === 'database'
    ? 'expected a URL, or a map of options such as { url } (Tasker opens its own connections)'
    : 'expected a map of options'

interface Entry {
  /** In camelCase. */
  readonly name: string
  /** As it was written. */
  readonly given: string
  readonly prefix: string
  readonly value: unknown
}

/** A name in snake_case becomes camelCase; any other spelling stays, and is unknown. */
function canonicalName(given: string): string {
  const name = camelCase(given)
  return snakeCase(name) === given ? name : given
}

/**
 * Suggests the nearest name of the group, in the spelling of the writer; else an option of that
 * name elsewhere.
 */
function unknownKey(group: OptionGroup, given: string): string {
  const nearest = nearestName(given, Object.keys(group))
  const inSnakeCase = given.includes('_')
  if (nearest !== null) {
    return `unknown key.${suggestion(inSnakeCase ? snakeCase(nearest) : nearest)}`
  }
  const elsewhere = [...optionsByKey.keys()].find((key) => key.endsWith(`.${camelCase(given)}`))
  return `unknown key.${suggestion(elsewhere ?? null)}`
}

function inFile(source: ConfigSource): string {
  return source.startsWith('file ') ? ` (${source})` : ''
}
