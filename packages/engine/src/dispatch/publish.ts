// Turns what a call recorded into events, after its commit.
import type { EventBus } from '../events/bus.ts'
import type { StepHappened, TaskHappened } from '../events/catalogue.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import type { ClaimedStep, EndedTask, FinishReply } from '../database/steps.ts'
import type { DefinitionId } from '../ids.ts'
import type { StepState } from '../states.ts'
import type { AttemptResult } from '../steps/run-step.ts'

/** An attempt whose outcome was sent and waits for its answer. */
export interface SentAttempt {
  readonly step: ClaimedStep
  readonly definition: TaskDefinition
  readonly result: AttemptResult
  readonly durationMs: number
}

/** What an outcome led to. `to` is null when an earlier call recorded it and the step is gone. */
export interface Became {
  readonly to: StepState | null
  readonly runAt: Date | null
}

export function publishStarted(
  bus: EventBus,
  reply: FinishReply,
  definitionOf: (id: DefinitionId) => TaskDefinition | undefined,
): void {
  for (const { taskId, definitionId } of reply.started) {
    const definition = definitionOf(definitionId)
    if (definition === undefined) continue
    bus.publish('task.start_requested', {
      ...named(definition),
      eventId: `${taskId}/1`,
      taskId,
      state: 'in_progress',
    })
  }
}

export function publishEnded(
  bus: EventBus,
  ended: readonly EndedTask[],
  definitionOf: (id: DefinitionId) => TaskDefinition | undefined,
): void {
  for (const task of ended) {
    const definition = definitionOf(task.definitionId)
    if (definition === undefined) continue
    const payload: TaskHappened = {
      ...named(definition),
      eventId: `${task.taskId}/${task.seq}`,
      taskId: task.taskId,
      state: task.state,
      createdAt: task.createdAt,
      endedAt: task.endedAt,
    }
    if (task.state === 'complete') bus.publish('task.completed', payload)
    else if (task.state === 'error') bus.publish('task.failed', payload)
    else if (task.state === 'cancelled') bus.publish('task.cancelled', payload)
  }
}

export const stepHappened = (step: ClaimedStep, definition: TaskDefinition): StepHappened => ({
  ...named(definition),
  eventId: `${step.taskId}/${step.stepNo}/${step.claimNo}`,
  taskId: step.taskId,
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
  const happened = { ...stepHappened(step, definition), durationMs }
  const { outcome } = result
  // A commit that was not acknowledged is reported as a failure; the step says that it was complete.
  const kind = became.to === 'complete' ? 'complete' : outcome.kind
  switch (kind) {
    case 'complete':
      bus.publish('step.completed', happened)
      break
    case 'failed': {
      const failure = { ...happened, error: outcome.error ?? {}, retryAt: became.runAt }
      bus.publish('step.failed', failure)
      if (failure.retryAt !== null) bus.publish('step.retry_requested', failure)
      break
    }
    case 'wait':
    case 'release':
      bus.publish('step.waiting', {
        ...happened,
        runAt: became.runAt,
        reason: outcome.reason ?? outcome.kind,
      })
      break
    default:
      kind satisfies never
  }
  for (const event of result.events) {
    bus.publish('custom', {
      ...stepHappened(step, definition),
      name: event.name,
      payload: event.payload,
    })
  }
}

const named = (
  definition: TaskDefinition,
): { namespace: string; taskName: string; version: string } => ({
  namespace: definition.namespace,
  taskName: definition.name,
  version: definition.version,
})
