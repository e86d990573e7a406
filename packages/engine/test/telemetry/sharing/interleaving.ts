// Several processes that share one counter through one store, with every step of theirs at the store taken one by one, in an
// order that a test gives: between any two steps another process may go on, one may be killed, a sign of life may end, or an
// answer may be lost.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LockStore } from '../../../src/cache/cache-store.ts'
import { Locks } from '../../../src/cache/locks.ts'
import type { Clock } from '../../../src/clock.ts'
import { Ledger } from '../../../src/telemetry/sharing/ledger.ts'
import { Share } from '../../../src/telemetry/sharing/share.ts'
import type { Totals } from '../../../src/telemetry/sharing/totals.ts'

export const counted = (value: number): Totals => [
  {
    name: 'done_total',
    type: 'counter',
    labels: [],
    bounds: [],
    series: [{ labels: [], values: [value] }],
  },
]

export const valueOf = (totals: Totals): number =>
  totals.reduce((sum, { series }) => sum + (series[0]?.values[0] ?? 0), 0)

interface Step {
  readonly process: SharingProcess
  readonly isWrite: boolean
  /** Does it at the store, and answers. */
  readonly take: () => void
  /** Answers that it failed, done or not. */
  readonly fail: (isDone: boolean) => void
}

const intervalMs = 30_000
/** As long as a lock lasts. */
export const lockMs = 15_000

export class SharingProcess {
  readonly name: string
  readonly share: Share
  readonly ledger: Ledger
  /** All that it counted. */
  value = 0
  /** Of it, what a sync that succeeded has written. */
  acknowledged = 0
  isDead = false
  isClosed = false
  /** What it is doing now. */
  readonly #doing = new Set<Promise<unknown>>()
  timers: { readonly delayMs: number; readonly run: () => unknown }[] = []

  constructor(name: string, world: World) {
    this.name = name
    const store = world.storeOf(this)
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      databaseNow: () => null,
      schedule: (delayMs, run) => {
        const timer = { delayMs, run }
        this.timers.push(timer)
        return () => (this.timers = this.timers.filter((one) => one !== timer))
      },
    }
    this.ledger = new Ledger({
      store,
      locks: new Locks({ store, clock, owner: name }),
      ttlMs: 1,
      staleAfterMs: 1,
      seriesMax: 10,
      prefix: 'tasker',
    })
    let attempted = 0
    this.share = new Share({
      ledger: this.ledger,
      clock,
      instance: { id: name, startId: name },
      logger: silent,
      strategy: 'distributed_atomic',
      intervalMs,
      staleAfterMs: Infinity,
      read: () => {
        attempted = this.value
        return counted(this.value)
      },
      dropped: () => undefined,
      synced: ({ isSynced }) => {
        if (isSynced) this.acknowledged = attempted
      },
    })
    this.share.begin()
  }

  /** Those that the process itself waits for; a lock's renewal is none. */
  get due(): readonly { readonly run: () => unknown }[] {
    return this.timers.filter(({ delayMs }) => delayMs === intervalMs || delayMs === 500)
  }

  fire(index: number): void {
    const timer = this.due[index]
    if (timer === undefined) return
    this.timers = this.timers.filter((one) => one !== timer)
    this.follow(timer.run())
  }

  close(): void {
    this.isClosed = true
    this.follow(this.share.close())
  }

  follow(doing: unknown): void {
    if (!(doing instanceof Promise)) return
    this.#doing.add(doing)
    void doing.finally(() => this.#doing.delete(doing))
  }

  /** It does something that is neither a step nor a time to come: packs a text, in another thread. */
  isAtWork(steps: readonly Step[]): boolean {
    if (this.isDead || this.#doing.size === 0) return false
    if (this.timers.some(({ delayMs }) => delayMs === 500)) return false
    return !steps.some(({ process }) => process === this)
  }
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
}

export class World {
  readonly entries = new Map<string, string>()
  readonly processes: SharingProcess[] = []
  readonly #locks = new Map<string, { readonly holder: string; readonly process: SharingProcess }>()
  #steps: Step[] = []

  start(): SharingProcess {
    const process = new SharingProcess(`p${this.processes.length}`, this)
    this.processes.push(process)
    return process
  }

  get live(): readonly SharingProcess[] {
    return this.processes.filter(({ isDead, isClosed }) => !isDead && !isClosed)
  }

  get steps(): readonly Step[] {
    return this.#steps
  }

  /** Takes a step of some process, and lets it come to its next one. */
  async take(step: Step, how: 'take' | 'fail' | 'doneAndFail' = 'take'): Promise<void> {
    this.#steps = this.#steps.filter((one) => one !== step)
    if (how === 'take') step.take()
    else step.fail(how === 'doneAndFail')
    await this.settled()
  }

  /** Everybody waits for the store, or for a time. */
  async settled(): Promise<void> {
    await nextTurn()
    while (this.processes.some((process) => process.isAtWork(this.#steps))) await nextTurn()
  }

  kill(process: SharingProcess): void {
    process.isDead = true
    process.timers = []
    this.#steps = this.#steps.filter((step) => step.process !== process)
    for (const [key, lock] of this.#locks) if (lock.process === process) this.#locks.delete(key)
  }

  /**
   * The time of one of its locks ends, and it hears so. Not while something that it writes is on its way: the store answers
   * sooner than that.
   */
  loseLock(process: SharingProcess, chance: number): void {
    if (this.#steps.some((step) => step.process === process && step.isWrite)) return
    // One whose release is on its way has no timer any more, and is the latest.
    const ends = process.timers.filter(({ delayMs }) => delayMs === lockMs)
    const index = chance % Math.max(1, ends.length)
    const [key] = [...this.#locks].filter(([, lock]) => lock.process === process)[index] ?? []
    const end = ends[index]
    if (end === undefined || key === undefined) return
    process.timers = process.timers.filter((one) => one !== end)
    this.#locks.delete(key)
    end.run()
  }

  /** Lets everybody go on until nobody has anything to do at the store. */
  async drain(): Promise<void> {
    await this.settled()
    for (let [step] = this.#steps; step !== undefined; [step] = this.#steps) await this.take(step)
  }

  storeOf(process: SharingProcess): LockStore & {
    get(key: string): Promise<string | null>
    set(key: string, text: string, ttlMs: number): Promise<void>
    delete(key: string): Promise<void>
    extend(key: string, ttlMs: number): Promise<boolean>
  } {
    // Whose answer is lost, does not renew the lock: its time ends.
    const free = (key: string): void => {
      if (this.#locks.get(key)?.process === process) this.#locks.delete(key)
    }
    const step = <Answer>(
      act: () => Answer,
      { failed, isWrite = false }: { failed?: () => void; isWrite?: boolean } = {},
    ): Promise<Answer> => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      if (process.isDead) return promise
      this.#steps.push({
        process,
        isWrite,
        take: () => resolve(act()),
        fail: (isDone) => {
          if (isDone) act()
          failed?.()
          reject(new Error('lost'))
        },
      })
      return promise
    }
    return {
      // Everybody may look for ended ones at any time.
      get: (key) => step(() => (key === 'metrics/swept' ? null : (this.entries.get(key) ?? null))),
      set: (key, text) => step(() => void this.entries.set(key, text), { isWrite: true }),
      delete: (key) => step(() => void this.entries.delete(key), { isWrite: true }),
      extend: (key) => step(() => this.entries.has(key)),
      acquire: (key, holder) =>
        step(
          () => {
            if (this.#locks.has(key)) return false
            this.#locks.set(key, { holder, process })
            return true
          },
          { failed: () => free(key) },
        ),
      renew: (key, holder) => step(() => this.#locks.get(key)?.holder === holder),
      release: (key, holder) =>
        step(() => this.#locks.get(key)?.holder === holder && this.#locks.delete(key), {
          failed: () => free(key),
        }),
    }
  }
}
