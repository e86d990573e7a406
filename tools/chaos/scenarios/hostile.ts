// The engine's tests under hostile settings (vitest.hostile.config.ts), in the short form a few of them: a run of vitest
// beside the stage, whose failures are the faults.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../run-program.ts'
import type { TestReport } from '../../test-reporter.ts'
import type { Scenario } from '../scenario.ts'

/** Lives of tasks whose workers meet what the settings make scarce. */
const inShort = [
  'protocol/stress',
  'scenarios/success',
  'scenarios/failures',
  'scenarios/time-limits',
].map((file) => `packages/engine/test/${file}.test.ts`)

export const scenario: Scenario = {
  name: 'hostile',
  endsWith: 'same outcomes with one slot, the shortest lease, no LISTEN and a pool of one',
  limitMinutes: { short: 8, full: 60 },
  async run(stage) {
    const file = join(stage.folder, 'hostile-tests.json')
    const { exitCode, output } = await run(
      'vitest',
      [
        'run',
        '--config=vitest.hostile.config.ts',
        '--reporter=default',
        '--reporter=./tools/test-reporter.ts',
        `--outputFile.failures=${file}`,
        ...(stage.isShort ? inShort : []),
      ],
      { timeoutMs: (stage.isShort ? 7 : 55) * 60_000 },
    )
    const { passed, failures } = await readReport(file)
    stage.fault(...failures.map(({ where, message }) => `${where}\n${message}`))
    if (exitCode !== 0 && failures.length === 0)
      stage.fault(`vitest ended with ${exitCode}: ${withoutStacks(output).slice(-1_000)}`)
    if (exitCode === 0 && passed === 0) stage.fault('no test ran')
    return { faults: {}, tasks: 0, figures: { 'tests passed': passed } }
  },
}

/** What was said, and not where in somebody else's code: a few lines of it are shown. */
const withoutStacks = (output: string): string =>
  output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .join('\n')

async function readReport(file: string): Promise<TestReport> {
  const text = await readFile(file, 'utf8').catch(() => '{ "passed": 0, "failures": [] }')
  return JSON.parse(text) as TestReport // as test-reporter.ts wrote it, or the line above
}
