// A verdict as people read it: one line for each check, under it what is wrong and what to do.
import { formatDuration, plainLines } from '@tasker/engine'
import type { Terminal } from '../terminal.ts'
import type { Check, Verdict } from './checklist.ts'

const faultsMax = 5

export function printVerdict(
  verdict: Verdict,
  terminal: Terminal,
  { isVerbose, notes }: { readonly isVerbose: boolean; readonly notes: readonly string[] },
): void {
  const { paint } = terminal
  const width = Math.max(...verdict.checks.map(({ name }) => name.length))
  for (const check of verdict.checks) {
    const mark = check.passed ? paint.green('passed') : paint.red('failed')
    const time = paint.dim(formatDuration(check.durationMs))
    const seen = check.passed ? plainLines(check.details.seen) : ''
    terminal.print(
      `  ${check.name.padEnd(width)}  ${mark}  ${seen}${seen === '' ? '' : '  '}${time}`,
    )
    for (const line of linesUnder(check, isVerbose)) {
      terminal.print(`  ${' '.repeat(width)}  ${plainLines(line)}`)
    }
    const { remedy } = check.details
    if (!check.passed && remedy !== null)
      terminal.print(`  ${' '.repeat(width)}  ${paint.dim(`→ ${plainLines(remedy)}`)}`)
  }
  if (verdict.notMade.length > 0)
    terminal.print(`\n  ${paint.dim(`not made: ${verdict.notMade.join(', ')}`)}`)
  if (notes.length > 0) terminal.print('')
  for (const note of notes) terminal.print(`  ${paint.dim(plainLines(note))}`)
  terminal.print(`\n${summary(verdict, terminal)}`)
}

function linesUnder({ passed, details }: Check, isVerbose: boolean): readonly string[] {
  if (isVerbose) return [...details.faults, ...details.more]
  if (passed) return []
  const rest = details.faults.length - faultsMax
  return [
    ...details.faults.slice(0, faultsMax),
    ...(rest > 0 ? [`and ${rest} more; --verbose shows all`] : []),
  ]
}

function summary({ passed, checks, notMade, durationMs }: Verdict, { paint }: Terminal): string {
  const failed = checks.filter((check) => !check.passed).length
  const made = `${checks.length - failed} of ${checks.length + notMade.length} checks passed`
  const word = passed ? paint.green('PASSED') : paint.red('FAILED')
  return `${word}: ${made}, in ${formatDuration(durationMs)}.`
}
