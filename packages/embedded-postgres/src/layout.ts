// Which file of the embedded server lies where. Only paths, and the folders that must exist before
// anything else.
//
//   <folder>/postgres/            home: lock/ and users/ are always here
//     data/ run/ lib/ server.log  the server's own; elsewhere only when `moved-to` says so

import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join, resolve } from 'node:path'

import { temporaryFolder } from './environment.ts'
import { EmbeddedPostgresError, errorCodeOf } from './error.ts'

export interface ControlPaths {
  readonly home: string
  readonly lock: string
  readonly users: string
}

export interface ServerPaths {
  readonly home: string
  readonly data: string
  readonly socket: string
  readonly log: string
  /** Links to the shared libraries of the npm package. */
  readonly libraries: string
}

/** The number in the socket's file name. Nothing listens on TCP, so it never collides. */
export const socketPort = 5432

/** Linux allows 107 bytes, macOS 103. */
const socketPathBytesMax = 103

/**
 * Makes `<folder>/postgres`. The path is made real, so that every way to write it meets the same
 * server.
 */
export function prepareControl(folder: string): ControlPaths {
  const wanted = join(resolve(folder), 'postgres')
  try {
    fs.mkdirSync(wanted, { recursive: true })
    const home = fs.realpathSync(wanted)
    if (process.getuid?.() === fs.statSync(home).uid) fs.chmodSync(home, 0o755)
    fs.writeFileSync(join(home, '.gitignore'), '*\n')
    return { home, lock: join(home, 'lock'), users: join(home, 'users') }
  } catch (error) {
    throw new EmbeddedPostgresError(
      'FOLDER_UNREACHABLE',
      `This process (uid ${process.getuid?.() ?? 'unknown'}) cannot write to ${wanted} ` +
        `(${errorCodeOf(error) ?? 'unknown fault'}).`,
      { folder: wanted },
      error,
    )
  }
}

export function serverPaths(home: string): ServerPaths {
  return {
    home,
    data: join(home, 'data'),
    socket: socketFolder(home),
    log: join(home, 'server.log'),
    libraries: join(home, 'lib'),
  }
}

/**
 * In the home where its path is short enough for a socket, else in the temporary folder, named
 * after the home.
 */
function socketFolder(home: string): string {
  const name = `tasker-socket-${shortHash(home)}`
  const places = [join(home, 'run'), join(temporaryFolder(), name)]
  return places.find(fitsSocket) ?? join('/tmp', name)
}

function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${socketPort}`)) <= socketPathBytesMax
}

/** Where the server lives when its user cannot reach the home. */
export function substituteHome(home: string): string {
  return join(temporaryFolder(), `tasker-postgres-${shortHash(home)}`)
}

/**
 * Where the data is, or would best be. The folder comes first; a substitute home counts when it has
 * data and is really ours, since anyone may put a folder of that name into the temporary folder.
 */
export function currentHome(control: ControlPaths): string {
  const substitutes = [readMovedTo(control), substituteHome(control.home)]
  if (hasData(control.home)) return control.home
  return (
    substitutes.find((home) => home !== null && isOwnFolder(home) && hasData(home)) ?? control.home
  )
}

export function writeMovedTo(control: ControlPaths, home: string): void {
  fs.writeFileSync(join(control.home, 'moved-to'), `${home}\n`)
}

function readMovedTo(control: ControlPaths): string | null {
  try {
    return fs.readFileSync(join(control.home, 'moved-to'), 'utf8').trim()
  } catch {
    return null
  }
}

function hasData(home: string): boolean {
  return fs.existsSync(serverPaths(home).data)
}

function isOwnFolder(path: string): boolean {
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.()
}

/**
 * Makes a folder that other users of the machine can neither have made nor enter. In the temporary
 * folder anyone may have taken the name before us, so what is found there must be a real folder of
 * ours or of the server's user.
 */
export function claimFolder(
  path: string,
  { mode, ownerUid }: { readonly mode: number; readonly ownerUid: number | null },
): void {
  try {
    fs.mkdirSync(path, { mode })
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') throw error
  }
  const found = fs.lstatSync(path)
  const isOurs = found.uid === process.getuid?.() || found.uid === ownerUid
  if (!found.isDirectory() || !isOurs) {
    throw new EmbeddedPostgresError(
      'FOLDER_UNREACHABLE',
      `${path} is taken by uid ${found.uid}, so the server cannot use it.`,
      { path, uid: found.uid },
    )
  }
  fs.chmodSync(path, mode)
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
