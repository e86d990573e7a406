// Turns what a call recorded into events, after its commit.
import { correlationIdOf } from '../correlation.ts'
import type { EventBus } from '../events/bus.ts'
import type { StepEnded, StepFailed, StepHappened, TaskHappened } from '../events/catalogue.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import type { Operated } from '../database/operate.ts'
import type { ClaimedStep, EndedTask, FinishReply, StepAttempt } from '../database/steps.ts'
import type { DefinitionId, TaskId } from '../ids.ts'
import type { TracedAttempt } from '../instrumentation.ts'
import type { StepState, TaskState } from '../states.ts'
import type { AttemptResult } from '../steps/run-step.ts'
import {
  attemptEventId,
  cachedReason,
  moveEventId,
  stepFailureNames,
  stepMoveNames,
  taskEndNames,
  taskEventId,
} from '../events/which-event.ts'

/** An attempt whose outcome was sent and waits for its answer. */
export interface SentAttempt {
  /** Bare when the attempt was left behind: nothing of what it was given is kept. */
  readonly step: ClaimedStep | StepAttempt
  readonly definition: TaskDefinition
  readonly result: AttemptResult
  readonly durationMs: number
  /** Null: nobody traces it, or all was told. */
  readonly trace: TracedAttempt | null
}

/** What an outcome led to. `to` is null when an earlier call recorded it and the step is gone. */
export interface Became {
  readonly to: StepState | null
  readonly runAt: Date | null
}

export function publishStarted(
  bus: EventBus,
  reply: FinishReply,
  definitions: ReadonlyMap<DefinitionId, TaskDefinition>,
): void {
  const known = knownFrom(() => reply.claims)
  for (const { taskId, definitionId } of reply.started) {
    const definition = definitions.get(definitionId)
    if (definition === undefined) continue
    bus.publish('task.start_requested', () => ({
      ...named(definition),
      eventId: taskEventId(taskId, 1),
      taskId,
      correlationId: known(taskId),
      state: 'in_progress',
    }))
  }
}

type Known = (taskId: string) => string | null

/** What the tasks of these steps are known by; looked up only when somebody is told. */
function knownFrom(stepsOf: () => readonly Parameters<typeof correlationIdOf>[0][]): Known {
  let byTask: ReadonlyMap<string, string> | null = null
  return (taskId) => {
    byTask ??= new Map(stepsOf().map((step) => [step.taskId, correlationIdOf(step)]))
    return byTask.get(taskId) ?? null
  }
}

/** `attempts`: those whose answer said so. */
export function publishEnded(
  bus: EventBus,
  ended: readonly EndedTask[],
  definitions: ReadonlyMap<DefinitionId, TaskDefinition>,
  attempts: readonly { readonly sent: Pick<SentAttempt, 'step'> }[] = [],
): void {
  const known = knownFrom(() => attempts.map(({ sent }) => sent.step))
  for (const task of ended) {
    const definition = definitions.get(task.definitionId)
    if (definition === undefined) continue
    publishEnd(bus, task.state, () => ({
      ...named(definition),
      eventId: taskEventId(task.taskId, task.seq),
      taskId: task.taskId,
      correlationId: known(task.taskId),
      state: task.state,
      createdAt: task.createdAt,
      endedAt: task.endedAt,
    }))
  }
}

function publishEnd(bus: EventBus, state: TaskState, payload: () => TaskHappened): void {
  const name = taskEndNames[state]
  if (name !== null) bus.publish(name, payload)
}

interface Order {
  readonly actor: string
  readonly reason: string
  readonly at: Date
}

const namesOfOperations = [
  'task.retry_requested' as const,
  ...Object.values(taskEndNames),
  ...Object.values(stepMoveNames),
].filter((name) => name !== null)

/**
 * An operator changed tasks, and that is committed. `correlationIdsOf` is asked when somebody listens; without its answer
 * events are told all the same.
 */
export async function publishOperated(
  bus: EventBus,
  tasks: readonly Operated[],
  order: Order,
  correlationIdsOf: (taskIds: readonly TaskId[]) => Promise<ReadonlyMap<TaskId, string>>,
): Promise<void> {
  if (!namesOfOperations.some((name) => bus.hasSubscribers(name))) return
  const known = await correlationIdsOf(tasks.map(({ taskId }) => taskId)).catch(() => null)
  for (const task of tasks) publishOperation(bus, task, order, known?.get(task.taskId) ?? null)
}

/** The steps of a task first, then what that meant for the task. */
function publishOperation(
  bus: EventBus,
  task: Operated,
  { actor, reason, at }: Order,
  correlationId: string | null,
): void {
  const { taskId, namespace, name: taskName, version, from, to, createdAt, seq } = task
  const about = { taskId, namespace, taskName, version, correlationId }
  for (const step of [...(task.steps ?? []), ...task.settled]) {
    const name = stepMoveNames[step.to]
    if (step.from === step.to || name === null) continue
    const eventId = moveEventId(taskId, step)
    bus.publish(name, { ...about, eventId, stepName: step.step, from: step.from, actor, reason })
  }
  if (from === to) return
  const payload = { ...about, state: to, createdAt }
  if (to === 'in_progress') {
    // The entries of the steps that were moved follow that of the task.
    const moved = task.steps?.filter(({ by }) => by !== 'release').length ?? 0
    const eventId = taskEventId(taskId, seq - moved)
    bus.publish('task.retry_requested', { ...payload, eventId, endedAt: null })
  } else {
    const eventId = taskEventId(taskId, seq)
    publishEnd(bus, to, () => ({ ...payload, eventId, endedAt: at }))
  }
}

/** A call gave this worker steps to run. Hooks of tasks are no steps. */
export function publishClaimed(
  bus: EventBus,
  claims: readonly ClaimedStep[],
  { callId, workerId }: { readonly callId: string; readonly workerId: number },
): void {
  if (!bus.hasSubscribers('workflow.viable_steps_discovered')) return
  const steps = claims
    .filter(({ stepNo }) => stepNo > 0)
    .map(({ taskId, name, claimNo, attempts }) => ({
      taskId,
      stepName: name ?? '',
      claimNo,
      attempt: attempts,
    }))
  if (steps.length === 0) return
  const stepCount = steps.length
  bus.publish('workflow.viable_steps_discovered', { workerId, callId, stepCount, steps })
}

/** The handler of an attempt is called next. */
export const publishCalling = (
  bus: EventBus,
  { step, definition }: Pick<SentAttempt, 'step' | 'definition'>,
): void => bus.publish('step.before_handle', () => stepHappened(step, definition))

export const stepHappened = (step: StepAttempt, definition: TaskDefinition): StepHappened => ({
  ...named(definition),
  eventId: attemptEventId(step.taskId, step.stepNo, step.claimNo),
  taskId: step.taskId,
  correlationId: correlationIdOf(step),
  stepName: step.name ?? '',
  attempt: step.attempts,
  retryLimit: step.retryLimit,
  claimNo: step.claimNo,
  startedAt: step.startedAt,
})

/** The outcome of an attempt has been recorded. */
export function publishOutcome(bus: EventBus, sent: SentAttempt, became: Became): void {
  const { step, definition, result, durationMs } = sent
  if (step.stepNo <= 0) return // the annotations hook and the deadline are no steps
  const ended = (): StepEnded => ({ ...stepHappened(step, definition), durationMs })
  const { outcome } = result
  // A commit that was not acknowledged is reported as a failure; the step says that it was complete.
  const kind = became.to === 'complete' ? 'complete' : outcome.kind
  switch (kind) {
    case 'complete':
      bus.publish('step.completed', () => ({
        ...ended(),
        isCached: outcome.reason === cachedReason,
      }))
      break
    case 'failed': {
      const failure = (): StepFailed => ({
        ...ended(),
        error: outcome.error ?? {},
        retryAt: became.runAt,
      })
      const wantedRetry = outcome.delayMs !== null && became.to === 'error'
      for (const name of stepFailureNames({ retryAt: became.runAt, wantedRetry }))
        bus.publish(name, failure)
      break
    }
    case 'wait':
    case 'release':
      bus.publish('step.waiting', () => ({
        ...ended(),
        runAt: became.runAt,
        reason: outcome.reason ?? outcome.kind,
      }))
      break
    default:
      kind satisfies never
  }
  for (const event of result.events) {
    bus.publish('custom', () => ({
      ...stepHappened(step, definition),
      name: event.name,
      payload: event.payload,
    }))
  }
}

const named = (
  definition: TaskDefinition,
): { namespace: string; taskName: string; version: string } => ({
  namespace: definition.namespace,
  taskName: definition.name,
  version: definition.version,
})
