// Reads a layer of settings from environment variables: TASKER_<SECTION>__<KEY>, DATABASE_URL and
// NODE_ENV. It is handed the variables; config.ts alone knows process.env.
import { LayerBuilder, suggestion } from './layer.ts'
import type { Layer } from './layer.ts'
import { environmentName, keyOfEnvironmentName, nearestName } from './names.ts'
import { optionsByKey } from './options.ts'
import type { OptionKey } from './options.ts'
import { findReplaced, refusal, replacedKeys } from './replaced.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

const keysByName: ReadonlyMap<string, OptionKey> = new Map(
  [...optionsByKey.keys()].map((key) => [environmentName(key), key]),
)
const knownNames = [...keysByName.keys()]

/**
 * The variables that are named after the options.
 * An empty one counts as not set, as with `NAME=` in a compose file.
 */
export function readEnvironment(env: Environment): Layer {
  const layer = new LayerBuilder()
  for (const name of Object.keys(env).toSorted()) {
    if (!name.startsWith('TASKER_') || !env[name]) continue
    const key = keysByName.get(name)
    if (key === undefined) refuseUnknown(layer, name)
    else giveAs(layer, env, name, key)
  }
  return layer
}

/**
 * What the platform says. It may be meant for others as well, so Tasker's own variables go before
 * it.
 */
export function readPlatform(env: Environment): Layer {
  const layer = new LayerBuilder()
  giveAs(layer, env, 'DATABASE_URL', 'database.url')
  return layer
}

/**
 * What the environment says where nothing else does: NODE_ENV is everybody's, so even a file goes
 * before it.
 */
export function readFallbacks(env: Environment): Layer {
  const layer = new LayerBuilder()
  giveAs(layer, env, 'NODE_ENV', 'engine.environment')
  return layer
}

function giveAs(layer: LayerBuilder, env: Environment, name: string, key: OptionKey): void {
  const given = env[name]
  const kind = optionsByKey.get(key)?.kind
  if (!given || kind === undefined) return
  if (kind.parseText === null) {
    layer.refuse(name, `can only be given in code: ${kind.expects}`)
    return
  }
  layer.give({ key, value: kind.parseText(given), source: `env ${name}`, path: name })
}

/** Variables that are not of the form, and not nearly so, may be meant for something else. */
function refuseUnknown(layer: LayerBuilder, name: string): void {
  if (!name.includes('__')) {
    const meant = nameWithOneUnderscore(name)
    if (meant !== null) layer.refuse(name, `unknown variable.${suggestion(meant)}`)
    return
  }
  const replaced = findReplaced(keyOfEnvironmentName(name))
  if (replaced !== null) layer.refuse(name, refusal(replaced))
  else layer.refuse(name, `unknown variable.${suggestion(nearestVariable(name))}`)
}

function nearestVariable(name: string): string | null {
  const nearest = nearestName(keyOfEnvironmentName(name), [...optionsByKey.keys()])
  return nearest === null ? null : environmentName(nearest)
}

/** TASKER_BACKOFF_JITTER_ENABLED is taken for TASKER_BACKOFF__JITTER_ENABLED, misspelled. */
function nameWithOneUnderscore(name: string): string | null {
  const replaced = replacedKeys.map((entry) => environmentName(entry.key))
  const all = [...knownNames, ...replaced].filter((known) => known.includes('__'))
  return all.find((known) => known.replaceAll('__', '_') === name) ?? null
}
