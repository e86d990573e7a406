// Connects to a Redis with @redis/client, again and again when the connection is lost. Nothing is queued meanwhile: who asks
// hears at once that there is no connection, and why.
import { systemClock } from '../clock.ts'
import { asError, TaskerError } from '../errors.ts'
import { RedisStore } from './redis-store.ts'
import { loadStorePackage } from './store-package.ts'

export interface RedisServerOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` over TLS. */
  readonly url: string
  /** Longest wait for the first connection; it is tried further after that. Default 500. */
  readonly timeoutMs?: number
}

const reconnectAfterMsMax = 1_000
/** A server that hangs looks like one that has nothing to say: it is asked this often, */
const pingIntervalMs = 5_000
/** and a connection without any answer for so long is made anew. */
const silenceMaxMs = 15_000
/** Commands that wait for an answer: what hangs must not fill the memory. */
const commandsMax = 10_000

/** @throws {TaskerError} CACHE_MISCONFIGURED: no @redis/client, or no address of a Redis */
export async function openRedisStore(options: RedisServerOptions): Promise<RedisStore> {
  const { url, timeoutMs = 500 } = options
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new TaskerError(
      'CACHE_MISCONFIGURED',
      'The address of the Redis is not of the form redis://host:6379.',
    )
  }
  const { createClient } = await loadStorePackage(
    '@redis/client',
    async () => import('@redis/client'),
  )
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: commandsMax,
    pingInterval: pingIntervalMs,
    socket: {
      reconnectStrategy: (retries) =>
        Math.min(50 * 2 ** Math.min(retries, 10), reconnectAfterMsMax),
      socketTimeout: silenceMaxMs,
    },
  })
  let latestError: Error | null = null
  client.on('error', (error: unknown) => {
    latestError = asError(error)
  })
  client.on('ready', () => {
    latestError = null
  })
  const connected = client.connect().then(
    () => undefined,
    () => undefined, // told as an error, and to who asks
  )
  await orAfter(timeoutMs, connected)
  const sendCommand = async (words: readonly string[]): Promise<unknown> => {
    // That there is no connection says less than why.
    if (!client.isReady && latestError !== null) throw latestError
    return client.sendCommand(words)
  }
  return new RedisStore({ sendCommand }, async () => {
    // What is under way may end, unless the server hangs.
    const isClosed = client.isReady && (await orAfter(timeoutMs, client.close()))
    if (!isClosed) client.destroy()
  })
}

/** Whether it was done in time. */
async function orAfter(ms: number, done: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const cancel = systemClock.schedule(ms, () => resolve(false))
  return Promise.race([done.then(() => true), late]).finally(cancel)
}
