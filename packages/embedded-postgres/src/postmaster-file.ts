// Reads postmaster.pid, the file in which a running server says where it is. Lines: pid, data
// folder, start time, port, socket folder, ... Also makes a left-over one harmless.

import * as fs from 'node:fs'
import { join } from 'node:path'

import { errorCodeOf } from './error.ts'

export interface PostmasterFile {
  readonly pid: number
  readonly port: number
  /** Null while the server has not opened its socket yet. */
  readonly socketFolder: string | null
}

export function readPostmasterFile(dataFolder: string): PostmasterFile | null {
  const lines = readText(dataFolder)?.split('\n') ?? []
  const pid = Math.abs(Number(lines[0]))
  if (lines.length === 0 || !Number.isSafeInteger(pid) || pid === 0) return null
  const socketFolder = lines[4]?.trim() ?? ''
  return {
    pid,
    port: Number(lines[3] ?? 0),
    socketFolder: socketFolder === '' ? null : socketFolder,
  }
}

/**
 * PostgreSQL refuses to start when the pid in a left-over file is alive and belongs to the same
 * user, which after a reboot may be any program. The file is not deleted: it also names the shared
 * memory by which a new server notices backends of a killed one. Instead the pid becomes ours,
 * which the server takes as stale because we are its parent.
 *
 * Call only when no server runs on the data folder.
 */
export function disarmStalePostmasterFile(dataFolder: string): void {
  const file = readPostmasterFile(dataFolder)
  const text = readText(dataFolder)
  if (file === null || text === null) return
  // The folder belongs to the server's user and we may be root: a link put there must not lead us
  // elsewhere.
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW } = fs.constants
  const handle = fs.openSync(pathIn(dataFolder), O_WRONLY | O_TRUNC | O_NOFOLLOW)
  try {
    fs.writeSync(handle, text.replace(/^.*/, String(process.pid)))
  } finally {
    fs.closeSync(handle)
  }
}

function readText(dataFolder: string): string | null {
  try {
    return fs.readFileSync(pathIn(dataFolder), 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

function pathIn(dataFolder: string): string {
  return join(dataFolder, 'postmaster.pid')
}
