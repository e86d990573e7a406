// Runs the workflows of a validation through the public API, says how they went, and takes them away again.
import { count, type Tasker, type TaskView } from '@tasker/engine'
import type { Finding } from './checklist.ts'
import { deadlineIn, leftOf, lookUntil, type Deadline } from './deadline.ts'
import { validationNamespace, type Plan, type PlannedRun } from './workflows.ts'

/** How one of them went. */
export interface Run extends PlannedRun {
  readonly taskId: string
  readonly state: string
  /** Of all its steps. */
  readonly attempts: number
  /** Steps that are not complete, with what keeps them. */
  readonly open: readonly string[]
  /** Who recorded its steps: one name for each worker. */
  readonly workers: readonly string[]
}

/** Creates all, waits until they have ended or the time is over. */
export async function runWorkflows(
  tasker: Tasker,
  plan: Plan,
  deadline: Deadline,
): Promise<readonly Run[]> {
  const created = await Promise.all(
    plan.runs.map(async (run) => {
      const address = { namespace: validationNamespace, name: run.name, version: run.version }
      const { taskId } = await tasker.tasks.create(address, {
        context: { api_token: plan.marker },
        correlationId: run.correlationId,
        initiator: 'cli',
        reason: 'tasker validate',
        tags: ['tasker_validation'],
      })
      return { ...run, taskId }
    }),
  )
  return Promise.all(
    created.map(async (run) => ({ ...run, ...(await outcomeOf(tasker, run.taskId, deadline)) })),
  )
}

async function outcomeOf(
  tasker: Tasker,
  taskId: string,
  deadline: Deadline,
): Promise<Pick<Run, 'state' | 'attempts' | 'open' | 'workers'>> {
  const task = await ended(tasker, taskId, deadline)
  const why = task.state === 'complete' ? null : await tasker.tasks.why(taskId)
  const history = await tasker.tasks.history(taskId)
  const recorded = history.filter(({ step, to }) => step !== null && to === 'complete')
  return {
    state: task.state,
    attempts: task.steps.reduce((sum, { attempts }) => sum + attempts, 0),
    open: why === null ? [] : [why.summary],
    workers: [...new Set(recorded.map(({ actor }) => actor))],
  }
}

/** The task when it has ended, or as it is when the time is over. */
async function ended(tasker: Tasker, taskId: string, deadline: Deadline): Promise<TaskView> {
  try {
    const { signal } = deadline
    return await tasker.tasks.waitFor(taskId, { timeoutMs: leftOf(deadline), signal })
  } catch {
    return tasker.tasks.get(taskId)
  }
}

/** All ended complete, each step at its first attempt. */
export function workflowsFinding(runs: readonly Run[], expectedWorkers: 'one' | 'any'): Finding {
  const workers = [...new Set(runs.flatMap((run) => run.workers))]
  const faults = runs.flatMap(({ name, state, attempts, steps, open }) => {
    if (state !== 'complete') return [`${name} is ${state}: ${open.join(' ')}`]
    if (attempts === steps.length) return []
    return [`${name} took ${count(attempts, 'attempt')} for ${count(steps.length, 'step')}.`]
  })
  const strangers =
    expectedWorkers === 'one' && workers.length > 1
      ? [`Steps were run by ${workers.join(' and ')}; they were to be run by this command alone.`]
      : []
  return {
    seen: `${runs.map(({ name, steps }) => `${name} ${steps.length}`).join(', ')} steps, all complete`,
    faults: [...faults, ...strangers],
    ...(strangers.length > 0
      ? { remedy: `Workers serve ${validationNamespace}: name them with --app-url.` }
      : { remedy: `See that a worker serves ${validationNamespace}, and its log.` }),
    more: runs.map(({ name, taskId, correlationId }) => `${name}: ${taskId}, ${correlationId}`),
  }
}

/** What is left afterwards, for people. */
export const leftBehind =
  `the namespace ${validationNamespace} with its three definitions, the row of this process among the workers, and what ` +
  'statistics and the observed services have counted'

/** Cancels what has not ended, and removes the tasks. The user's own are of other namespaces. */
export async function removeWorkflows(tasker: Tasker, runs: readonly Run[]): Promise<string> {
  // While a live worker may have something to tell of a task, it stays: our own is done, others are soon.
  await tasker.worker.stop()
  for (const { taskId, state } of runs) {
    if (state !== 'pending' && state !== 'in_progress') continue
    await tasker.tasks.cancel(taskId, { reason: 'tasker validate gave up', actor: 'cli' })
  }
  const { signal } = new AbortController()
  let removed = 0
  const left = await lookUntil(
    deadlineIn(acknowledgedMs, { intervalMs: 250, signal }),
    async () => {
      const order = { olderThanMs: 0, states: ['complete', 'cancelled', 'error'] } as const
      removed += (await tasker.prune({ ...order, namespace: validationNamespace })).taskCount
      const { tasks } = await tasker.tasks.find({ namespace: validationNamespace, limit: 200 })
      return tasks.filter(({ taskId }) => runs.some((run) => run.taskId === taskId)).length
    },
    (leftCount) => leftCount === 0,
  )
  const held = left === 0 ? '' : `, ${left} still held by a worker, for the next run to remove`
  return `${count(removed, 'task')} removed${held}; left: ${leftBehind}`
}

/** A worker says with its next call or heartbeat that it has nothing more to tell. */
const acknowledgedMs = 6_000
