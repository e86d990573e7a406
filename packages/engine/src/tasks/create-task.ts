// A request becomes a task: definition found, context checked against its schema, identity decided, steps planned, rows
// made. Stop 2 of a task's life; the rows themselves are create_tasks.sql.
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { correlationIdOf, currentScope } from '../correlation.ts'
import { createTasks, type CreatedTask, type NewTask } from '../database/create-tasks.ts'
import type { Database } from '../database/connect.ts'
import { graphRows } from '../database/definitions.ts'
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import { formatAddress } from '../definitions/names.ts'
import { listFaults, TaskerError } from '../errors.ts'
import type { Instrumentation, TracedCreation } from '../instrumentation.ts'
import { newTaskId, type DefinitionId, type TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { priorities } from '../states.ts'
import { isStorableText, toStorable } from '../storable.ts'
import {
  bypassFaults,
  hashedIdentity,
  readOptions,
  refuse,
  requestDigest,
  type CheckedOptions,
  type TaskOptions,
} from './request.ts'

/** One request, its definition found. */
export interface TaskRequest {
  readonly definition: TaskDefinition
  readonly definitionId: DefinitionId
  /** The version asked for; null when it was left out. */
  readonly askedVersion: string | null
  readonly context: unknown
  readonly options: TaskOptions
}

export interface Creation {
  readonly taskId: TaskId
  /** False: a repeat of an earlier request, and this is its task. */
  readonly created: boolean
}

export interface CreateOptions {
  readonly database: Database
  readonly clock: Clock
  readonly config: Config
  readonly transaction: DatabaseClient | null
  /** Null: nobody traces. */
  readonly instrumentation: Instrumentation | null
  /** Told of each request that is not what its definition wants. */
  readonly refused: (definition: TaskDefinition, error: TaskerError) => void
}

/** Most bytes of contexts in one call: PostgreSQL holds the whole call in memory several times over. */
const callBytesMax = 64 * 1024 * 1024

/** As it is told: with what the task is known by. */
export interface Created extends Creation {
  /** Read from the context when it is asked for, which is when somebody is told. */
  readonly correlationId: () => string
}

/** Creates all of the requests or none. */
export async function createAll(
  requests: readonly TaskRequest[],
  options: CreateOptions,
): Promise<Created[]> {
  if (requests.length === 0) return []
  const { database, config, clock, transaction } = options
  const tasks = await Promise.all(requests.map((request) => prepareOrTell(request, options)))
  const bytes = tasks.reduce((sum, task) => sum + task.context.length, 0)
  if (bytes > callBytesMax) {
    throw new TaskerError(
      'REQUEST_INVALID',
      `The contexts of ${tasks.length} requests take ${bytes} characters in one call, the limit is ${callBytesMax}; split the call.`,
    )
  }
  const traces = requests.map(({ definition }, index) => traceOf(definition, tasks[index], options))
  try {
    const created = await createTasks(
      database,
      tasks.map((task, index) => ({ ...task, traceParent: traces[index]?.traceParent ?? null })),
      {
        lockTimeoutMs: config.database.lockTimeoutMs,
        now: clock.databaseNow(),
        transaction,
      },
    )
    refuseConflict(created)
    return created.map(({ taskId, isCreated }, index) => {
      traces[index]?.created(isCreated)
      return {
        taskId,
        created: isCreated,
        correlationId: () => correlationOf(tasks[index], taskId),
      }
    })
  } catch (error) {
    for (const trace of traces) trace?.failed(error)
    throw error
  }
}

function correlationOf(task: NewTask | undefined, taskId: TaskId): string {
  if (task === undefined) return taskId // never: there is one for each
  const context = JSON.parse(task.context) as JsonObject // what prepare has written
  return correlationIdOf({ taskId, correlationId: task.correlationId, context })
}

/** @throws {TaskerError} IDEMPOTENCY_CONFLICT */
function refuseConflict(created: readonly CreatedTask[]): void {
  const conflict = created.find(({ isConflict }) => isConflict)
  if (conflict === undefined) return
  throw new TaskerError(
    'IDEMPOTENCY_CONFLICT',
    `The idempotency key belongs to a different request, which made task ${conflict.taskId}.`,
    { taskId: conflict.taskId },
  )
}

function traceOf(
  { namespace, name: taskName, version }: TaskDefinition,
  task: NewTask | undefined,
  { instrumentation }: CreateOptions,
): TracedCreation | null {
  if (instrumentation?.isActive !== true || task === undefined) return null
  const { taskId } = task
  const correlationId = (): string => correlationOf(task, taskId)
  const names = { namespace, taskName, version }
  return instrumentation.creating({ ...names, taskId, correlationId, rerunOf: null })
}

async function prepareOrTell(request: TaskRequest, options: CreateOptions): Promise<NewTask> {
  try {
    return await prepare(request, options)
  } catch (error) {
    if (error instanceof TaskerError && error.category === 'invalid_input')
      options.refused(request.definition, error)
    throw error
  }
}

async function prepare(request: TaskRequest, { config, clock }: CreateOptions): Promise<NewTask> {
  const { definition } = request
  const address = formatAddress(definition)
  const reading = readOptions(request.options)
  if (!reading.ok) throw refuse(reading.faults, address)
  const asked = reading.options
  const context = await checkContext(definition, request.context, config.execution.contextMaxBytes)
  const steps = definition.planSteps?.(context.value) ?? definition.steps
  const faults = bypassFaults(asked.bypassSteps, steps)
  if (faults.length > 0) throw refuse(faults, address)
  const key = identityOf(request, context.value, asked, config, clock)
  return {
    taskId: newTaskId(),
    definitionId: request.definitionId,
    context: context.text,
    priority: priorities[asked.priority ?? definition.priority],
    tags: asked.tags,
    initiator: asked.initiator,
    sourceSystem: asked.sourceSystem,
    reason: asked.reason,
    requestedAt: asked.requestedAt,
    deadlineMs: asked.deadlineMs ?? definition.maxExecutionMs,
    bypassSteps: asked.bypassSteps,
    key,
    digest: key === null ? null : digestOf(request, context.value, asked),
    keyTtlHours: config.engine.idempotencyKeyTtlHours,
    rerunOf: null,
    traceParent: null,
    correlationId: asked.correlationId ?? currentScope()?.correlationId ?? null,
    graph: steps === definition.steps ? null : graphRows(steps),
  }
}

/** @throws {TaskerError} CONTEXT_INVALID with every fault. */
export async function checkContext(
  definition: TaskDefinition,
  given: unknown,
  maxBytes: number,
): Promise<{ readonly value: JsonObject; readonly text: string }> {
  const address = formatAddress(definition)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const received = Array.isArray(given) ? 'an array' : given === null ? 'null' : typeof given
    throw new TaskerError(
      'CONTEXT_INVALID',
      `The context for ${address} must be an object, received ${received}.`,
    )
  }
  const check = await definition.contextSchema?.check(given)
  if (check?.ok === false) {
    throw new TaskerError(
      'CONTEXT_INVALID',
      `The context for ${address} has ${listFaults(check.faults)}`,
      {
        faults: check.faults,
      },
    )
  }
  const storable = toStorable(check?.context ?? given, maxBytes)
  if (!storable.ok) {
    const option = storable.isTooLarge ? ' (execution.contextMaxBytes)' : ''
    throw new TaskerError(
      'CONTEXT_INVALID',
      `The context for ${address} cannot be stored: ${storable.fault}${option}.`,
    )
  }
  if (!storable.text.startsWith('{')) {
    throw new TaskerError(
      'CONTEXT_INVALID',
      `The context for ${address} must be an object; as JSON it is not one.`,
    )
  }
  // Read back from the text that will be stored: what steps are planned from is what handlers will see.
  return { value: JSON.parse(storable.text) as JsonObject, text: storable.text }
}

// An explicit key first; else the configured strategy computes one, or none.
function identityOf(
  request: TaskRequest,
  context: JsonObject,
  asked: CheckedOptions,
  config: Config,
  clock: Clock,
): string | null {
  if (asked.idempotencyKey !== null) return asked.idempotencyKey
  const { namespace, name, version } = request.definition
  switch (config.engine.identityStrategy) {
    case 'default':
      return null
    case 'hash': {
      const at = asked.requestedAt ?? clock.databaseNow() ?? new Date(clock.nowMs())
      return hashedIdentity({ name, context, options: asked, at })
    }
    case 'custom': {
      const { initiator, sourceSystem, reason, tags, bypassSteps } = asked
      const key = config.engine.identity?.({
        namespace,
        name,
        version,
        context,
        initiator,
        sourceSystem,
        reason,
        tags,
        bypassSteps,
      })
      if (typeof key !== 'string' || key.length < 1 || key.length > 255 || !isStorableText(key)) {
        throw new TaskerError(
          'REQUEST_INVALID',
          'The custom identity strategy must return a key of 1 to 255 characters.',
        )
      }
      return key
    }
    default:
      return config.engine.identityStrategy satisfies never
  }
}

const digestOf = (request: TaskRequest, context: JsonObject, options: CheckedOptions): string =>
  requestDigest({
    address: {
      namespace: request.definition.namespace,
      name: request.definition.name,
      version: request.askedVersion,
    },
    context,
    options,
  })
