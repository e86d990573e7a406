// The chaos harness: runs scenarios against real worker processes and a real PostgreSQL, and says what held. Exit code 0 when all did.
//
//   npm run chaos                         every scenario in full; results to bench/results/<date>-chaos.json
//   npm run chaos -- --short              small variants, two at a time, for CI
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
// what must always hold (`finish`): nothing a scenario has to remember. One that hangs is ended (run-scenario.ts).
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { linesOf, writeResults } from './report.ts'
import { runScenario } from './run-scenario.ts'
import type { Result, Scenario } from './scenario.ts'

const here = import.meta.dirname
const root = join(here, '..', '..')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Errors that nobody waited for: a fault, unless it is what a scenario that was ended trips over. */
const strays: unknown[] = []
process.on('unhandledRejection', (reason) => strays.push(reason))
// What was ended may still hold this process.
process.exit(await main())

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      scenario: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      output: { type: 'string' },
      /** Scenarios at a time. They have nothing in common but the machine; most of their time they wait. */
      jobs: { type: 'string' },
    },
  })
  const all = await loadScenarios()
  if (values.list) {
    for (const { name, endsWith } of all) say(`${name.padEnd(20)} ${endsWith}`)
    return 0
  }
  const unknown = values.scenario.filter((name) => !all.some((known) => known.name === name))
  const seed = Number(values.seed ?? seedOfThisRun())
  if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
    const names = all.map(({ name }) => name).join(', ')
    say(`There are the scenarios ${names}; --seed takes a whole number.`)
    return 2
  }
  const chosen = all.filter(
    ({ name }) => values.scenario.length === 0 || values.scenario.includes(name),
  )
  const isShort = values.short
  const jobs = Number(values.jobs ?? (isShort ? 2 : 1))
  const results = await runAll(chosen, { seed, isShort, jobs })
  const isWhole = chosen.length === all.length && !isShort
  const output = values.output ?? defaultOutput(isWhole)
  await writeResults(output, results)
  say(`\nResults: ${output}`)
  const isAllWell = results.every(({ wrong }) => wrong.length === 0)
  const nobodys = isAllWell ? strays : []
  for (const stray of nobodys) say(`nobody waited for ${inspect(stray)}`)
  for (const line of linesOf(results)) say(line)
  return isAllWell && nobodys.length === 0 ? 0 : 1
}

/** As for properties: in CI every run draws the same, so that a change is judged by itself; elsewhere something new. */
function seedOfThisRun(): number {
  const seedInCi = 345_660_741
  return process.env['CI'] === 'true' ? seedInCi : Math.trunc(Math.random() * 0x7fff_ffff)
}

async function runAll(
  chosen: readonly Scenario[],
  { jobs, ...options }: { readonly seed: number; readonly isShort: boolean; readonly jobs: number },
): Promise<readonly Result[]> {
  const results = new Map<Scenario, Result>()
  // The last by name lasts longest: begun last, it would have a core for itself while the other one has nothing left to do.
  const waiting = jobs > 1 ? chosen.toReversed() : [...chosen]
  const runOnes = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name } = next
      const mark = (text: string): void =>
        text.split('\n').forEach((line) => say(`${name.padEnd(16)} ${line}`))
      const told = jobs === 1 || chosen.length === 1 ? say : mark
      results.set(next, await runScenario(next, { ...options, say: told }))
    }
  }
  await Promise.all(Array.from({ length: jobs }, runOnes))
  return chosen.flatMap((scenario) => results.get(scenario) ?? [])
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

function defaultOutput(isWhole: boolean): string {
  const date = new Date().toISOString().slice(0, 10)
  return isWhole
    ? join(root, 'bench', 'results', `${date}-chaos.json`)
    : join(root, 'node_modules', '.cache', 'chaos', 'last.json')
}
