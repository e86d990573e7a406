// From the global options to what the engine is given: the configuration file, the options of the
// command line above it, and the effective configuration.
import {
  resolveConfig,
  type ResolvedConfig,
  type TaskerOptions,
  type TaskerOptionsInput,
} from '@tasker/engine'
import { loadConfig, type CodeParts } from './config-module.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly database?: string
  readonly schema?: string
  readonly json?: boolean
  readonly debug?: boolean
  /** False: `--no-color`. */
  readonly color: boolean
}

export interface Settings {
  readonly resolved: ResolvedConfig
  readonly parts: CodeParts
  /** As people know it; null: there is none. */
  readonly configPath: string | null
  /** The same with other options of the command line's own, which give way to every other place. */
  withDefaults(defaults: DatabaseDefaults): ResolvedConfig
}

/** What a command would rather have where nobody says otherwise. */
export interface DatabaseDefaults {
  readonly migrate: 'auto'
}

/** `code`: what the command itself settles, before every other place. */
export async function loadSettings(
  options: GlobalOptions,
  code: Omit<TaskerOptionsInput, 'database'> = {},
): Promise<Settings> {
  const { file, parts } = await loadConfig(options.config)
  const resolveWith = (database: NonNullable<DatabaseInput>): ResolvedConfig =>
    resolveConfig({ code: { ...code, database }, ...(file === null ? {} : { file }) })
  const given = {
    ...(options.database === undefined ? {} : { url: options.database }),
    ...(options.schema === undefined ? {} : { schema: options.schema }),
  }
  const resolved = resolveWith(given)
  return {
    resolved,
    parts,
    configPath: file?.path ?? null,
    withDefaults(defaults) {
      const isFree = resolved.sources['database.migrate'] === 'default'
      return isFree ? resolveWith({ ...given, ...defaults }) : resolved
    },
  }
}

type DatabaseInput = Exclude<TaskerOptionsInput['database'], string>

/** Options for a command that reads and acts, and runs nothing: without definitions. */
export function withoutDefinitions({ resolved, parts }: Settings): TaskerOptions {
  const { definitions: _definitions, handlers: _handlers, ...rest } = parts
  return { ...rest, resolved }
}
