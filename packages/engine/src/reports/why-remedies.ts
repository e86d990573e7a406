// The commands that would change a reason, best first, ready to be pasted: the task and the step are filled in. What is
// left to the reader stands in <…>. That each is legal where it is offered is for the operations to say; a test holds both
// together.
import type { TaskId } from '../ids.ts'
import { isEnded, taskMoves, type TaskState } from '../states.ts'
import { shellWord } from '../wording.ts'
import type { ReasonDetail, Remedy } from './reason-types.ts'
import type { Circumstances } from './why-reasons.ts'

/** For a step that waits for no other; one that does has the remedies of its first root cause. */
export function remediesOf(
  detail: Exclude<ReasonDetail, { reason: 'parent' }>,
  step: string,
  around: Circumstances,
): readonly Remedy[] {
  const { task, serving } = around
  const of = `${task.taskId} --step ${shellWord(step)}`
  switch (detail.reason) {
    case 'held':
      return [resume(detail.scope, task)]
    case 'no_worker':
      return [startWorker]
    case 'exhausted':
      return detail.cause === 'lost_not_retryable' ? parked(task, of) : exhausted(task, of)
    case 'ended':
      return isEnded(task.state) ? [rerun(task.taskId)] : []
    case 'unqueued':
      return [
        around.liveWorkers === 0 ? startWorker : remedy('tasker doctor', 'says what is wrong'),
      ]
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
      const now = remedy(`tasker task retry-now ${of}`, 'tries it again at once')
      return serving.workers === 0 ? [startWorker, now] : [now]
    }
    case 'wait': {
      const now = remedy(`tasker task wake ${of}`, 'runs it at once')
      return serving.workers === 0 ? [startWorker, now] : [now]
    }
    case 'running':
      return byHand(of)
    default:
      return detail satisfies never
  }
}

export const resume = (
  scope: 'task' | 'namespace',
  { taskId, namespace }: { readonly taskId: TaskId; readonly namespace: string },
): Remedy =>
  scope === 'task'
    ? remedy(`tasker task resume ${taskId}`, 'lets the task go on')
    : remedy(`tasker namespace resume ${shellWord(namespace)}`, 'lets the namespace go on')

/** What may always be done to a task that has not ended for good. */
export const giveUp = ({ taskId, state }: { taskId: TaskId; state: TaskState }): Remedy[] =>
  taskMoves[state].includes('cancelled')
    ? [remedy(`tasker task cancel ${taskId}`, 'ends the whole task')]
    : []

export const retryAll = (taskId: TaskId): Remedy =>
  remedy(`tasker task retry ${taskId}`, 'tries every step that failed for good again')

export const rerun = (taskId: TaskId): Remedy =>
  remedy(
    `tasker task rerun ${taskId}`,
    'runs what is not done as a new task; what is done stays done',
  )

export const rerunFrom = (taskId: TaskId): Remedy =>
  remedy(
    `tasker task rerun ${taskId} --from <step>`,
    'runs that step and all behind it as a new task',
  )

export const startWorker: Remedy = {
  command: 'tasker worker --config <file>',
  effect: 'starts a worker; the file must list this definition in this version',
}

const anotherWorker: Remedy = {
  command: 'tasker worker --config <file>',
  effect: 'starts another worker, with slots of its own',
}

/** Beyond every poll and scan of the defaults: whoever has a free slot does not look. */
const longUnclaimedMs = 60_000

function exhausted(
  { taskId, state }: { readonly taskId: TaskId; readonly state: TaskState },
  of: string,
): readonly Remedy[] {
  if (isEnded(state) && state !== 'error') return [rerun(taskId)]
  return [remedy(`tasker task retry ${of}`, 'tries it again'), ...byHand(of)]
}

/** Nobody knows whether it did its work, so both are said: what to do when it did, and when not. */
function parked(
  { taskId, state }: { readonly taskId: TaskId; readonly state: TaskState },
  of: string,
): readonly Remedy[] {
  if (isEnded(state) && state !== 'error') return [rerun(taskId)]
  const [resolve, skip] = byHand(of)
  return [
    { ...resolve, effect: `if it did its work: ${resolve.effect}` },
    remedy(`tasker task retry ${of}`, 'if it did not: runs it again'),
    skip,
  ]
}

/** A step that runs is called off by it. */
const byHand = (of: string): readonly [Remedy, Remedy] => [
  remedy(
    `tasker task resolve ${of} --result '<json>'`,
    'takes it for done, with a result of yours',
  ),
  remedy(`tasker task skip ${of}`, 'leaves it out; what depends on it goes on'),
]

const remedy = (command: string, effect: string): Remedy => ({ command, effect })
