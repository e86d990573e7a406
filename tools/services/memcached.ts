// A memcached for tests.
import { connect } from 'node:net'
import { once } from 'node:events'
import { startService, type Service } from './service.ts'

export interface MemcachedServer extends Service {
  /** As `cache.url` has it. */
  readonly url: string
  stop(): Promise<void>
}

/** `more`: words of its command line, as a limit of its own. */
export async function startMemcached(more: readonly string[] = []): Promise<MemcachedServer> {
  const service = await startService({
    name: 'memcached',
    debianPackage: 'memcached',
    words: (port) =>
      ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64'].concat(asRoot, more),
    askWhetherReady,
  })
  return { ...service, url: `127.0.0.1:${service.port}`, stop: () => service.kill() }
}

/** In containers; otherwise it would refuse to start. */
const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : []

async function askWhetherReady(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}
