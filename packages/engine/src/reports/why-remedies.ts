// What would change a reason, best first: as commands ready to be pasted, with the task and the step filled in. What is
// left to the reader stands in <…>. That each is legal where it is offered is for the operations to say; a test holds both
// together.
import type { TaskId } from '../ids.ts'
import { isEnded, taskMoves, type TaskState } from '../states.ts'
import { shellWord } from '../wording.ts'
import type { ReasonDetail, Remedy, RemedyCall } from './reason-types.ts'
import type { Circumstances } from './why-reasons.ts'

/** For a step that waits for no other; one that does has the remedies of its first root cause. */
export function remediesOf(
  detail: Exclude<ReasonDetail, { reason: 'parent' }>,
  step: string,
  around: Circumstances,
): readonly Remedy[] {
  const { task, serving } = around
  switch (detail.reason) {
    case 'held':
      return [resume(detail.scope, task)]
    case 'no_worker':
      return [startWorker]
    case 'exhausted':
      return detail.cause === 'lost_not_retryable' ? parked(task, step) : exhausted(task, step)
    case 'ended':
      return isEnded(task.state) ? [rerun(task.taskId)] : []
    case 'unqueued':
      return [around.liveWorkers === 0 ? startWorker : examine]
    case 'worker_lost':
      return around.liveWorkers === 0 ? [startWorker] : []
    case 'suspect':
    case 'concurrency':
      return [anotherWorker]
    case 'due': {
      const waitedMs = task.at.getTime() - detail.dueAt.getTime()
      return waitedMs < longUnclaimedMs ? [] : [anotherWorker]
    }
    case 'retry': {
      const now = ofStep('retry_now', task, step, 'tries it again at once')
      return serving.workers === 0 ? [startWorker, now] : [now]
    }
    case 'wait': {
      const now = ofStep('wake', task, step, 'runs it at once')
      return serving.workers === 0 ? [startWorker, now] : [now]
    }
    case 'running':
      return byHand(task, step)
    default:
      return detail satisfies never
  }
}

export const resume = (
  scope: 'task' | 'namespace',
  { taskId, namespace }: { readonly taskId: TaskId; readonly namespace: string },
): Remedy =>
  scope === 'task'
    ? ofTask('resume', taskId, 'lets the task go on')
    : {
        command: `tasker namespace resume ${shellWord(namespace)}`,
        call: { action: 'resume', on: 'namespace', steps: [] },
        effect: 'lets the namespace go on',
      }

/** What may always be done to a task that has not ended for good. */
export const giveUp = ({ taskId, state }: { taskId: TaskId; state: TaskState }): Remedy[] =>
  taskMoves[state].includes('cancelled') ? [ofTask('cancel', taskId, 'ends the whole task')] : []

export const retryAll = (taskId: TaskId): Remedy =>
  ofTask('retry', taskId, 'tries every step that failed for good again')

export const rerun = (taskId: TaskId): Remedy =>
  ofTask('rerun', taskId, 'runs what is not done as a new task; what is done stays done')

export const rerunFrom = (taskId: TaskId): Remedy => ({
  command: `tasker task rerun ${taskId} --from <step>`,
  call: { action: 'rerun', on: 'task', steps: ['<step>'] },
  effect: 'runs that step and all behind it as a new task',
})

export const startWorker: Remedy = {
  command: 'tasker worker --config <file>',
  call: null,
  effect: 'starts a worker; the file must list this definition in this version',
}

const anotherWorker: Remedy = {
  command: 'tasker worker --config <file>',
  call: null,
  effect: 'starts another worker, with slots of its own',
}

/** Beyond every poll and scan of the defaults: whoever has a free slot does not look. */
const longUnclaimedMs = 60_000

const examine: Remedy = { command: 'tasker doctor', call: null, effect: 'says what is wrong' }

type Task = Circumstances['task']

function exhausted(task: Task, step: string): readonly Remedy[] {
  if (isEnded(task.state) && task.state !== 'error') return [rerun(task.taskId)]
  return [ofStep('retry', task, step, 'tries it again'), ...byHand(task, step)]
}

/** Nobody knows whether it did its work, so both are said: what to do when it did, and when not. */
function parked(task: Task, step: string): readonly Remedy[] {
  if (isEnded(task.state) && task.state !== 'error') return [rerun(task.taskId)]
  const [resolve, skip] = byHand(task, step)
  return [
    { ...resolve, effect: `if it did its work: ${resolve.effect}` },
    ofStep('retry', task, step, 'if it did not: runs it again'),
    skip,
  ]
}

/** A step that runs is called off by it. */
function byHand(task: Task, step: string): readonly [Remedy, Remedy] {
  const resolve = ofStep('resolve', task, step, 'takes it for done, with a result of yours')
  return [
    { ...resolve, command: `${resolve.command} --result '<json>'` },
    ofStep('skip', task, step, 'leaves it out; what depends on it goes on'),
  ]
}

const ofTask = (action: RemedyCall['action'], taskId: TaskId, effect: string): Remedy => ({
  command: `tasker task ${action} ${taskId}`,
  call: { action, on: 'task', steps: [] },
  effect,
})

const ofStep = (
  action: RemedyCall['action'],
  { taskId }: Task,
  step: string,
  effect: string,
): Remedy => ({
  command: `tasker task ${action.replace('_', '-')} ${taskId} --step ${shellWord(step)}`,
  call: { action, on: 'task', steps: [step] },
  effect,
})
