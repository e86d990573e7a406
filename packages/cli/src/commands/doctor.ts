// `tasker doctor`: looks at the whole set-up, changes nothing, and says what is wrong and what to do.
import {
  asError,
  count,
  diagnose,
  diagnoseFault,
  gatherDefinitions,
  inspectCache,
  plainLines,
  systemClock,
  type Diagnosis,
  type DiagnosisRequest,
  type Finding,
  type TaskDefinition,
  type Verdict,
} from '@tasker/engine'
import { openDatabase, type OpenDatabase } from '../database-address.ts'
import { FailureWithAdvice, type ExitCode } from '../failure.ts'
import { withCopyable, type CommandNeeds } from '../invocation.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings, type Settings } from '../settings.ts'
import type { Paint, Terminal } from '../terminal.ts'

export interface DoctorOptions {
  readonly invariants?: boolean
  readonly sample: number
}

export async function doctor(
  { terminal, options }: CommandContext,
  { invariants = false, sample }: DoctorOptions,
): Promise<ExitCode> {
  const settings = await loadSettings(options).catch(asError)
  const diagnosis =
    settings instanceof Error
      ? diagnoseFault(causeOf(settings))
      : await examine(settings, terminal, invariants ? { invariantsOf: sample } : {})
  terminal.document(diagnosis)
  const needs = { options, settings: settings instanceof Error ? null : settings }
  if (!terminal.isJson) print(diagnosis, terminal, needs)
  return diagnosis.isHealthy ? 0 : 1
}

const causeOf = (error: Error): Error =>
  error instanceof FailureWithAdvice ? asError(error.cause) : error

async function examine(
  { resolved, parts }: Settings,
  terminal: Terminal,
  asked: Pick<DiagnosisRequest, 'invariantsOf'>,
): Promise<Diagnosis> {
  const database = await openDatabase(resolved.config, terminal).catch(asError)
  const { cacheStore, cacheDetectors } = parts
  const given = {
    ...(cacheStore === undefined ? {} : { cacheStore }),
    ...(cacheDetectors === undefined ? {} : { cacheDetectors }),
  }
  try {
    return await diagnose({
      resolved,
      url: database instanceof Error ? database : database.url,
      definitions: await registered({ resolved, parts }).catch(asError),
      clock: systemClock,
      readCache: (url) =>
        inspectCache({ config: resolved.config, clock: systemClock, ...given }, url),
      ...asked,
    })
  } finally {
    await release(database)
  }
}

async function registered({
  resolved,
  parts,
}: Pick<Settings, 'resolved' | 'parts'>): Promise<readonly TaskDefinition[]> {
  const { definitions = [], handlers = null } = parts
  return (await gatherDefinitions(definitions, handlers, resolved.config)).registry.list()
}

async function release(database: OpenDatabase | Error): Promise<void> {
  if (!(database instanceof Error)) await database.release()
}

function print({ findings }: Diagnosis, terminal: Terminal, needs: CommandNeeds): void {
  const made = findings.filter(({ verdict }) => verdict !== 'skipped')
  const width = Math.max(...made.map(({ check }) => check.length))
  const margin = ' '.repeat(2 + width + 2 + verdictWidth + 2)
  const indented = (text: string): string =>
    plainLines(text.trimEnd()).replaceAll('\n', `\n${margin}`)
  made.forEach(({ check, verdict, seen, remedy }, at) => {
    const name = made[at - 1]?.check === check ? '' : check
    const mark = painted(verdict, terminal.paint)
    terminal.print(`  ${name.padEnd(width)}  ${mark}  ${indented(seen)}`)
    if (remedy !== null)
      terminal.print(margin + terminal.paint.dim(`→ ${indented(withCopyable(remedy, needs))}`))
  })
  const skipped = Map.groupBy(
    findings.filter(({ verdict }) => verdict === 'skipped'),
    ({ seen }) => seen,
  )
  for (const [seen, those] of skipped) {
    const names = [...new Set(those.map(({ check }) => check))].join(', ')
    terminal.print(`\n  ${terminal.paint.dim(`${names}: ${plainLines(seen)}`)}`)
  }
  terminal.print(`\n${summary(findings)}.`)
}

const verdictWidth = 7

function painted(verdict: Verdict, paint: Paint): string {
  const text = verdict.padEnd(verdictWidth)
  switch (verdict) {
    case 'ok':
      return paint.green(text)
    case 'warning':
      return paint.yellow(text)
    case 'problem':
      return paint.red(text)
    case 'skipped':
      return paint.dim(text)
    default:
      return verdict satisfies never
  }
}

function summary(findings: readonly Finding[]): string {
  const countOf = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length
  const problems = countOf('problem')
  const skipped = countOf('skipped')
  return [
    problems === 0 ? 'No problem' : count(problems, 'problem'),
    count(countOf('warning'), 'warning'),
    ...(skipped === 0 ? [] : [`${count(skipped, 'check')} not made`]),
  ].join(', ')
}
