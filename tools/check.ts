// The one command: every check there is, in order, one line each. Only of what fails more is shown, and a failure does not
// stop the others. `npm run check`, or `npm run check -- types lint` for some of them. CI runs exactly this.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Result } from './chaos/scenario.ts'
import { budgets } from './cost-budgets.ts'
import { briefOf } from './failure-brief.ts'
import { root, run, type Run } from './run-program.ts'
import type { TestReport } from './test-reporter.ts'

interface Stage {
  readonly name: string
  readonly check: () => Promise<StageResult>
}

interface StageResult {
  readonly isPassed: boolean
  /** When the stage failed, its end is shown; all of it goes to a file. */
  readonly output: string
  /** Shown first when the stage failed: what there is to mend, in few lines. */
  readonly brief?: string
  /** Shown on the stage's line. */
  readonly remark?: string
  /** Shown whatever happened: what was not checked here. */
  readonly notices?: readonly string[]
  readonly tests?: TestCount
}

interface TestCount {
  readonly passed: number
  readonly failed: number
}

/** Of tools/chaos/run.ts. */
interface ChaosReport {
  readonly scenarios: readonly Pick<Result, 'scenario' | 'seconds' | 'command' | 'wrong'>[]
}

/** By file, with full path; `total` besides. */
type CoverageSummary = Readonly<Record<string, { readonly lines: Lines }>>

interface Lines {
  readonly total: number
  readonly covered: number
}

const reports = join(root, 'node_modules', '.cache', 'check')
const linesShownMax = 100
const noTests: TestReport = { passed: 0, failures: [] }

/** One round after the other; stages of one round at the same time. */
const rounds: readonly (readonly Stage[])[] = [
  // The packages as they are built, then sources, tests, examples and tools as they are written.
  [{ name: 'types', check: () => program('tsc', '-b') }],
  [{ name: 'lint', check: () => program('oxlint', '--type-aware', '--deny-warnings') }],
  [{ name: 'unused', check: () => program('knip', '--no-progress') }],
  [{ name: 'generated', check: checkGeneratedPages }],
  [
    // One process all the time, while the other one mostly waits for npm. The tests build the packages anew, which none of the
    // stages above would bear.
    { name: 'format', check: () => program('prettier', '--check', '--log-level=warn', '.') },
    { name: 'tidy', check: () => tests('tidy', '--project=repo') },
  ],
  [{ name: 'tests', check: checkTests }],
  [{ name: 'cost', check: checkCost }],
  [{ name: 'chaos', check: checkChaos }],
]
const stages = rounds.flat()

mkdirSync(reports, { recursive: true })
// Hundreds of programs are started below; what they import is compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'compiled')
process.exitCode = await main(process.argv.slice(2))

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name))
  if (unknown.length > 0) {
    console.error(
      `No stage is named ${unknown.join(', ')}: ${stages.map((s) => s.name).join(', ')}.`,
    )
    return 2
  }
  const results: StageResult[] = []
  for (const round of rounds) {
    const chosen = round.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    results.push(...(await Promise.all(chosen.map(runStage))))
  }
  return report(results)
}

async function runStage(stage: Stage): Promise<StageResult> {
  const startedMs = performance.now()
  const result = await stage.check()
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const mark = result.isPassed ? 'ok    ' : 'FAILED'
  console.log(
    `${mark} ${stage.name.padEnd(10)}${seconds.padStart(7)} s  ${result.remark ?? ''}`.trimEnd(),
  )
  for (const notice of result.notices ?? []) console.log(notice)
  if (!result.isPassed) console.log(`${result.brief ?? ''}\n${endOf(stage.name, result.output)}\n`)
  return result
}

/** The end of a failed stage's output, and where the whole of it is. */
function endOf(name: string, output: string): string {
  const lines = output.trim().split('\n')
  if (lines.length <= linesShownMax) return lines.join('\n')
  const file = join(reports, `${name}.log`)
  writeFileSync(file, output)
  const before = lines.length - linesShownMax
  return [`(${before} lines before this: ${file})`, ...lines.slice(before)].join('\n')
}

/**
 * The last line counts checks: every test, and every stage that is no run of tests. A run of tests counts by its tests,
 * and as one more failure when it failed without a failing test: below the coverage floor, or a file that did not load.
 */
function report(results: readonly StageResult[]): number {
  let passed = 0
  let failed = 0
  for (const { isPassed, tests: count } of results) {
    passed += count?.passed ?? (isPassed ? 1 : 0)
    failed += count?.failed ?? 0
    if (!isPassed && (count?.failed ?? 0) === 0) failed += 1
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function program(name: string, ...parameters: readonly string[]): Promise<StageResult> {
  return resultOf(await run(name, parameters))
}

function resultOf({ exitCode, output }: Run): StageResult {
  const isPassed = exitCode === 0
  return {
    isPassed,
    output: exitCode === null ? `${output}\nIt took too long and was ended.` : output,
  }
}

/** Every tools/generate-*.ts knows how to check its own page. */
async function checkGeneratedPages(): Promise<StageResult> {
  const generators = globSync('tools/generate-*.ts', { cwd: root }).toSorted()
  const results: StageResult[] = []
  for (const generator of generators) {
    results.push(await program('node', '--conditions=@tasker/source', generator, '--check'))
  }
  return {
    isPassed: results.every((result) => result.isPassed),
    output: results.map((result) => result.output).join('\n'),
    remark: `${generators.length} pages`,
  }
}

async function checkTests(): Promise<StageResult> {
  const summary = join(root, 'coverage', 'coverage-summary.json')
  rmSync(summary, { force: true })
  const result = await tests('tests', '--project=!repo', '--coverage')
  return { ...result, remark: [result.remark, ...describeCoverage(summary)].join(', ') }
}

async function tests(name: string, ...parameters: readonly string[]): Promise<StageResult> {
  const file = join(reports, `${name}.json`)
  rmSync(file, { force: true })
  const reporters = ['--reporter=default', '--reporter=./tools/test-reporter.ts']
  const result = resultOf(
    await run('vitest', ['run', ...parameters, ...reporters, `--outputFile.failures=${file}`]),
  )
  const { passed, failures } = (readJson(file) ?? noTests) as TestReport
  return {
    ...result,
    brief: briefOf(failures),
    remark: `${passed + failures.length} tests`,
    // vitest reads its configuration once for each project, so each notice comes several times.
    notices: [...new Set(result.output.match(/^\*{3} .* \*{3}$/gm))],
    tests: { passed, failed: failures.length },
  }
}

/** The budgets of a step, measured. */
async function checkCost(): Promise<StageResult> {
  const { exitCode, output, stdout } = await run('node', [
    '--conditions=@tasker/source',
    'tools/measure-cost.ts',
    '--json',
    '--check',
  ])
  const figures = parseJson(stdout) as Readonly<Record<string, unknown>> | null
  const remark = budgets.map(({ figure }) => `${figure} ${String(figures?.[figure])}`).join(', ')
  return { isPassed: exitCode === 0, output, remark }
}

/** Each scenario counts as a check. */
async function checkChaos(): Promise<StageResult> {
  const file = join(reports, 'chaos.json')
  rmSync(file, { force: true })
  const chaos = ['--conditions=@tasker/source', 'tools/chaos/run.ts', '--short', `--output=${file}`]
  const result = resultOf(await run('node', chaos, { timeoutMs: 1_500_000 }))
  const { scenarios } = (readJson(file) ?? { scenarios: [] }) as ChaosReport
  const failures = scenarios
    .filter(({ wrong }) => wrong.length > 0)
    .map(({ command, wrong }) => ({ where: command, message: wrong.join('\n') }))
  const times = scenarios.map(({ scenario, seconds }) => `${scenario} ${seconds.toFixed(0)} s`)
  const passed = scenarios.length - failures.length
  return {
    ...result,
    brief: briefOf(failures),
    remark: times.join(', '),
    tests: { passed, failed: failures.length },
  }
}

/** `engine 93.1 % of lines`, for each package that has lines. The floor is in vitest.config.ts. */
function describeCoverage(summary: string): readonly string[] {
  const files = (readJson(summary) ?? {}) as CoverageSummary
  const perPackage = new Map<string, Lines>()
  for (const [file, { lines }] of Object.entries(files)) {
    const [, name] = /^packages[\\/]([^\\/]+)/.exec(relative(root, file)) ?? []
    if (name === undefined) continue
    const sum = perPackage.get(name) ?? { total: 0, covered: 0 }
    perPackage.set(name, { total: sum.total + lines.total, covered: sum.covered + lines.covered })
  }
  return [...perPackage]
    .filter(([, { total }]) => total > 0)
    .map(
      ([name, { total, covered }]) => `${name} ${((covered / total) * 100).toFixed(1)} % of lines`,
    )
}

/** Of a file that vitest or a program of ours wrote: so the casts of the answer are true. */
function readJson(file: string): unknown {
  return existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : null
}

/** Null when the program ended before it had written all; its output says why. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
