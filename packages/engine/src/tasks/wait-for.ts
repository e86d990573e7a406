// Waiting for tasks to end, in any process: one poll a second answers for everybody who waits, and tasks that end in this
// process answer at once.
import type { Clock } from '../clock.ts'
import { readEnded } from '../database/read-tasks.ts'
import type { Database } from '../database/connect.ts'
import { TaskerError } from '../errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { TaskId } from '../ids.ts'

export interface WaitOptions {
  /** Milliseconds; default: for as long as it takes. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Waiter {
  /** The task may have ended: look. */
  wake(): void
  readonly giveUp: (error: TaskerError) => void
}

/** The events that mean that a task has ended. */
const endings = [
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.resolved_manually',
] as const

export class Waiting {
  readonly #database: Database
  readonly #clock: Clock
  readonly #pollIntervalMs: number
  readonly #waiters = new Map<TaskId, Set<Waiter>>()
  #cancelPoll: (() => void) | null = null
  #isClosed = false

  constructor(options: {
    database: Database
    clock: Clock
    bus: EventBus
    pollIntervalMs: number
  }) {
    this.#database = options.database
    this.#clock = options.clock
    this.#pollIntervalMs = options.pollIntervalMs
    for (const name of endings) {
      options.bus.on(name, ({ taskId }) => this.#mayHaveEnded(taskId as TaskId)) // events carry ids of tasks
    }
  }

  /** @throws {TaskerError} WAIT_ENDED when the time is over, the signal fired, or Tasker was closed. */
  async untilEnded(taskId: TaskId, options: WaitOptions): Promise<void> {
    if (this.#isClosed) throw new TaskerError('TASKER_CLOSED', 'Waiting is not possible any more.')
    const { promise: givenUp, reject } = Promise.withResolvers<never>()
    givenUp.catch(() => undefined) // it may reject before, or after, anybody here awaits it
    let woken = Promise.withResolvers<void>()
    const waiter: Waiter = { wake: () => woken.resolve(), giveUp: reject }
    const waiters = this.#waiters.get(taskId) ?? new Set()
    this.#waiters.set(taskId, waiters.add(waiter))
    const giveUp = (why: string): void => reject(waitEnded(taskId, why))
    const onAbort = (): void => giveUp('the wait was called off')
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const cancelTimer =
      options.timeoutMs === undefined
        ? () => undefined
        : this.#clock.schedule(options.timeoutMs, () => giveUp(`${options.timeoutMs} ms are over`))
    try {
      if (options.signal?.aborted === true) onAbort()
      // Asked after registering, so that an end in between is not missed; and asked again when woken, because only the
      // table knows.
      while ((await readEnded(this.#database, [taskId])).length === 0) {
        this.#poll()
        await Promise.race([woken.promise, givenUp])
        woken = Promise.withResolvers()
      }
    } finally {
      cancelTimer()
      options.signal?.removeEventListener('abort', onAbort)
      waiters.delete(waiter)
      if (waiters.size === 0) this.#waiters.delete(taskId)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancelPoll?.()
    for (const [taskId, waiters] of this.#waiters) {
      for (const waiter of waiters) waiter.giveUp(waitEnded(taskId, 'Tasker was closed'))
    }
  }

  #mayHaveEnded(taskId: TaskId): void {
    for (const waiter of this.#waiters.get(taskId) ?? []) waiter.wake()
  }

  #poll(): void {
    if (this.#cancelPoll !== null || this.#isClosed) return
    this.#cancelPoll = this.#clock.schedule(this.#pollIntervalMs, () => {
      this.#cancelPoll = null
      if (this.#waiters.size === 0) return
      readEnded(this.#database, [...this.#waiters.keys()]).then(
        (ended) => {
          for (const taskId of ended) this.#mayHaveEnded(taskId)
          if (this.#waiters.size > 0) this.#poll()
        },
        () => this.#poll(), // the database will answer again; the wait goes on
      )
    })
  }
}

const waitEnded = (taskId: TaskId, why: string): TaskerError =>
  new TaskerError('WAIT_ENDED', `Task ${taskId} has not ended: ${why}.`, { taskId })
