// The spans that a task leaves, by name, and how they hang together. Who validates traces counts by this table.

export const spanNames = {
  /** A task was created. */
  initialize: 'tasker.task.initialize',
  /** A task ended. */
  execution: 'tasker.task.execution',
  /** An attempt of a step, from its claim to the answer to its outcome. */
  attempt: 'tasker.step.execution',
  /** The handler of an attempt. */
  handle: 'tasker.step.handle',
  /** A call of a worker: a trace of its own, linked to the tasks. */
  dispatch: 'tasker.workflow.dispatch',
} as const

export interface ExpectedSpans {
  readonly count: number
  /** The name of their parent; null: the root of the trace, unless the task was created within a span of the host. */
  readonly parent: string | null
}

/**
 * The spans of a task that ended once, by name. A linear task of 3 steps leaves 8, a diamond of 4 leaves 10, 3 steps side by
 * side leave 8; each further attempt leaves 2, or 1 when its handler did not run.
 */
export const spansOfTask = ({
  attempts,
}: {
  readonly attempts: number
}): Readonly<Record<string, ExpectedSpans>> => ({
  [spanNames.initialize]: { count: 1, parent: null },
  [spanNames.execution]: { count: 1, parent: spanNames.initialize },
  [spanNames.attempt]: { count: attempts, parent: spanNames.initialize },
  [spanNames.handle]: { count: attempts, parent: spanNames.attempt },
})
