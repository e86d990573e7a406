// What commander throws, as errors of ours.
import type { CommanderError } from 'commander'
import { UsageError } from './failure.ts'

/** Help and version are thrown as well, after they were printed. */
export function isAnswer(error: CommanderError): boolean {
  return error.exitCode === 0 || error.code === 'commander.help'
}

export function usageErrorOf({ message }: CommanderError, exitCode: 2 | 64 = 2): UsageError {
  return new UsageError(message.replace(/^error: /, '').replace(/\n\((.*)\)$/, '. $1'), exitCode)
}
