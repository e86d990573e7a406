// Says whether a process written down earlier is still that process. A pid alone is not enough:
// after a crash or a reboot it may belong to a stranger, so the start time is kept with it. Knows
// Linux and macOS.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** An opaque mark of when it started: equal marks mean the same process. */
  readonly startedAt: string
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startedAt: startMark(process.pid) ?? 'unknown' }
}

export function isStillRunning(identity: ProcessIdentity): boolean {
  return startMark(identity.pid) === identity.startedAt
}

/** Parses what `JSON.stringify` made of an identity; null for anything else. */
export function parseIdentity(text: string): ProcessIdentity | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    if (!('pid' in value) || !('startedAt' in value)) return null
    if (typeof value.pid !== 'number' || typeof value.startedAt !== 'string') return null
    return { pid: value.pid, startedAt: value.startedAt }
  } catch {
    return null
  }
}

/**
 * Whether `pid` is a live postmaster on this data folder. It is asked for its arguments, not for
 * its working folder: root in a container may read the first of a process of another user, not the
 * second.
 */
export function isServerOn(pid: number, dataFolder: string): boolean {
  if (startMark(pid) === null) return false
  if (process.platform === 'linux') {
    const words = readOrNull(`/proc/${pid}/cmdline`)?.split('\0') ?? []
    const isServer = /(^|\/)post(gres|master)$/.test(words[0] ?? '')
    return isServer && words.some((word, at) => word === '-D' && words[at + 1] === dataFolder)
  }
  return ` ${askPs(pid, 'command=') ?? ''} `.includes(` -D ${dataFolder} `)
}

/** Every live postmaster on this data folder, also one whose files were deleted under it. */
export function serversOn(dataFolder: string): readonly number[] {
  const pids = process.platform === 'linux' ? readdirSync('/proc') : pidsFromPs()
  const isPid = (word: string) => /^\d+$/.test(word)
  return pids
    .filter(isPid)
    .map(Number)
    .filter((pid) => isServerOn(pid, dataFolder))
}

function pidsFromPs(): readonly string[] {
  const env = { LC_ALL: 'C', PATH: '/bin:/usr/bin' }
  return execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8', env }).split(/\s+/)
}

/**
 * Null when there is no such process, or when it is dead and only waits to be collected (a zombie).
 */
function startMark(pid: number): string | null {
  if (process.platform !== 'linux') {
    const answer = askPs(pid, 'state=,lstart=')
    return answer === null || answer.startsWith('Z') ? null : answer.replace(/^\S+\s+/, '')
  }
  const stat = readOrNull(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The name in field 2 may hold spaces and brackets, so fields are counted from the last bracket:
  // field 3 is first.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  if (state === 'Z' || state === 'X') return null
  // Field 22 counts ticks since boot; with the boot's own id it is unique over reboots as well.
  const bootId = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return `${bootId}/${fields[19] ?? ''}`
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function askPs(pid: number, columns: string): string | null {
  try {
    const env = { LC_ALL: 'C', PATH: '/bin:/usr/bin' }
    const args = ['-ww', '-o', columns, '-p', String(pid)]
    const answer = execFileSync('ps', args, {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return answer.trim() === '' ? null : answer.trim()
  } catch {
    return null
  }
}
