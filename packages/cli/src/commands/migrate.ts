// `tasker migrate`: brings the database to this version, or says what that would take.
import {
  count,
  migrate as migrateSchema,
  migrationSql,
  planMigration,
  type MigrateOptions,
  type MigrationPlan,
} from '@tasker/engine'
import { openDatabase } from '../database-address.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export interface MigrateCommandOptions {
  readonly dryRun?: boolean
  readonly sql?: boolean
}

export async function migrate(
  { terminal, options }: CommandContext,
  { dryRun, sql }: MigrateCommandOptions,
): Promise<ExitCode> {
  const { resolved } = await loadSettings(options)
  const database = await openDatabase(resolved.config, terminal)
  try {
    const target = { url: database.url, schema: resolved.config.database.schema }
    if (sql === true) await printSql(target, terminal)
    else if (dryRun === true)
      printPlan(await planMigration(target), { terminal, target, isDone: false })
    else printPlan(await migrateSchema(target), { terminal, target, isDone: true })
    return 0
  } finally {
    await database.release()
  }
}

async function printSql(target: MigrateOptions, terminal: Terminal): Promise<void> {
  const text = await migrationSql(target)
  if (terminal.isJson) terminal.document({ schema: target.schema, sql: text })
  else terminal.print(text.trimEnd())
}

function printPlan(
  plan: MigrationPlan,
  given: { readonly terminal: Terminal; readonly target: MigrateOptions; readonly isDone: boolean },
): void {
  const { terminal, target, isDone } = given
  const { pending, functionsChange, databaseVersion, version, databaseIsNewer } = plan
  terminal.document({ schema: target.schema, isDone, ...plan })
  if (terminal.isJson) return
  const from = databaseVersion === null ? 'empty' : `at ${databaseVersion}`
  if (pending.length === 0 && !functionsChange) {
    const reached = databaseIsNewer ? `${databaseVersion}, newer than this ${version}` : version
    terminal.print(`Schema ${target.schema} is at ${reached}: nothing to do.`)
    return
  }
  const what = [
    ...(pending.length > 0 ? [count(pending.length, 'migration')] : []),
    ...(functionsChange ? ['the functions'] : []),
  ].join(' and ')
  terminal.print(
    isDone
      ? `Schema ${target.schema} was ${from} and is now at ${version}: applied ${what}.`
      : `Schema ${target.schema} is ${from}; \`tasker migrate\` would bring it to ${version}, with ${what}:`,
  )
  for (const name of pending) terminal.print(`  ${name}`)
}
