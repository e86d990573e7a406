// Runs the workflows of a validation through the public API, says how they went, and takes them away again.
import { count, isEnded, type Tasker, type TaskView } from '@tasker/engine'
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

/** All or none; their ids, in the order of the plan. */
export async function createWorkflows(tasker: Tasker, plan: Plan): Promise<readonly string[]> {
  const created = await tasker.tasks.createMany(
    plan.runs.map(({ name, version, correlationId }) => ({
      definition: { namespace: validationNamespace, name, version },
      context: { api_token: plan.marker },
      correlationId,
      initiator: 'cli',
      reason: 'tasker validate',
      tags: [validationNamespace],
    })),
  )
  return created.map(({ taskId }) => taskId)
}

/** A live worker serves them all; otherwise there is nothing to wait for. */
export async function areServed(tasker: Tasker, taskIds: readonly string[]): Promise<boolean> {
  const reports = await Promise.all(taskIds.map((taskId) => tasker.tasks.why(taskId)))
  return !reports.some(({ steps }) => steps.some(({ reason }) => reason === 'no_worker'))
}

/** How they went, when all have ended or the time is over. */
export function followWorkflows(
  tasker: Tasker,
  plan: Plan,
  taskIds: readonly string[],
  deadline: Deadline,
): Promise<readonly Run[]> {
  return Promise.all(
    plan.runs.map(async (run, index) => {
      const taskId = taskIds[index] ?? ''
      return { ...run, taskId, ...(await outcomeOf(tasker, taskId, deadline)) }
    }),
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
export async function removeWorkflows(tasker: Tasker, taskIds: readonly string[]): Promise<string> {
  // While a live worker may have something to tell of a task, it stays: our own is done, others are soon.
  await tasker.worker.stop()
  for (const taskId of taskIds) {
    if (isEnded((await tasker.tasks.get(taskId)).state)) continue
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
      return tasks.filter(({ taskId }) => taskIds.includes(taskId)).length
    },
    (leftCount) => leftCount === 0,
  )
  const held = left === 0 ? '' : `, ${left} still held by a worker, for the next run to remove`
  return `${count(removed, 'task')} removed${held}; left: ${leftBehind}`
}

/** A worker says with its next call or heartbeat that it has nothing more to tell. */
const acknowledgedMs = 6_000
