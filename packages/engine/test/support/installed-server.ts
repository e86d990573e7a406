// Starts a server from binaries installed on this machine, for the tests against the oldest supported version.
// Not the embedded package's way on purpose: that one prefers its own binaries, and tests of it must not lean on it.
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface InstalledServer {
  readonly connection: { readonly host: string; readonly port: number; readonly user: string }
  readonly stop: () => Promise<void>
}

interface Account {
  readonly uid: number
  readonly gid: number
}

type Supervisor = ChildProcessByStdio<Writable, Readable, null>

const port = 5432 // names the socket file only: the server listens on no network address
const user = 'tasker'

/**
 * Starts the server and holds it up for as long as its standard input stays open. When this process dies, however it
 * dies, `read` meets the end of the pipe and the server is stopped: no run leaves one behind.
 */
const supervise = `
trap '' INT TERM
"$1/pg_ctl" -D "$2" -w -l "$2/server.log" -o "$3" start >/dev/null 2>&1 || { echo failed; exit 1; }
echo ready
read -r _
"$1/pg_ctl" -D "$2" -m fast -w stop >/dev/null 2>&1`

/** Makes the cluster in `parent`/data when there is none yet, and starts it on a socket in `parent`. */
export async function startServerFromFolder(
  binaries: string,
  parent: string,
  settings: Readonly<Record<string, string>>,
): Promise<InstalledServer> {
  const account = unprivilegedAccount()
  if (account !== null) chownSync(parent, account.uid, account.gid)
  const data = join(parent, 'data')
  if (!existsSync(join(data, 'PG_VERSION'))) makeCluster(binaries, data, account)

  const supervisor = startSupervisor(binaries, data, serverOptions(parent, settings), account)
  await waitUntilReady(supervisor, data)
  return {
    connection: { host: parent, port, user },
    stop: async () => {
      const ended = once(supervisor, 'exit')
      supervisor.stdin.end()
      await ended
    },
  }
}

/** PostgreSQL refuses to run as root. Null when this process is not root. */
function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const idOf = (flag: string): number =>
    Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout.trim())
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function makeCluster(binaries: string, data: string, account: Account | null): void {
  const options = ['-D', data, '-U', user, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  const made = spawnSync(join(binaries, 'initdb'), options, {
    encoding: 'utf8',
    cwd: '/',
    ...account,
  })
  if (made.status !== 0) throw new Error(`initdb failed in ${data}: ${made.stderr || made.error}`)
}

function serverOptions(socketFolder: string, settings: Readonly<Record<string, string>>): string {
  const all = { listen_addresses: '', unix_socket_directories: socketFolder, port, ...settings }
  return Object.entries(all)
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(' ')
}

function startSupervisor(
  binaries: string,
  data: string,
  options: string,
  account: Account | null,
): Supervisor {
  return spawn('/bin/sh', ['-c', supervise, 'sh', binaries, data, options], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
    ...account,
  })
}

async function waitUntilReady(supervisor: Supervisor, data: string): Promise<void> {
  for await (const answer of supervisor.stdout) {
    if (String(answer).trim() === 'ready') return
    break
  }
  const log = join(data, 'server.log')
  const reason = existsSync(log) ? readFileSync(log, 'utf8') : 'It wrote no log.'
  throw new Error(`The server in ${data} did not start.\n${reason}`)
}
