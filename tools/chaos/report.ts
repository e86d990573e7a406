// What is said and kept of a run of scenarios: the table, what failed once more below it, where the end of a long output is
// looked at first, and the file of results.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { quantile } from './recovery.ts'
import { shownFaults } from './run-scenario.ts'
import type { Result } from './scenario.ts'

/** Of all that failed together. */
const failedLinesMax = 45

/** The last line is `N passed, N failed`. */
export function linesOf(results: readonly Result[]): readonly string[] {
  const failed = results.filter(({ wrong }) => wrong.length > 0)
  const linesEach = Math.max(2, Math.floor(failedLinesMax / Math.max(failed.length, 1)))
  return [
    '',
    'scenario            result   seconds   tasks  recovery p50 / p99   faults injected',
    ...results.flatMap(rowsOf),
    ...failed.flatMap((result) => ['', ...failureOf(result)].slice(0, linesEach)),
    `${results.length - failed.length} passed, ${failed.length} failed`,
  ]
}

export async function writeResults(file: string, results: readonly Result[]): Promise<void> {
  const machine = { cpus: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) }
  const scenarios = results.map(({ recoveriesMs = [], ...result }) => ({
    ...result,
    recoveries: recoveriesMs.length,
    recoveryMsP50: quantile(recoveriesMs, 0.5),
    recoveryMsP99: quantile(recoveriesMs, 0.99),
  }))
  await mkdir(dirname(file), { recursive: true })
  const node = process.version
  await writeFile(file, `${JSON.stringify({ machine, node, scenarios }, null, 2)}\n`)
}

function rowsOf(result: Result): readonly string[] {
  const { scenario, wrong, seconds, tasks, recoveriesMs = [], faults, figures } = result
  const times = [0.5, 0.99].map((share) => inSeconds(quantile(recoveriesMs, share))).join(' / ')
  const kinds = Object.entries(faults).map(([kind, count]) => `${count} × ${kind}`)
  return [
    `${scenario.padEnd(20)}${(wrong.length === 0 ? 'ok' : 'FAILED').padEnd(9)}` +
      `${seconds.toFixed(1).padStart(7)} ${String(tasks).padStart(7)}  ` +
      `${times.padEnd(21)}${kinds.join(', ')}`.trimEnd(),
    ...Object.entries(figures ?? {}).map(([name, value]) => `${' '.repeat(20)}${name}: ${value}`),
  ]
}

function failureOf({ scenario, command, wrong }: Result): readonly string[] {
  return [`FAILED ${scenario}: ${command}`, ...shownFaults(wrong).map((line) => `  ${line}`)]
}

function inSeconds(ms: number | null): string {
  return ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`
}
