// As whom the server runs. PostgreSQL refuses root, so under root it gets the uid of the data
// folder's owner or, at the first start, of `nobody`, which exists everywhere; creating a user
// would change the developer's machine.

import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { promisify } from 'node:util'

import { findOnPath } from './environment.ts'
import { errorCodeOf, messageOf } from './error.ts'

export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

export interface RunAs {
  /** Null: as this process's own user. */
  readonly user: ServerUser | null
  /** Words put before the command, or none. */
  readonly prefix: readonly string[]
}

/** A command with all that `spawn` needs to run it as the right user. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly options: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    readonly uid?: number
    readonly gid?: number
  }
}

export const asOurselves: RunAs = { user: null, prefix: [] }

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Ways to run as `user`, plainest first: by its uid alone; where that uid cannot pass a folder
 * above (a project under /root), with the right to pass added by setpriv. Containers grant
 * dac_override but often not dac_read_search, and the first is enough, so it is tried alone as
 * well.
 */
export function waysToRunAs(user: ServerUser): readonly RunAs[] {
  const setpriv = findOnPath('setpriv')
  if (setpriv === null) return [{ user, prefix: [] }]
  const withRights = (rights: string): RunAs => ({
    user,
    prefix: [
      setpriv,
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      `--inh-caps=${rights}`,
      `--ambient-caps=${rights}`,
      '--',
    ],
  })
  return [
    { user, prefix: [] },
    withRights('+dac_override,+dac_read_search'),
    withRights('+dac_override'),
  ]
}

/** Commands start in `/`: initdb fails in a working folder that its user cannot read. */
export function launch(
  runAs: RunAs,
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Launch {
  const words = [...runAs.prefix, program, ...args]
  const command = words[0] ?? program
  // setpriv changes the user itself and must still be root to do so.
  const ids = runAs.prefix.length === 0 && runAs.user !== null ? runAs.user : {}
  return { command, args: words.slice(1), options: { cwd: '/', env, ...ids } }
}

/** Runs a short command to its end. Never throws; `output` is everything it said. */
export async function runToEnd(
  step: Launch,
): Promise<{ readonly succeeded: boolean; readonly output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(step.command, step.args, {
      ...step.options,
      encoding: 'utf8',
    })
    return { succeeded: true, output: stdout + stderr }
  } catch (error) {
    return { succeeded: false, output: outputOf(error) }
  }
}

function outputOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const parts = ['stdout', 'stderr'].map((name) => Reflect.get(error, name) as unknown)
  const text = parts.filter((part) => typeof part === 'string').join('')
  return text.trim() === '' ? messageOf(error) : text.trim()
}

/** The owner of an existing data folder, else `nobody`. Never root: PostgreSQL would refuse it. */
export function unprivilegedUser(dataFolder: string): ServerUser {
  const owner = ownerOf(dataFolder)
  return owner === null || owner.uid === 0 ? nobody() : owner
}

export function ownerOf(path: string): ServerUser | null {
  try {
    const { uid, gid } = fs.statSync(path)
    return { uid, gid }
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

export function giveTo(user: ServerUser | null, path: string): void {
  // `>>> 0`: macOS writes nobody as -2, which chown wants as an unsigned number.
  if (user !== null) fs.chownSync(path, user.uid >>> 0, user.gid >>> 0)
}

function nobody(): ServerUser {
  const line = readPasswd().find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  // 65534 is the kernel's own number for it, for images without a passwd file.
  const conventional = 65_534
  return { uid: Number(uid ?? conventional) | 0, gid: Number(gid ?? conventional) | 0 }
}

function readPasswd(): readonly string[] {
  try {
    return fs.readFileSync('/etc/passwd', 'utf8').split('\n')
  } catch {
    return []
  }
}
