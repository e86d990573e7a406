// Connections to PostgreSQL: two pools (calls of the engine, transactions of handlers), one connection beside them for the
// heartbeat, and the settings of their sessions. Translates the driver's errors into ours. What is asked of the database
// stands in the files beside this one.
import pg from 'pg'
import { TaskerError, type ErrorCode } from '../errors.ts'
import { Watched } from '../watched.ts'
import { connectionFault } from './connection-fault.ts'
import { Semaphore } from './semaphore.ts'

export interface ConnectionOptions {
  /** `postgresql://…`, or null when `connection` is given (the embedded server). */
  readonly url: string
  readonly schema: string
  readonly poolSize: number
  /** Connections kept apart for steps with `transaction: true`, so that they cannot starve the engine's calls. */
  readonly transactionPoolSize: number
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly applicationName: string
  /**
   * False behind a pooler in transaction mode: then nothing is left in a session or expected of it, because the next
   * transaction may meet another one. Isolation and the limit of a statement are the role's.
   */
  readonly preparedStatements: boolean
}

export type Row = Readonly<Record<string, unknown>>

/** Runs one statement on some connection. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>

/** How a call differs from others. */
export interface CallManner {
  /** It must not wait behind others: it has a connection of its own, and goes without an answer after so long. */
  readonly answerWithinMs?: number
  /** False: its text varies, so it is not prepared under its name. */
  readonly isPrepared?: false
}

/** What those who watch statements see of an answer. */
export interface CountedAnswer {
  readonly rowCount: number | null
}

/** Of several statements in one text the driver gives an array of these. */
export interface TransactionAnswer {
  rows: unknown[]
  rowCount: number | null
  /** What the server did: INSERT, COMMIT, … */
  command: string
}

/** A connection lent for a transaction. */
export interface TransactionConnection {
  /** A statement of the handler: it takes as long as the handler may. */
  query(text: string, values?: unknown[]): Promise<TransactionAnswer>
  /** A statement of ours, by its name: given up like any other call of the engine when the connection goes silent. */
  ask(name: string, text: string, values?: unknown[]): Promise<TransactionAnswer>
  /** Aborted, with the error of the driver, when the connection breaks while it is lent. */
  readonly lost: AbortSignal
  /** Gives it back; closes it at once when it is in doubt, whatever it still does. */
  release(isInDoubt?: boolean): void
}

export interface ConnectionUse {
  /** At work. */
  readonly lent: number
  /** Asked for by somebody who waits. */
  readonly waiting: number
  /** Most that may be open. */
  readonly size: number
}

/** A connection outside the pools, for LISTEN. */
export interface ListeningConnection {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<void>
  on(event: 'error' | 'end', listener: () => void): unknown
  on(event: 'notification', listener: (message: { payload?: string | undefined }) => void): unknown
}

export interface Database {
  readonly schema: string
  readonly options: ConnectionOptions
  /**
   * The statements of the engine by their names, a closed list: those of handlers are not among them. Each try of a call
   * that is repeated is one; waiting for a connection is none.
   */
  readonly statements: Watched<string, CountedAnswer>
  /**
   * One call of one statement, repeated when PostgreSQL ended it to resolve a deadlock. It is prepared under its name.
   */
  run(name: string, text: string, values: readonly unknown[], manner?: CallManner): Promise<Row[]>
  /**
   * A client for a transaction of a handler. Give it back with `release`. Waits for a free one until `signal` fires.
   * @throws {TaskerError} DATABASE_UNREACHABLE when the server gives none.
   */
  transactionClient(signal: AbortSignal): Promise<TransactionConnection>
  /** A connection outside the pools, for LISTEN. */
  dedicatedClient(): ListeningConnection
  /** How the pools are used now: that for calls of the engine, and that for steps with a transaction. */
  connections(): { readonly calls: ConnectionUse; readonly transactions: ConnectionUse }
  close(): Promise<void>
}

/**
 * After so much silence the operating system asks whether the other side is still there, and ten seconds later it knows:
 * a connection that listens, or waits for a handler, asks nothing itself.
 */
const keepAliveAfterMs = 10_000

/** Beyond the server's own limit for a statement, how long an answer may take to arrive. */
const silenceMs = 5_000

/**
 * Set on every connection, whatever the role's defaults are: the protocol needs READ COMMITTED, and the driver reads times in
 * one style only.
 */
const sessionSettings =
  "set default_transaction_isolation to 'read committed'; set datestyle to 'ISO'"

/**
 * Everything a handler may have left in its session, except prepared statements: the driver remembers those. That is
 * why it is not `discard all`.
 */
const resetSession = [
  'close all',
  'set session authorization default',
  'reset role',
  'reset all',
  'unlisten *',
  'select pg_advisory_unlock_all()',
  'discard temp',
  'discard sequences',
]

export function connect(options: ConnectionOptions): Database {
  const hasSessions = options.preparedStatements
  const settings = {
    connectionString: options.url,
    connectionTimeoutMillis: options.connectTimeoutMs,
    application_name: options.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    allowExitOnIdle: true,
    ...(hasSessions && {
      statement_timeout: options.statementTimeoutMs,
      onConnect: async (client: pg.ClientBase) => {
        await client.query(sessionSettings)
      },
    }),
  }
  // A connection that went silent is given up by our own clock: the server cannot tell us.
  const ownLimit =
    options.statementTimeoutMs === 0
      ? {}
      : { query_timeout: options.statementTimeoutMs + silenceMs }
  const ownCalls = { ...settings, ...ownLimit }
  const calls = new pg.Pool({ ...ownCalls, max: options.poolSize })
  const urgentCalls = new pg.Pool({ ...ownCalls, max: 1 })
  const transactions = new pg.Pool({ ...settings, max: options.transactionPoolSize })
  // Who waits for one of these waits here: in the pool the wait would end at the timeout for connecting, as an error.
  const transactionSlots = new Semaphore(options.transactionPoolSize)
  // An idle connection that breaks is replaced on the next use; without a listener Node would end the process.
  const pools = [calls, urgentCalls, transactions]
  for (const pool of pools) pool.on('error', () => undefined)

  const statements: Database['statements'] = new Watched()
  let isClosed = false
  return {
    schema: options.schema,
    options,
    statements,
    async run(name, text, values, { answerWithinMs, isPrepared = true } = {}) {
      if (isClosed) throw new TaskerError('TASKER_CLOSED', 'The database is not asked any more.')
      try {
        const query = {
          text,
          values: [...values],
          ...(options.preparedStatements && isPrepared && { name }),
          ...(answerWithinMs !== undefined && { query_timeout: answerWithinMs }),
        }
        const pool = answerWithinMs === undefined ? calls : urgentCalls
        return await repeatingTransient(() =>
          askOne(pool, (client) => statements.run(name, () => client.query<Row>(query))),
        )
      } catch (error) {
        throw answerWithinMs === undefined && isOfFullPool(error)
          ? poolIsFull(options, error)
          : translate(error)
      }
    },
    async transactionClient(signal) {
      const giveBack = await transactionSlots.acquire(signal)
      try {
        return lend(await borrow(transactions), { hasSessions, ownLimit, statements, giveBack })
      } catch (error) {
        giveBack()
        throw error
      }
    },
    dedicatedClient: () => new pg.Client(ownCalls),
    connections: () => ({
      calls: { lent: lentBy(calls), waiting: calls.waitingCount, size: options.poolSize },
      transactions: {
        lent: lentBy(transactions),
        waiting: transactionSlots.waitingCount,
        size: options.transactionPoolSize,
      },
    }),
    async close() {
      isClosed = true
      await Promise.all(pools.map((pool) => pool.end()))
    },
  }
}

// When there is no connection, what it was wanted for is not to blame: the driver has errors of many kinds for it, some
// without a code (a certificate that expired, a password that nobody configured).
async function borrow(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw connectionFault(error) ?? unreachable(error)
  }
}

// The driver's words for a wait in the pool; those for a server that lets nobody in are others.
const isOfFullPool = (error: unknown): boolean =>
  error instanceof TaskerError &&
  error.cause instanceof Error &&
  error.cause.message === 'timeout exceeded when trying to connect'

const poolIsFull = (
  { poolSize, connectTimeoutMs }: ConnectionOptions,
  cause: unknown,
): TaskerError =>
  new TaskerError(
    'DATABASE_BUSY',
    `None of the ${poolSize} connections of the pool became free within ${connectTimeoutMs} ms.`,
    {},
    cause,
  )

// A call is one statement and a transaction of its own: after a deadlock or a serialization failure nothing of it is left, so
// it is repeated as it was, a handful of times. Plain questions meet deadlocks as well, with a migration.
export async function repeatingTransient<T>(run: () => Promise<T>): Promise<T> {
  const triesMax = 5
  for (let tries = 1; ; tries += 1) {
    try {
      return await run()
    } catch (error) {
      if (tries >= triesMax || !isTransient(error)) throw error
    }
  }
}

async function askOne(
  pool: pg.Pool,
  ask: (client: pg.PoolClient) => Promise<{ readonly rows: Row[] }>,
): Promise<Row[]> {
  const client = await borrow(pool)
  client.on('error', ignore) // of a connection that breaks: the query says it
  try {
    const { rows } = await ask(client)
    client.release()
    return rows
  } catch (error) {
    client.release(true)
    throw error
  } finally {
    client.off('error', ignore)
  }
}

const ignore = (): void => undefined

const lentBy = (pool: pg.Pool): number => pool.totalCount - pool.idleCount

interface Lending {
  readonly hasSessions: boolean
  /** Of statements that are ours. */
  readonly ownLimit: { readonly query_timeout?: number }
  readonly statements: Database['statements']
  readonly giveBack: () => void
}

// The pool listens for errors of its idle connections only; one that is lent and breaks would end the process.
function lend(
  client: pg.PoolClient,
  { hasSessions, ownLimit, statements, giveBack }: Lending,
): TransactionConnection {
  const reset = [...resetSession, ...(hasSessions ? [sessionSettings] : [])].join('; ')
  const lost = new AbortController()
  const onLost = (error: Error): void => lost.abort(error)
  client.on('error', onLost)
  const end = (isInDoubt: boolean): void => {
    client.off('error', onLost)
    client.release(isInDoubt || lost.signal.aborted)
    giveBack()
  }
  const ask: TransactionConnection['ask'] = async (name, text, values) => {
    const query = { text, ...(values !== undefined && { values }), ...ownLimit }
    try {
      return await statements.run(name, () => client.query(query))
    } catch (error) {
      const fault = translate(error)
      if (isConnectionError(fault)) lost.abort(fault) // silent, perhaps: nothing more is asked on it
      throw fault
    }
  }
  return {
    lost: lost.signal,
    query: (text, values) => client.query(text, values),
    ask,
    release(isInDoubt = false) {
      if (isInDoubt || lost.signal.aborted) {
        end(true)
        return
      }
      // Nobody waits for it but the next step that gets this connection.
      ask('reset_session', reset).then(
        () => end(false),
        () => end(true),
      )
    },
  }
}

/** The SQLSTATE of an error of the driver, or null. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  // Codes of the system may have five letters too (EPIPE, EPERM); no class of SQLSTATE begins with E.
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : null
}

/** True for errors that mean "the same call again may succeed": deadlock, serialization failure. */
export const isTransient = (error: unknown): boolean =>
  ['40P01', '40001'].includes(
    sqlState(error) ?? sqlState(error instanceof Error ? error.cause : null) ?? '',
  )

/** True when a statement waited for a lock, or ran, longer than it may. */
export const isLockWait = (error: unknown): boolean =>
  ['55P03', '57014'].includes(sqlState(error) ?? '')

/** True for faults that pass by themselves. */
export const isPassing = (error: unknown): boolean =>
  isConnectionError(error) || isTransient(error) || isLockWait(error)

/** True when PostgreSQL refused the data itself (classes 22, 23, 54): some value in the call is to blame. */
export function isDataError(error: unknown): boolean {
  const state = sqlState(error) ?? sqlState(error instanceof Error ? error.cause : null) ?? ''
  return /^(22|23|54)/.test(state)
}

/** What a call of ours meets when the database cannot be used until somebody puts it right, whatever the call says. */
const unusable: readonly ErrorCode[] = [
  'DATABASE_UNREACHABLE',
  'DATABASE_BUSY',
  'DATABASE_READ_ONLY',
  'DATABASE_DENIED',
  'SCHEMA_MISSING',
]

/** True when the connection, the server or the whole schema failed, not the statement. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof TaskerError) return unusable.includes(error.code)
  const state = sqlState(error)
  if (state !== null) return /^(08|57P|53)/.test(state) || state === '25006'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return (
    /^E[A-Z]+$/.test(code) ||
    (error instanceof Error &&
      /connection|timeout exceeded when trying to connect|query read timeout/i.test(error.message))
  )
}

/** Errors a user meets become ours, with the remedy; the rest pass unchanged for the caller to judge. */
export function translate(error: unknown): unknown {
  if (error instanceof TaskerError) return error
  const fault = connectionFault(error)
  if (fault !== null) return fault
  const message = messageOf(error)
  const state = sqlState(error)
  if (state === 'TK001') return new TaskerError('WRONG_ISOLATION', `${message}.`, {}, error)
  if (state === '3F000' || state === '42P01' || state === '42883') {
    return new TaskerError('SCHEMA_MISSING', `The database answered: ${message}.`, {}, error)
  }
  return isConnectionError(error) ? unreachable(error) : error
}

function unreachable(error: unknown): TaskerError {
  const message = `The database did not answer: ${messageOf(error)}.`
  return new TaskerError('DATABASE_UNREACHABLE', message, {}, error)
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
