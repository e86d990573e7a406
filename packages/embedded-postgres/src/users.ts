// Who uses the server: one small file per handle, with the process that holds it. A process that
// was killed is counted no more, because its identity is checked each time. Read and written under
// the lock only.

import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'

import { isStillRunning, ownIdentity, parseIdentity } from './process-identity.ts'

export interface ServerUse {
  /** Crosses this use off. Harmless when repeated. */
  end(): void
}

/**
 * Files rather than a session in the database holding an advisory lock: they outlive a crash of the
 * server, after which a handle is as good as before, and they cost no connection.
 */
export function registerUse(usersFolder: string): ServerUse {
  fs.mkdirSync(usersFolder, { recursive: true })
  const path = join(usersFolder, `${process.pid}-${randomUUID()}`)
  fs.writeFileSync(path, JSON.stringify(ownIdentity()))
  return { end: () => fs.rmSync(path, { force: true }) }
}

/** How many live uses there are. Removes those whose process is gone. */
export function countUses(usersFolder: string): number {
  if (!fs.existsSync(usersFolder)) return 0
  const names = fs.readdirSync(usersFolder)
  return names.filter((name) => isLiveOrRemoved(join(usersFolder, name))).length
}

function isLiveOrRemoved(path: string): boolean {
  const identity = parseIdentity(fs.readFileSync(path, 'utf8'))
  const isLive = identity !== null && isStillRunning(identity)
  if (!isLive) fs.rmSync(path, { force: true })
  return isLive
}
