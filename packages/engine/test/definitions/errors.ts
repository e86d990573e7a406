// Catches the TaskerError that a test expects, so that its code, message and faults can be compared whole.
import { expect } from 'vitest'
import { TaskerError, type Fault } from '../../src/errors.ts'

export function errorOf(run: () => unknown): TaskerError {
  try {
    run()
  } catch (error) {
    if (error instanceof TaskerError) return error
    throw error
  }
  return expect.unreachable('expected a TaskerError')
}

export async function rejectionOf(run: () => Promise<unknown>): Promise<TaskerError> {
  try {
    await run()
  } catch (error) {
    if (error instanceof TaskerError) return error
    throw error
  }
  return expect.unreachable('expected a TaskerError')
}

/** `path: message` of every fault. */
export function faultsOf(error: TaskerError): readonly string[] {
  const faults = error.details['faults'] as readonly Fault[] // both errors of definitions carry them
  return faults.map((fault) => `${fault.path}: ${fault.message}`)
}
