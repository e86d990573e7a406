// Finds and reads the configuration file. YAML and JSON are data, read by the engine; TypeScript
// and JavaScript are programs, imported here, and may bring what only code can give.
import { existsSync } from 'node:fs'
import { extname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  readConfigFile,
  TaskerError,
  type ConfigFile,
  type TaskerOptions,
  type TaskerOptionsInput,
} from '@tasker/engine'
import { FailureWithAdvice } from './failure.ts'
import { loadFaultOf } from './load-fault.ts'
import { recordLoadedFiles } from './reload/loaded-files.ts'

/** What a configuration file in code may hold: the sections, and what only code can give. */
export type TaskerConfig = Omit<TaskerOptions, 'resolved'>

/** Gives a configuration file its types; returns what it was given. */
export function defineConfig(config: TaskerConfig): TaskerConfig {
  return config
}

/** The parts of a configuration that are no options. */
export type CodeParts = Omit<TaskerConfig, keyof TaskerOptionsInput>
/** Each of them, so that the compiler asks for a new one. */
type EveryPart = { readonly [Part in keyof Required<CodeParts>]: CodeParts[Part] | undefined }

export interface LoadedConfig {
  /** Null: there is no configuration file. */
  readonly file: ConfigFile | null
  readonly parts: CodeParts
}

const dataExtensions = ['.yaml', '.yml', '.json']
const codeExtensions = ['.ts', '.mts', '.mjs', '.js']

/**
 * Reads the file given, or else the first `tasker.config.*` of the working directory.
 * @throws {TaskerError} CONFIG_INVALID; and whatever the file itself throws.
 */
export async function loadConfig(asked: string | undefined): Promise<LoadedConfig> {
  const path = asked ?? findConfig()
  if (path === null) return { file: null, parts: {} }
  if (dataExtensions.includes(extname(path))) return { file: await readConfigFile(path), parts: {} }
  const shown = relative(process.cwd(), resolve(path))
  const config = await importConfig(path, shown)
  const { definitions, handlers, subscribers, secrets, cacheStore, cacheDetectors, ...others } =
    config
  const { exporters, logger, logs, order, clock, random, metrics, recent, ...sections } = others
  const named = { definitions, handlers, subscribers, secrets, cacheStore, cacheDetectors }
  const running = { exporters, logger, logs, order, clock, random, metrics, recent }
  const parts: EveryPart = { ...named, ...running }
  const given = Object.entries(parts).filter(([, part]) => part !== undefined)
  // True: the entries of these parts, without those that are undefined.
  return { file: { path: shown, values: sections }, parts: Object.fromEntries(given) as CodeParts }
}

function findConfig(): string | null {
  const names = [...codeExtensions, ...dataExtensions].map((end) => `tasker.config${end}`)
  return names.find((name) => existsSync(name)) ?? null
}

async function importConfig(path: string, shown: string): Promise<TaskerConfig> {
  if (!codeExtensions.includes(extname(path))) {
    const known = [...codeExtensions, ...dataExtensions].join(', ')
    throw invalid(shown, `ends in "${extname(path)}"; known are ${known}`)
  }
  if (!existsSync(path)) throw invalid(shown, 'does not exist')
  const loaded = await importModule(path, shown)
  const config: unknown = 'default' in loaded ? loaded['default'] : undefined
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw invalid(shown, 'has no object as its default export')
  }
  // Each part is checked where it is used: the sections by the engine's configuration, definitions
  // when they are built.
  return config
}

async function importModule(path: string, shown: string): Promise<Record<string, unknown>> {
  const loaded = recordLoadedFiles()
  try {
    // True of every module: its exports by name.
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
  } catch (error) {
    const { place, reason, advice } = loadFaultOf(error, loaded.lastModule())
    if (error instanceof TaskerError) {
      if (place === null || error.code === 'YAML_INVALID') throw error // which names its lines
      throw new FailureWithAdvice(error, [`at ${place}`])
    }
    const what = [...(place === null ? [] : [place]), reason].join(': ')
    throw new TaskerError(
      'CONFIG_INVALID',
      [`The configuration file ${shown} could not be loaded: ${what}.`, ...advice].join(' '),
      { path: shown, place },
      error,
    )
  } finally {
    loaded.end()
  }
}

function invalid(path: string, problem: string): TaskerError {
  return new TaskerError('CONFIG_INVALID', `The configuration file ${path} ${problem}.`, { path })
}
