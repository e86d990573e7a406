// What files looked like when they were read, and which of them have changed since. Files are looked at, not
// watched: the system's notices do not cross network and container mounts, run out on large trees, and come in bursts.
import { readdirSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** By path. A file that was missing has a stamp too: making it is a change. */
export type Stamps = Readonly<Record<string, string>>

/** About a millisecond of work for 200 files. */
const lookEveryMs = 150

/** Never throws: between two looks a folder may go, and while it is moved nothing of it can be read. */
export function stampOf(path: string): string {
  try {
    return readStamp(path)
  } catch {
    return 'unreadable'
  }
}

function readStamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  if (found === undefined) return 'missing'
  if (found.isDirectory()) return definitionFilesBelow(path).join('\n')
  return `${found.mtimeNs} ${found.size} ${found.ino}`
}

export const stampAll = (paths: Iterable<string>): Stamps =>
  Object.fromEntries([...paths].map((path) => [path, stampOf(path)]))

export const changedSince = (stamps: Stamps): readonly string[] =>
  Object.entries(stamps).flatMap(([path, stamp]) => (stampOf(path) === stamp ? [] : [path]))

/**
 * Resolves with the files that are no longer as they were, as soon as two looks in a row see the same: a burst of saves
 * is one change. Empty when stopped.
 */
export async function nextChange(stamps: Stamps, stop: AbortSignal): Promise<readonly string[]> {
  let before = ''
  while (await waited(stop)) {
    const changed = changedSince(stamps)
    const now = JSON.stringify(stampAll(changed))
    if (changed.length > 0 && now === before) return changed
    before = now
  }
  return []
}

async function waited(signal: AbortSignal): Promise<boolean> {
  // It rejects when aborted, and then only.
  return pause(lookEveryMs, true, { signal }).catch(() => false)
}

/** A directory of definitions changes when a file of them comes or goes. */
function definitionFilesBelow(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.ya?ml$/i.test(name)).toSorted()
}
