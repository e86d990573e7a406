// States of tasks as they are named on the command line: a list with commas.
import { taskStates, type TaskState } from '@tasker/engine'
import { UsageError } from './failure.ts'

/** @throws {UsageError} naming what is no state, and the states there are. */
export function readStates(text: string): readonly TaskState[] {
  const given = text.split(',').map((state) => state.trim())
  const known = taskStates.filter((state) => given.includes(state))
  const unknown = given.filter((state) => !known.some((name) => name === state))
  if (unknown.length === 0) return known
  throw new UsageError(
    `--state: ${unknown.map((state) => `"${state}"`).join(', ')} is no state of a task. ` +
      `Known are ${taskStates.join(', ')}.`,
  )
}
