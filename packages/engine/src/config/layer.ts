// One layer of settings: what a file, the environment or the code gave, by option, with the faults
// found in it; and the check of one value against its option. Merging layers is resolve.ts.
import type { z } from 'zod'
import type { Fault } from '../errors.ts'
import { nearestName } from './names.ts'
import { optionsByKey } from './options.ts'
import type { OptionKey } from './options.ts'
import type { Option } from './option.ts'
import { isPlainObject } from './option.ts'
import { received, shownParts, shownValue } from './printable.ts'

/** Where the value of an option came from. */
export type ConfigSource = 'default' | 'code' | `env ${string}` | `file ${string}`

/** One given value, valid. */
export interface Setting {
  readonly value: unknown
  readonly source: ConfigSource
}

export interface Layer {
  readonly settings: ReadonlyMap<OptionKey, Setting>
  readonly faults: readonly Fault[]
  /** Options that were given a value which is not valid. */
  readonly faulty: readonly OptionKey[]
}

/** A value on its way into a layer. */
interface GivenValue {
  readonly key: OptionKey
  readonly value: unknown
  readonly source: ConfigSource
  /** Where a fault is reported: the key, or the name of the environment variable. */
  readonly path: string
}

/** Collects the settings of one layer. */
export class LayerBuilder implements Layer {
  readonly settings = new Map<OptionKey, Setting>()
  readonly faults: Fault[] = []
  readonly faulty: OptionKey[] = []

  give({ key, value, source, path }: GivenValue): void {
    const option = optionsByKey.get(key)
    if (option === undefined) return
    const checked = option.kind.type.safeParse(value)
    if (checked.success) {
      this.settings.set(key, { value: checked.data, source })
      return
    }
    this.faulty.push(key)
    const where = source.startsWith('file ') ? ` (${source})` : ''
    for (const issue of checked.error.issues) {
      for (const fault of faultsOf(option, value, issue)) {
        this.faults.push({ path: `${path}${fault.path}`, message: `${fault.message}${where}` })
      }
    }
  }

  refuse(path: string, message: string): void {
    this.faults.push({ path, message })
  }
}

/** What zod found, in the words of the option. */
function faultsOf(option: Option<unknown>, value: unknown, issue: z.core.$ZodIssue): Fault[] {
  const { kind } = option
  if (issue.path.length > 1 || isUnknownPart(issue)) return faultsWithin(option, value, issue)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({ path: `.${name}`, message: unknownEntry(option, name) }))
  }
  if (issue.path.length === 0 || kind.entryExpects === null) {
    return [{ path: '', message: `expected ${kind.expects}, got ${received(option, value)}` }]
  }
  const [entry] = issue.path
  const isIndex = typeof entry === 'number'
  const path = isIndex ? `[${entry}]` : `.${String(entry)}`
  const got = shownValue(shownParts(option, entryOf(value, entry)))
  return [{ path, message: `expected ${kind.entryExpects}, got ${got}` }]
}

const isUnknownPart = ({ code, path }: z.core.$ZodIssue): boolean =>
  code === 'unrecognized_keys' && path.length > 0

/** Deep in a value there are no words of the option for it: those of zod, and where it is. */
function faultsWithin(option: Option<unknown>, value: unknown, issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map((part) =>
    typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
  )
  const place = path.join('')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ path: `${place}.${name}`, message: 'unknown key.' }))
  const got = shownParts(option, issue.path.reduce<unknown>(entryOf, value), issue.path)
  return [{ path: place, message: `${issue.message}, got ${shownValue(got)}` }]
}

function unknownEntry(option: Option<unknown>, name: string): string {
  const { default: values, kind } = option
  const known = kind.knownKeys ?? (isPlainObject(values) ? Object.keys(values) : [])
  const nearest = nearestName(name, known)
  if (nearest !== null || kind.knownKeys === undefined) return `unknown key.${suggestion(nearest)}`
  return `unknown key; known are ${known.join(', ')}`
}

function entryOf(value: unknown, entry: PropertyKey | undefined): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[])[Number(entry)]
  return isPlainObject(value) ? value[String(entry)] : undefined
}

/** " Did you mean x?", or nothing. */
export function suggestion(name: string | null): string {
  return name === null ? '' : ` Did you mean ${name}?`
}
