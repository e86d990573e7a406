// The lease of this process: renewed by a heartbeat, counted from the moment the renewal was sent. A worker that cannot
// renew aborts its handlers before another may take their steps over. It also scans for steps of dead workers, sweeps,
// rolls up the statistics, keeps the journal of the history short, and clears the cache in the database.
import { hostname } from 'node:os'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { isPassing, type Database } from '../database/connect.ts'
import { pruneCache } from '../database/prune-cache.ts'
import { pruneJournal } from '../database/prune-journal.ts'
import { rollUpTasks } from '../database/roll-up.ts'
import { rescueSteps, type FinishReply } from '../database/steps.ts'
import { sweepDue, sweepStart } from '../database/sweep.ts'
import {
  registerWorker,
  renewWorker,
  stopWorker,
  type HeldStep,
  type WorkerSlots,
} from '../database/workers.ts'
import type { EngineOperations } from '../events/operations.ts'
import type { CallId, DefinitionId, WorkerId } from '../ids.ts'
import { packageVersion } from '../version.ts'

export interface LeaseSettings {
  readonly heartbeatIntervalMs: number
  readonly leaseMs: number
  readonly scanIntervalMs: number
  readonly sweepIntervalMs: number
  readonly lostLimit: number
  readonly journalKeptHours: number
}

export const leaseSettings = ({ orchestration, execution, engine }: Config): LeaseSettings => ({
  heartbeatIntervalMs: orchestration.heartbeatIntervalMs,
  leaseMs: orchestration.leaseMs,
  scanIntervalMs: orchestration.scanIntervalMs,
  sweepIntervalMs: orchestration.sweepIntervalMs,
  lostLimit: execution.workerLostLimit,
  journalKeptHours: engine.historyJournalHours,
})

export interface LeaseOptions extends LeaseSettings {
  readonly database: Database
  readonly clock: Clock
  readonly operations: EngineOperations
  readonly serves: readonly DefinitionId[]
  slots(): WorkerSlots
  holding(): readonly HeldStep[]
  calls(): readonly CallId[]
  /** These steps are no longer ours. */
  abort(steps: readonly HeldStep[]): void
  /** These were given to us in a call whose reply we never saw. */
  handBack(steps: readonly HeldStep[]): void
  /** The lease ran out by our own clock: abort everything, claim nothing until `renewed`. */
  expired(): void
  /** The lease holds. */
  renewed(): void
  /** This worker was given up; `lease.workerId` is a new one now. */
  replaced(): void
  rescued(reply: FinishReply): void
  /** The sweep found steps that were wrongly due or wrongly not: a defect of ours, repaired. */
  repaired(count: number): void
  /** A heartbeat was answered. */
  answered(): void
  /** A heartbeat met a fault that passes by itself: a server that is away or does not write, a lock held too long. */
  unanswered(error: unknown): void
  /** Something failed that will not pass by itself. */
  defect(error: unknown): void
}

const receiptsPerScan = 100

export class Lease {
  readonly #options: LeaseOptions
  #workerId: WorkerId | null = null
  #cancelTimers: (() => void)[] = []
  #cancelDeadline: () => void = () => undefined
  /** When the last renewal was sent: monotonic time stops while the machine sleeps, wall time may be set. */
  #renewed = { monotonicMs: 0, wallMs: 0 }
  /** Without a gap since then; null: there is one. */
  #renewedSinceMs: number | null = null
  #isStopped = false
  #isValid = false
  #beating: Promise<void> | null = null
  readonly #loops = new Set<Promise<void>>()
  #sweepPosition = sweepStart

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Null: it has not started. */
  get id(): WorkerId | null {
    return this.#workerId
  }

  get workerId(): WorkerId {
    if (this.#workerId === null) throw new Error('the lease has not started')
    return this.#workerId
  }

  /**
   * False between the end of the lease and its next renewal: claim nothing, start nothing, take over nobody. Asked of the
   * clocks: a process that was suspended may come here before the timer that ends its lease.
   */
  get isValid(): boolean {
    const { clock, leaseMs } = this.#options
    const { monotonicMs, wallMs } = this.#renewed
    const passedMs = Math.max(clock.monotonicMs() - monotonicMs, clock.nowMs() - wallMs)
    return this.#isValid && passedMs < leaseMs
  }

  async start(): Promise<void> {
    await this.#register()
    this.#repeat(this.#options.heartbeatIntervalMs, () => this.#beatOrSay())
    const { operations, scanIntervalMs, sweepIntervalMs } = this.#options
    this.#repeat(scanIntervalMs, () => operations.run('rescue', () => this.scan()))
    this.#repeat(sweepIntervalMs, () => operations.run('sweep', () => this.sweep()))
    this.#repeat(scanIntervalMs, () => operations.run('roll_up', () => this.rollUp()))
    this.#repeat(sweepIntervalMs, () => operations.run('prune_journal', () => this.pruneJournal()))
    this.#repeat(sweepIntervalMs, () => operations.run('prune_cache', () => this.pruneCache()))
  }

  /** One heartbeat now; also what the timer does. */
  beat(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    const { operations } = this.#options
    this.#beating ??= operations
      .run('heartbeat', () => this.#beat())
      .finally(() => {
        this.#beating = null
      })
    return this.#beating
  }

  async #beatOrSay(): Promise<void> {
    try {
      await this.beat()
      this.#options.answered()
    } catch (error) {
      if (!isPassing(error)) throw error
      this.#options.unanswered(error)
    }
  }

  /** One scan for steps of dead workers now; also what the timer does. */
  async scan(): Promise<void> {
    const { database, clock, leaseMs, lostLimit } = this.#options
    let isMoreLikely = true
    while (isMoreLikely && !this.#isStopped) {
      const since = this.#renewedSinceMs
      const mayTakeOver = this.isValid && since !== null && clock.monotonicMs() - since >= leaseMs
      const reply = await rescueSteps(database, {
        workerId: this.workerId,
        leaseMs,
        mayTakeOver,
        lostLimit,
        receiptsMax: receiptsPerScan,
        now: clock.databaseNow(),
      })
      this.#options.rescued(reply)
      // A page that rescued something may have left receipts behind it; busy tasks wait for the next scan.
      isMoreLikely = reply.recorded.size > 0
    }
  }

  /** One page of the sweep now; also what the timer does. */
  async sweep(): Promise<void> {
    const { database, clock } = this.#options
    const { next, repairedCount } = await sweepDue(
      database,
      this.workerId,
      this.#sweepPosition,
      clock.databaseNow(),
    )
    this.#sweepPosition = next
    if (repairedCount > 0) this.#options.repaired(repairedCount)
  }

  /** Adds tasks that have ended to the statistics now; also what the timer does. */
  async rollUp(): Promise<void> {
    let isMoreLikely = true
    while (isMoreLikely && !this.#isStopped) {
      isMoreLikely = await rollUpTasks(this.#options.database, this.workerId)
    }
  }

  /** Removes what is too old from the journal of the history now; also what the timer does. */
  async pruneJournal(): Promise<void> {
    const { database, journalKeptHours } = this.#options
    let isMoreLikely = true
    while (isMoreLikely && !this.#isStopped) {
      isMoreLikely = await pruneJournal(database, this.workerId, journalKeptHours)
    }
  }

  /** Removes what is over from the cache in the database now; also what the timer does. */
  async pruneCache(): Promise<void> {
    const { database, clock } = this.#options
    let isMoreLikely = true
    while (isMoreLikely && !this.#isStopped) {
      isMoreLikely = await pruneCache(database, this.workerId, clock.databaseNow())
    }
  }

  /** Ends the lease cleanly. Steps that were not handed back are found by another worker's scan. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelDeadline()
    for (const cancel of this.#cancelTimers) cancel()
    // A heartbeat under way may yet register a new id.
    await Promise.all([...this.#loops, this.#beating?.catch(() => undefined)])
    if (this.#workerId === null) return
    const { database, clock } = this.#options
    await stopWorker(database, this.#workerId, clock.databaseNow()).catch(() => undefined)
  }

  async #register(): Promise<void> {
    const { database, clock, serves, leaseMs } = this.#options
    const sent = this.#sending()
    this.#workerId = await registerWorker(database, {
      host: hostname(),
      pid: process.pid,
      version: packageVersion,
      serves,
      ...this.#options.slots(),
      leaseMs,
      now: clock.databaseNow(),
    })
    this.#renewedSinceMs = null
    this.#hold(sent)
  }

  async #beat(): Promise<void> {
    const { database, clock, leaseMs } = this.#options
    if (this.#isValid && !this.isValid) this.#expire()
    const sent = this.#sending()
    const renewal = await renewWorker(database, {
      workerId: this.workerId,
      leaseMs,
      ...this.#options.slots(),
      holding: this.#options.holding(),
      calls: this.#options.calls(),
      now: clock.databaseNow(),
    })
    if (!renewal.isLive) {
      this.#expire()
      await this.#register()
      this.#options.replaced()
      return
    }
    this.#hold(sent)
    if (renewal.abort.length > 0) this.#options.abort(renewal.abort)
    // Looked at again: a call that was sent after this heartbeat may have committed before it.
    const known = this.#options.calls()
    const handBack = renewal.handBack.filter(({ callId }) => !known.includes(callId))
    if (handBack.length > 0) this.#options.handBack(handBack)
  }

  #sending(): { readonly monotonicMs: number; readonly wallMs: number } {
    const { clock } = this.#options
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() }
  }

  // The deadline counts from sending: the database may have renewed later, never earlier.
  #hold(sent: { readonly monotonicMs: number; readonly wallMs: number }): void {
    const { clock, leaseMs } = this.#options
    this.#renewed = sent
    this.#renewedSinceMs ??= sent.monotonicMs
    this.#cancelDeadline()
    if (this.#isStopped) return
    this.#isValid = true
    this.#options.renewed()
    const leftMs = leaseMs - (clock.monotonicMs() - sent.monotonicMs)
    this.#cancelDeadline = clock.schedule(leftMs, () => this.#expire())
  }

  #expire(): void {
    this.#isValid = false
    this.#renewedSinceMs = null // a gap: take nobody over until one whole lease has been renewed again
    this.#options.expired()
  }

  #repeat(intervalMs: number, run: () => Promise<void>): void {
    const { clock } = this.#options
    const index = this.#cancelTimers.push(() => undefined) - 1
    const next = (): void => {
      if (this.#isStopped) return
      this.#cancelTimers[index] = clock.schedule(intervalMs, () => {
        // A fault that passes is the heartbeat's to tell; the rest is tried again in its time.
        const loop = run().catch((error: unknown) => {
          if (!isPassing(error)) this.#options.defect(error)
        })
        this.#loops.add(loop)
        return loop.then(() => {
          this.#loops.delete(loop)
          next()
        })
      })
    }
    next()
  }
}
