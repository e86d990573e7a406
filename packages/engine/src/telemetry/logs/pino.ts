// The way to pino: an optional package, loaded only when Tasker writes lines of its own.
import { TaskerError } from '../../errors.ts'

export type Pino = typeof import('pino').pino

/** @throws {TaskerError} LOGS_UNAVAILABLE when it is not installed */
export async function loadPino(): Promise<Pino> {
  try {
    const { pino } = await import('pino')
    return pino
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing || !error.message.includes('pino')) throw error
    const message = 'Logs were asked for, and pino is not installed.'
    throw new TaskerError('LOGS_UNAVAILABLE', message, {}, error)
  }
}
