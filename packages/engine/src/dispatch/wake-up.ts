// Tells the worker that something may be due: a timer for the next due time, a poll as the floor, and NOTIFY as the fast
// path. Losing a notification costs one poll, so a broken LISTEN connection is only reopened, never an error.
import type { Clock } from '../clock.ts'
import type { Database } from '../database/connect.ts'
import { listenStatement, notify } from '../database/notify.ts'
import { parseTaskId, type TaskId } from '../ids.ts'

export interface WakeUpOptions {
  readonly database: Database
  readonly clock: Clock
  readonly listens: boolean
  readonly pollIntervalMs: number
  /** Something may be due. */
  wake(): void
  /** Another process cancelled these tasks. */
  cancelled(taskIds: readonly TaskId[]): void
}

/** Shortest wait after a claim that found due steps which others held. */
const heldByOthersMs = 20

export class WakeUp {
  readonly #options: WakeUpOptions
  #cancelTimer: () => void = () => undefined
  #listener: ReturnType<Database['dedicatedClient']> | null = null
  #isStopped = true

  constructor(options: WakeUpOptions) {
    this.#options = options
  }

  /** Subscribes before the first poll, so that nothing created in between is missed. */
  async start(): Promise<void> {
    this.#isStopped = false
    if (this.#options.listens) await this.#listen()
    if (!this.#isStopped) this.#options.wake()
  }

  /** After a claim that found less than it wanted: wakes at the next due time, at the latest after one poll interval. */
  armFor(nextDueMs: number | null): void {
    this.#cancelTimer()
    if (this.#isStopped) return
    const { clock, pollIntervalMs } = this.#options
    const delayMs = Math.min(pollIntervalMs, Math.max(heldByOthersMs, nextDueMs ?? pollIntervalMs))
    this.#cancelTimer = clock.schedule(delayMs, () => this.#options.wake())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer()
    const listener = this.#listener
    this.#listener = null
    await listener?.end().catch(() => undefined)
  }

  async #listen(): Promise<void> {
    const client = this.#options.database.dedicatedClient()
    const reopen = (): void => {
      if (this.#isStopped || this.#listener !== client) return
      this.#listener = null
      void client.end().catch(() => undefined)
      this.#options.clock.schedule(this.#options.pollIntervalMs, () => {
        if (!this.#isStopped) void this.#listen().then(() => this.#options.wake())
      })
    }
    this.#listener = client
    client.on('error', reopen)
    client.on('end', reopen)
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''))
    try {
      await client.connect()
      await client.query(listenStatement(this.#options.database.schema))
    } catch {
      reopen() // polling carries on; a pooler in transaction mode never lets us listen
    }
  }

  #receive(payload: string): void {
    if (payload.startsWith('cancelled ')) {
      const ids = payload.slice('cancelled '.length).split(',').map(parseTaskId)
      this.#options.cancelled(ids.filter((id) => id !== null))
    } else {
      this.#options.wake()
    }
  }
}

/** Sends a wake-up to every worker: alone and after commit, because NOTIFY inside a transaction serialises commits. */
export class Notifier {
  readonly #database: Database
  readonly #clock: Clock
  readonly #cooldownMs: number
  #isCooling = false
  #isAsked = false

  constructor(options: { database: Database; clock: Clock; cooldownMs: number }) {
    this.#database = options.database
    this.#clock = options.clock
    this.#cooldownMs = options.cooldownMs
  }

  /** Steps became due. At most one notification per cool-down; one asked for meanwhile is sent at its end. */
  due(): void {
    if (this.#isCooling) {
      this.#isAsked = true
      return
    }
    this.#isCooling = true
    this.#isAsked = false
    void notify(this.#database, 'due')
    this.#clock.schedule(this.#cooldownMs, () => {
      this.#isCooling = false
      if (this.#isAsked) this.due()
    })
  }

  /** Tasks were cancelled: workers abort their running steps at once, not at the next heartbeat. */
  async cancelled(taskIds: readonly TaskId[]): Promise<void> {
    const perMessage = 200 // 200 ids of 36 characters stay below the 8000 bytes of a payload
    for (let start = 0; start < taskIds.length; start += perMessage) {
      await notify(
        this.#database,
        `cancelled ${taskIds.slice(start, start + perMessage).join(',')}`,
      )
    }
  }
}
