// A redis-server for tests and measurements, in a folder of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, howToGet, startService, type Service } from './service.ts'

export interface RedisServer extends Service {
  readonly url: string
  /** One command and its whole answer. */
  ask(command: string): Promise<string>
  /** And removes what it wrote. */
  stop(): Promise<void>
}

const program = { name: 'redis-server', debianPackage: 'redis-server' }

export const howToGetRedis = howToGet(program)
export const findRedis = (): string | null => findProgram(program.name)

/** `settings`: of redis.conf. Without any, it keeps nothing on disk. */
export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-redis-'))
  const service = await startService({
    ...program,
    words: (port) =>
      Object.entries({ bind: '127.0.0.1', port, dir: folder, save: '', ...settings }).flatMap(
        ([name, value]) => [`--${name}`, String(value)],
      ),
    askWhetherReady: (port) => askRedis(urlOf(port), 'PING'),
  })
  const url = urlOf(service.port)
  return {
    ...service,
    url,
    ask: (command) => askRedis(url, command),
    async stop() {
      await service.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One command and its whole answer, without a client library. */
export async function askRedis(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.end(`${command}\r\nQUIT\r\n`)
  socket.setEncoding('utf8')
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  if (answer.startsWith('-')) throw new Error(`Redis on ${command}: ${answer.slice(1).trim()}`)
  return answer
}

const urlOf = (port: number): string => `redis://127.0.0.1:${port}`
