// A redis-server of the benchmark's own, durable as a commit is: every write is on disk before it is answered.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Measuring } from './database-cost.ts'

/** The rest is Redis' default, but for snapshots: beside the log of all writes they would only cost. */
export const redisSettings: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  save: '',
  // BullMQ asks for it: what is evicted is lost.
  'maxmemory-policy': 'noeviction',
}

export interface RedisServer {
  readonly url: string
  readonly version: string
  stop(): Promise<void>
}

export const howToGetRedis =
  'there is no redis-server on PATH; Debian has it as apt-get install redis-server'

/** First on PATH, then where Debian puts it. Null when it is not installed. */
export function findRedis(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders.map((folder) => join(folder, 'redis-server')).find(isProgram) ?? null
}

/** @throws when the program is missing, with how to get it. */
export async function startRedis(): Promise<RedisServer> {
  const program = findRedis()
  if (program === null) throw new Error(howToGetRedis)
  const folder = await mkdtemp(join(tmpdir(), 'tasker-bench-redis-'))
  const port = await freePort()
  const settings = {
    ...redisSettings,
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    save: '',
  }
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(program, words, { stdio: 'ignore' })
  const url = `redis://127.0.0.1:${port}`
  await untilReady(child, url)
  return {
    url,
    version: /redis_version:(\S+)/.exec(await askRedis(url, 'INFO server'))?.[1] ?? '',
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function emptyRedis(url: string): Promise<void> {
  await askRedis(url, 'FLUSHALL')
}

/** Of the costs, Redis knows the processor time. */
export async function startMeasuringRedis(url: string): Promise<Measuring> {
  const before = await cpuMs(url)
  return {
    end: async () => ({
      statements: null,
      commits: null,
      walBytes: null,
      fullPageBytes: null,
      hotRatio: null,
      storedBytes: null,
      cpuMs: (await cpuMs(url)) - before,
    }),
  }
}

/** Of all its threads, and of its children. */
async function cpuMs(url: string): Promise<number> {
  const info = await askRedis(url, 'INFO cpu')
  const seconds = [...info.matchAll(/^used_cpu_(?:sys|user)(?:_children)?:(\S+)/gm)]
  return seconds.reduce((sum, [, value]) => sum + Number(value) * 1000, 0)
}

/** One command and its whole answer, without a client library. */
async function askRedis(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.end(`${command}\r\nQUIT\r\n`)
  socket.setEncoding('utf8')
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  if (answer.startsWith('-')) throw new Error(`Redis on ${command}: ${answer.slice(1).trim()}`)
  return answer
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`redis-server ended with ${child.exitCode} instead of starting`)
    }
    try {
      await askRedis(url, 'PING')
      return
    } catch {
      await pause(20) // a process of its own, which says nothing when it is ready
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a server on TCP
  server.close()
  await once(server, 'close')
  return port
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
