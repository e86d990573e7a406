// The configuration of Tasker: every option, from code, environment and file, checked together.
// This is the door of config/ and the one place of the engine that knows process.env. Level 1:
// knows errors and JSON.
import type { Environment } from './config/read-environment.ts'
import { resolveLayers } from './config/resolve.ts'
import type { ConfigFile, ResolvedConfig } from './config/resolve.ts'
import type { TaskerOptionsInput } from './config/options.ts'

export { readConfigFile } from './config/config-file.ts'
export { dependencyGraphPresets } from './config/dependency-graph-presets.ts'
export { describeConfig } from './config/describe.ts'
export type { ConfigRow } from './config/describe.ts'
export type { ConfigSource } from './config/layer.ts'
export type { Config, OptionKey, TaskerOptionsInput } from './config/options.ts'
export type { Environment } from './config/read-environment.ts'
export type { ConfigFile, ResolvedConfig } from './config/resolve.ts'
export { defaultEventsDirectory } from './config/sections/engine.ts'
export type { IdentityFunction, IdentityRequest } from './config/sections/engine.ts'

/** The three places that settings come from; each may be left out. */
export interface ConfigInput {
  /** Options given by the program. */
  readonly code?: TaskerOptionsInput | undefined
  /** A configuration file: `readConfigFile`, or the default export of a module with its path. */
  readonly file?: ConfigFile | undefined
  /** Environment variables. Default: those of this process. */
  readonly env?: Environment | undefined
}

/**
 * The effective configuration, frozen, and where each value came from.
 *
 * Code goes before environment, environment before file, file before defaults. A program that sets
 * an option means it (and can read the environment itself); a deployment corrects the file that was
 * shipped with the program.
 * @throws {TaskerError} CONFIG_INVALID with every fault of all three places.
 */
export function resolveConfig(input: ConfigInput = {}): ResolvedConfig {
  const { code, file, env = environment() } = input
  return resolveLayers({ code, file, env })
}

/** The environment variables of this process, as they are now. */
export function environment(): Environment {
  return { ...process.env }
}
