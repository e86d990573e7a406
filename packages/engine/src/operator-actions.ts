// What operators do to tasks: one task or all that match a filter, and reruns. Each is one call of one SQL function; what is
// told afterwards (handlers called off, workers woken, events) follows the commit.
import { correlationIdOf } from './correlation.ts'
import type { Database } from './database/connect.ts'
import { operateTasks, rerunTask, type Operated, type RerunStep } from './database/operate.ts'
import type { TaskDefinition } from './definitions/model.ts'
import { TaskerError } from './errors.ts'
import type { GivenDefinitions } from './given-definitions.ts'
import { newTaskId, parseTaskId, type TaskId } from './ids.ts'
import type { Instrumentation } from './instrumentation.ts'
import { readTaskView, taskNotFound } from './reports/task-view.ts'
import { checkContext } from './tasks/create-task.ts'
import {
  operateInBulk,
  operationOf,
  type BulkOrder,
  type BulkParts,
  type BulkReport,
  type Operation,
} from './tasks/operate-in-bulk.ts'
import {
  readOrder,
  readRerun,
  undoNote,
  type ActionOptions,
  type Condition,
  type OperatorAction,
  type RerunOptions,
  type ResolveOptions,
  type RetryLimitOptions,
  type RetryOptions,
  type Signature,
} from './tasks/operator-order.ts'
import {
  moveRefused,
  refusalOf,
  revisionConflict,
  stepsNotFound,
  type Refusal,
} from './tasks/refusal.ts'

export interface Rerun {
  /** The new task; null on a dry run. */
  readonly taskId: TaskId | null
  readonly rerunOf: TaskId
  readonly steps: readonly RerunStep[]
  readonly undo: string
}

export interface OperatorActions {
  /**
   * Ends a task: running steps are called off, the rest is cancelled, and nothing that finishes late changes it.
   * With `step`: cancels those steps and all that depends on them.
   * @throws {TaskerError} MOVE_NOT_ALLOWED, REVISION_CONFLICT, STEP_NOT_FOUND, TASK_NOT_FOUND, REQUEST_INVALID; so do all the
   * others
   */
  cancel(taskId: string, options?: ActionOptions): Promise<Operation>
  /** Gives steps that failed for good more attempts, now; revives a task in error. Without `step`: all of them. */
  retry(taskId: string, options?: RetryOptions): Promise<Operation>
  /** Makes the retry that is to come come now, whatever it waits for. Without `step`: all of them. */
  retryNow(taskId: string, options?: ActionOptions): Promise<Operation>
  /** Makes a step that waits for a time run now. Without `step`: all of them. */
  wake(taskId: string, options?: ActionOptions): Promise<Operation>
  /** Takes steps for done, with a result; without `step`, a task in error for done. */
  resolve(taskId: string, options?: ResolveOptions): Promise<Operation>
  /** Steps count as satisfied without a result. */
  skip(taskId: string, options: ActionOptions): Promise<Operation>
  setRetryLimit(taskId: string, options: RetryLimitOptions): Promise<Operation>
  /** No step of the task starts any more, until it is resumed; what runs goes on. Its deadline waits too. */
  hold(taskId: string, options?: Signature & Condition): Promise<Operation>
  resume(taskId: string, options?: Signature & Condition): Promise<Operation>
  /** Does part of an ended task again, as a new task linked to it: satisfied steps are taken over with their results. */
  rerun(taskId: string, options?: RerunOptions): Promise<Rerun>
  /** One action on every task that matches, in batches, each its own transaction. */
  operate(order: BulkOrder): Promise<BulkReport>
}

/** A definition as its task names it: this process need not have it. */
export type DefinitionNames = Pick<TaskDefinition, 'namespace' | 'name' | 'version'>

export interface ActionParts extends BulkParts {
  readonly definitions: GivenDefinitions
  /** Null: nobody traces. */
  readonly instrumentation: Instrumentation | null
  /** Steps became due. */
  due(): void
  /** A new task was made of an ended one. */
  redone(original: DefinitionNames, taskId: TaskId): void
}

export function operatorActions(parts: ActionParts): OperatorActions {
  const { config, clock, database, operations } = parts
  const limits = { resultMaxBytes: config.execution.resultMaxBytes }

  const act = async (
    action: OperatorAction,
    taskId: string,
    options: unknown,
  ): Promise<Operation> => {
    const order = readOrder(action, options, limits)
    const id = requireTaskId(taskId, database)
    const call = {
      ...order,
      taskIds: [id],
      isWhole: true,
      isTrial: false,
      listsSettled: parts.bus.hasSubscribers('step.cancelled'),
      now: clock.databaseNow(),
    }
    const [operated] = await operations.run('operate', () => operateTasks(database, call))
    if (operated === undefined) throw taskNotFound(taskId, database.schema)
    if (operated.isOutdated) throw revisionConflict(id, order.expectedRevision, operated.seq)
    const refusal = refusalOf(operated, order)
    if (refusal !== null) throw await explained(refusal, operated, database)
    if (operated.steps !== null) await parts.operated([operated], order)
    return operationOf(operated, order)
  }

  return {
    cancel: (taskId, options = {}) => act('cancel', taskId, options),
    retry: (taskId, options = {}) => act('retry', taskId, options),
    retryNow: (taskId, options = {}) => act('retry_now', taskId, options),
    wake: (taskId, options = {}) => act('wake', taskId, options),
    resolve: (taskId, options = {}) => act('resolve', taskId, options),
    skip: (taskId, options) => act('skip', taskId, options),
    setRetryLimit: (taskId, options) => act('set_retry_limit', taskId, options),
    hold: (taskId, options = {}) => act('hold', taskId, options),
    resume: (taskId, options = {}) => act('resume', taskId, options),
    async rerun(taskId, options = {}) {
      const order = readRerun(options)
      const id = requireTaskId(taskId, database)
      const task = await readTaskView(database, id, clock.databaseNow())
      const names = task.steps.map(({ name }) => name)
      requireSteps([...order.from, ...Object.keys(order.inputs)], names, id)
      const newId = newTaskId()
      const trace = order.isDryRun
        ? null
        : parts.instrumentation?.creating({
            namespace: task.namespace,
            taskName: task.name,
            version: task.version,
            taskId: newId,
            correlationId: () => correlationIdOf({ ...task, taskId: newId }),
            rerunOf: id,
          })
      const rerun = await rerunTask(database, {
        ...order,
        taskId: id,
        newTaskId: newId,
        context: order.context === undefined ? null : await contextOf(task, order.context, parts),
        isTrial: order.isDryRun,
        now: clock.databaseNow(),
        traceParent: trace?.traceParent ?? null,
      })
      if (rerun === null) throw taskNotFound(taskId, database.schema)
      if (rerun.steps === null) throw moveRefused(id, 'done again', rerun.from)
      if (!rerun.steps.some(({ runs }) => runs)) {
        throw new TaskerError(
          'REQUEST_INVALID',
          `Every step of task ${id} is satisfied, so nothing would run: name the steps to do again in \`from\`.`,
        )
      }
      if (!order.isDryRun) {
        trace?.created(true)
        parts.due()
        parts.redone(task, newId)
      }
      return {
        taskId: order.isDryRun ? null : newId,
        rerunOf: id,
        steps: rerun.steps,
        undo: undoNote('rerun', []),
      }
    },
    operate: (order) => operateInBulk(order, parts),
  }
}

/** An unknown step is answered with the nearest name. */
async function explained(
  { code, sentences, details }: Refusal,
  { taskId }: Operated,
  database: Database,
): Promise<TaskerError> {
  if (code === 'STEP_NOT_FOUND') {
    const { steps } = await readTaskView(database, taskId, null)
    const missing = details['steps'] as readonly string[] // set in refusalOf
    return stepsNotFound(
      missing,
      steps.map(({ name }) => name),
      taskId,
    )
  }
  return new TaskerError(code, sentences.join(' '), details)
}

function requireSteps(asked: readonly string[], names: readonly string[], taskId: TaskId): void {
  const missing = asked.filter((name) => !names.includes(name))
  if (missing.length > 0) throw stepsNotFound(missing, names, taskId)
}

/** The new context as JSON text, checked by the definition, which this process must know. */
async function contextOf(
  task: DefinitionNames,
  context: unknown,
  { definitions, config }: ActionParts,
): Promise<string> {
  const { namespace, name, version } = task
  const { definition } = definitions.find({ namespace, name, version })
  return (await checkContext(definition, context, config.execution.contextMaxBytes)).text
}

/** @throws {TaskerError} TASK_NOT_FOUND: what is no id of a task is the id of none. */
export function requireTaskId(taskId: string, database: Database): TaskId {
  const id = parseTaskId(taskId)
  if (id === null) throw taskNotFound(taskId, database.schema)
  return id
}
