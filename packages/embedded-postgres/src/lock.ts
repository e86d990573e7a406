// The lock under which a folder's server is started, adopted and stopped: one process at a time,
// and a holder that was killed blocks nobody. Plain files, because Node has no flock.
//
// A lock file that is deleted when its holder is found dead has a well-known hole: two waiters see
// the same dead holder, one deletes and locks, the other deletes the new lock. Here nothing is
// taken away to take over. Each holding is a generation, a file named by a number. A generation is
// over when its file says `released` or its process is gone; then the next number may be taken, by
// a hard link that only one process can make (and that puts name and content there in one step).
// Whoever acted on an old listing finds a higher number and steps back.

import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'

import { EmbeddedPostgresError, errorCodeOf } from './error.ts'
import { pollUntil } from './polling.ts'
import { isStillRunning, ownIdentity, parseIdentity } from './process-identity.ts'

export interface FolderLock {
  release(): void
}

const released = 'released'
/**
 * Old generations are kept for a while so that a listing under way never misses all the higher
 * ones.
 */
const generationsKept = 8

/** Takes the lock, waiting for other live holders. */
export async function takeLock(
  folder: string,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<FolderLock> {
  const lock = await pollUntil(() => tryLock(folder), { timeoutMs, everyMs: 15 })
  if (lock !== null) return lock
  const newest = newestGeneration(folder)
  const pid = newest === 0 ? null : (readHolder(folder, newest)?.pid ?? null)
  throw new EmbeddedPostgresError(
    'LOCK_TIMEOUT',
    `Process ${pid ?? 'unknown'} has held the lock in ${folder} for ${timeoutMs / 1000} s.`,
    { folder, pid },
  )
}

/** Takes the lock if nobody holds it; null otherwise. */
export function tryLock(folder: string): FolderLock | null {
  fs.mkdirSync(folder, { recursive: true })
  const newest = newestGeneration(folder)
  if (newest > 0 && isHeld(folder, newest)) return null
  const mine = newest + 1
  if (!claim(folder, mine)) return null
  if (newestGeneration(folder) !== mine) {
    // The listing was out of date: others came and went meanwhile.
    fs.rmSync(join(folder, String(mine)), { force: true })
    return null
  }
  removeOldFiles(folder, mine)
  return { release: () => markReleased(folder, mine) }
}

function newestGeneration(folder: string): number {
  return Math.max(0, ...fs.readdirSync(folder).filter(isGeneration).map(Number))
}

function isGeneration(name: string): boolean {
  return /^\d+$/.test(name)
}

function isHeld(folder: string, generation: number): boolean {
  const holder = readHolder(folder, generation)
  return holder !== null && isStillRunning(holder)
}

function readHolder(folder: string, generation: number) {
  try {
    return parseIdentity(fs.readFileSync(join(folder, String(generation)), 'utf8'))
  } catch (error) {
    // Gone means that a newer generation cleaned it up, so this one is over.
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

function claim(folder: string, generation: number): boolean {
  const draft = join(folder, `draft-${randomUUID()}`)
  fs.writeFileSync(draft, JSON.stringify(ownIdentity()))
  try {
    fs.linkSync(draft, join(folder, String(generation)))
    return true
  } catch (error) {
    const code = errorCodeOf(error)
    // EEXIST: somebody was faster. ENOENT: a holder swept the draft away; the next try writes a new
    // one.
    if (code === 'EEXIST' || code === 'ENOENT') return false
    throw error
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

function markReleased(folder: string, generation: number): void {
  const draft = join(folder, `draft-${randomUUID()}`)
  try {
    fs.writeFileSync(draft, released)
    fs.renameSync(draft, join(folder, String(generation)))
  } catch (error) {
    // ENOENT: the user deleted the whole folder, and the lock with it.
    if (errorCodeOf(error) !== 'ENOENT') throw error
  }
}

function removeOldFiles(folder: string, mine: number): void {
  const old = fs
    .readdirSync(folder)
    .filter((name) => !isGeneration(name) || Number(name) <= mine - generationsKept)
  for (const name of old) fs.rmSync(join(folder, name), { force: true })
}
