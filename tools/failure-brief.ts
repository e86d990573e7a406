// What is shown first of a run of tests that failed: each failure in few lines, all of them on one screen, because whoever
// keeps the output of a long run keeps its beginning.
import type { Failure } from './test-reporter.ts'

const linesMax = 60
const linesPerFailureMax = 15
const columnsMax = 200

/** At most 60 lines: as many for each failure as there is room for, at most 15, and at least its name. */
export function briefOf(failures: readonly Failure[]): string {
  const perFailure = Math.min(linesPerFailureMax, Math.floor((linesMax - 1) / failures.length))
  const shown = failures.slice(0, linesMax - 1)
  const blocks = shown.map((failure) => linesOf(failure).slice(0, Math.max(perFailure, 1)))
  const more = failures.length - shown.length
  return [...blocks.flat(), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')
}

const linesOf = ({ where, message }: Failure): readonly string[] =>
  [where, ...message.split('\n').map((line) => `    ${line}`)]
    .filter((line) => line.trim() !== '')
    .map((line) => (line.length > columnsMax ? `${line.slice(0, columnsMax - 1)}…` : line))
