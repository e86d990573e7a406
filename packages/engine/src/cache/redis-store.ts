// Texts in a Redis, or what speaks its language: one for all processes, which counts and locks. Each operation is one command
// or one script on one key, so that it is whole whoever else is at work, in a cluster too.
import { asError, TaskerError } from '../errors.ts'
import type { CacheStore, LockStore } from './cache-store.ts'
import { declareCapabilities } from './declared-capabilities.ts'

/**
 * All that is asked of a client. One made by `redis` or `@redis/client` is one as it is; of ioredis:
 * `{ sendCommand: ([name = '', ...rest]) => ioredis.call(name, ...rest) }`.
 */
export interface RedisClient {
  sendCommand(words: readonly string[]): Promise<unknown>
}

// A number that somebody else left there without a time gets one, too.
const incrementScript = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum`

const renewScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

const releaseScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/** What PTTL answers instead of a time. */
const nothingThere = -2
const withoutEnd = -1

export class RedisStore implements CacheStore, LockStore {
  static {
    declareCapabilities(this, {
      distributed: true,
      atomicIncrement: true,
      locking: true,
      ttlInspection: true,
    })
  }

  readonly #client: RedisClient
  readonly #closeClient: () => Promise<void>

  /** A client stays its maker's unless `closeClient` says how the store closes it with itself. */
  constructor(client: RedisClient, closeClient: () => Promise<void> = async () => undefined) {
    this.#client = client
    this.#closeClient = closeClient
  }

  async get(key: string): Promise<string | null> {
    const text = await this.#ask('GET', key)
    return typeof text === 'string' ? text : null
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    await this.#ask('SET', key, text, 'PX', wholeMs(ttlMs))
  }

  async delete(key: string): Promise<void> {
    await this.#ask('DEL', key)
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    return Number(await this.#run(incrementScript, key, String(by), wholeMs(ttlMs)))
  }

  async remainingMs(key: string): Promise<number | null> {
    const leftMs = Number(await this.#ask('PTTL', key))
    if (leftMs === nothingThere) return null
    return leftMs === withoutEnd ? Number.POSITIVE_INFINITY : leftMs
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    return isYes(await this.#ask('PEXPIRE', key, wholeMs(ttlMs)))
  }

  async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.#ask('SET', key, owner, 'NX', 'PX', wholeMs(ttlMs))) !== null
  }

  async renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return isYes(await this.#run(renewScript, key, owner, wholeMs(ttlMs)))
  }

  async release(key: string, owner: string): Promise<boolean> {
    return isYes(await this.#run(releaseScript, key, owner))
  }

  async close(): Promise<void> {
    await this.#closeClient()
  }

  #run(script: string, key: string, ...values: readonly string[]): Promise<unknown> {
    return this.#ask('EVAL', script, '1', key, ...values)
  }

  async #ask(...words: readonly string[]): Promise<unknown> {
    try {
      return await this.#client.sendCommand(words)
    } catch (error) {
      const { message } = asError(error)
      if (!aboutKey.test(message)) throw error
      throw new TaskerError('CACHE_TEXT_REFUSED', `Redis refuses: ${message}.`, {}, error)
    }
  }
}

/** The server is well: something else stands under the key. */
const aboutKey = /^(?:WRONGTYPE|ERR value is not an integer|ERR increment or decrement)/

/** Redis knows whole ones, and refuses 0. */
const wholeMs = (ms: number): string => String(Math.max(1, Math.ceil(ms)))

const isYes = (answer: unknown): boolean => Number(answer) === 1
