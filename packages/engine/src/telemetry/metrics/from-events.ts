// Counts what the events of this process say. A counter is as exact as its event: published once, after the commit that
// made it true.
import type { Clock } from '../../clock.ts'
import type { Events } from '../../events/events.ts'
import type { EventPayloads, TaskHappened } from '../../events/catalogue.ts'
import { createdMsOf } from '../../ids.ts'
import type { LabelsOf } from './catalogue.ts'
import type { Instruments } from './instruments.ts'

interface OfTask {
  readonly namespace: string
  readonly taskName: string
  readonly version: string
}

interface OfStep extends OfTask {
  readonly stepName: string
}

const taskLabels = ({ namespace, taskName, version }: OfTask): LabelsOf<'tasks_created_total'> => ({
  namespace,
  task: taskName,
  version,
})

const stepLabels = ({
  namespace,
  taskName,
  stepName,
}: OfStep): LabelsOf<'steps_started_total'> => ({
  namespace,
  task: taskName,
  step: stepName,
})

/** Returns the way to stop. */
export function countEvents(events: Events, instruments: Instruments, clock: Clock): () => void {
  const stops = [
    ...countTasks(events, instruments, clock),
    ...countSteps(events, instruments),
    ...countMoves(events, instruments),
    events.on('worker.loop_blocked', () => instruments.count('worker_loop_blocked_total', {})),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function countTasks(events: Events, instruments: Instruments, clock: Clock): (() => void)[] {
  const ended = (outcome: string, task: TaskHappened): void => {
    if (task.endedAt === null) return
    const seconds = (task.endedAt.getTime() - task.createdAt.getTime()) / 1_000
    instruments.observe('task_duration_seconds', { ...taskLabels(task), outcome }, seconds)
  }
  return [
    events.on('task.initialize_requested', (task) =>
      instruments.count('tasks_created_total', taskLabels(task)),
    ),
    events.on('task.start_requested', (task) => {
      instruments.count('tasks_started_total', taskLabels(task))
      const { namespace, taskName } = task
      const seconds = (clock.nowMs() - createdMsOf(task.taskId)) / 1_000
      instruments.observe('task_queue_latency_seconds', { namespace, task: taskName }, seconds)
    }),
    events.on('task.completed', (task) => {
      instruments.count('tasks_completed_total', taskLabels(task))
      ended('completed', task)
    }),
    events.on('task.failed', (task) => {
      instruments.count('tasks_failed_total', taskLabels(task))
      ended('failed', task)
    }),
    events.on('task.cancelled', (task) => {
      instruments.count('tasks_cancelled_total', taskLabels(task))
      ended('cancelled', task)
    }),
    events.on('task.resolved_manually', (task) => {
      instruments.count('tasks_resolved_manually_total', taskLabels(task))
      ended('resolved_manually', task)
    }),
    events.on('task.retry_requested', (task) =>
      instruments.count('tasks_retried_total', taskLabels(task)),
    ),
  ]
}

function countSteps(events: Events, instruments: Instruments): (() => void)[] {
  const ended = (outcome: string, step: EventPayloads['step.completed' | 'step.waiting']): void => {
    const labels = { ...stepLabels(step), outcome }
    instruments.observe('step_duration_seconds', labels, step.durationMs / 1_000)
  }
  return [
    events.on('step.execution_requested', (step) =>
      instruments.count('steps_started_total', stepLabels(step)),
    ),
    events.on('step.completed', (step) => {
      instruments.count('steps_completed_total', stepLabels(step))
      ended('completed', step)
    }),
    events.on('step.failed', (step) => {
      countFailure(step, instruments)
      const labels = { ...stepLabels(step), outcome: 'failed' }
      instruments.observe('step_duration_seconds', labels, step.durationMs / 1_000)
    }),
    events.on('step.retry_requested', (step) => {
      instruments.count('steps_retried_total', stepLabels(step))
      if (step.retryAt === null) return
      const failedMs = step.startedAt.getTime() + step.durationMs
      const labels = { namespace: step.namespace, task: step.taskName }
      const seconds = (step.retryAt.getTime() - failedMs) / 1_000
      instruments.observe('step_backoff_seconds', labels, seconds)
    }),
    events.on('step.waiting', (step) => {
      const { namespace, taskName, reason } = step
      instruments.count('reenqueues_total', { namespace, task: taskName, reason })
      ended('waiting', step)
    }),
    events.on('step.outcome_refused', (step) =>
      instruments.count('step_outcomes_refused_total', stepLabels(step)),
    ),
  ]
}

function countFailure(step: EventPayloads['step.failed'], instruments: Instruments): void {
  const name = step.error['class']
  const errorType = typeof name === 'string' ? name : 'unknown'
  instruments.count('steps_failed_total', { ...stepLabels(step), error_type: errorType })
  if (step.retryAt === null && step.attempt >= step.retryLimit) {
    instruments.count('steps_retries_exhausted_total', stepLabels(step))
  }
}

function countMoves(events: Events, instruments: Instruments): (() => void)[] {
  return [
    events.on('step.cancelled', (step) =>
      instruments.count('steps_cancelled_total', stepLabels(step)),
    ),
    events.on('step.resolved_manually', (step) =>
      instruments.count('steps_resolved_manually_total', stepLabels(step)),
    ),
    events.on('step.skipped', (step) => instruments.count('steps_skipped_total', stepLabels(step))),
  ]
}
