// Looks at a set-up from outside, changes nothing, and says of each part whether it is well: `tasker doctor`. Works on a
// broken one too: every check that can run does, the others say why not, and each reading ends after a time.
import type { Clock } from '../../clock.ts'
import { describeConfig, type ResolvedConfig } from '../../config.ts'
import { hidePassword } from '../../config/printable.ts'
import { readDrift } from '../../database/inspect-schema.ts'
import { readOpenTransactions, readServer, readTables } from '../../database/inspect-server.ts'
import { readStoredVersions, readStuckWork, readWorkerStates } from '../../database/inspect-work.ts'
import { openInspection, type Inspection } from '../../database/inspection.ts'
import { planMigrationOver } from '../../database/migrate.ts'
import type { TaskDefinition } from '../../definitions/model.ts'
import { asError } from '../../errors.ts'
import { packageVersion } from '../../version.ts'
import { checkCache, type CacheReading } from './check-cache.ts'
import { checkEachInvariant, checkInvariants } from './check-invariants.ts'
import { checkDefinitions, checkDrift, checkMigrations, isCurrent } from './check-schema.ts'
import {
  checkClock,
  checkConnections,
  checkDatabase,
  checkSettings,
  checkTables,
  checkTransactions,
} from './check-server.ts'
import { checkStuckWork, checkWorkers } from './check-work.ts'
import { findingsOf, problemOf, someOf, type Finding } from './finding.ts'

export interface DiagnosisRequest {
  readonly resolved: ResolvedConfig
  /** Where the database is; or the error that kept it from being known (an embedded server that does not start). */
  readonly url: string | Error
  /** What this process would run; or the error that building it raised. */
  readonly definitions: readonly TaskDefinition[] | Error
  readonly clock: Clock
  /** Opens and tries the cache of this set-up, whose database is there. Absent: it is not looked at. */
  readonly readCache?: (url: string) => Promise<CacheReading>
  /** Look at nothing but the invariants, each by its name, over so many tasks of each kind of the sample. */
  readonly invariantsOf?: number
}

export interface Diagnosis {
  /** No finding is a problem. */
  readonly isHealthy: boolean
  readonly findings: readonly Finding[]
}

/** What is due longer than this should have been claimed: several scans, and any restart of a worker. */
const lateAfterSeconds = 60
/** Tasks of each kind whose rows are recounted: see sample-tasks.ts. */
const sampleEach = 500
/** No longer than this for a connection: somebody waits for the answer. */
const connectTimeoutMaxMs = 10_000

/** Never throws for what is wrong with the set-up: that is the answer. */
export async function diagnose(request: DiagnosisRequest): Promise<Diagnosis> {
  const isWhole = request.invariantsOf === undefined
  const options = isWhole ? checkOptions(request.resolved) : []
  const findings = [...options, ...(await inspect(request))]
  return { isHealthy: !findings.some(({ verdict }) => verdict === 'problem'), findings }
}

/** The diagnosis of a configuration that cannot be read: nothing else can be looked at. */
export function diagnoseFault(error: unknown): Diagnosis {
  return { isHealthy: false, findings: [problemOf('configuration', error)] }
}

function checkOptions(resolved: ResolvedConfig): readonly Finding[] {
  const { ok, warning } = findingsOf('configuration')
  const idle = describeConfig(resolved).filter(
    ({ source, takesEffectWith }) => source !== 'default' && takesEffectWith !== null,
  )
  if (idle.length === 0) return [ok('The configuration has no faults.')]
  return [
    warning(
      `Set, and without effect in this version: ${someOf(idle.map(({ key }) => key))}.`,
      'Nothing to do, unless you count on them; `tasker config` says what each takes effect with.',
    ),
  ]
}

async function inspect(request: DiagnosisRequest): Promise<readonly Finding[]> {
  const { url, resolved } = request
  const { schema, connectTimeoutMs } = resolved.config.database
  const inspection =
    url instanceof Error
      ? url
      : await openInspection({
          url,
          schema,
          connectTimeoutMs: Math.min(connectTimeoutMs, connectTimeoutMaxMs),
        }).catch(asError)
  if (url instanceof Error || inspection instanceof Error)
    return [
      problemOf('database', inspection),
      ...skip(databaseChecks, 'the database does not answer'),
    ]
  const { invariantsOf } = request
  try {
    if (invariantsOf !== undefined)
      return await attempt('invariants', () => checkEachInvariant(inspection, invariantsOf))
    return [
      ...(await inspectServer(inspection, request, url)),
      ...(await inspectSchema(inspection, request)),
      ...(await inspectCache(inspection, request, url)),
    ]
  } finally {
    await inspection.close()
  }
}

const contentChecks = ['drift', 'tables', 'workers', 'work', 'definitions', 'invariants']
const databaseChecks = [
  'settings',
  'connections',
  'clock',
  'transactions',
  'schema',
  ...contentChecks,
  'cache',
]

async function inspectServer(
  inspection: Inspection,
  { resolved: { config }, clock }: DiagnosisRequest,
  url: string,
): Promise<readonly Finding[]> {
  return [
    ...(await attempt('database', async () => {
      const server = await readServer(inspection, () => clock.nowMs())
      return [
        checkDatabase(server, hidePassword(url)),
        ...checkSettings(server),
        checkConnections(server, config),
        checkClock(server),
      ]
    })),
    ...(await attempt('transactions', async () => [
      checkTransactions(await readOpenTransactions(inspection, lateAfterSeconds)),
    ])),
  ]
}

async function inspectCache(
  inspection: Inspection,
  { readCache }: DiagnosisRequest,
  url: string,
): Promise<readonly Finding[]> {
  if (readCache === undefined) return []
  const reading = await readCache(url).catch(asError)
  if (reading instanceof Error) return [problemOf('cache', reading)]
  // Without a schema nobody works.
  const live = await readWorkerStates(inspection).then(
    (workers) => workers.live,
    () => 0,
  )
  return checkCache(reading, live)
}

async function inspectSchema(
  inspection: Inspection,
  { definitions }: DiagnosisRequest,
): Promise<readonly Finding[]> {
  const plan = await planMigrationOver(inspection.ask, inspection.schema).catch(asError)
  if (plan instanceof Error)
    return [problemOf('schema', plan), ...(await inspectContents(inspection, definitions, false))]
  const schema = checkMigrations(plan, inspection.schema)
  if (plan.databaseVersion === null) return [schema, ...skip(contentChecks, 'there is no schema')]
  return [schema, ...(await inspectContents(inspection, definitions, isCurrent(plan)))]
}

async function inspectContents(
  inspection: Inspection,
  definitions: DiagnosisRequest['definitions'],
  isAtThisVersion: boolean,
): Promise<readonly Finding[]> {
  return [
    ...(isAtThisVersion
      ? await attempt('drift', async () => checkDrift(await readDrift(inspection)))
      : skip(['drift'], 'the schema is not at this version')),
    ...(await attempt('tables', async () => checkTables(await readTables(inspection)))),
    ...(await attempt('workers', async () =>
      checkWorkers(await readWorkerStates(inspection), packageVersion),
    )),
    ...(await attempt('work', async () =>
      checkStuckWork(
        await readStuckWork(inspection, lateAfterSeconds),
        await readWorkerStates(inspection),
      ),
    )),
    ...(definitions instanceof Error
      ? [problemOf('definitions', definitions)]
      : await attempt('definitions', async () =>
          checkDefinitions(definitions, await readStoredVersions(inspection)),
        )),
    ...(await attempt('invariants', () => checkInvariants(inspection, sampleEach))),
  ]
}

/** A reading that fails is a check that was not made. */
async function attempt(
  check: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    return skip([check], asError(error).message)
  }
}

const skip = (checks: readonly string[], why: string): readonly Finding[] =>
  checks.map((check) => findingsOf(check).skipped(why))
