// The life of the embedded server: found or started under the lock, shared by its users, stopped by
// the last one. What each step does is in the files beside this one.

import { chooseBinaries, findBinaries } from './binaries.ts'
import { createDataFolder, dataMajorOf, serverRole } from './data-folder.ts'
import { EmbeddedPostgresError } from './error.ts'
import {
  currentHome,
  prepareControl,
  serverPaths,
  type ControlPaths,
  type ServerPaths,
} from './layout.ts'
import { takeLock, tryLock, type FolderLock } from './lock.ts'
import { checkOptions, type CheckedOptions, type EmbeddedPostgresOptions } from './options.ts'
import { placeServer } from './placement.ts'
import { createDatabaseIfMissing } from './server-connection.ts'
import {
  endServersWithoutData,
  findServer,
  requestStop,
  startServer,
  stopServer,
  type RunningServer,
} from './server-process.ts'
import { isServerOn } from './process-identity.ts'
import { serverSettings } from './settings.ts'
import { supervise } from './supervision.ts'
import { countUses, registerUse, type ServerUse } from './users.ts'

/** A server in use by this process. */
export interface EmbeddedPostgres {
  /** Settings for `pg`. `host` is the folder of the server's socket; there is no password. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /**
   * The same as `postgresql://…`, the socket's folder percent-encoded as host. For `pg` and psql.
   */
  readonly url: string
  /** Such as `18.4`. */
  readonly serverVersion: string
  /** Where the rows are. */
  readonly dataFolder: string
  /** True when the server was already running. */
  readonly adopted: boolean
  /**
   * This process no longer needs the server. When it was the last user, waits until the server has
   * stopped. Further calls return the same promise. A process that ends without it is released on
   * `exit`; one that was killed is noticed by the next that releases.
   *
   * @throws {EmbeddedPostgresError} STOP_FAILED, LOCK_TIMEOUT.
   */
  release(): Promise<void>
}

/** A live holder may be making the data folder on a slow disk; a dead one is not waited for. */
const lockTimeoutMs = 180_000

/**
 * Starts PostgreSQL in a folder, or adopts the server that runs there, and makes the database. For
 * development and tests, not for production: one machine, no backup, no replica, binaries from npm.
 *
 * The server is reached over a Unix socket that only this user (and root) may open; it never
 * listens on the network. It survives its parent, runs while any process uses it, and stops with
 * the last. Any number of processes may call this at the same time.
 *
 * @throws {EmbeddedPostgresError} with one of the codes in `embeddedPostgresErrors`.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const checked = checkOptions(options)
  refuseWindows()
  const control = prepareControl(checked.folder)
  const lock = await takeLock(control.lock, { timeoutMs: lockTimeoutMs })
  let use: ServerUse | null = null
  try {
    use = registerUse(control.users)
    const paths = serverPaths(currentHome(control))
    const found = await findAdoptable(control, paths, checked)
    const running = found ?? (await startNew(control, paths, checked))
    return await finish({ control, use, running, checked, adopted: found !== null })
  } catch (error) {
    use?.end()
    throw error
  } finally {
    lock.release()
  }
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return
  throw new EmbeddedPostgresError(
    'PLATFORM_UNSUPPORTED',
    'The embedded PostgreSQL runs on Linux and macOS; this is Windows.',
    { platform: process.platform },
  )
}

/**
 * The server that runs already. A caller who was promised that commits are on disk must not share
 * one that promises nothing: such a server is stopped when nobody else uses it, and refused when
 * somebody does.
 */
async function findAdoptable(
  control: ControlPaths,
  paths: ServerPaths,
  checked: CheckedOptions,
): Promise<RunningServer | null> {
  const found = await findServer(paths)
  if (found === null || checked.durability !== 'safe' || found.facts.isDurable) return found
  const others = countUses(control.users) - 1
  if (others === 0) {
    await stopServer(paths, found.pid)
    return null
  }
  throw new EmbeddedPostgresError(
    'DURABILITY_MISMATCH',
    `The server on ${paths.data} runs with durability 'unsafe_for_tests' for ${others} other ` +
      `${others === 1 ? 'user' : 'users'}, and 'safe' was asked for.`,
    { data: paths.data, pid: found.pid, others },
  )
}

async function startNew(
  control: ControlPaths,
  wanted: ServerPaths,
  checked: CheckedOptions,
): Promise<RunningServer> {
  const chosen = await chooseBinaries(await findBinaries(), {
    dataMajor: dataMajorOf(wanted.data),
    linksFolder: wanted.libraries,
  })
  const { paths, binaries, runAs } = await placeServer(control, wanted, chosen)
  const { durability } = checked
  if (dataMajorOf(paths.data) === null) {
    await endServersWithoutData(paths)
    await createDataFolder(paths.data, binaries, { runAs, durability })
  }
  const settings = serverSettings(checked, paths.socket)
  return await startServer(paths, binaries, { runAs, settings })
}

interface Session {
  readonly control: ControlPaths
  readonly use: ServerUse
  readonly running: RunningServer
  readonly checked: CheckedOptions
  readonly adopted: boolean
}

async function finish(session: Session): Promise<EmbeddedPostgres> {
  const { control, use, running, checked } = session
  try {
    await createDatabaseIfMissing(running.address, checked.database)
    noticeSubstitute(control, running, checked)
  } catch (error) {
    use.end()
    await stopIfUnused(control, running)
    throw error
  }
  return handleOn(session)
}

function noticeSubstitute(
  control: ControlPaths,
  running: RunningServer,
  { onNotice }: CheckedOptions,
): void {
  const { dataFolder } = running.facts
  if (dataFolder === serverPaths(control.home).data) return
  onNotice(
    `PostgreSQL does not run as root, and no other user can reach ${control.home}: ` +
      `its data is in ${dataFolder}, where the system may clean up.`,
  )
}

function handleOn(session: Session): EmbeddedPostgres {
  const { control, use, checked, adopted } = session
  let { running } = session
  const supervision = checked.keepsRunning
    ? supervise({
        isAlive: () => isServerOn(running.pid, running.facts.dataFolder),
        revive: async () => {
          const revived = await reviveServer(control, checked, running)
          running = revived.running
          return revived.isOurs ? 'The embedded PostgreSQL was gone; it was started again.' : null
        },
        onNotice: checked.onNotice,
      })
    : null
  const connection = { ...running.address, user: serverRole, database: checked.database }
  const host = encodeURIComponent(connection.host)
  const onExit = () => releaseAtExit(control, use, running)
  const release = async (): Promise<void> => {
    await supervision?.end()
    await releaseNow(control, use, running)
  }
  let released: Promise<void> | null = null
  process.once('exit', onExit)
  return {
    connection,
    url: `postgresql://${serverRole}@${host}:${connection.port}/${checked.database}`,
    serverVersion: running.facts.version,
    dataFolder: running.facts.dataFolder,
    adopted,
    release() {
      process.removeListener('exit', onExit)
      released ??= release()
      return released
    },
  }
}

/** Under the lock, so that of all who notice it one starts the server and the others find it. */
async function reviveServer(
  control: ControlPaths,
  checked: CheckedOptions,
  { facts }: RunningServer,
): Promise<{ readonly running: RunningServer; readonly isOurs: boolean }> {
  const lock = await takeLock(control.lock, { timeoutMs: lockTimeoutMs })
  try {
    // An empty database in its place would look as if the rows were lost.
    if (dataMajorOf(facts.dataFolder) === null) throw dataGone(facts.dataFolder)
    const paths = serverPaths(currentHome(control))
    const found = await findAdoptable(control, paths, checked)
    const running = found ?? (await startNew(control, paths, checked))
    return { running, isOurs: found === null }
  } finally {
    lock.release()
  }
}

function dataGone(data: string): EmbeddedPostgresError {
  const message = `The embedded PostgreSQL on ${data} is gone, and its data too.`
  return new EmbeddedPostgresError('DATA_GONE', message, { data })
}

async function releaseNow(
  control: ControlPaths,
  use: ServerUse,
  running: RunningServer,
): Promise<void> {
  const lock = await takeLock(control.lock, { timeoutMs: lockTimeoutMs })
  try {
    use.end()
    await stopIfUnused(control, running)
  } finally {
    lock.release()
  }
}

async function stopIfUnused(control: ControlPaths, running: RunningServer): Promise<void> {
  if (countUses(control.users) > 0) return
  await stopServer(serverPaths(currentHome(control)), running.pid)
}

/**
 * Nothing can be awaited here, so the stop is only asked for; who comes next waits it out. Without
 * the lock nothing is asked: its holder may be adopting this very server, and will stop it when it
 * releases.
 */
function releaseAtExit(control: ControlPaths, use: ServerUse, running: RunningServer): void {
  try {
    use.end()
    const lock = tryLockAtExit(control.lock)
    if (lock === null) return
    if (countUses(control.users) === 0) requestStop(serverPaths(currentHome(control)), running.pid)
    lock.release()
  } catch {
    // The process ends with what it had to say; a folder that is gone must not change its exit
    // code.
  }
}

/**
 * Several processes ended by one Ctrl-C meet here, each for a millisecond or two, so a short wait
 * is enough.
 */
function tryLockAtExit(folder: string): FolderLock | null {
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 0; tries < 20; tries += 1) {
    const lock = tryLock(folder)
    if (lock !== null) return lock
    Atomics.wait(sleeper, 0, 0, 10)
  }
  return null
}
