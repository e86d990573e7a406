// Every option of Tasker in one immutable literal, and the types that follow from it. Each section
// is written out in sections/; reading and merging given values is resolve.ts.
// docs/reference/config.md is generated from here.
import { isOption } from './option.ts'
import type { InputOf, KeysOf, Option, OptionGroup, ValuesOf } from './option.ts'
import { authOptions } from './sections/auth.ts'
import { backoffOptions } from './sections/backoff.ts'
import { cacheOptions } from './sections/cache.ts'
import { databaseOptions } from './sections/database.ts'
import { dependentSystemsOption } from './sections/dependent-systems.ts'
import { dependencyGraphOptions } from './sections/dependency-graph.ts'
import { engineOptions } from './sections/engine.ts'
import { executionOptions } from './sections/execution.ts'
import { healthOptions } from './sections/health.ts'
import { httpOptions } from './sections/http.ts'
import { orchestrationOptions } from './sections/orchestration.ts'
import { serverOptions } from './sections/server.ts'
import { telemetryOptions } from './sections/telemetry.ts'

export const options = freezeGroups({
  auth: authOptions,
  database: databaseOptions,
  telemetry: telemetryOptions,
  engine: engineOptions,
  health: healthOptions,
  server: serverOptions,
  dependencyGraph: dependencyGraphOptions,
  backoff: backoffOptions,
  execution: executionOptions,
  http: httpOptions,
  dependentSystems: dependentSystemsOption,
  cache: cacheOptions,
  orchestration: orchestrationOptions,
})

type Options = typeof options

/** The configuration that the engine reads: every option with its value, frozen to the bottom. */
export type Config = ValuesOf<Options>

/** The dotted key of an option, `backoff.maxBackoffSeconds`. */
export type OptionKey = KeysOf<Options>

/** The name of a section, `backoff`. */
export type SectionName = keyof Options

/**
 * What may be given in code: any part of any section. Each option is described in
 * docs/reference/config.md. `database` may also be the URL alone.
 */
export type TaskerOptionsInput = {
  readonly [Name in SectionName]?:
    InputOf<Options[Name]> | (Name extends 'database' ? string : never) | undefined
}

/** All options by their dotted key, in the order of the literal. */
export const optionsByKey: ReadonlyMap<OptionKey, Option<unknown>> = new Map(flatten(options, ''))

/** Says whether there is an option of this key; then its type is known too. */
export function isOptionKey(key: string): key is OptionKey {
  // The lookup is the proof, so widening the key for it loses nothing.
  return (optionsByKey as ReadonlyMap<string, unknown>).has(key)
}

function flatten(group: OptionGroup, prefix: string): (readonly [OptionKey, Option<unknown>])[] {
  return Object.entries(group).flatMap(([name, node]) => {
    const key = `${prefix}${name}`
    if (!isOption(node)) return flatten(node, `${key}.`)
    // True because OptionKey is computed from the same literal, in the same way.
    const optionKey = key as OptionKey
    return [[optionKey, node] as const]
  })
}

function freezeGroups<Group extends OptionGroup>(group: Group): Readonly<Group> {
  for (const node of Object.values(group)) if (!isOption(node)) freezeGroups(node)
  return Object.freeze(group)
}
