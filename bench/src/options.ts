// What a program of the benchmark is told on its command line. Every fault is named at once, with what would be right.
import { parseArgs } from 'node:util'

/** What an option takes. `names` and `count` may be refused; a `text` is what it is. */
export interface OptionRule {
  readonly takes: 'nothing' | 'text' | 'count' | 'names'
  readonly says: string
  /** Of a `count`, when it is not given. Without one it is null then. */
  readonly otherwise?: number
  /** What may be named; default: all of them. */
  readonly known?: readonly string[]
}

export interface Arguments {
  isSet(name: string): boolean
  text(name: string): string | null
  count(name: string): number | null
  names(name: string): readonly string[]
}

export type ReadArguments =
  { readonly faults: readonly string[] } | { readonly faults: null; readonly given: Arguments }

const countMax = 1_000_000

export function readArguments(
  rules: Readonly<Record<string, OptionRule>>,
  args: readonly string[],
): ReadArguments {
  const options = Object.fromEntries(
    Object.entries(rules).map(([name, { takes }]) => [
      name,
      { type: takes === 'nothing' ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const isUnknown = (token: (typeof tokens)[number] | undefined): boolean =>
    token?.kind === 'option' && !Object.hasOwn(rules, token.name) && token.value === undefined
  const given = new Map<string, string[]>()
  const faults: string[] = []
  for (const [at, token] of tokens.entries()) {
    // The value of an option that is not known is no fault of its own.
    if (token.kind === 'positional' && isUnknown(tokens[at - 1])) continue
    if (token.kind === 'positional') faults.push(`${token.value}: nothing is asked for without --`)
    if (token.kind !== 'option') continue
    const rule = rules[token.name]
    if (rule === undefined) {
      faults.push(`${token.rawName}: there are ${namesOf(rules)}`)
      continue
    }
    const fault = faultOf(token.rawName, token.value, rule)
    if (fault !== null) faults.push(fault)
    given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? ''])
  }
  if (faults.length > 0) return { faults }
  const last = (name: string): string | null => given.get(name)?.at(-1) ?? null
  return {
    faults: null,
    given: {
      isSet: (name) => given.has(name),
      text: last,
      count: (name) => {
        const value = last(name)
        return value === null ? (rules[name]?.otherwise ?? null) : Number(value)
      },
      names: (name) => [...new Set(given.get(name) ?? rules[name]?.known ?? [])],
    },
  }
}

/** What was given, or how the program ends at once: 2 after it said every fault, 0 after it said what --help asks for. */
export function readOrExplain(
  rules: Readonly<Record<string, OptionRule>>,
  args: readonly string[],
  { command, more }: { readonly command: string; readonly more: string },
): Arguments | 0 | 2 {
  const read = readArguments(rules, args)
  if (read.faults !== null) {
    for (const fault of read.faults) console.error(fault)
    return 2
  }
  if (!read.given.isSet('help')) return read.given
  console.log(`${command} -- [options]\n\n${describeOptions(rules)}${more}`)
  return 0
}

/** Lines for --help. */
function describeOptions(rules: Readonly<Record<string, OptionRule>>): string {
  return Object.entries(rules)
    .map(([name, rule]) => {
      const shown = { nothing: '', text: ' <text>', count: ' <n>', names: ' <name>…' }[rule.takes]
      const otherwise = rule.otherwise === undefined ? '' : ` Default: ${rule.otherwise}.`
      const known = rule.known === undefined ? '' : ` ${rule.known.join(', ')}. Default: all.`
      return `  ${`--${name}${shown}`.padEnd(20)} ${rule.says}${known}${otherwise}`
    })
    .join('\n')
}

function faultOf(option: string, value: string | undefined, rule: OptionRule): string | null {
  if (rule.takes === 'nothing') return value === undefined ? null : `${option} takes no value`
  if (value === undefined || value === '') return `${option} takes a value`
  if (rule.takes === 'count') {
    const isCount = /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= countMax
    return isCount ? null : `${option} ${value}: a whole number from 1 to ${countMax}`
  }
  if (rule.takes === 'names' && !(rule.known ?? []).includes(value)) {
    return `${option} ${value}: there are ${(rule.known ?? []).join(', ')}`
  }
  return null
}

const namesOf = (rules: Readonly<Record<string, OptionRule>>): string =>
  Object.keys(rules)
    .map((name) => `--${name}`)
    .join(', ')
