// Where the server lives and as whom it runs. Not root: in the folder, as ourselves. Root: in the
// folder, as a user without rights who can reach it, if need be with the right to pass closed
// folders; else in a temporary folder.

import * as fs from 'node:fs'
import { join } from 'node:path'

import { environmentFor, type ServerBinaries } from './binaries.ts'
import { EmbeddedPostgresError } from './error.ts'
import {
  claimFolder,
  serverPaths,
  substituteHome,
  writeMovedTo,
  type ControlPaths,
  type ServerPaths,
} from './layout.ts'
import {
  asOurselves,
  giveTo,
  isRoot,
  launch,
  ownerOf,
  runToEnd,
  unprivilegedUser,
  waysToRunAs,
  type RunAs,
} from './run-as.ts'

export interface Placement {
  readonly paths: ServerPaths
  readonly binaries: ServerBinaries
  readonly runAs: RunAs
}

/** @param paths where the data is, or would best be. */
export async function placeServer(
  control: ControlPaths,
  paths: ServerPaths,
  binaries: ServerBinaries,
): Promise<Placement> {
  if (!isRoot()) return placeAsOurselves(paths, binaries)
  if (paths.home !== control.home)
    return await placeInTemporaryFolder(control, paths.home, binaries)
  const inFolder = await placeIn(paths, await runnableBinaries(control, paths, binaries))
  if (inFolder !== null) return inFolder
  // An empty database elsewhere would look as if the rows were lost.
  if (fs.existsSync(paths.data)) throw unreachable(paths.data, 'no other user can reach it')
  return await placeInTemporaryFolder(control, substituteHome(control.home), binaries)
}

function placeAsOurselves(paths: ServerPaths, binaries: ServerBinaries): Placement {
  const owner = ownerOf(paths.data)
  if (owner !== null && owner.uid !== process.getuid?.()) {
    throw unreachable(paths.data, `it belongs to uid ${owner.uid}`)
  }
  claimFolder(paths.socket, { mode: 0o700, ownerUid: null })
  return { paths, binaries, runAs: asOurselves }
}

/**
 * The first way in which another user passes to the folder, writes there and loads the server's
 * program.
 */
async function placeIn(paths: ServerPaths, binaries: ServerBinaries): Promise<Placement | null> {
  const user = unprivilegedUser(paths.data)
  claimFolder(paths.socket, { mode: 0o700, ownerUid: user.uid >>> 0 })
  // Some network and container file systems know no owners. Then no other user can have data there.
  if (!isGiven(() => giveTo(user, paths.socket))) return null
  const script = 'cd "$1" && cd "$2" && test -w . && exec "$3" --version'
  const program = join(binaries.bin, 'postgres')
  for (const runAs of waysToRunAs(user)) {
    const words = ['/bin/sh', '-c', script, 'probe', paths.home, paths.socket, program] as const
    const { succeeded } = await runToEnd(launch(runAs, words, binaries.env))
    if (succeeded) return { paths, binaries, runAs }
  }
  return null
}

/**
 * The right to pass closed folders is not enough for the programs themselves: PostgreSQL looks for its parts with
 * access(2), which asks what the plain user may do. Where that is nothing (a project under /root), they are copied to a
 * temporary folder; the data stays where it is.
 */
async function runnableBinaries(
  control: ControlPaths,
  paths: ServerPaths,
  binaries: ServerBinaries,
): Promise<ServerBinaries> {
  const plain: RunAs = { user: unprivilegedUser(paths.data), prefix: [] }
  const program = join(binaries.bin, 'postgres')
  const { succeeded } = await runToEnd(launch(plain, [program, '--version'], binaries.env))
  if (succeeded || binaries.native === null) return binaries
  const home = substituteHome(control.home)
  claimFolder(home, { mode: 0o755, ownerUid: null })
  return copyBinaries(binaries, serverPaths(home))
}

async function placeInTemporaryFolder(
  control: ControlPaths,
  home: string,
  binaries: ServerBinaries,
): Promise<Placement> {
  claimFolder(home, { mode: 0o755, ownerUid: null })
  const paths = serverPaths(home)
  const env = environmentFor(binaries, paths.libraries)
  // Where the project is closed to other users, its node_modules is as well: then the programs are
  // copied too.
  const placement =
    (await placeIn(paths, { ...binaries, env })) ??
    (await placeIn(paths, copyBinaries(binaries, paths)))
  if (placement === null) throw unreachable(home, 'no other user can run the server there')
  writeMovedTo(control, home)
  return placement
}

function copyBinaries(binaries: ServerBinaries, paths: ServerPaths): ServerBinaries {
  if (binaries.native === null) return binaries
  const native = join(paths.home, 'binaries', binaries.version, 'native')
  if (!fs.existsSync(native)) {
    const draft = `${native}.draft`
    fs.rmSync(draft, { recursive: true, force: true })
    fs.cpSync(binaries.native, draft, { recursive: true, verbatimSymlinks: true })
    fs.renameSync(draft, native)
  }
  const copied = { ...binaries, native, bin: join(native, 'bin') }
  return { ...copied, env: environmentFor(copied, paths.libraries) }
}

function isGiven(give: () => void): boolean {
  try {
    give()
    return true
  } catch {
    return false
  }
}

function unreachable(folder: string, reason: string): EmbeddedPostgresError {
  const uid = process.getuid?.() ?? null
  const message = `The server cannot use ${folder} (this process has uid ${uid ?? 'unknown'}): ${reason}.`
  return new EmbeddedPostgresError('FOLDER_UNREACHABLE', message, { folder, uid })
}
