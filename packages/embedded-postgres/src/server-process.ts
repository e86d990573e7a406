// The server as a process: starting it so that it outlives its parent, waiting until it answers,
// adopting one that runs, and stopping it. The caller holds the lock.

import { spawn, type ChildProcess } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'

import type { ServerBinaries } from './binaries.ts'
import { EmbeddedPostgresError, errorCodeOf, messageOf } from './error.ts'
import { socketPort, type ServerPaths } from './layout.ts'
import { pollUntil } from './polling.ts'
import { disarmStalePostmasterFile, readPostmasterFile } from './postmaster-file.ts'
import { isServerOn, serversOn } from './process-identity.ts'
import { launch, type RunAs } from './run-as.ts'
import { openServerLog, type ServerLog } from './server-log.ts'
import {
  askServer,
  mayAnswerLater,
  type ServerAddress,
  type ServerFacts,
} from './server-connection.ts'

export interface RunningServer {
  readonly pid: number
  readonly address: ServerAddress
  readonly facts: ServerFacts
}

/**
 * Long enough for crash recovery of a large log on a slow disk; usually it takes well under a
 * second.
 */
const startTimeoutMs = 120_000
const adoptTimeoutMs = 60_000
/**
 * Time for the last checkpoint; after it the server is stopped without one, which loses nothing
 * either.
 */
const fastStopTimeoutMs = 30_000
const immediateStopTimeoutMs = 10_000

/**
 * Another server still ends in the background: its backends after a kill -9 of the postmaster, or a
 * rival. Both pass.
 */
const passingTroubles = /pre-existing shared memory block|lock file ".*" already exists/

/** Starts the server and waits until it answers. */
export async function startServer(
  paths: ServerPaths,
  binaries: ServerBinaries,
  {
    runAs,
    settings,
  }: { readonly runAs: RunAs; readonly settings: Readonly<Record<string, string>> },
): Promise<RunningServer> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const program = join(binaries.bin, 'postgres')
  const server = await pollUntil(
    async () => {
      // Not only the first time round: what stood in the way may be a server that a killed process
      // had just started.
      const rival = await findServer(paths)
      if (rival !== null) return rival
      clearLeftovers(paths)
      const log = openServerLog(paths.log, runAs.user)
      try {
        const step = launch(runAs, [program, '-D', paths.data, ...flags], binaries.env)
        const child = spawn(step.command, step.args, {
          ...step.options,
          // A session of its own: neither Ctrl-C in the terminal nor the end of this process
          // reaches it.
          detached: true,
          stdio: ['ignore', log.descriptor, log.descriptor],
        })
        return await untilReady(child, paths, log)
      } finally {
        log.close()
      }
    },
    { timeoutMs: startTimeoutMs, everyMs: 250 },
  )
  if (server !== null) return server
  throw startFailed(paths, 'Processes of an earlier server are still ending.')
}

/** Null when it ended for a reason that passes. */
async function untilReady(
  child: ChildProcess,
  paths: ServerPaths,
  log: ServerLog,
): Promise<RunningServer | null> {
  const ending = watchEnding(child)
  child.unref()
  const address = { host: paths.socket, port: socketPort }
  const outcome = await pollUntil<ServerFacts | string>(
    async () => ending() ?? (await askServer(address).catch(refusal)),
    { timeoutMs: startTimeoutMs, everyMs: 10 },
  )
  if (child.pid !== undefined && isAnswer(outcome)) {
    return { pid: child.pid, address, facts: outcome }
  }
  if (ending() !== null && passingTroubles.test(log.tail())) return null
  child.kill('SIGQUIT')
  const why = isAnswer(outcome) ? null : outcome
  const reason = why ?? `It did not answer within ${startTimeoutMs / 1000} s.`
  throw startFailed(paths, `${reason}\n${log.tail()}`)
}

function isAnswer(outcome: ServerFacts | string | null): outcome is ServerFacts {
  return outcome !== null && typeof outcome !== 'string'
}

/** Says how the process ended, null while it runs. */
function watchEnding(child: ChildProcess): () => string | null {
  let ending: string | null = null
  child.once('error', (error) => (ending = `It could not be run: ${error.message}.`))
  child.once('exit', (code, signal) => (ending = `It ended with ${signal ?? `exit code ${code}`}.`))
  return () => ending
}

function refusal(error: unknown): string | null {
  return mayAnswerLater(error) ? null : `It refused its own user: ${messageOf(error)}.`
}

function startFailed(paths: ServerPaths, reason: string): EmbeddedPostgresError {
  const message = `The embedded PostgreSQL on ${paths.data} did not start. ${reason}\n(${paths.log})`
  return new EmbeddedPostgresError('START_FAILED', message, { data: paths.data, log: paths.log })
}

/**
 * The server that already serves this data folder, or null when there is none. One that is starting
 * is waited for, one that is stopping is waited out.
 */
export async function findServer(paths: ServerPaths): Promise<RunningServer | null> {
  let lastError = 'no answer'
  const answer = await pollUntil<{ readonly server: RunningServer | null }>(
    async () => {
      const file = readPostmasterFile(paths.data)
      if (file === null) return { server: null }
      const address = { host: file.socketFolder ?? paths.socket, port: file.port || socketPort }
      try {
        const facts = await askServer(address)
        // A copied folder brings along a file that leads to the server of the original.
        const isOurs = isSameFolder(facts.dataFolder, paths.data)
        return { server: isOurs ? { pid: file.pid, address, facts } : null }
      } catch (error) {
        lastError = messageOf(error)
        return isServerOn(file.pid, paths.data) && mayAnswerLater(error) ? null : { server: null }
      }
    },
    { timeoutMs: adoptTimeoutMs, everyMs: 20 },
  )
  if (answer !== null) return answer.server
  const pid = readPostmasterFile(paths.data)?.pid ?? null
  throw new EmbeddedPostgresError(
    'SERVER_UNRESPONSIVE',
    `PostgreSQL (process ${pid ?? 'unknown'}) runs on ${paths.data} but has not answered ` +
      `for ${adoptTimeoutMs / 1000} s (${lastError}).`,
    { pid, data: paths.data },
  )
}

function isSameFolder(one: string, other: string): boolean {
  return one === other || (fs.existsSync(one) && fs.realpathSync(one) === other)
}

/**
 * What a killed server leaves behind. The lock file beside the socket names a pid as well, which
 * may be a stranger's by now; it guards nothing, since the data folder has a file of its own.
 */
function clearLeftovers(paths: ServerPaths): void {
  const pid = readPostmasterFile(paths.data)?.pid ?? null
  if (pid !== null && isServerOn(pid, paths.data)) return
  disarmStalePostmasterFile(paths.data)
  const socket = join(paths.socket, `.s.PGSQL.${socketPort}`)
  for (const path of [socket, `${socket}.lock`]) fs.rmSync(path, { force: true })
}

/**
 * Ends the server and waits until it is gone. `knownPid` helps when the user deleted the folder
 * under it.
 */
export async function stopServer(paths: ServerPaths, knownPid: number): Promise<void> {
  const pid = requestStop(paths, knownPid)
  if (pid === null || (await isGone(pid, paths, fastStopTimeoutMs))) return
  sendSignal(pid, 'SIGQUIT')
  if (await isGone(pid, paths, immediateStopTimeoutMs)) return
  throw new EmbeddedPostgresError(
    'STOP_FAILED',
    `PostgreSQL (process ${pid}) on ${paths.data} does not end.`,
    { pid, data: paths.data },
  )
}

/**
 * Ends servers whose data folder was deleted while they ran. They would notice by themselves within
 * a minute, and take the socket of the new server on the same path with them.
 */
export async function endServersWithoutData(paths: ServerPaths): Promise<void> {
  for (const pid of serversOn(paths.data)) {
    sendSignal(pid, 'SIGQUIT')
    await isGone(pid, paths, immediateStopTimeoutMs)
  }
}

/**
 * Asks for a fast shutdown (SIGINT: sessions are ended, everything is written). Null when nothing
 * runs.
 */
export function requestStop(paths: ServerPaths, knownPid: number): number | null {
  const pid = readPostmasterFile(paths.data)?.pid ?? knownPid
  if (!isServerOn(pid, paths.data)) return null
  sendSignal(pid, 'SIGINT')
  return pid
}

function sendSignal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (errorCodeOf(error) !== 'ESRCH') throw error // ESRCH: it ended by itself meanwhile
  }
}

async function isGone(pid: number, paths: ServerPaths, timeoutMs: number): Promise<boolean> {
  const ask = () => (isServerOn(pid, paths.data) ? null : true)
  return (await pollUntil(ask, { timeoutMs, everyMs: 10 })) ?? false
}
