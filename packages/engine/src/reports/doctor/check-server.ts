// Checks of the server: what its version, settings, connections, clock and open transactions mean for Tasker.
// Pure: readings in, findings out.
import { storeConnectionsMax } from '../../database/postgres-store.ts'
import type { Config } from '../../config.ts'
import type { OpenTransaction, ServerReading, TableReading } from '../../database/inspect-server.ts'
import { formatDuration } from '../../wording.ts'
import { findingsOf, someOf, type Finding } from './finding.ts'

const oldestServer = 150_000
/** Beyond this the clocks are not kept by the same service. */
const clockToleranceMs = 2_000
const longTransactionSeconds = 300
const veryLongTransactionSeconds = 3_600
/** Fewer dead rows or updates say nothing. */
const deadRowsMin = 10_000
const updatesMin = 10_000

export function checkDatabase(server: ServerReading, place: string): Finding {
  const { ok, problem } = findingsOf('database')
  const seen = `PostgreSQL ${server.version} at ${place}`
  if (server.versionNumber < oldestServer)
    return problem(`${seen} is too old.`, 'Tasker needs PostgreSQL 15 or newer.')
  if (server.isReadOnly)
    return problem(
      `${seen} takes no writes: it is a standby, or read-only by default.`,
      'Give Tasker the address of the primary server.',
    )
  return ok(`${seen} answers in ${Math.max(1, Math.round(server.roundTripMs))} ms.`)
}

export function checkSettings({ settings }: ServerReading): readonly Finding[] {
  const { ok, warning, problem } = findingsOf('settings')
  const found: Finding[] = []
  for (const name of ['fsync', 'full_page_writes']) {
    if (settings[name] !== 'off') continue
    found.push(
      problem(
        `${name} is off: a crash of the machine can destroy the database.`,
        `Set ${name} = on.`,
      ),
    )
  }
  if (settings['synchronous_commit'] === 'off')
    found.push(
      warning(
        'synchronous_commit is off: a crash of the server forgets outcomes that were recorded moments before, and runs those steps again.',
        'Set synchronous_commit = on, for the role of Tasker at least.',
      ),
    )
  for (const name of ['autovacuum', 'track_counts']) {
    if (settings[name] !== 'off') continue
    found.push(
      problem(`${name} is off: tables that change all the time only grow.`, `Set ${name} = on.`),
    )
  }
  const isolation = settings['default_transaction_isolation']
  if (isolation !== undefined && isolation !== 'read committed')
    found.push(
      warning(
        `default_transaction_isolation is ${isolation}; Tasker sets its own on each connection, which a pooler in transaction mode loses.`,
        'Set default_transaction_isolation = read committed for the role of Tasker.',
      ),
    )
  for (const name of ['idle_session_timeout', 'idle_in_transaction_session_timeout']) {
    if (Number(settings[name] ?? 0) === 0) continue
    found.push(
      warning(
        `${name} is ${settings[name]} ms: ${idleMeaning[name] ?? ''}.`,
        `Set ${name} = 0 for the role of Tasker.`,
      ),
    )
  }
  return found.length > 0 ? found : [ok('The settings of the server suit Tasker.')]
}

const idleMeaning: Readonly<Record<string, string>> = {
  idle_session_timeout: 'the connection that waits for wake-ups is closed again and again',
  idle_in_transaction_session_timeout:
    'a step with `transaction: true` that works longer between two statements loses its transaction',
}

/** One more process of this configuration must find room. */
export function checkConnections(
  server: ServerReading,
  { database, orchestration }: Config,
): Finding {
  const { ok, warning } = findingsOf('connections')
  const { connectionCount, connectionsMax } = server
  // One for the heartbeat, and one that listens.
  const beside = storeConnectionsMax + (orchestration.listen ? 2 : 1)
  const ownMax = database.poolSize + database.transactionPoolSize + beside
  const seen = `${connectionCount} of ${connectionsMax} connections are in use; one process of this configuration opens up to ${ownMax}`
  return connectionCount + ownMax <= connectionsMax
    ? ok(`${seen}.`)
    : warning(
        `${seen}, which may not be had.`,
        'Lower database.poolSize, raise max_connections, or put a pooler in between.',
      )
}

export function checkClock({ clockAheadMs, roundTripMs }: ServerReading): Finding {
  const { ok, warning } = findingsOf('clock')
  const certainMs = Math.max(0, Math.abs(clockAheadMs) - roundTripMs / 2)
  if (certainMs <= clockToleranceMs)
    return ok('The clocks of this host and of the database agree within 2 s.')
  const side = clockAheadMs > 0 ? 'behind' : 'ahead of'
  return warning(
    `The clock of this host is ${formatDuration(certainMs)} ${side} the database’s. Times that are stored come from the database; ids and Retry-After dates do not.`,
    'Let a time service keep both clocks.',
  )
}

export function checkTransactions(open: readonly OpenTransaction[]): Finding {
  const { ok, warning, problem } = findingsOf('transactions')
  const long = open.filter(({ ageSeconds }) => ageSeconds > longTransactionSeconds)
  if (long.length === 0) return ok('No transaction has been open for more than 5 min.')
  const seen = `Open for long: ${someOf(long.map(({ holder, ageSeconds }) => `${holder}, for ${formatDuration(ageSeconds * 1_000)}`))}. Until they end, vacuum removes nothing that died since.`
  const remedy =
    'End them: select pg_terminate_backend(<pid>), or commit or roll back prepared ones.'
  const isVeryLong = long.some(({ ageSeconds }) => ageSeconds > veryLongTransactionSeconds)
  return isVeryLong ? problem(seen, remedy) : warning(seen, remedy)
}

/** Steps and task_progress are updated in place (HOT) when their pages have room; then vacuum has little to do. */
export function checkTables(tables: readonly TableReading[]): readonly Finding[] {
  const { ok, warning, problem } = findingsOf('tables')
  const off = tables.filter(({ isAutovacuumed }) => !isAutovacuumed)
  const bloated = tables.filter(
    ({ deadRows, liveRows }) => deadRows > deadRowsMin && deadRows > liveRows,
  )
  const cold = tables.filter(
    ({ table, updates, hotUpdates }) =>
      ['workflow_steps', 'task_progress'].includes(table) &&
      updates > updatesMin &&
      hotUpdates / updates < 0.8,
  )
  const found = [
    ...(off.length === 0
      ? []
      : [
          problem(
            `Autovacuum is off for ${namesOf(off)}.`,
            'Reset it: alter table <name> reset (autovacuum_enabled).',
          ),
        ]),
    ...(bloated.length === 0
      ? []
      : [
          warning(
            `More rows are dead than alive in ${someOf(bloated.map(({ table, deadRows }) => `${table} (${deadRows.toLocaleString('en')} dead)`))}.`,
            'Run vacuum on them; if the dead rows stay, an open transaction or a replication slot keeps them.',
          ),
        ]),
    ...(cold.length === 0
      ? []
      : [
          warning(
            `Fewer than 80 % of the updates of ${namesOf(cold)} stay on their page (HOT).`,
            'Check that no index was added to these tables, and that no transaction stays open.',
          ),
        ]),
  ]
  return found.length > 0 ? found : [ok('The tables are vacuumed and their updates stay in place.')]
}

const namesOf = (tables: readonly TableReading[]): string =>
  someOf(tables.map(({ table }) => table))
