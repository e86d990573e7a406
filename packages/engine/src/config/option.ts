// What one option is: its kind, default, unit, help and reason, in one record that validation,
// `tasker config` and docs/reference/config.md all read. The options themselves are in sections/.
import type { Kind } from './kinds.ts'
import { camelCase } from './names.ts'

/** The later part of Tasker that gives an option its effect. Until then it is checked and kept. */
export type LaterPart = 'the generators'

interface OptionFacts<T> {
  readonly default: T
  /** What the number counts; null where the value is no quantity. */
  readonly unit: string | null
  /** What it means, in one or two sentences. */
  readonly help: string
  /** Where the default or the range comes from. */
  readonly reason: string
  /** Null: it has its effect in this version. */
  readonly takesEffectWith: LaterPart | null
  /**
   * `url`: the password in it is never printed. `whole`: nothing of it is. `parts`: of a map, passwords, headers and what is
   * called a secret, a token or a key are not.
   */
  readonly secret: 'url' | 'whole' | 'parts' | null
}

/** One option. `T` is the type of its value. */
export interface Option<T> extends OptionFacts<T> {
  readonly isOption: true
  readonly kind: Kind<T>
}

/** Options by name; a group may hold groups. */
export interface OptionGroup {
  readonly [name: string]: Option<unknown> | OptionGroup
}

type RequiredFacts<T> = Pick<OptionFacts<T>, 'default' | 'help' | 'reason'>

/** Makes one option. Unless told: no unit, effect now, no secret. */
export function option<T>(
  kind: Kind<T>,
  facts: RequiredFacts<NoInfer<T>> & Partial<OptionFacts<NoInfer<T>>>,
): Option<T> {
  return Object.freeze({
    unit: null,
    takesEffectWith: null,
    secret: null,
    ...facts,
    default: freezeData(facts.default),
    isOption: true,
    kind,
  })
}

export function isOption(node: Option<unknown> | OptionGroup): node is Option<unknown> {
  return node.isOption === true
}

/** The values of a group of options: what the engine reads. */
export type ValuesOf<Node> =
  Node extends Option<infer T> ? T : { readonly [Name in keyof Node]: ValuesOf<Node[Name]> }

/** What may be given for a group of options: any part of it. */
export type InputOf<Node> =
  Node extends Option<infer T>
    ? T | undefined
    : { readonly [Name in keyof Node]?: InputOf<Node[Name]> | undefined }

/** The dotted keys of a group of options, `backoff.maxBackoffSeconds`. */
export type KeysOf<Node> = {
  [Name in keyof Node & string]: Node[Name] extends { readonly isOption: true }
    ? Name
    : `${Name}.${KeysOf<Node[Name]>}`
}[keyof Node & string]

/**
 * Freezes plain objects and arrays to the bottom. What has a class (a RegExp, an authenticator) is
 * left alone.
 */
export function freezeData<T>(value: T): T {
  if (!Array.isArray(value) && !isPlainObject(value)) return value
  for (const part of Object.values(value)) freezeData(part)
  return Object.freeze(value)
}

/** An object of the kind that JSON, YAML and literals make; no array, no class instance. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Keys in camelCase or snake_case, as elsewhere in a file. What is undefined is absent. */
export function inCamelCase(given: unknown): unknown {
  if (!isPlainObject(given)) return given
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [camelCase(key), value]),
  )
}
