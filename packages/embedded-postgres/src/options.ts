// What the caller may say, and the check of it. All faults are reported at once.

import { EmbeddedPostgresError } from './error.ts'

/** Options of `startEmbeddedPostgres`. */
export interface EmbeddedPostgresOptions {
  /**
   * Where the server keeps everything; made if missing. Data lives in `<folder>/postgres/data`.
   * A local disk of this machine: two machines or containers must not share it.
   */
  readonly folder: string
  /**
   * Database to connect to, created if missing. 1 to 63 letters, digits, `_` or `-`. Default:
   * `tasker`.
   */
  readonly database?: string
  /**
   * `safe` (default): every commit is on disk before it is acknowledged. `unsafe_for_tests`:
   * nothing waits for the disk, so a power cut may ruin the folder. Takes effect when this call
   * starts the server; a server that runs with `unsafe_for_tests` is never adopted as `safe`.
   */
  readonly durability?: 'safe' | 'unsafe_for_tests'
  /**
   * More server settings (postgresql.conf names), such as `{ log_statement: 'all' }`. Take effect
   * when this call starts the server; an adopted one keeps its own. Settings that would open the
   * server to the network, move it, or weaken its durability are refused.
   */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Whether this process starts the server again when it has died (kill -9, out of memory) while
   * it uses it. Looks every second. Default: false.
   */
  readonly keepsRunning?: boolean
  /**
   * Receives one-line notices: where data went instead of the folder, that the server was started
   * again. Default: nobody hears them.
   */
  readonly onNotice?: (line: string) => void
}

export type CheckedOptions = Required<EmbeddedPostgresOptions>

const reservedSettings: Readonly<Record<string, string>> = {
  listen_addresses: 'the server is reached over its private socket only',
  port: 'the socket’s name is fixed',
  unix_socket_directories: 'the server is reached over its private socket only',
  unix_socket_permissions: 'the server is reached over its private socket only',
  unix_socket_group: 'the server is reached over its private socket only',
  data_directory: 'use `folder`',
  config_file: 'it lies in the data folder',
  hba_file: 'it lies in the data folder',
  ident_file: 'it lies in the data folder',
  external_pid_file: 'the server is found through its data folder',
  fsync: 'use `durability`',
  full_page_writes: 'use `durability`',
  synchronous_commit: 'use `durability`',
}

/** @throws {EmbeddedPostgresError} OPTIONS_INVALID, with every fault. */
export function checkOptions(options: EmbeddedPostgresOptions): CheckedOptions {
  const checked: CheckedOptions = {
    folder: options.folder,
    database: options.database ?? 'tasker',
    durability: options.durability ?? 'safe',
    settings: options.settings ?? {},
    keepsRunning: options.keepsRunning ?? false,
    onNotice: options.onNotice ?? (() => undefined),
  }
  const faults = [
    ...folderFaults(checked.folder),
    ...databaseFaults(checked.database),
    ...durabilityFaults(checked.durability),
    ...keepsRunningFaults(checked.keepsRunning),
    ...Object.entries(checked.settings).flatMap(([name, value]) => settingFaults(name, value)),
  ]
  if (faults.length === 0) return checked
  const list = faults.map((fault) => `  - ${fault}`).join('\n')
  const counted = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  const message = `The options of the embedded PostgreSQL have ${counted}:\n${list}\n`
  throw new EmbeddedPostgresError('OPTIONS_INVALID', message, { faults })
}

function folderFaults(folder: string): string[] {
  const isPath = typeof folder === 'string' && folder.trim() !== '' && !folder.includes('\0')
  return isPath ? [] : [`folder: expected a path, got ${JSON.stringify(folder)}`]
}

/** Narrower than PostgreSQL: `pg` and psql read other characters in a URL differently. */
function databaseFaults(database: string): string[] {
  if (typeof database === 'string' && /^[\w-]{1,63}$/.test(database)) return []
  return [`database: expected 1 to 63 letters, digits, _ or -, got ${JSON.stringify(database)}`]
}

function durabilityFaults(durability: string): string[] {
  if (durability === 'safe' || durability === 'unsafe_for_tests') return []
  return [`durability: expected 'safe' or 'unsafe_for_tests', got ${JSON.stringify(durability)}`]
}

function keepsRunningFaults(keepsRunning: boolean): string[] {
  if (typeof keepsRunning === 'boolean') return []
  return [`keepsRunning: expected true or false, got ${JSON.stringify(keepsRunning)}`]
}

function settingFaults(name: string, value: string): string[] {
  const reason = reservedSettings[name.toLowerCase()]
  if (reason !== undefined) return [`settings.${name}: may not be set, ${reason}`]
  if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) {
    return [`settings.${name}: expected the name of a server setting`]
  }
  if (typeof value !== 'string' || value.includes('\0')) {
    return [`settings.${name}: expected a string, got ${typeof value}`]
  }
  return []
}
