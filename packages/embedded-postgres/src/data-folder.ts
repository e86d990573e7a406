// The data folder: which version made it, and making it. It appears in one step or not at all, so a
// process killed in the middle of initdb leaves rubbish beside it, never half a database.

import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'

import type { ServerBinaries } from './binaries.ts'
import { EmbeddedPostgresError, errorCodeOf } from './error.ts'
import type { CheckedOptions } from './options.ts'
import { giveTo, launch, runToEnd, type RunAs } from './run-as.ts'

/**
 * The role that owns everything. The socket's folder says who may come in; there is no password.
 */
export const serverRole = 'tasker'

const draftPrefix = 'data-draft-'

/** The major version in `PG_VERSION`, or null when there is no data folder. */
export function dataMajorOf(dataFolder: string): number | null {
  try {
    return Number(fs.readFileSync(join(dataFolder, 'PG_VERSION'), 'utf8').trim())
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Makes the data folder. The caller holds the lock. */
export async function createDataFolder(
  dataFolder: string,
  binaries: ServerBinaries,
  { runAs, durability }: { readonly runAs: RunAs } & Pick<CheckedOptions, 'durability'>,
): Promise<void> {
  const home = dirname(dataFolder)
  removeDrafts(home)
  const draft = join(home, `${draftPrefix}${randomBytes(4).toString('hex')}`)
  fs.mkdirSync(draft, { mode: 0o700 })
  giveTo(runAs.user, draft)
  const program = join(binaries.bin, 'initdb')
  const args = initdbArguments(draft, { major: binaries.major, durability })
  const { succeeded, output } = await runToEnd(launch(runAs, [program, ...args], binaries.env))
  if (!succeeded) {
    fs.rmSync(draft, { recursive: true, force: true })
    const message = `initdb ${binaries.version} (${binaries.origin}) failed:\n${output}\n`
    throw new EmbeddedPostgresError('INITDB_FAILED', message, { origin: binaries.origin })
  }
  fs.renameSync(draft, dataFolder)
  if (durability === 'safe') syncFolder(home)
}

function initdbArguments(
  folder: string,
  { major, durability }: { readonly major: number } & Pick<CheckedOptions, 'durability'>,
): readonly string[] {
  return [
    `--pgdata=${folder}`,
    `--username=${serverRole}`,
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    '--auth-local=trust',
    '--auth-host=reject',
    // From 17 on PostgreSQL brings a Unicode locale of its own, the same on every machine. Sorting
    // stays by code point as in C; upper() and patterns know more than ASCII.
    ...(major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    ...(durability === 'safe' ? [] : ['--no-sync']),
  ]
}

/**
 * Left by processes that were killed. An initdb of theirs may still write there; then it is left
 * for next time.
 */
function removeDrafts(home: string): void {
  const drafts = fs.readdirSync(home).filter((name) => name.startsWith(draftPrefix))
  for (const name of drafts) {
    try {
      fs.rmSync(join(home, name), { recursive: true, force: true })
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOTEMPTY') throw error
    }
  }
}

/** initdb has put the files on disk; this puts the rename there too. */
function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}
