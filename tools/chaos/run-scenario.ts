// Runs one scenario on a stage of its own and says what became of it. One that hangs is ended: its workers and its server
// are killed, and it has failed with the ends of their logs.
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresServer } from './postgres-server.ts'
import { randomFrom } from './random.ts'
import type { Result, Scenario, ScenarioReport } from './scenario.ts'
import { ChaosStage } from './stage.ts'

export interface RunOptions {
  readonly seed: number
  readonly isShort: boolean
  /** A line for whoever watches. */
  readonly say: (line: string) => void
}

interface Outcome {
  readonly report: ScenarioReport
  readonly wrong: readonly string[]
}

const nothing: ScenarioReport = { faults: {}, tasks: 0 }
const usualLimitMinutes = { short: 5, full: 45 }
/** For ending what hangs: a server may hang as well. */
const endMinutes = 0.5
const logLinesShown = 4
const faultsShown = 12
const columnsMax = 400

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Result> {
  const { name } = scenario
  const { seed, isShort, say } = options
  const command = `npm run chaos -- ${isShort ? '--short ' : ''}--scenario ${name} --seed ${seed}`
  say(`\n${name}: must end with ${scenario.endsWith}\n  ${command}`)
  const folder = await mkdtemp(join(tmpdir(), `tasker-chaos-${name}-`))
  await chmod(folder, 0o755) // under root the server runs as another user, who has to get in
  const startedMs = performance.now()
  const { report, wrong } = await onStage(scenario, { ...options, folder })
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10
  for (const line of shownFaults(wrong)) say(`  ${line}`)
  if (wrong.length === 0) await rm(folder, { recursive: true, force: true })
  else say(`  Kept: ${folder} (npm run test:database -- ${folder})\n  Again: ${command}`)
  say(`  ${wrong.length === 0 ? 'ok' : 'FAILED'} after ${seconds} s`)
  return { scenario: name, seed, isShort, seconds, command, wrong, ...report }
}

/** The first faults, each on few lines. */
export function shownFaults(
  wrong: readonly string[],
  max: number = faultsShown,
): readonly string[] {
  const lines = wrong.slice(0, max).flatMap((fault) => `WRONG ${fault}`.split('\n').slice(0, 6))
  const more = wrong.length > max ? [`… and ${wrong.length - max} more`] : []
  return [...lines.map((line) => line.slice(0, columnsMax)), ...more]
}

async function onStage(
  scenario: Scenario,
  options: RunOptions & { readonly folder: string },
): Promise<Outcome> {
  const { folder, seed, isShort, say } = options
  const tell = (line: string): void => say(`  ${line}`)
  const { short, full } = scenario.limitMinutes ?? usualLimitMinutes
  let server: PostgresServer | null = null
  let stage: ChaosStage | null = null
  let report = nothing
  const thrown: string[] = []
  try {
    server = await PostgresServer.start(folder, scenario.serverSettings)
    const random = randomFrom(seed)
    stage = await ChaosStage.open({ seed, isShort, random, server, folder, tell })
    report = await withinMinutes(isShort ? short : full, playAll(scenario, stage))
  } catch (error) {
    if (error instanceof HangError) thrown.push(error.message, ...(await endsOfLogs(folder)))
    else thrown.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const wrong = [...(stage?.faults ?? []), ...thrown]
  try {
    await withinMinutes(endMinutes, endAll(stage, server))
  } catch (error) {
    wrong.push(`it could not be ended: ${String(error)}`)
    server?.kill()
  }
  return { report, wrong }
}

async function playAll(scenario: Scenario, stage: ChaosStage): Promise<ScenarioReport> {
  const report = await scenario.run(stage)
  await stage.finish()
  return report
}

async function endAll(stage: ChaosStage | null, server: PostgresServer | null): Promise<void> {
  await stage?.close()
  await server?.stop()
}

class HangError extends Error {}

async function withinMinutes<T>(minutes: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const hangs = (): void => reject(new HangError(`it hangs: not over after ${minutes} minutes`))
  const timer = setTimeout(hangs, minutes * 60_000)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** Of the workers, as the harness keeps them beside the database. */
async function endsOfLogs(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.log'))
  return Promise.all(
    files.toSorted().map(async (file) => {
      const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n')
      return `${file} ends with:\n${lines.slice(-logLinesShown).join('\n')}`
    }),
  )
}
