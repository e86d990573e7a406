// What can be asked of tasks: create, find, read, wait, explain; and what operators do to them (operator-actions.ts). Each
// answers from the database; what concerns running workers is handed on.
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import { countTasks, findTasks } from './database/find-tasks.ts'
import { isTaskKnown, readHistory, type HistoryRow, type TaskRow } from './database/read-tasks.ts'
import type { Operated } from './database/operate.ts'
import type { ContextInputOf, ResultsOf } from './definitions/builder-types.ts'
import type { DatabaseClient } from './definitions/host-transaction.ts'
import { TaskerError } from './errors.ts'
import type { EventBus } from './events/bus.ts'
import type { EngineOperations } from './events/operations.ts'
import type { DefinitionAddress, GivenDefinition, GivenDefinitions } from './given-definitions.ts'
import type { TaskId } from './ids.ts'
import type { Instrumentation } from './instrumentation.ts'
import {
  operatorActions,
  requireTaskId,
  type DefinitionNames,
  type OperatorActions,
} from './operator-actions.ts'
import { priorityName, readTaskView, taskNotFound, type TaskView } from './reports/task-view.ts'
import { readTimeline, type Timeline } from './reports/timeline.ts'
import { explain, type WhyReport } from './reports/why.ts'
import type { Priority } from './states.ts'
import { taskEdits, type TaskEdits } from './task-edits.ts'
import { taskReads, type TaskReads } from './task-reads.ts'
import { createAll, type Creation, type TaskRequest } from './tasks/create-task.ts'
import {
  readFindFilter,
  readSelection,
  type FindFilter,
  type TaskSelection,
} from './tasks/find-filter.ts'
import type { OperatorOrder } from './tasks/operator-order.ts'
import { requireClient, requireRequest, requireRequests } from './tasks/request-shape.ts'
import type { TaskOptions } from './tasks/request.ts'
import type { Waiting, WaitOptions } from './tasks/wait-for.ts'

export type CreateRequest<Definition> = TaskOptions & {
  readonly context: ContextInputOf<Definition>
  /** The client of an open transaction of yours: the task is created with it, or not at all. Call `worker.wake()` after your commit to skip the poll. */
  readonly transaction?: DatabaseClient
}

export interface TaskListing extends Omit<TaskRow, 'priority'> {
  readonly priority: Priority
}

export interface TaskPage {
  readonly tasks: readonly TaskListing[]
  /** Pass as `after` for the next page; null on the last. A page may be short, or empty, and not be the last. */
  readonly nextCursor: TaskId | null
}

export interface TaskCount {
  /** 1,000 at most. */
  readonly count: number
  /** There are more, or may be where looking ended. */
  readonly isCapped: boolean
}

export interface Tasks extends OperatorActions, TaskReads, TaskEdits {
  /**
   * Creates one task, or finds the one an earlier identical request made.
   * @throws {TaskerError} DEFINITION_NOT_FOUND, CONTEXT_INVALID, REQUEST_INVALID, IDEMPOTENCY_CONFLICT
   */
  create<Definition extends GivenDefinition>(
    definition: Definition,
    request: CreateRequest<Definition>,
  ): Promise<Creation>
  create(address: DefinitionAddress | string, request: CreateRequest<unknown>): Promise<Creation>
  /** Creates all or none, in one call. */
  createMany(
    requests: readonly (TaskOptions & {
      readonly definition: GivenDefinition | DefinitionAddress | string
      readonly context: unknown
    })[],
    options?: { readonly transaction?: DatabaseClient },
  ): Promise<Creation[]>
  /** @throws {TaskerError} TASK_NOT_FOUND */
  get(taskId: string): Promise<TaskView>
  /**
   * In pages, newest first unless asked otherwise.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  find(filter?: FindFilter): Promise<TaskPage>
  /**
   * How many would be found, as far as 1,000: as cheap as a page or two.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the filter
   */
  count(filter?: TaskSelection): Promise<TaskCount>
  /** Resolves when the task has ended, with the whole task. `of` types its results. */
  waitFor<Definition = unknown>(
    taskId: string,
    options?: WaitOptions & { readonly of?: Definition },
  ): Promise<TaskView<ResultsOf<Definition>>>
  /** The whole history, in order. */
  history(taskId: string): Promise<readonly HistoryRow[]>
  /** The history as people read it: who, what, when, why, how long; and where the time of each step went. */
  timeline(taskId: string): Promise<Timeline>
  /**
   * For each step that is not done: why, since when, what happens next, and what would change it. `errors: false`: for readers
   * who may not see what handlers threw.
   */
  why(taskId: string, options?: { readonly errors?: boolean }): Promise<WhyReport>
}

export interface OperationParts {
  readonly config: Config
  readonly clock: Clock
  readonly database: Database
  readonly definitions: GivenDefinitions
  readonly bus: EventBus
  readonly operations: EngineOperations
  readonly waiting: Waiting
  /** Null: nobody traces. */
  readonly instrumentation: Instrumentation | null
  /** Tasks were created: steps are due. */
  created(): void
  /** Operators changed tasks: running handlers are called off, workers woken, subscribers told. */
  operated(changes: readonly Operated[], order: OperatorOrder): Promise<void>
}

/** Rows that a count looks at. */
const countMax = 1_000

export function taskOperations(parts: OperationParts): Tasks {
  const { config, clock, database, definitions, bus, operations, waiting } = parts
  const now = (): Date | null => clock.databaseNow()

  const create = async (
    requests: readonly TaskRequest[],
    transaction: DatabaseClient | null,
  ): Promise<Creation[]> => {
    if (transaction !== null && config.database.separate) {
      throw new TaskerError(
        'TRANSACTION_UNAVAILABLE',
        'Tasks cannot be created inside your transaction: Tasker has a database of its own (database.separate).',
      )
    }
    const created = await operations.run('create_tasks', () =>
      createAll(requests, {
        database,
        clock,
        config,
        transaction,
        instrumentation: parts.instrumentation,
        refused: (definition, error) => publishRejected(bus, definition, error),
      }),
    )
    if (transaction === null) {
      parts.created()
      created.forEach((creation, index) => {
        const definition = requests[index]?.definition
        if (definition !== undefined && creation.created)
          publishCreated(bus, definition, creation, clock)
      })
    }
    return created.map(({ taskId, created: isNew }) => ({ taskId, created: isNew }))
  }

  const actions = operatorActions({
    bus,
    config,
    clock,
    database,
    definitions,
    operations,
    instrumentation: parts.instrumentation,
    operated: (changes, order) => parts.operated(changes, order),
    due: () => parts.created(),
    redone: (names, taskId) =>
      publishCreated(bus, names, { taskId, correlationId: () => null }, clock),
  })

  return {
    ...actions,
    ...taskReads({ database, clock }),
    ...taskEdits({ database, clock, operations, actions }),
    async create(
      asked: GivenDefinition | DefinitionAddress | string,
      request: CreateRequest<unknown>,
    ): Promise<Creation> {
      requireRequest(request)
      const { context, transaction, ...options } = request
      const [creation] = await create(
        [{ ...definitions.find(asked), context, options }],
        requireClient(transaction),
      )
      if (creation === undefined)
        throw new TaskerError('INTERNAL', 'create_tasks answered nothing.')
      return creation
    },
    async createMany(requests, options = {}) {
      requireRequests(requests)
      requireRequest(options)
      return create(
        requests.map(({ definition, context, ...rest }) => ({
          ...definitions.find(definition),
          context,
          options: rest,
        })),
        requireClient(options.transaction),
      )
    },
    get: async (taskId) => readTaskView(database, requireTaskId(taskId, database), now()),
    async find(asked = {}) {
      const { conditions, order, limit, after } = readFindFilter(asked)
      const found = await findTasks(database, conditions, {
        order,
        limit,
        after: after === undefined ? undefined : requireTaskId(after, database),
      })
      return {
        tasks: found.tasks.map((row) => ({ ...row, priority: priorityName(row.priority) })),
        nextCursor: found.next,
      }
    },
    count: async (asked = {}) => countTasks(database, readSelection(asked), countMax),
    async waitFor<Definition>(
      taskId: string,
      options: WaitOptions = {},
    ): Promise<TaskView<ResultsOf<Definition>>> {
      const id = requireTaskId(taskId, database)
      // An unknown task would be waited for in vain.
      if (!(await isTaskKnown(database, id))) throw taskNotFound(taskId, database.schema)
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
    timeline: async (taskId) => readTimeline(database, requireTaskId(taskId, database), now()),
    why: async (taskId, { errors = true } = {}) =>
      explain(database, requireTaskId(taskId, database), {
        at: now(),
        stepTimeoutMs: config.execution.stepTimeoutMs,
        withErrors: errors,
      }),
  }
}

function publishCreated(
  bus: EventBus,
  definition: DefinitionNames,
  {
    taskId,
    correlationId,
  }: { readonly taskId: TaskId; readonly correlationId: () => string | null },
  clock: Clock,
): void {
  bus.publish('task.initialize_requested', () => ({
    eventId: `${taskId}/0`,
    taskId,
    namespace: definition.namespace,
    taskName: definition.name,
    version: definition.version,
    correlationId: correlationId(),
    state: 'pending',
    createdAt: clock.databaseNow() ?? new Date(clock.nowMs()),
    endedAt: null,
  }))
}

function publishRejected(
  bus: EventBus,
  { namespace, name: taskName, version }: DefinitionNames,
  { code, message }: TaskerError,
): void {
  bus.publish('task.rejected', { namespace, taskName, version, code, message })
}
