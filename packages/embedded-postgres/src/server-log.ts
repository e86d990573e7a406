// The server's log file: opened for a start, kept from growing for ever, and its end read for
// messages.

import * as fs from 'node:fs'

import { giveTo, type ServerUser } from './run-as.ts'

const logBytesMax = 5_000_000
const tailBytesMax = 4_000

export interface ServerLog {
  readonly descriptor: number
  /** What was written since it was opened, at most the last 4 kB. */
  tail(): string
  close(): void
}

/**
 * One older file is kept, `server.log.1`. Only its owner reads it: messages may quote statements.
 */
export function openServerLog(path: string, owner: ServerUser | null): ServerLog {
  if (fs.existsSync(path) && fs.statSync(path).size > logBytesMax) fs.renameSync(path, `${path}.1`)
  const descriptor = fs.openSync(path, 'a', 0o600)
  giveTo(owner, path)
  const startBytes = fs.fstatSync(descriptor).size
  return {
    descriptor,
    tail: () => readTail(path, startBytes),
    close: () => fs.closeSync(descriptor),
  }
}

function readTail(path: string, startBytes: number): string {
  const written = fs.readFileSync(path).subarray(startBytes)
  return written.subarray(-tailBytesMax).toString('utf8').trim()
}
