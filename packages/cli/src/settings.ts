// From the global options to what the engine is given: the configuration file, the options of the
// command line above it, and the effective configuration.
import {
  resolveConfig,
  type OptionKey,
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
  /** The same with what `tasker dev` would rather have where nobody says otherwise: a schema up to date, GraphQL to explore. */
  forDevelopment(): ResolvedConfig
}

/** `code`: what the command itself settles, before every other place. */
export async function loadSettings(
  options: GlobalOptions,
  code: Omit<TaskerOptionsInput, 'database'> = {},
): Promise<Settings> {
  const { file, parts } = await loadConfig(options.config)
  const given = {
    ...(options.database === undefined ? {} : { url: options.database }),
    ...(options.schema === undefined ? {} : { schema: options.schema }),
  }
  const resolveWith = (more: Pick<TaskerOptionsInput, 'database' | 'server'>): ResolvedConfig =>
    resolveConfig({ code: { ...code, ...more }, ...(file === null ? {} : { file }) })
  const resolved = resolveWith({ database: given })
  const isFree = (key: OptionKey): boolean => resolved.sources[key] === 'default'
  return {
    resolved,
    parts,
    configPath: file?.path ?? null,
    forDevelopment: () =>
      resolveWith({
        database: { ...given, ...(isFree('database.migrate') ? { migrate: 'auto' as const } : {}) },
        server: {
          ...code.server,
          graphql: {
            ...(isFree('server.graphql.introspection') ? { introspection: true } : {}),
            ...(isFree('server.graphql.playground') ? { playground: true } : {}),
          },
        },
      }),
  }
}

/** Options for a command that reads and acts, and runs nothing: without definitions. */
export function withoutDefinitions({ resolved, parts }: Settings): TaskerOptions {
  const { definitions: _definitions, handlers: _handlers, ...rest } = parts
  return { ...rest, resolved }
}
