// Where the binaries of the oldest supported PostgreSQL stand on this machine, if anywhere.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { InstalledBinaries } from './server.ts'

export const oldestMajorVersion = 15

/** First on PATH, then where Debian, Fedora and Homebrew put them. Null when there are none of that version. */
export function findOldestServer(): InstalledBinaries | null {
  const folder = candidateFolders().find(isOldestServer)
  return folder === undefined ? null : { folder, majorVersion: oldestMajorVersion }
}

function candidateFolders(): readonly string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [
    ...onPath,
    `/usr/lib/postgresql/${oldestMajorVersion}/bin`,
    `/usr/pgsql-${oldestMajorVersion}/bin`,
    `/opt/homebrew/opt/postgresql@${oldestMajorVersion}/bin`,
  ]
}

/** initdb and pg_ctl find postgres beside themselves, following links; so all three have to be there. */
function isOldestServer(folder: string): boolean {
  if (!['postgres', 'initdb', 'pg_ctl'].every((name) => existsSync(join(folder, name))))
    return false
  const answer = spawnSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' })
  return new RegExp(`\\(PostgreSQL\\) ${oldestMajorVersion}\\.`).test(answer.stdout ?? '')
}
