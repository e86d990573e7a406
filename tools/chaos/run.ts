// The chaos harness: runs scenarios against real worker processes and a real PostgreSQL, one after the other, and says
// what held. Exit code 0 when all did.
//
//   npm run chaos                         every scenario in full; results to bench/results/<date>-chaos.json
//   npm run chaos -- --short              small variants, for CI
//   npm run chaos -- --scenario kill-loop --scenario freeze --seed 4711
//   npm run chaos -- --list
//
// To add a scenario: one file scenarios/<name>.ts that exports `scenario: Scenario` (scenario.ts). What it gets, its stage
// (stage.ts), has a server that can be killed (`stage.server.kill()`, `.start()`), worker processes (`startWorkers`, and of
// each handle `kill`, `freeze`, `thaw`, `stop`, `measure`, `said`), `ask` and `count` for SQL, `until` for facts to wait for,
// `pauseBetween` and `random` for chance from the seed, `fault` and `expect` for what is wrong. Worker processes play a cast
// (cast.ts, casts/): definitions with scripted handlers, which write to the ledger (ledger.ts) and may watch or kill their own
// process at any statement (statements.ts). random-dags.ts draws graphs, creates them and compares them with the oracle.
// proxy.ts stands between a worker and the server, and delays, drops, cuts or swallows. After each scenario the stage checks
// what must always hold (`finish`): nothing a scenario has to remember.
import { globSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { PostgresServer } from './postgres-server.ts'
import { randomFrom } from './random.ts'
import { quantile } from './recovery.ts'
import type { Scenario, ScenarioReport } from './scenario.ts'
import { ChaosStage } from './stage.ts'

interface Result extends ScenarioReport {
  readonly scenario: string
  readonly seed: number
  readonly isShort: boolean
  readonly seconds: number
  /** What is wrong; empty when the scenario passed. */
  readonly wrong: readonly string[]
}

const here = import.meta.dirname
const root = join(here, '..', '..')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const faultsShown = 12
const nothing: ScenarioReport = { faults: {}, tasks: 0 }

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      scenario: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      output: { type: 'string' },
    },
  })
  const all = await loadScenarios()
  if (values.list) {
    for (const { name, endsWith } of all) say(`${name.padEnd(20)} ${endsWith}`)
    return 0
  }
  const unknown = values.scenario.filter((name) => !all.some((known) => known.name === name))
  const seed = Number(values.seed ?? Math.trunc(Math.random() * 0x7fff_ffff))
  if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
    const names = all.map(({ name }) => name).join(', ')
    say(`There are the scenarios ${names}; --seed takes a whole number.`)
    return 2
  }
  const chosen = all.filter(
    ({ name }) => values.scenario.length === 0 || values.scenario.includes(name),
  )
  const results: Result[] = []
  for (const scenario of chosen) results.push(await runOne(scenario, seed, values.short))
  report(results)
  const isWhole = chosen.length === all.length && !values.short
  await write(values.output ?? defaultOutput(isWhole), results)
  return results.every(({ wrong }) => wrong.length === 0) ? 0 : 1
}

async function loadScenarios(): Promise<readonly Scenario[]> {
  const files = globSync('scenarios/*.ts', { cwd: here }).toSorted()
  return Promise.all(
    files.map(async (file) => {
      // Each of them exports this; the name is checked, so that `--scenario` finds it.
      const { scenario } = (await import(join(here, file))) as { readonly scenario: Scenario }
      if (scenario.name !== basename(file, '.ts'))
        throw new Error(`${file} names itself ${scenario.name}`)
      return scenario
    }),
  )
}

async function runOne(scenario: Scenario, seed: number, isShort: boolean): Promise<Result> {
  const { name } = scenario
  const again = `npm run chaos -- ${isShort ? '--short ' : ''}--scenario ${name} --seed ${seed}`
  say(`\n${name}: must end with ${scenario.endsWith}\n  ${again}`)
  const folder = await mkdtemp(join(tmpdir(), `tasker-chaos-${name}-`))
  await chmod(folder, 0o755) // under root the server runs as another user, who has to get in
  const startedMs = performance.now()
  const { report: found, wrong } = await onStage(scenario, { seed, isShort, folder })
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10
  for (const fault of wrong.slice(0, faultsShown)) say(`  WRONG ${fault}`)
  if (wrong.length > faultsShown) say(`  … and ${wrong.length - faultsShown} more`)
  if (wrong.length === 0) await rm(folder, { recursive: true, force: true })
  else say(`  Kept: ${folder} (npm run test:database -- ${folder})\n  Again: ${again}`)
  say(`  ${wrong.length === 0 ? 'ok' : 'FAILED'} after ${seconds} s`)
  return { scenario: name, seed, isShort, seconds, wrong, ...found }
}

async function onStage(
  scenario: Scenario,
  options: { readonly seed: number; readonly isShort: boolean; readonly folder: string },
): Promise<{ readonly report: ScenarioReport; readonly wrong: readonly string[] }> {
  const server = await PostgresServer.start(options.folder, scenario.serverSettings)
  const random = randomFrom(options.seed)
  const tell = (line: string): void => say(`  ${line}`)
  let stage: ChaosStage | null = null
  let found = nothing
  const wrong: string[] = []
  try {
    stage = await ChaosStage.open({ ...options, random, server, tell })
    found = await scenario.run(stage)
    await stage.finish()
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    wrong.unshift(...(stage?.faults ?? []))
    await stage?.close()
    await server.stop()
  }
  return { report: found, wrong }
}

function report(results: readonly Result[]): void {
  say('\nscenario            result   seconds   tasks  recovery p50 / p99   faults injected')
  for (const { scenario, wrong, seconds, tasks, recoveriesMs = [], faults, figures } of results) {
    const times = [0.5, 0.99].map((share) => inSeconds(quantile(recoveriesMs, share))).join(' / ')
    const kinds = Object.entries(faults).map(([kind, count]) => `${count} × ${kind}`)
    say(
      `${scenario.padEnd(20)}${(wrong.length === 0 ? 'ok' : 'FAILED').padEnd(9)}` +
        `${seconds.toFixed(1).padStart(7)} ${String(tasks).padStart(7)}  ` +
        `${times.padEnd(21)}${kinds.join(', ')}`,
    )
    for (const [name, value] of Object.entries(figures ?? {}))
      say(`${' '.repeat(20)}${name}: ${value}`)
  }
  const failed = results.filter(({ wrong }) => wrong.length > 0).length
  say(`${results.length - failed} passed, ${failed} failed`)
}

function inSeconds(ms: number | null): string {
  return ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`
}

function defaultOutput(isWhole: boolean): string {
  const date = new Date().toISOString().slice(0, 10)
  return isWhole
    ? join(root, 'bench', 'results', `${date}-chaos.json`)
    : join(root, 'node_modules', '.cache', 'chaos', 'last.json')
}

async function write(file: string, results: readonly Result[]): Promise<void> {
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
  say(`Results: ${file}`)
}
