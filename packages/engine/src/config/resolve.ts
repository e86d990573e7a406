// Merges the layers into one configuration and says where each value came from, or reports every
// fault at once. Code goes before environment, environment before file, file before defaults.
// Reading the layers is read-values.ts and read-environment.ts.
import { TaskerError, listFaults } from '../errors.ts'
import type { Fault } from '../errors.ts'
import type { ConfigSource, Layer, Setting } from './layer.ts'
import { freezeData, isOption } from './option.ts'
import type { Option, OptionGroup } from './option.ts'
import { options, optionsByKey } from './options.ts'
import type { Config, OptionKey, TaskerOptionsInput } from './options.ts'
import { printableValue } from './printable.ts'
import { readEnvironment, readFallbacks, readPlatform } from './read-environment.ts'
import type { Environment } from './read-environment.ts'
import { readValues } from './read-values.ts'
import { rules } from './rules.ts'
import type { Rule } from './rules.ts'

/** The content of a configuration file, not yet checked. */
export interface ConfigFile {
  /** As it is shown in messages and as a source. */
  readonly path: string
  readonly values: unknown
}

export interface ConfigLayers {
  readonly code: TaskerOptionsInput | undefined
  readonly file: ConfigFile | undefined
  readonly env: Environment
}

/** The configuration, and for every option where its value came from. Frozen. */
export interface ResolvedConfig {
  readonly config: Config
  readonly sources: Readonly<Record<OptionKey, ConfigSource>>
}

type Settings = ReadonlyMap<OptionKey, Setting>

/** @throws {TaskerError} CONFIG_INVALID with every fault of every layer. */
export function resolveLayers({ code, file, env }: ConfigLayers): ResolvedConfig {
  const layers = readLayers({ code, file, env })
  const merged = mergeSettings(layers.map((layer) => layer.settings))
  const settings = withChosenDatabase(merged, layers)
  const config = buildConfig(settings)
  const sources = buildSources(settings)
  const faults = [
    ...layers.flatMap((layer) => layer.faults),
    ...databaseFaults(layers),
    ...brokenRules({ config, sources }, layers),
  ]
  if (faults.length > 0) {
    throw new TaskerError('CONFIG_INVALID', `The configuration has ${listFaults(faults)}`, {
      faults,
    })
  }
  return Object.freeze({ config, sources })
}

/** From the weakest to the strongest. */
function readLayers({ code, file, env }: ConfigLayers): readonly Layer[] {
  const own = [readEnvironment(env), readValues(code, 'code')]
  const choosesDatabase = own.some(
    ({ settings }) => settings.has('database.url') || settings.has('database.embedded'),
  )
  return [
    readFallbacks(env),
    ...(file === undefined ? [] : [readValues(file.values, `file ${file.path}`)]),
    // DATABASE_URL may be meant for another program, even another database system: where Tasker was
    // told its own database, it is not even looked at.
    ...(choosesDatabase ? [] : [readPlatform(env)]),
    ...own,
  ]
}

function mergeSettings(layers: readonly Settings[]): Settings {
  return new Map(layers.flatMap((settings) => [...settings]))
}

/**
 * A folder for the embedded server, set in a stronger layer than the URL, chooses the embedded
 * server.
 */
function withChosenDatabase(merged: Settings, layers: readonly Layer[]): Settings {
  const rankOf = (key: OptionKey) => layers.findLastIndex((layer) => layer.settings.has(key))
  const embedded = merged.get('database.embedded')
  if (embedded === undefined || rankOf('database.embedded') <= rankOf('database.url')) return merged
  return new Map(merged).set('database.url', { value: null, source: embedded.source })
}

/** One place cannot ask for both: there it is not known which was meant. */
function databaseFaults(layers: readonly Layer[]): Fault[] {
  return layers.flatMap(({ settings }) => {
    const url = settings.get('database.url')
    const embedded = settings.get('database.embedded')
    if (!url || url.value === null || !embedded) return []
    const message =
      `contradicts database.embedded: both are set (${url.source}, ${embedded.source}). ` +
      'Keep the one that is meant.'
    return [{ path: 'database.url', message }]
  })
}

function buildConfig(settings: Settings): Config {
  const build = (group: OptionGroup, prefix: string): unknown => {
    const entries = Object.entries(group).map(([name, node]) => {
      const key = `${prefix}${name}`
      if (!isOption(node)) return [name, build(node, `${key}.`)] as const
      // True because the keys of the literal are what OptionKey is computed from.
      const setting = settings.get(key as OptionKey)
      return [name, setting === undefined ? node.default : effectiveValue(node, setting)] as const
    })
    return Object.freeze(Object.fromEntries(entries))
  }
  // True because it has the shape of the literal and each value passed the check of its option.
  return build(options, '') as Config
}

/**
 * Data is a copy of ours by now and is frozen; an object that only code can give stays the
 * program's.
 */
function effectiveValue(option: Option<unknown>, { value }: Setting): unknown {
  return option.kind.parseText === null ? value : freezeData(value)
}

function buildSources(settings: Settings): ResolvedConfig['sources'] {
  const entries = [...optionsByKey.keys()].map(
    (key) => [key, settings.get(key)?.source ?? 'default'] as const,
  )
  // True because optionsByKey holds every key.
  return Object.freeze(Object.fromEntries(entries) as Record<OptionKey, ConfigSource>)
}

/** Rules are asked only about values that are valid by themselves. */
function brokenRules(resolved: ResolvedConfig, layers: readonly Layer[]): Fault[] {
  const faulty = new Set(layers.flatMap((layer) => layer.faulty))
  return rules
    .filter((rule) => !rule.keys.some((key) => faulty.has(key)))
    .filter((rule) => !rule.isKept(resolved.config))
    .map((rule) => ({ path: rule.keys[0], message: ruleMessage(rule, resolved) }))
}

function ruleMessage({ keys, must }: Rule, resolved: ResolvedConfig): string {
  const given = keys.map((key) => {
    const option = optionsByKey.get(key)
    const value = option && printableValue(option, valueOf(resolved.config, key))
    return `${key} is ${value} (${resolved.sources[key]})`
  })
  return `must ${must}; ${given.join(', ')}`
}

/** The value of one option. */
export function valueOf(config: Config, key: OptionKey): unknown {
  let node: unknown = config
  // Each part names an own property, because the key and the configuration come from the same
  // literal.
  for (const name of key.split('.')) node = (node as Readonly<Record<string, unknown>>)[name]
  return node
}
