// Checks of the schema and of the definitions stored in it. Pure: readings in, findings out.
import type { SchemaDrift } from '../../database/inspect-schema.ts'
import type { StoredVersion } from '../../database/inspect-work.ts'
import type { MigrationPlan } from '../../database/migrate.ts'
import type { TaskDefinition } from '../../definitions/model.ts'
import { formatAddress } from '../../definitions/names.ts'
import { findingsOf, someOf, type Finding } from './finding.ts'

export function checkMigrations(plan: MigrationPlan, schema: string): Finding {
  const { ok, problem } = findingsOf('schema')
  const { pending, functionsChange, databaseVersion, version } = plan
  if (databaseVersion === null)
    return problem(
      `Schema "${schema}" holds no tables of Tasker.`,
      'Run `tasker migrate` against this database.',
    )
  if (pending.length > 0 || functionsChange) {
    const what = pending.length > 0 ? `missing: ${someOf(pending)}` : 'its functions differ'
    return problem(
      `Schema "${schema}" was migrated by Tasker ${databaseVersion}, this is ${version}; ${what}.`,
      'Run `tasker migrate` with this version of Tasker.',
    )
  }
  if (plan.databaseIsNewer)
    return ok(
      `Schema "${schema}" is at ${databaseVersion}, which lets processes of ${version} run on it until they are replaced.`,
    )
  return ok(`Schema "${schema}" is at ${version}; every migration is as released.`)
}

export const isCurrent = (plan: MigrationPlan): boolean =>
  plan.databaseVersion !== null &&
  plan.pending.length === 0 &&
  !plan.functionsChange &&
  !plan.databaseIsNewer

export function checkDrift({ missing, unknown, changedBodies }: SchemaDrift): readonly Finding[] {
  const { ok, warning, problem } = findingsOf('drift')
  const found = [
    ...(missing.length === 0
      ? []
      : [
          problem(
            `Not in the database, or changed there: ${someOf(missing.map(inOneLine))}.`,
            'Put it back as sql/migrations say; `tasker migrate --sql` on an empty database prints them.',
          ),
        ]),
    ...(changedBodies.length === 0
      ? []
      : [
          problem(
            `Functions with another body than this version’s: ${someOf(changedBodies)}.`,
            'Put them back: run their files in sql/functions.',
          ),
        ]),
    ...(unknown.length === 0
      ? []
      : [
          warning(
            `In the database and not of this version: ${someOf(unknown.map(inOneLine))}.`,
            'Keep what is yours in another schema; an index of your own makes every update of its table dearer.',
          ),
        ]),
  ]
  return found.length > 0
    ? found
    : [ok('Tables, indexes, constraints and functions are as released.')]
}

const inOneLine = (entry: string): string => {
  const text = entry.replaceAll(/\s+/g, ' ')
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

/** What starting a worker with these definitions would meet. */
export function checkDefinitions(
  registered: readonly TaskDefinition[],
  stored: readonly StoredVersion[],
): readonly Finding[] {
  const { ok, warning, problem } = findingsOf('definitions')
  const digests = new Map(registered.map((one) => [formatAddress(one), one.digest]))
  const changed = stored.filter(
    (one) => one.isUsed && (digests.get(formatAddress(one)) ?? one.digest) !== one.digest,
  )
  const absent = stored.filter((one) => one.hasOpenTasks && !digests.has(formatAddress(one)))
  const found = [
    ...(changed.length === 0
      ? []
      : [
          problem(
            `Changed under a version that tasks use: ${someOf(changed.map(formatAddress))}. A worker with this configuration does not start.`,
            'Give the changed definition a new version.',
          ),
        ]),
    // Without a configuration file in code there is nothing to compare with: not a fault of this host.
    ...(registered.length === 0 || absent.length === 0
      ? []
      : [
          warning(
            `Tasks go on in versions that this configuration does not have: ${someOf(absent.map(formatAddress))}.`,
            'Keep a worker of the older release running until they have ended, or register the old versions beside the new ones.',
          ),
        ]),
  ]
  if (found.length > 0) return found
  const count = `${stored.length} stored, ${registered.length} registered here`
  return [ok(`Definition versions: ${count}; none contradicts another.`)]
}
