// The kinds of value that an option may have: how each is checked, how it is read from the text of
// an environment variable, and how its expectation is put in words. Which option has which kind is
// sections/.
import semver from 'semver'
import { z } from 'zod'

export interface Kind<T> {
  readonly type: z.ZodType<T>
  /** "a whole number from 1 to 100": completes the sentence "expected …". */
  readonly expects: string
  /** The same for one entry of a list or map; null elsewhere. */
  readonly entryExpects: string | null
  /** Of a map whose keys are not the user's own. */
  readonly knownKeys?: readonly string[]
  /** The bounds alone of a number, for the reference; null elsewhere. */
  readonly range: string | null
  /**
   * Turns the text of an environment variable into a value that is still to be checked. Null: only
   * code can give it.
   */
  readonly parseText: ((text: string) => unknown) | null
}

interface Bounds {
  readonly min: number
  readonly max: number
}

export function wholeNumber({ min, max }: Bounds): Kind<number> {
  return {
    type: z.int().min(min).max(max),
    expects: `a whole number from ${min} to ${max}`,
    entryExpects: null,
    range: `${min} to ${max}`,
    parseText: parseNumber,
  }
}

export function decimal({ min, max }: Bounds): Kind<number> {
  return {
    type: z.number().min(min).max(max),
    expects: `a number from ${min} to ${max}`,
    entryExpects: null,
    range: `${min} to ${max}`,
    parseText: parseNumber,
  }
}

export function yesOrNo(): Kind<boolean> {
  return {
    type: z.boolean(),
    expects: 'true or false',
    entryExpects: null,
    range: null,
    parseText: parseYesOrNo,
  }
}

/** Text of at least one character, of a given form where there is one. */
export function text(form: { pattern: RegExp; looksLike: string } | null = null): Kind<string> {
  return {
    type: form === null ? z.string().min(1) : z.string().regex(form.pattern),
    expects: form === null ? 'text' : form.looksLike,
    entryExpects: null,
    range: null,
    parseText: (given) => given,
  }
}

/** What npm takes as a range: `2.x`, `>=1.4.0 <3.0.0`, `^1.2.0 || ^2.1.0`. */
export function versionRange(): Kind<string> {
  return {
    type: z.string().refine((given) => given.trim() !== '' && semver.validRange(given) !== null),
    expects: 'a semver range such as "2.x" or ">=1.4.0 <3.0.0"',
    entryExpects: null,
    range: null,
    parseText: (given) => given,
  }
}

export function oneOf<const Choice extends string>(choices: readonly Choice[]): Kind<Choice> {
  const list = choices.map((choice) => JSON.stringify(choice)).join(', ')
  return {
    type: z.enum(choices),
    expects: `one of ${list}`,
    entryExpects: null,
    range: null,
    parseText: (given) => given,
  }
}

/** Also accepts null; in an environment variable, the word `null`. */
export function nullOr<T>(kind: Kind<T>): Kind<T | null> {
  const { parseText } = kind
  return {
    type: kind.type.nullable(),
    expects: `${kind.expects}, or null`,
    entryExpects: kind.entryExpects,
    range: kind.range === null ? null : `${kind.range}, or null`,
    parseText: parseText && ((given) => (given === 'null' ? null : parseText(given))),
  }
}

/** In an environment variable: JSON, or entries separated by commas. */
export function listOf<T>(entry: Kind<T>, { min, max }: Bounds): Kind<readonly T[]> {
  const parseEntry = entry.parseText ?? ((given: string) => given)
  return {
    type: z.array(entry.type).min(min).max(max).readonly(),
    expects: `a list of ${min} to ${max} entries, each ${entry.expects}`,
    entryExpects: entry.expects,
    range: null,
    parseText: (given) =>
      given.trimStart().startsWith('[')
        ? parseJson(given)
        : given.split(',').map((part) => parseEntry(part.trim())),
  }
}

/**
 * A map with fixed keys, given as a whole: none may be missing. In an environment variable: JSON.
 */
export function mapWith<const Key extends string, T>(
  keys: readonly Key[],
  value: Kind<T>,
): Kind<Readonly<Record<Key, T>>> {
  // True because a record over an enum demands exactly its keys; the compiler cannot see it for
  // any `Key`.
  const type = z.record(z.enum(keys), value.type) as z.ZodType as z.ZodType<
    Readonly<Record<Key, T>>
  >
  return {
    type,
    expects: `a map with the keys ${keys.join(', ')}, each ${value.expects}`,
    entryExpects: value.expects,
    range: null,
    parseText: parseJson,
  }
}

/** A map of some of the keys. In an environment variable: JSON. */
export function mapOfSome<const Key extends string, T>(
  keys: readonly Key[],
  value: Kind<T>,
): Kind<Readonly<Partial<Record<Key, T>>>> {
  const shape = Object.fromEntries(keys.map((key) => [key, value.type.optional()]))
  // True because the shape has exactly these keys, each of that type; the compiler cannot see it for any `Key`.
  const type = z.strictObject(shape) as z.ZodType as z.ZodType<Readonly<Partial<Record<Key, T>>>>
  return {
    type,
    expects: `a map with any of the keys ${keys.join(', ')}, each ${value.expects}`,
    entryExpects: value.expects,
    range: null,
    parseText: parseJson,
    knownKeys: keys,
  }
}

/**
 * A map whose keys are the user's own; they are taken letter by letter. In an environment variable:
 * JSON.
 */
export function mapOf<T>(value: Kind<T>): Kind<Readonly<Record<string, T>>> {
  return {
    type: z.record(z.string().min(1), value.type).readonly(),
    expects: `a map of names, each ${value.expects}`,
    entryExpects: value.expects,
    range: null,
    parseText: parseJson,
  }
}

/** A value that only a program can make: a function, an object with methods. */
export function fromCode<T>(accepts: (value: unknown) => value is T, expects: string): Kind<T> {
  return { type: z.custom<T>(accepts), expects, entryExpects: null, range: null, parseText: null }
}

/** Text, or a regular expression where a program gives it. */
export function textOrPattern(): Kind<string | RegExp> {
  return {
    type: z.union([z.string().min(1), z.instanceof(RegExp)]),
    expects: 'text or a regular expression',
    entryExpects: null,
    range: null,
    parseText: (given) => given,
  }
}

/** What is not a number stays text, so that the check can show it. */
function parseNumber(given: string): unknown {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : given
}

const words: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
])

function parseYesOrNo(given: string): unknown {
  return words.get(given.toLowerCase()) ?? given
}

/** What is not JSON stays text, so that the check can show it. */
function parseJson(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}
