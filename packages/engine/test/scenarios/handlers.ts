// Handlers with scripted behaviour. They look at the attempt they are given, so they keep no state of their own.
import type { RunStep } from '../../src/definitions/model.ts'
import type { TaskView } from '../../src/reports/task-view.ts'

export const succeeds: RunStep = async () => ({ ok: true })

/** Fails the first `times` attempts, then succeeds. */
export const failsTimes =
  (times: number, message = 'as scripted'): RunStep =>
  async ({ attempt }) => {
    if (attempt <= times) throw new Error(message)
    return { ok: true }
  }

export const alwaysFails = (message: string): RunStep =>
  failsTimes(Number.POSITIVE_INFINITY, message)

/** Gives each step its scripted handler, the others one that succeeds. */
export const scripted =
  (script: Readonly<Record<string, RunStep>>) =>
  (stepName: string): RunStep =>
    script[stepName] ?? succeeds

/** Keeps the order in which attempts started and ended. */
export function recordCalls(handlerOf: (stepName: string) => RunStep = () => succeeds): {
  readonly started: string[]
  readonly ended: string[]
  readonly handlerOf: (stepName: string) => RunStep
} {
  const started: string[] = []
  const ended: string[] = []
  return {
    started,
    ended,
    handlerOf: (stepName) => async (execution) => {
      started.push(stepName)
      try {
        return await handlerOf(stepName)(execution)
      } finally {
        ended.push(stepName)
      }
    },
  }
}

/** A door that handlers wait at until the test opens it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: () => resolve() }
}

const byName = <T>(
  task: TaskView,
  read: (step: TaskView['steps'][number]) => T,
): Record<string, T> => Object.fromEntries(task.steps.map((step) => [step.name, read(step)]))

export const statesOf = (task: TaskView): Record<string, string> =>
  byName(task, (step) => step.state)
export const attemptsOf = (task: TaskView): Record<string, number> =>
  byName(task, (step) => step.attempts)
export const readyIn = (task: TaskView): readonly string[] =>
  task.steps.filter((step) => step.isReady).map((step) => step.name)
