// A task as the JSON document that `--json` prints. People's scripts read it: fields are added, not
// renamed.
import type { HistoryRow, Json, JsonObject, StepRow, TaskView } from '@tasker/engine'

export interface StepDocument {
  readonly name: string
  readonly state: string
  readonly attempts: number
  readonly retryLimit: number
  /** Null until the step is complete. */
  readonly result: Json
  /** Of the last failed attempt; null once the step is complete. */
  readonly error: JsonObject | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  /** Of the last attempt; null until it has ended. */
  readonly durationMs: number | null
  /** When it is tried again or runs again; null: not by a time. */
  readonly nextRetryAt: string | null
}

export interface TaskDocument {
  readonly taskId: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly state: string
  /** An operator holds it: none of its steps start. */
  readonly isHeld: boolean
  /** The task of which it does a part again. */
  readonly rerunOf: string | null
  /** What its caller knows it by. */
  readonly correlationId: string | null
  readonly createdAt: string
  readonly endedAt: string | null
  /** From creation to end; null until it has ended. */
  readonly durationMs: number | null
  /** The first number called `total` among the results of the steps, in their order, if any. */
  readonly total?: number
  readonly steps: readonly StepDocument[]
  /** Results by step name. */
  readonly results: Readonly<Record<string, Json>>
  readonly history?: readonly HistoryRow[]
}

export function taskDocument(task: TaskView, history?: readonly HistoryRow[]): TaskDocument {
  const total = firstTotal(task.steps)
  return {
    taskId: task.taskId,
    namespace: task.namespace,
    name: task.name,
    version: task.version,
    state: task.state,
    isHeld: task.isHeld,
    rerunOf: task.rerunOf,
    correlationId: task.correlationId,
    createdAt: task.createdAt.toISOString(),
    endedAt: task.endedAt?.toISOString() ?? null,
    durationMs: span(task.createdAt, task.endedAt),
    ...(total === null ? {} : { total }),
    steps: task.steps.map(stepDocument),
    results: task.results,
    ...(history === undefined ? {} : { history }),
  }
}

function stepDocument(step: StepRow): StepDocument {
  const isRunning = step.state === 'in_progress'
  return {
    name: step.name,
    state: step.state,
    attempts: step.attempts,
    retryLimit: step.retryLimit,
    result: step.result,
    error: step.error,
    startedAt: step.startedAt?.toISOString() ?? null,
    endedAt: isRunning ? null : (step.endedAt?.toISOString() ?? null),
    durationMs: isRunning ? null : span(step.startedAt, step.endedAt),
    nextRetryAt: step.nextRetryAt?.toISOString() ?? null,
  }
}

function firstTotal(steps: readonly StepRow[]): number | null {
  for (const { result } of steps) {
    if (typeof result !== 'object' || result === null || !Object.hasOwn(result, 'total')) continue
    const total: unknown = Reflect.get(result, 'total')
    if (typeof total === 'number') return total
  }
  return null
}

function span(from: Date | null, to: Date | null): number | null {
  return from === null || to === null ? null : to.getTime() - from.getTime()
}
