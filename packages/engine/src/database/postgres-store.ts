// A cache store in a table of Tasker's own database: one statement for each operation, by the database's clock, nothing kept
// in a session. Also where what is exclusive is locked when the cache cannot do it. Its few connections are its own, so that
// it takes none from the engine's calls; who clears away what is over is prune-cache.ts.
import { createHash } from 'node:crypto'
import type { CacheStore, LockStore } from '../cache/cache-store.ts'
import { declareCapabilities } from '../cache/declared-capabilities.ts'
import { systemClock, type Clock } from '../clock.ts'
import { TaskerError } from '../errors.ts'
import { connect, isDataError, type ConnectionOptions, type Database } from './connect.ts'
import { afterMs, instant } from './sql-instant.ts'

export interface PostgresStoreOptions {
  /** Tells where the database is; none of its connections is used. */
  readonly database: Pick<Database, 'options'>
  readonly clock: Pick<Clock, 'databaseNow'>
  /** Longest wait for one answer. */
  readonly timeoutMs: number
}

/** Most connections of a store, opened when they are needed. */
export const storeConnectionsMax = 2
/** UTF-8 bytes: with more an entry of the index would not fit. */
const keyBytesMax = 1_000
const textBytesMax = 8_388_608
/** To connect may take longer than an answer may: whoever comes next finds the connection. */
const connectTimeoutMinMs = 2_000

/**
 * $1 is the instant of a test clock, or null. Else the beginning of the statement, also after a wait for a row: then a lock
 * ends too early for its owner, who counts from before, and is taken over too late, never the other way round.
 */
const now = instant('$1')
const after = (place: string): string => afterMs(now, place)

export class PostgresStore implements CacheStore, LockStore {
  static {
    declareCapabilities(this, {
      distributed: true,
      atomicIncrement: true,
      locking: true,
      ttlInspection: true,
    })
  }

  readonly #database: BoundedDatabase
  readonly #table: string
  readonly #clock: Pick<Clock, 'databaseNow'>
  #closing: Promise<void> | null = null

  constructor({ database: { options }, clock, timeoutMs }: PostgresStoreOptions) {
    this.#database = boundedDatabase(options, timeoutMs)
    this.#table = `${options.schema}.cache_entries`
    this.#clock = clock
  }

  async get(key: string): Promise<string | null> {
    const rows = await this.#database.run(
      'get_cache_entry',
      `select text from ${this.#table} where key = $2 and expires_at > ${now}`,
      this.#values(key),
    )
    const text = rows[0]?.['text'] as string | undefined // text not null
    return text === undefined ? null : read(text)
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    const written = write(text)
    const bytes = Buffer.byteLength(written)
    if (bytes > textBytesMax) {
      await this.delete(key) // what stood there is no longer so
      throw refused(
        `The cache in PostgreSQL keeps up to ${textBytesMax} bytes in one entry, not ${bytes}.`,
      )
    }
    await this.#database.run(
      'set_cache_entry',
      `insert into ${this.#table} (key, text, expires_at) values ($2, $3, ${after('$4')})
         on conflict (key) do update set text = excluded.text, expires_at = excluded.expires_at`,
      this.#values(key, written, ttlMs),
    )
  }

  async delete(key: string): Promise<void> {
    await this.#database.run('delete_cache_entry', `delete from ${this.#table} where key = $1`, [
      keyOf(key),
    ])
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const sum = this.#database.run(
      'increment_cache_entry',
      `insert into ${this.#table} as e (key, text, expires_at) values ($2, $3::bigint::text, ${after('$4')})
         on conflict (key) do update set
           text = case when e.expires_at > ${now} then (e.text::bigint + $3::bigint)::text else excluded.text end,
           expires_at = case when e.expires_at > ${now} then e.expires_at else excluded.expires_at end
         returning text`,
      this.#values(key, by, ttlMs),
    )
    try {
      return Number((await sum)[0]?.['text'])
    } catch (error) {
      // The driver's message would tell what stands there.
      throw isDataError(error)
        ? refused('What stands there, or was to be added, is no whole number.')
        : error
    }
  }

  async remainingMs(key: string): Promise<number | null> {
    const rows = await this.#database.run(
      'read_cache_entry_time',
      `select (extract(epoch from expires_at - ${now}) * 1000)::double precision as left
         from ${this.#table} where key = $2 and expires_at > ${now}`,
      this.#values(key),
    )
    return (rows[0]?.['left'] as number | undefined) ?? null // double precision
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    const rows = await this.#database.run(
      'extend_cache_entry',
      `update ${this.#table} set expires_at = ${after('$3')}
         where key = $2 and expires_at > ${now}
         returning 1`,
      this.#values(key, ttlMs),
    )
    return rows.length > 0
  }

  async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    const rows = await this.#database.run(
      'acquire_cache_lock',
      `insert into ${this.#table} as e (key, text, expires_at) values ($2, $3, ${after('$4')})
         on conflict (key) do update set text = excluded.text, expires_at = excluded.expires_at
           where e.expires_at <= ${now}
         returning 1`,
      this.#values(key, write(owner), ttlMs),
    )
    return rows.length > 0
  }

  async renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    const rows = await this.#database.run(
      'renew_cache_lock',
      `update ${this.#table} set expires_at = ${after('$4')}
         where key = $2 and text = $3 and expires_at > ${now}
         returning 1`,
      this.#values(key, write(owner), ttlMs),
    )
    return rows.length > 0
  }

  async release(key: string, owner: string): Promise<boolean> {
    const rows = await this.#database.run(
      'release_cache_lock',
      `delete from ${this.#table}
         where key = $2 and text = $3 and expires_at > ${now}
         returning 1`,
      this.#values(key, write(owner)),
    )
    return rows.length > 0
  }

  /** Harmless when repeated. */
  close(): Promise<void> {
    this.#closing ??= this.#database.close()
    return this.#closing
  }

  #values(key: string, ...others: readonly unknown[]): readonly unknown[] {
    return [this.#clock.databaseNow(), keyOf(key), ...others]
  }
}

type BoundedDatabase = Pick<Database, 'run' | 'close'>

// The server ends a statement that takes too long, and the driver gives up a connection that went silent; but to wait for a
// connection takes time as well, and behind a pooler the server's limit is the role's. By real time, whatever a test clock says.
function boundedDatabase(options: ConnectionOptions, timeoutMs: number): BoundedDatabase {
  const database = connect({
    ...options,
    poolSize: storeConnectionsMax,
    transactionPoolSize: 1, // never opened
    connectTimeoutMs: Math.max(timeoutMs, connectTimeoutMinMs),
    statementTimeoutMs: timeoutMs,
  })
  return {
    async run(name, text, values) {
      const { promise: late, reject } = Promise.withResolvers<never>()
      const cancel = systemClock.schedule(timeoutMs, () => {
        const message = `The cache in PostgreSQL did not answer within ${timeoutMs} ms.`
        reject(new TaskerError('CACHE_UNAVAILABLE', message))
      })
      try {
        return await Promise.race([database.run(name, text, values), late])
      } finally {
        cancel()
      }
    },
    close: () => database.close(),
  }
}

/** The key itself, or what stands for one that the table does not take. */
function keyOf(key: string): string {
  if (Buffer.byteLength(key) <= keyBytesMax && !key.includes('\0')) return key
  return `sha256/${createHash('sha256').update(key).digest('hex')}`
}

/** Before a text in a form that PostgreSQL keeps. */
const mark = '\u0001'

// It keeps neither U+0000 nor halves of surrogate pairs; JSON has other words for them.
function write(text: string): string {
  const isKept = text.isWellFormed() && !text.includes('\0') && !text.startsWith(mark)
  return isKept ? text : `${mark}${JSON.stringify(text)}`
}

function read(written: string): string {
  if (!written.startsWith(mark)) return written
  return JSON.parse(written.slice(mark.length)) as string // as it was written
}

const refused = (message: string): TaskerError => new TaskerError('CACHE_TEXT_REFUSED', message)
