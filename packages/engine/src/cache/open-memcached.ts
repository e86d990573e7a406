// Asks Memcached with memjs. A connection that failed, or that somebody waited for in vain, is thrown away with its client:
// memjs keeps the half of an answer that it has read, and would read all further ones wrong.
import type { Client, Response } from 'memjs'
import { systemClock, type Clock } from '../clock.ts'
import { asError, TaskerError } from '../errors.ts'
import { MemcachedStore, type MemcachedClient } from './memcached-store.ts'
import { loadStorePackage } from './store-package.ts'

export interface MemcachedServerOptions {
  /** `host:11211`, several with commas between; `user:password@` before a host. */
  readonly url: string
  /** Longest wait for one answer. Default 500. */
  readonly timeoutMs?: number
  /** For tests. Default: the system's. */
  readonly clock?: Clock
}

type Memjs = typeof import('memjs')

/** @throws {TaskerError} CACHE_MISCONFIGURED: no memjs, or no addresses */
export async function openMemcachedStore(options: MemcachedServerOptions): Promise<MemcachedStore> {
  const { url, timeoutMs = 500, clock = systemClock } = options
  const servers = url.replace(/^memcached:\/\//, '')
  const isAddress = /^(?:[^\s:@,]+:[^\s@,]+@)?[^\s:@,/]+(?::\d{1,5})?$/
  if (!servers.split(',').every((server) => isAddress.test(server))) {
    throw new TaskerError(
      'CACHE_MISCONFIGURED',
      'The addresses of Memcached are not of the form host:11211, several with commas between.',
    )
  }
  const { default: memjs } = await loadStorePackage('memjs', async () => import('memjs'))
  const client = new Asking({ memjs, servers, timeoutMs, clock })
  return new MemcachedStore({ client, clock })
}

interface AskingOptions {
  readonly memjs: Memjs
  readonly servers: string
  readonly timeoutMs: number
  readonly clock: Clock
}

class Asking implements MemcachedClient {
  readonly #options: AskingOptions
  #client: Client | null = null

  constructor(options: AskingOptions) {
    this.#options = options
  }

  async get(key: string): Promise<string | null> {
    return this.#ask(async (client) => {
      const { value } = await client.get(key)
      return value === null ? null : value.toString()
    })
  }

  async set(key: string, text: string, expires: number): Promise<void> {
    await this.#ask(async (client) => client.set(key, text, { expires }))
  }

  async delete(key: string): Promise<void> {
    await this.#ask(async (client) => client.delete(key))
  }

  async touch(key: string, expires: number): Promise<boolean> {
    return this.#ask(async (client) => client.touch(key, expires))
  }

  /** Not the client's own: it reads sums of 2^32 and more wrong, and an answer cut short ends the process. */
  async increment(key: string, by: number, expires: number): Promise<number> {
    const extras = Buffer.alloc(20)
    extras.writeBigUInt64BE(BigInt(by), 0)
    extras.writeBigUInt64BE(BigInt(by), 8) // where there is none
    extras.writeUInt32BE(expires, 16)
    const { header, val } = await this.#ask(async (client) => {
      const { promise, resolve, reject } = Promise.withResolvers<Response>()
      client.incrSeq()
      const { seq } = client
      const request = this.#options.memjs.Utils.makeRequestBuffer(
        incrementOpcode,
        key,
        extras,
        '',
        seq,
      )
      client.perform(key, request, seq, (error, response: Response) =>
        error === null ? resolve(response) : reject(error),
      )
      return promise
    })
    if (header.status === 0 && val.length === 8) return Number(val.readBigUInt64BE(0))
    if (header.status === notNumericStatus) throw refused('the entry is no whole number')
    throw new Error(`Memcached answered ${header.status} where a sum was expected`)
  }

  close(): void {
    if (this.#client !== null) this.#discard(this.#client)
  }

  async #ask<Answer>(ask: (client: Client) => Promise<Answer>): Promise<Answer> {
    const client = (this.#client ??= this.#newClient())
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    const { timeoutMs, clock } = this.#options
    const cancel = clock.schedule(timeoutMs, () =>
      reject(new Error(`it did not answer within ${timeoutMs} ms`)),
    )
    try {
      return await Promise.race([ask(client), tooLate])
    } catch (error) {
      const answer = /^MemJS [A-Z]+: (.*)$/.exec(asError(error).message)?.[1]
      if (answer === undefined) this.#discard(client)
      throw answer === 'Value too large' ? refused('the text is too large') : error
    } finally {
      cancel()
    }
  }

  #newClient(): Client {
    const { memjs, servers, timeoutMs } = this.#options
    return memjs.Client.create(servers, {
      // Its own limits, in seconds, leave connections behind that nobody can close; ours come first.
      timeout: (4 * timeoutMs) / 1_000,
      conntimeout: (4 * timeoutMs) / 1_000,
      retries: 1, // that is: once
      logger: { log: () => undefined },
    })
  }

  /** Whoever waits for an answer of it hears that there will be none. */
  #discard(client: Client): void {
    if (this.#client === client) this.#client = null
    for (const server of client.servers) server.error(new Error('the connection was closed'))
  }
}

const incrementOpcode = 5
const notNumericStatus = 6

const refused = (why: string): TaskerError =>
  new TaskerError('CACHE_TEXT_REFUSED', `Memcached refuses: ${why}.`)
