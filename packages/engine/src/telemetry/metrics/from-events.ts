// Counts what the events of this process say. A counter is as exact as its event: published once, after the commit that
// made it true.
import type { Clock } from '../../clock.ts'
import type { EventBus } from '../../events/bus.ts'
import type { EventPayloads, TaskHappened } from '../../events/catalogue.ts'
import { createdMsOf } from '../../ids.ts'
import type { EventRouter } from '../router/router.ts'
import type { Instruments } from './instruments.ts'
import type { Subjects } from './subjects.ts'

export interface Counting {
  readonly events: Pick<EventBus, 'on'>
  readonly router: EventRouter
  readonly instruments: Instruments
  readonly subjects: Subjects
  readonly clock: Clock
}

/** Returns the way to stop. What is not routed to metrics has no subscriber here. */
export function countEvents(given: Counting): () => void {
  const counting = { ...given, events: routed(given) }
  const { events, instruments } = counting
  const stops = [
    ...countTasks(counting),
    ...countSteps(counting),
    ...countFailures(counting),
    ...countMoves(counting),
    ...countExports(counting),
    events.on('worker.loop_blocked', () => instruments.count('worker_loop_blocked_total', {})),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

const routed = ({ events, router }: Counting): Pick<EventBus, 'on'> => ({
  on: (name, subscriber) =>
    router.routesToMetrics(name) ? events.on(name, subscriber) : () => undefined,
})

function countExports({ events, instruments, clock }: Counting): (() => void)[] {
  const tried = (
    outcome: string,
    {
      target,
      durationMs,
      droppedCount,
    }: EventPayloads['telemetry.export_completed' | 'telemetry.export_failed'],
  ): void => {
    instruments.count('exports_total', { target, outcome })
    instruments.histogram('export_duration_seconds', { target }).observe(durationMs / 1_000)
    if (droppedCount > 0) instruments.count('export_series_dropped_total', { target }, droppedCount)
  }
  return [
    events.on('telemetry.export_completed', (ended) => {
      const { target, outcome } = ended
      tried(outcome, ended)
      if (outcome !== 'done') return
      const nowSeconds = clock.nowMs() / 1_000
      instruments.set('export_last_success_timestamp_seconds', { target }, nowSeconds)
    }),
    events.on('telemetry.export_failed', (ended) => tried('failed', ended)),
  ]
}

function countTasks({ events, instruments, subjects, clock }: Counting): (() => void)[] {
  const ended = (outcome: string, task: TaskHappened): void => {
    const labels = { ...subjects.task(task).labels, outcome }
    instruments.histogram('task_duration_seconds', labels).observe(secondsOf(task))
  }
  return [
    events.on('task.initialize_requested', (task) => {
      subjects.task(task).created.value += 1
    }),
    events.on('task.start_requested', (task) => {
      const subject = subjects.task(task)
      subject.started.value += 1
      subject.latency.observe((clock.nowMs() - createdMsOf(task.taskId)) / 1_000)
    }),
    events.on('task.completed', (task) => {
      const subject = subjects.task(task)
      subject.completed.value += 1
      subject.duration.observe(secondsOf(task))
    }),
    events.on('task.failed', (task) => {
      instruments.count('tasks_failed_total', subjects.task(task).labels)
      ended('failed', task)
    }),
    events.on('task.cancelled', (task) => {
      instruments.count('tasks_cancelled_total', subjects.task(task).labels)
      ended('cancelled', task)
    }),
    events.on('task.resolved_manually', (task) => {
      instruments.count('tasks_resolved_manually_total', subjects.task(task).labels)
      ended('resolved_manually', task)
    }),
    events.on('task.retry_requested', (task) =>
      instruments.count('tasks_retried_total', subjects.task(task).labels),
    ),
  ]
}

const secondsOf = ({ createdAt, endedAt }: TaskHappened): number =>
  ((endedAt?.getTime() ?? createdAt.getTime()) - createdAt.getTime()) / 1_000

function countSteps({ events, instruments, subjects }: Counting): (() => void)[] {
  return [
    events.on('step.execution_requested', (step) => {
      subjects.step(step).started.value += 1
    }),
    events.on('step.completed', (step) => {
      const subject = subjects.step(step)
      subject.completed.value += 1
      subject.duration.observe(step.durationMs / 1_000)
    }),
    events.on('step.waiting', (step) => {
      const { namespace, taskName, reason } = step
      instruments.count('reenqueues_total', { namespace, task: taskName, reason })
      const labels = { ...subjects.step(step).labels, outcome: 'waiting' }
      instruments.histogram('step_duration_seconds', labels).observe(step.durationMs / 1_000)
    }),
    events.on('step.outcome_refused', (step) =>
      instruments.count('step_outcomes_refused_total', subjects.step(step).labels),
    ),
  ]
}

function countFailures({ events, instruments, subjects }: Counting): (() => void)[] {
  return [
    events.on('step.failed', (step) => {
      const { labels } = subjects.step(step)
      instruments.count('steps_failed_total', { ...labels, error_type: errorTypeOf(step) })
      if (step.retryAt === null && step.attempt >= step.retryLimit) {
        instruments.count('steps_retries_exhausted_total', labels)
      }
      const ofDuration = { ...labels, outcome: 'failed' }
      instruments.histogram('step_duration_seconds', ofDuration).observe(step.durationMs / 1_000)
    }),
    events.on('step.retry_requested', (step) => {
      instruments.count('steps_retried_total', subjects.step(step).labels)
      if (step.retryAt === null) return
      const { namespace, taskName: task, retryAt, startedAt, durationMs } = step
      const seconds = (retryAt.getTime() - startedAt.getTime() - durationMs) / 1_000
      instruments.histogram('step_backoff_seconds', { namespace, task }).observe(seconds)
    }),
  ]
}

function errorTypeOf({ error }: EventPayloads['step.failed']): string {
  const name = error['class']
  return typeof name === 'string' ? name : 'unknown'
}

function countMoves({ events, instruments, subjects }: Counting): (() => void)[] {
  return [
    events.on('step.cancelled', (step) =>
      instruments.count('steps_cancelled_total', subjects.step(step).labels),
    ),
    events.on('step.resolved_manually', (step) =>
      instruments.count('steps_resolved_manually_total', subjects.step(step).labels),
    ),
    events.on('step.skipped', (step) =>
      instruments.count('steps_skipped_total', subjects.step(step).labels),
    ),
  ]
}
