// Definitions from YAML texts, files and directories. Faults of all files come together, each with file, line, column.
import { channel } from 'node:diagnostics_channel'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TaskerError, listFaults } from '../errors.ts'
import type { HandlerLookup } from './handler-lookup.ts'
import type { TaskDefinition } from './model.ts'
import { formatAddress } from './names.ts'
import type { TaskHandlerClass } from './task-handler.ts'
import { underscored } from './task-hooks.ts'
import {
  readDefinitionData,
  type DefinitionReading,
  type ReadingOptions,
  type YamlOptions,
} from './yaml-definition.ts'
import { placedFault, readYaml, type YamlFault } from './yaml-source.ts'
import type { Variables } from './yaml-variables.ts'

/** Each file and directory that is about to be read, as an absolute path: for tools that look for changes. */
export const definitionFileChannel = 'tasker:definition-file'
const aboutToRead = channel(definitionFileChannel)

type ConfiguredTaskClass = TaskHandlerClass & { readonly yamlPath?: string | URL | undefined }

/**
 * Reads a definition from YAML text. `file` is the name in messages.
 * @throws {TaskerError} YAML_INVALID with every fault in `details.faults`: file, line, column, path, message.
 */
export function readDefinition(text: string, file: string, options: YamlOptions): TaskDefinition {
  const reading = readText(text, file, options)
  if (!reading.ok) throw yamlInvalid(file, reading.faults)
  return reading.definition
}

/**
 * Reads a definition from a YAML file.
 * @throws {TaskerError} YAML_INVALID, also when the file cannot be read.
 */
export async function loadDefinition(
  file: string | URL,
  options: YamlOptions,
): Promise<TaskDefinition> {
  const path = file instanceof URL ? fileURLToPath(file) : file
  const reading = await readOne(path, options)
  if (!reading.ok) throw yamlInvalid(path, reading.faults)
  return reading.definition
}

/**
 * Reads every `.yaml` and `.yml` file of a directory and of those below it, in order of path. Two files may not hold
 * the same version of the same task.
 * @throws {TaskerError} YAML_INVALID with the faults of all files.
 */
export async function loadDefinitionsFromDirectory(
  directory: string | URL,
  options: YamlOptions & {
    /** Files that are left out: those that classes read themselves. Default: none. */
    readonly except?: readonly string[]
  },
): Promise<readonly TaskDefinition[]> {
  const root = directory instanceof URL ? fileURLToPath(directory) : directory
  const except = new Set(options.except?.map((file) => resolve(file)))
  const files = (await listFiles(root)).filter((file) => !except.has(resolve(file)))
  const { definitions, faults } = await readAll(files, options)
  if (faults.length > 0) throw yamlInvalid(root, faults)
  return definitions
}

export interface ValidateOptions {
  /** Files, and directories with all that is below them. */
  readonly paths: readonly (string | URL)[]
  /** Classes and functions by the names in the files. Default: whether a handler exists is not checked. */
  readonly handlers?: HandlerLookup
  /** The block under `environments` whose definitions are returned; every block is checked. Default: none. */
  readonly environment?: string
  /** Values for `${VAR}`. Default: variables are left alone, as CI rarely has them. */
  readonly env?: Variables
}

export interface ValidationReport {
  /** The files that were read, in order. */
  readonly files: readonly string[]
  /** Those without a fault. */
  readonly definitions: readonly TaskDefinition[]
  readonly faults: readonly YamlFault[]
}

/**
 * Checks YAML definitions as `createTasker` would, without a database: every fault of every file, as a value. What cannot
 * be read is a fault as well.
 */
export async function validateDefinitions(options: ValidateOptions): Promise<ValidationReport> {
  const { paths, handlers, env = null, ...rest } = options
  const found = await Promise.all(paths.map((path) => filesAt(path)))
  const files = [...new Set(found.flatMap((at) => at.files))]
  const { definitions, faults } = await readAll(files, {
    ...rest,
    env,
    handlers: handlers ?? {},
    allowMissingHandlers: handlers === undefined,
  })
  return { files, definitions, faults: [...found.flatMap((at) => at.faults), ...faults] }
}

/**
 * Reads the file of a ConfiguredTask class: its `yamlPath`, or `<directory>/<class name underscored>.yaml`.
 * @throws {TaskerError} YAML_INVALID
 */
export async function loadConfiguredTask(
  Handler: ConfiguredTaskClass,
  options: Omit<YamlOptions, 'taskHandler'> & {
    /** Where the files of configured tasks are. Default `config/tasker/tasks`. */
    readonly directory?: string
  },
): Promise<TaskDefinition> {
  const directory = options.directory ?? join('config', 'tasker', 'tasks')
  const file = fileOfConfiguredTask(Handler, directory)
  return loadDefinition(file, { ...options, taskHandler: Handler })
}

/** The path of the file that `loadConfiguredTask` reads. */
export function fileOfConfiguredTask(Handler: ConfiguredTaskClass, directory: string): string {
  const { yamlPath } = Handler
  if (yamlPath === undefined) return join(directory, `${underscored(Handler.name)}.yaml`)
  return yamlPath instanceof URL ? fileURLToPath(yamlPath) : yamlPath
}

/** Two files may not hold the same version of the same task. */
async function readAll(
  files: readonly string[],
  options: ReadingOptions,
): Promise<Omit<ValidationReport, 'files'>> {
  const readings = await Promise.all(files.map((file) => readOne(file, options)))
  const faults = readings.flatMap((reading) => (reading.ok ? [] : reading.faults))
  const definitions = readings.flatMap((reading) => (reading.ok ? [reading.definition] : []))
  return { definitions, faults: [...faults, ...repeatFaults(files, readings)] }
}

/** A path that cannot be looked into is a fault among the others. */
export async function filesAt(
  given: string | URL,
): Promise<{ readonly files: readonly string[]; readonly faults: readonly YamlFault[] }> {
  const path = given instanceof URL ? fileURLToPath(given) : given
  try {
    const isDirectory = (await stat(path)).isDirectory()
    return { files: isDirectory ? await filesBelow(path) : [path], faults: [] }
  } catch (error) {
    return { files: [], faults: [unreadable(path, error)] }
  }
}

async function readOne(file: string, options: ReadingOptions): Promise<DefinitionReading> {
  aboutToRead.publish(resolve(file))
  try {
    return readText(await readFile(file, 'utf8'), file, options)
  } catch (error) {
    if (error instanceof TaskerError) throw error
    return { ok: false, faults: [unreadable(file, error)] }
  }
}

function readText(text: string, file: string, options: ReadingOptions): DefinitionReading {
  const reading = readYaml(text, file)
  return reading.ok ? readDefinitionData(reading.source, options) : reading
}

async function listFiles(root: string): Promise<readonly string[]> {
  try {
    return await filesBelow(root)
  } catch (error) {
    throw yamlInvalid(root, [unreadable(root, error)])
  }
}

async function filesBelow(root: string): Promise<readonly string[]> {
  aboutToRead.publish(resolve(root))
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

function repeatFaults(
  files: readonly string[],
  readings: readonly DefinitionReading[],
): readonly YamlFault[] {
  const firstFile = new Map<string, string>()
  return readings.flatMap((reading, index) => {
    if (!reading.ok) return []
    const address = formatAddress(reading.definition)
    const file = files[index] ?? ''
    const first = firstFile.get(address)
    if (first === undefined) {
      firstFile.set(address, file)
      return []
    }
    const message = `${address} is also defined in ${first}; give one of them another version`
    return [{ path: 'version', message, file, line: 1, column: 1 }]
  })
}

export function unreadable(file: string, error: unknown): YamlFault {
  const reason = error instanceof Error ? error.message : String(error)
  return { path: 'file', message: `cannot be read: ${reason}`, file, line: 1, column: 1 }
}

export function yamlInvalid(what: string, faults: readonly YamlFault[]): TaskerError {
  const message = `${what} has ${listFaults(faults.map(placedFault))}`
  return new TaskerError('YAML_INVALID', message, { faults })
}
