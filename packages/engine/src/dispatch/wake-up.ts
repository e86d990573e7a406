// Tells the worker that something may be due: a timer for the next due time, a poll as the floor, and NOTIFY as the fast
// path. Losing a notification costs one poll, so a broken LISTEN connection is only reopened, never an error.
import type { Clock } from '../clock.ts'
import type { Database } from '../database/connect.ts'
import type { Operated } from '../database/operate.ts'
import { listenStatement, notify } from '../database/notify.ts'
import type { HeldStep } from '../database/workers.ts'
import { newCallId, parseTaskId, type TaskId } from '../ids.ts'

export interface WakeUpOptions {
  readonly database: Database
  readonly clock: Clock
  readonly listens: boolean
  readonly pollIntervalMs: number
  /** What this process sends: it has acted on that already. */
  isOwn(payload: string): boolean
  /** Something may be due. */
  wake(): void
  /** Another process took these away from their workers. */
  calledOff(claims: readonly CalledOff[]): void
}

/** A step, or every step of a task, that was settled while it may run. */
export interface CalledOff {
  readonly taskId: TaskId
  /** Null: all steps of the task. */
  readonly stepNo: number | null
  /** A notification may come late: a newer claim of the step is not meant. Null: whichever. */
  readonly claimNo: number | null
}

/** What may still run of a task that an operator changed. A whole task that was ended names none of its steps. */
export const calledOffBy = ({ taskId, from, to, steps }: Operated): readonly CalledOff[] =>
  from !== to && steps?.length === 0
    ? [{ taskId, stepNo: null, claimNo: null }]
    : (steps ?? [])
        .filter((step) => step.from === 'in_progress' && step.to !== 'in_progress')
        .map(({ stepNo, claimNo }) => ({ taskId, stepNo, claimNo }))

export const isCalledOff = (step: HeldStep, claims: readonly CalledOff[]): boolean =>
  claims.some(
    ({ taskId, stepNo, claimNo }) =>
      taskId === step.taskId &&
      (stepNo === null || stepNo === step.stepNo) &&
      (claimNo === null || claimNo === step.claimNo),
  )

const writeCalledOff = ({ taskId, stepNo, claimNo }: CalledOff): string =>
  [taskId, stepNo, claimNo].filter((part) => part !== null).join('/')

function readCalledOff(text: string): CalledOff | null {
  const [id = '', stepNo, claimNo] = text.split('/')
  const taskId = parseTaskId(id)
  return taskId === null ? null : { taskId, stepNo: numberIn(stepNo), claimNo: numberIn(claimNo) }
}

// A process of a version before this one names no claims.
const numberIn = (text: string | undefined): number | null =>
  text === undefined ? null : Number(text)

/**
 * Shortest wait after a claim that found due steps which others held; doubled each time it happens again. Whoever takes a
 * step has it within milliseconds, but its commit may hang, and then every idle worker would ask fifty times a second.
 */
const heldByOthersMs = 20

export class WakeUp {
  readonly #options: WakeUpOptions
  #cancelTimer: () => void = () => undefined
  #cancelReopening: () => void = () => undefined
  #listener: ReturnType<Database['dedicatedClient']> | null = null
  #isStopped = true
  /** How long to wait when the next look finds due steps in the hands of others too. */
  #heldMs = heldByOthersMs

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
    const isHeld = nextDueMs === 0
    const leastMs = isHeld ? this.#heldMs : heldByOthersMs
    this.#heldMs = isHeld ? Math.min(pollIntervalMs, leastMs * 2) : heldByOthersMs
    const delayMs = Math.min(pollIntervalMs, Math.max(leastMs, nextDueMs ?? pollIntervalMs))
    this.#cancelTimer = clock.schedule(delayMs, () => this.#options.wake())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer()
    this.#cancelReopening()
    const listener = this.#listener
    this.#listener = null
    await listener?.end().catch(() => undefined)
  }

  // At once after a connection that was lost, but no more often than polls come: one may be refused again and again.
  async #listen(): Promise<void> {
    const { clock, pollIntervalMs } = this.#options
    const client = this.#options.database.dedicatedClient()
    const triedMs = clock.monotonicMs()
    const reopen = (): void => {
      if (this.#isStopped || this.#listener !== client) return
      this.#listener = null
      void client.end().catch(() => undefined)
      const waitedMs = clock.monotonicMs() - triedMs
      this.#cancelReopening = clock.schedule(pollIntervalMs - waitedMs, () => {
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
      const claims = payload.slice('cancelled '.length).split(',').map(readCalledOff)
      this.#options.calledOff(claims.filter((claim) => claim !== null))
    } else if (!this.#options.isOwn(payload)) {
      this.#options.wake()
    }
  }
}

/** Sends a wake-up to every worker: alone and after commit, because NOTIFY inside a transaction serialises commits. */
export class Notifier {
  /** The payload names its sender, a number nobody else has, so that he knows it when it comes back. */
  readonly #due = `due ${newCallId()}`
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
    void notify(this.#database, this.#due)
    this.#clock.schedule(this.#cooldownMs, () => {
      this.#isCooling = false
      if (this.#isAsked) this.due()
    })
  }

  isOwn(payload: string): boolean {
    return payload === this.#due
  }

  /** Workers abort these running steps at once, not at the next heartbeat. */
  async calledOff(claims: readonly CalledOff[]): Promise<void> {
    const perMessage = 120 // 120 of 36 characters and two numbers stay below the 8000 bytes of a payload
    for (let start = 0; start < claims.length; start += perMessage) {
      await notify(
        this.#database,
        `cancelled ${claims
          .slice(start, start + perMessage)
          .map(writeCalledOff)
          .join(',')}`,
      )
    }
  }
}
