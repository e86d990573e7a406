// The definitions that createTasker was given: built, registered, stored in the database, and found again for a request.
import { existsSync } from 'node:fs'
import { defaultEventsDirectory, environment, type Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { storeDefinition } from './database/definitions.ts'
import { buildDefinition, type DefinitionSource } from './definitions/build-definition.ts'
import { declaredEvents, type DeclaredEvent } from './definitions/declared-events.ts'
import { readEventFiles, type EventOfFile } from './definitions/event-files.ts'
import type { HandlerLookup } from './definitions/handler-lookup.ts'
import type { TaskDefinition } from './definitions/model.ts'
import { formatAddress, typeName } from './definitions/names.ts'
import { createRegistry, isInRange, type DefinitionRegistry } from './definitions/registry.ts'
import {
  ConfiguredTask,
  isTaskHandlerClass,
  type TaskHandlerClass,
} from './definitions/task-handler.ts'
import { defineTaskFromClass } from './definitions/task-hooks.ts'
import {
  fileOfConfiguredTask,
  loadConfiguredTask,
  loadDefinitionsFromDirectory,
} from './definitions/yaml-files.ts'
import { TaskerError } from './errors.ts'
import type { DefinitionId } from './ids.ts'
import type { TaskRequest } from './tasks/create-task.ts'

/** A builder, a definition read from YAML, or a task handler class. */
export type GivenDefinition = DefinitionSource | TaskDefinition | TaskHandlerClass

/** A definition's address in a request. */
export interface DefinitionAddress {
  /** Default `default`. */
  readonly namespace?: string | undefined
  readonly name: string
  /** Exact version or semver range. Default: the newest stable one. */
  readonly version?: string | undefined
}

/** What a request names, found: the definition, its id in the database, the version that was asked for. */
export type FoundDefinition = Pick<TaskRequest, 'definition' | 'definitionId' | 'askedVersion'>

/** What a worker may be limited to: `orchestration.namespaces` and `orchestration.versions`. */
export interface ServedLimits {
  readonly namespaces: readonly string[] | null
  /** A semver range. */
  readonly versions: string | null
}

export interface GivenDefinitions {
  readonly registry: DefinitionRegistry
  /** Custom events of `engine.customEventsDirectories`, by name: any step may publish them. */
  readonly fileEvents: ReadonlyMap<string, EventOfFile>
  /** All custom events: those, and what steps declare. */
  readonly declaredEvents: readonly DeclaredEvent[]
  /** Stores every definition, or finds it stored. @throws {TaskerError} DEFINITION_CHANGED */
  store(database: Database): Promise<void>
  /** @throws {TaskerError} DEFINITION_NOT_FOUND */
  find(asked: GivenDefinition | DefinitionAddress | string): FoundDefinition
  /** Those of the given namespaces and versions (null: all), by their id in the database. */
  served(limits: ServedLimits): ReadonlyMap<DefinitionId, TaskDefinition>
}

/**
 * Builds and registers what was given, and the YAML files of `engine.taskConfigDirectory` when handlers for them are given.
 * @throws {TaskerError} DEFINITION_INVALID, DEFINITION_CONFLICT, YAML_INVALID, TRANSACTION_UNAVAILABLE
 */
export async function gatherDefinitions(
  given: readonly GivenDefinition[],
  handlers: HandlerLookup | null,
  config: Config,
): Promise<GivenDefinitions> {
  const registry = createRegistry()
  const sources = new Map<GivenDefinition, TaskDefinition>()
  const add = (definition: TaskDefinition): TaskDefinition => {
    refuseUnavailableTransactions(definition, config)
    const isNew = registry.register(definition) === 'added'
    return isNew ? definition : registry.resolve(addressOf(definition))
  }
  for (const source of given) sources.set(source, add(await build(source, handlers, config)))
  const read = given.filter(isConfiguredTask)
  for (const definition of await readDirectory(handlers, config, read)) add(definition)

  const fromFiles = await readEventFiles(
    config.engine.customEventsDirectories,
    defaultEventsDirectory,
  )

  const stored = new Map<TaskDefinition, DefinitionId>()
  return {
    registry,
    fileEvents: new Map(fromFiles.map((event) => [event.name, event])),
    declaredEvents: declaredEvents(registry, fromFiles),
    async store(database) {
      for (const definition of registry.list())
        stored.set(definition, await store(database, definition))
    },
    find(asked) {
      const found = findIn(registry, sources, asked)
      const definitionId = stored.get(found.definition)
      if (definitionId === undefined) throw notGiven(found.definition)
      return { ...found, definitionId }
    },
    served: ({ namespaces, versions }) =>
      new Map(
        [...stored]
          .filter(([{ namespace }]) => namespaces?.includes(namespace) ?? true)
          .filter(([{ version }]) => versions === null || isInRange(version, versions))
          .map(([definition, id]) => [id, definition]),
      ),
  }
}

async function build(
  source: GivenDefinition,
  handlers: HandlerLookup | null,
  config: Config,
): Promise<TaskDefinition> {
  const stepsMax = config.execution.maxStepsPerTask
  if (!isTaskHandlerClass(source)) return buildDefinition(source, { stepsMax })
  if (!isConfiguredTask(source)) return buildDefinition(defineTaskFromClass(source), { stepsMax })
  return loadConfiguredTask(source, {
    handlers: handlers ?? {},
    directory: config.engine.taskConfigDirectory,
    environment: config.engine.environment,
    env: environment(),
    stepsMax,
  })
}

const isConfiguredTask = (given: GivenDefinition): given is TaskHandlerClass =>
  isTaskHandlerClass(given) && given.prototype instanceof ConfiguredTask

/** `read`: classes that have read files of their own. Where there are any, handlers alone do not ask for a directory. */
async function readDirectory(
  handlers: HandlerLookup | null,
  config: Config,
  read: readonly TaskHandlerClass[],
): Promise<readonly TaskDefinition[]> {
  const directory = config.engine.taskConfigDirectory
  if (handlers === null || (read.length > 0 && !existsSync(directory))) return []
  return loadDefinitionsFromDirectory(directory, {
    except: read.map((Handler) => fileOfConfiguredTask(Handler, directory)),
    handlers,
    environment: config.engine.environment,
    env: environment(),
    stepsMax: config.execution.maxStepsPerTask,
  })
}

// The handler's writes cannot commit together with an outcome that lives in another database.
function refuseUnavailableTransactions(definition: TaskDefinition, config: Config): void {
  const step = config.database.separate
    ? definition.steps.find(({ transaction }) => transaction)
    : undefined
  if (step === undefined) return
  throw new TaskerError(
    'TRANSACTION_UNAVAILABLE',
    `Step "${step.name}" of ${formatAddress(definition)} has transaction: true, but Tasker has a database of its own (database.separate).`,
  )
}

async function store(database: Database, definition: TaskDefinition): Promise<DefinitionId> {
  const { definitionId, isConflict } = await storeDefinition(database, definition)
  if (!isConflict) return definitionId
  throw new TaskerError(
    'DEFINITION_CHANGED',
    `${formatAddress(definition)} differs from the one stored, which tasks use.`,
    addressOf(definition),
  )
}

function findIn(
  registry: DefinitionRegistry,
  sources: ReadonlyMap<unknown, TaskDefinition>,
  asked: GivenDefinition | DefinitionAddress | string,
): Omit<FoundDefinition, 'definitionId'> {
  const known = sources.get(asked)
  if (known !== undefined) return { definition: known, askedVersion: known.version }
  if (typeof asked === 'function') throw notGiven(defineTaskFromClass(asked))
  if (isObject(asked) && ('toDraft' in asked || 'digest' in asked)) throw notGiven(asked)
  const address = typeof asked === 'string' ? parseAddress(asked) : requireAddress(asked)
  return { definition: registry.resolve(address), askedVersion: address.version ?? null }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What a JavaScript caller passes may be anything. */
function requireAddress(given: unknown): DefinitionAddress {
  const address: Partial<Record<keyof DefinitionAddress, unknown>> = isObject(given) ? given : {}
  const { namespace = '', name, version = '' } = address
  if ([namespace, name, version].every((part) => typeof part === 'string'))
    return address as DefinitionAddress // its parts are texts, see above
  throw new TaskerError(
    'REQUEST_INVALID',
    isObject(given)
      ? 'The address of a definition needs a name, and all of its parts are text.'
      : `A definition is named by itself, by text or by an address, received ${typeName(given)}.`,
  )
}

/** `name`, `namespace/name`, `namespace/name@version`. */
export function parseAddress(text: string): DefinitionAddress {
  const [path = '', version] = text.split('@', 2)
  const slash = path.indexOf('/')
  return {
    ...(slash < 0 ? {} : { namespace: path.slice(0, slash) }),
    name: path.slice(slash + 1),
    ...(version === undefined ? {} : { version }),
  }
}

const addressOf = ({ namespace, name, version }: TaskDefinition): Required<DefinitionAddress> => ({
  namespace,
  name,
  version,
})

const notGiven = (source: DefinitionSource | TaskDefinition): TaskerError =>
  new TaskerError(
    'DEFINITION_NOT_FOUND',
    `${formatAddress(buildDefinition(source))} was not given to createTasker.`,
  )
