// The effective configuration as rows for people, secrets hidden: what `tasker config` prints.
import type { ConfigSource } from './layer.ts'
import type { LaterPart } from './option.ts'
import { optionsByKey } from './options.ts'
import type { OptionKey } from './options.ts'
import { printableValue } from './printable.ts'
import { valueOf } from './resolve.ts'
import type { ResolvedConfig } from './resolve.ts'

/** One option as it is in effect. */
export interface ConfigRow {
  readonly key: OptionKey
  /** Printable: passwords hidden, on one line. */
  readonly value: string
  readonly source: ConfigSource
  readonly unit: string | null
  readonly help: string
  /** The later part that gives it its effect; null: it has it now. */
  readonly takesEffectWith: LaterPart | null
}

/** Every option, in the order of the sections. */
export function describeConfig(resolved: ResolvedConfig): readonly ConfigRow[] {
  return [...optionsByKey].map(([key, option]) => ({
    key,
    value: printableValue(option, valueOf(resolved.config, key)),
    source: resolved.sources[key],
    unit: option.unit,
    help: option.help,
    takesEffectWith: option.takesEffectWith,
  }))
}
