// The composition root: puts the parts together from one set of options. Nothing else knows all of them.
import { resolveConfig, type Config, type ResolvedConfig, type TaskerOptionsInput } from './config.ts'
import { systemClock, type Clock } from './clock.ts'
import { connect, type Database } from './database/connect.ts'
import { storeDefinition } from './database/definitions.ts'
import { checkSchema, migrate } from './database/migrate.ts'
import { readHistory, readTasks, readWorkers, type HistoryRow, type TaskFilter, type TaskRow, type WorkerRow } from './database/read-tasks.ts'
import { settleTasks, type ClaimedStep } from './database/steps.ts'
import { buildDefinition, type DefinitionSource } from './definitions/build-definition.ts'
import type { ContextInputOf, ResultsOf, TypedDefinition } from './definitions/builder-types.ts'
import type { DatabaseClient } from './definitions/host-transaction.ts'
import type { TaskDefinition } from './definitions/model.ts'
import { createRegistry, type DefinitionRegistry } from './definitions/registry.ts'
import { Notifier } from './dispatch/wake-up.ts'
import { Worker } from './dispatch/worker.ts'
import { embeddedDatabase, type EmbeddedDatabase } from './embedded.ts'
import { TaskerError } from './errors.ts'
import { createEventBus, type EventBus } from './events/bus.ts'
import { parseTaskId, type DefinitionId, type TaskId } from './ids.ts'
import { silentLogger, type Logger } from './log.ts'
import { explain, type WhyReport } from './reports/why.ts'
import { priorityName, readTaskView, taskNotFound, type TaskView } from './reports/task-view.ts'
import type { Priority, TaskState } from './states.ts'
import { createAll, type Creation, type TaskRequest } from './tasks/create-task.ts'
import type { TaskOptions } from './tasks/request.ts'
import { Waiting, type WaitOptions } from './tasks/wait-for.ts'

/** Everything that `createTasker` takes: the sections of the configuration, and what only code can give. */
export interface TaskerOptions extends TaskerOptionsInput {
  /** What may run: builders, task handler classes, definitions read from YAML. */
  readonly definitions?: readonly (DefinitionSource | TaskDefinition)[]
  /** Use an already resolved configuration (the command line does); then the sections here must be left out. */
  readonly resolved?: ResolvedConfig
  /** pino satisfies it. Default: silence. */
  readonly logger?: Logger
  /** Decides the order in which steps claimed together are started. Default: as claimed, by priority. */
  readonly order?: (steps: readonly ClaimedStep[]) => readonly ClaimedStep[]
  /** For tests. Default: the system's. */
  readonly clock?: Clock
  /** Source of jitter, uniform in [0, 1). For tests. Default: Math.random. */
  readonly random?: () => number
}

/** A definition, or its address. */
export interface DefinitionAddress {
  /** Default `default`. */
  readonly namespace?: string
  readonly name: string
  /** Exact version or semver range. Default: the newest stable one. */
  readonly version?: string
}

type CreateRequest<Definition> = TaskOptions & {
  readonly context: ContextInputOf<Definition>
  /** The client of an open transaction of yours: the task is created with it, or not at all. Call `worker.wake()` after your commit to skip the poll. */
  readonly transaction?: DatabaseClient
}

export interface TaskListing extends Omit<TaskRow, 'priority'> {
  readonly priority: Priority
}

export interface TaskPage {
  readonly tasks: readonly TaskListing[]
  /** Pass as `after` for the next page; null on the last. */
  readonly nextCursor: TaskId | null
}

export type FindFilter = Omit<TaskFilter, 'limit' | 'after'> & {
  /** 1 to 200. Default 20. */
  readonly limit?: number
  readonly after?: string
}

export interface Tasks {
  /**
   * Creates one task, or finds the one an earlier identical request made.
   * @throws {TaskerError} DEFINITION_NOT_FOUND, CONTEXT_INVALID, REQUEST_INVALID, IDEMPOTENCY_CONFLICT
   */
  create<Definition extends DefinitionSource | TaskDefinition>(
    definition: Definition,
    request: CreateRequest<Definition>,
  ): Promise<Creation>
  create(address: DefinitionAddress | string, request: CreateRequest<unknown>): Promise<Creation>
  /** Creates all or none, in one call. */
  createMany(
    requests: readonly (TaskOptions & {
      readonly definition: DefinitionSource | TaskDefinition | DefinitionAddress | string
      readonly context: unknown
    })[],
    options?: { readonly transaction?: DatabaseClient },
  ): Promise<Creation[]>
  /** @throws {TaskerError} TASK_NOT_FOUND */
  get(taskId: string): Promise<TaskView>
  /** Newest first, in pages. */
  find(filter?: FindFilter): Promise<TaskPage>
  /** Resolves when the task has ended, with the whole task. `of` types its results. */
  waitFor<Definition = unknown>(
    taskId: string,
    options?: WaitOptions & { readonly of?: Definition },
  ): Promise<TaskView<ResultsOf<Definition>>>
  /** The whole history, in order. */
  history(taskId: string): Promise<readonly HistoryRow[]>
  /** For each step that is not done: why, since when, and what happens next. */
  why(taskId: string): Promise<WhyReport>
  /**
   * Ends a task: running steps are called off, the rest is cancelled, and nothing that finishes late changes it.
   * @throws {TaskerError} MOVE_NOT_ALLOWED when it has ended already (error may still be cancelled)
   */
  cancel(taskId: string, by?: { readonly actor?: string; readonly reason?: string }): Promise<void>
}

export interface TaskerWorker {
  /** Starts claiming and running steps of the definitions given to `createTasker`. */
  start(): Promise<void>
  /** Stops in stages: claims nothing more, waits, aborts, hands back. No attempt is spent. */
  stop(grace?: { readonly waitMs?: number; readonly abortMs?: number }): Promise<void>
  /** Something may be due: look now instead of at the next poll. */
  wake(): void
  readonly runningCount: number
}

export interface Tasker {
  readonly config: Config
  readonly tasks: Tasks
  readonly definitions: DefinitionRegistry
  readonly worker: TaskerWorker
  readonly events: EventBus
  workers(): Promise<readonly WorkerRow[]>
  /** Where the tables are; secrets hidden. */
  readonly database: { readonly url: string; readonly schema: string; readonly isEmbedded: boolean }
  /** Stops the worker, closes the connections, and leaves the embedded server. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Connects, brings the schema up to date or checks it, stores the definitions, and returns the one object everything is
 * done with. Nothing runs until `worker.start()`.
 * @throws {TaskerError} CONFIG_INVALID, DATABASE_UNREACHABLE, SCHEMA_*, DEFINITION_*
 */
export async function createTasker(options: TaskerOptions = {}): Promise<Tasker> {
  const { definitions = [], resolved, logger = silentLogger, order, clock = systemClock, random, ...sections } = options
  const { config } = resolved ?? resolveConfig({ code: sections })
  const registry = createRegistry()
  const sources: Sources = new Map()
  for (const source of definitions) {
    const definition = buildDefinition(source, { stepsMax: config.execution.maxStepsPerTask })
    refuseUnavailableTransactions(definition, config)
    const { namespace, name, version } = definition
    if (registry.register(definition) === 'unchanged') sources.set(source, registry.resolve({ namespace, name, version }))
    else sources.set(source, definition)
  }

  const embedded = config.database.url === null ? await embeddedDatabase(config.database.embedded, logger) : null
  const url = config.database.url ?? embedded?.url ?? ''
  let database: Database | null = null
  try {
    await prepareSchema(url, config, embedded !== null)
    database = connect({ ...config.database, url })
    const stored = await storeAll(database, registry)
    return compose({ config, logger, clock, random: random ?? Math.random, order: order ?? null, registry, sources, stored, database, embedded })
  } catch (error) {
    await database?.close()
    await embedded?.release()
    throw error
  }
}

async function prepareSchema(url: string, config: Config, isEmbedded: boolean): Promise<void> {
  const target = { url, schema: config.database.schema }
  switch (config.database.migrate ?? (isEmbedded ? 'auto' : 'check')) {
    case 'auto':
      await migrate(target)
      break
    case 'check':
      await checkSchema(target)
      break
    case 'off':
      break
  }
}

// The handler's writes cannot commit together with an outcome that lives in another database.
function refuseUnavailableTransactions(definition: TaskDefinition, config: Config): void {
  const step = config.database.separate ? definition.steps.find(({ transaction }) => transaction) : undefined
  if (step === undefined) return
  throw new TaskerError(
    'TRANSACTION_UNAVAILABLE',
    `Step "${step.name}" of ${definition.namespace}.${definition.name} has transaction: true, but Tasker has a database of its own (database.separate).`,
  )
}

/** What was built from what `createTasker` was given, so that `tasks.create` need not build it again. */
type Sources = Map<DefinitionSource | TaskDefinition, TaskDefinition>
type Stored = Map<TaskDefinition, DefinitionId>

async function storeAll(database: Database, registry: DefinitionRegistry): Promise<Stored> {
  const stored: Stored = new Map()
  for (const definition of registry.list()) {
    const { definitionId, isConflict } = await storeDefinition(database, definition)
    if (isConflict) {
      throw new TaskerError(
        'DEFINITION_CHANGED',
        `${definition.namespace}.${definition.name}@${definition.version} differs from the one stored, which tasks use.`,
        { namespace: definition.namespace, name: definition.name, version: definition.version },
      )
    }
    stored.set(definition, definitionId)
  }
  return stored
}

interface Parts {
  readonly config: Config
  readonly logger: Logger
  readonly clock: Clock
  readonly random: () => number
  readonly order: ((steps: readonly ClaimedStep[]) => readonly ClaimedStep[]) | null
  readonly registry: DefinitionRegistry
  readonly sources: Sources
  readonly stored: Stored
  readonly database: Database
  readonly embedded: EmbeddedDatabase | null
}

function compose(parts: Parts): Tasker {
  const { config, logger, clock, database, registry, embedded } = parts
  const bus = createEventBus(({ event, error }) => logger.error({ event, error }, 'a subscriber failed'))
  const notifier = new Notifier({ database, clock, cooldownMs: config.orchestration.notifyCooldownMs })
  const waiting = new Waiting({ database, clock, bus, pollIntervalMs: config.orchestration.pollIntervalMs })
  const newWorker = (): Worker =>
    new Worker({
      database,
      config,
      clock,
      bus,
      logger,
      notifier,
      definitions: servedDefinitions(parts),
      random: parts.random,
      order: parts.order,
    })
  let worker = newWorker()
  let isClosed = false

  const tasks = composeTasks({ ...parts, bus, notifier, waiting, currentWorker: () => worker })
  const stop: TaskerWorker['stop'] = async (grace = {}) => {
    await worker.stop({
      waitMs: grace.waitMs ?? config.orchestration.shutdownGraceMs,
      abortMs: grace.abortMs ?? config.orchestration.abortGraceMs,
    })
  }
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    await stop()
    waiting.close()
    await database.close()
    await embedded?.release()
  }

  return {
    config,
    tasks,
    definitions: registry,
    events: bus,
    worker: {
      async start() {
        if (isClosed) throw new TaskerError('TASKER_CLOSED', 'The worker cannot start.')
        if (worker.phase === 'stopped') worker = newWorker()
        await worker.start()
      },
      stop,
      wake: () => worker.wake(),
      get runningCount() {
        return worker.runningCount
      },
    },
    workers: () => readWorkers(database),
    database: {
      url: withoutPassword(database.options.url),
      schema: database.schema,
      isEmbedded: embedded !== null,
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

// A worker may serve chosen namespaces only.
function servedDefinitions({ config, stored }: Parts): ReadonlyMap<DefinitionId, TaskDefinition> {
  const { namespaces } = config.orchestration
  return new Map(
    [...stored]
      .filter(([definition]) => namespaces === null || namespaces.includes(definition.namespace))
      .map(([definition, id]) => [id, definition]),
  )
}

interface TaskParts extends Parts {
  readonly bus: EventBus
  readonly notifier: Notifier
  readonly waiting: Waiting
  readonly currentWorker: () => Worker
}

function composeTasks(parts: TaskParts): Tasks {
  const { config, clock, database, stored, bus, notifier, waiting, currentWorker } = parts
  const now = (): Date | null => clock.databaseNow()

  const resolve = (asked: unknown): Pick<TaskRequest, 'definition' | 'definitionId' | 'askedVersion'> => {
    const { definition, askedVersion } = findDefinition(asked, parts)
    const definitionId = stored.get(definition)
    if (definitionId === undefined) throw unknownDefinition(definition)
    return { definition, definitionId, askedVersion }
  }

  const create = async (requests: readonly TaskRequest[], transaction: DatabaseClient | null): Promise<Creation[]> => {
    if (transaction !== null && config.database.separate) {
      throw new TaskerError('TRANSACTION_UNAVAILABLE', 'Tasks cannot be created inside your transaction: Tasker has a database of its own (database.separate).')
    }
    const created = await createAll(requests, { database, clock, config, transaction })
    if (transaction === null) {
      currentWorker().wake()
      notifier.due()
      created.forEach((creation, index) => {
        const definition = requests[index]?.definition
        if (definition !== undefined && creation.created) publishCreated(bus, definition, creation.taskId, clock)
      })
    }
    return created
  }

  return {
    async create(asked: unknown, { context, transaction, ...options }: CreateRequest<unknown>): Promise<Creation> {
      const [creation] = await create([{ ...resolve(asked), context, options }], transaction ?? null)
      if (creation === undefined) throw new TaskerError('INTERNAL', 'create_tasks answered nothing.')
      return creation
    },
    createMany: (requests, options = {}) =>
      create(
        requests.map(({ definition, context, ...rest }) => ({ ...resolve(definition), context, options: rest })),
        options.transaction ?? null,
      ),
    get: async (taskId) => readTaskView(database, requireTaskId(taskId, database), now()),
    async find({ limit = 20, after, ...filter } = {}) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
        throw new TaskerError('REQUEST_INVALID', `limit must be a whole number from 1 to 200, received ${limit}.`)
      }
      const rows = await readTasks(database, {
        ...filter,
        limit: limit + 1,
        after: after === undefined ? undefined : requireTaskId(after, database),
      })
      const page = rows.slice(0, limit)
      return {
        tasks: page.map((row) => ({ ...row, priority: priorityName(row.priority) })),
        nextCursor: rows.length > limit ? (page.at(-1)?.taskId ?? null) : null,
      }
    },
    async waitFor<Definition>(taskId: string, options: WaitOptions = {}): Promise<TaskView<ResultsOf<Definition>>> {
      const id = requireTaskId(taskId, database)
      await readTaskView(database, id, now()) // an unknown task would be waited for in vain
      await waiting.untilEnded(id, options)
      // The definition says which results its steps return; `of` is the caller's word for which definition it is.
      return (await readTaskView(database, id, now())) as TaskView<ResultsOf<Definition>>
    },
    async history(taskId) {
      const id = requireTaskId(taskId, database)
      const rows = await readHistory(database, id)
      if (rows.length === 0) throw taskNotFound(taskId, database.schema)
      return rows
    },
    why: (taskId) => explain(database, requireTaskId(taskId, database), now()),
    async cancel(taskId, { actor = 'code', reason = 'cancelled' } = {}) {
      const id = requireTaskId(taskId, database)
      const [settled] = await settleTasks(database, { taskIds: [id], state: 'cancelled', actor, reason, now: now() })
      if (settled === undefined) throw taskNotFound(taskId, database.schema)
      if (!settled.isSettled) throw refusedMove(taskId, settled.from)
      currentWorker().abortTasks([id])
      await notifier.cancelled([id])
      const task = await readTaskView(database, id, now())
      bus.publish('task.cancelled', {
        eventId: `${id}/${settled.seq}`,
        taskId: id,
        namespace: task.namespace,
        taskName: task.name,
        version: task.version,
        state: task.state,
        createdAt: task.createdAt,
        endedAt: task.endedAt,
      })
    },
  }
}

function findDefinition(
  asked: unknown,
  { sources, registry }: Pick<Parts, 'sources' | 'registry'>,
): { readonly definition: TaskDefinition; readonly askedVersion: string | null } {
  if (isSource(asked)) {
    const definition = sources.get(asked)
    if (definition === undefined) throw unknownDefinition(buildDefinition(asked))
    return { definition, askedVersion: definition.version }
  }
  // What is left of the parameter's type is an address, or its text.
  const address = typeof asked === 'string' ? parseAddress(asked) : (asked as DefinitionAddress)
  return { definition: registry.resolve(address), askedVersion: address.version ?? null }
}

const isSource = (value: unknown): value is DefinitionSource | TaskDefinition =>
  typeof value === 'object' && value !== null && ('digest' in value || 'toDraft' in value)

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

function publishCreated(bus: EventBus, definition: TaskDefinition, taskId: TaskId, clock: Clock): void {
  if (!bus.hasSubscribers('task.initialize_requested')) return
  bus.publish('task.initialize_requested', {
    eventId: `${taskId}/0`,
    taskId,
    namespace: definition.namespace,
    taskName: definition.name,
    version: definition.version,
    state: 'pending',
    createdAt: clock.databaseNow() ?? new Date(clock.nowMs()),
    endedAt: null,
  })
}

function requireTaskId(taskId: string, database: Database): TaskId {
  const id = parseTaskId(taskId)
  if (id === null) throw taskNotFound(taskId, database.schema)
  return id
}

const unknownDefinition = ({ namespace, name, version }: TaskDefinition): TaskerError =>
  new TaskerError('DEFINITION_NOT_FOUND', `${namespace}.${name}@${version} was not given to createTasker.`)

const refusedMove = (taskId: string, from: TaskState): TaskerError =>
  new TaskerError('MOVE_NOT_ALLOWED', `Task ${taskId} is ${from}; it cannot be cancelled.`, { taskId, from, allowed: [] })

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@]*):[^@]*@/, '$1:***@')
}

export type { TypedDefinition }
