// Exclusive work between processes: a lock with an owner and a time, renewed while the work goes on, and never freed by
// another. Whoever loses it hears so by a signal.
import type { Clock } from '../clock.ts'
import { TaskerError } from '../errors.ts'
import type { LockStore } from './cache-store.ts'

export interface LocksOptions {
  readonly store: LockStore
  readonly clock: Clock
  /** Of this process, unlike that of every other. */
  readonly owner: string
}

export interface LockOrder {
  readonly name: string
  /** Freed after so long, if this process dies. Renewed at a third of it. */
  readonly ttlMs: number
  /** How long to wait for it while another holds it. Default: not at all. */
  readonly waitMs?: number
  /** Aborted: it is waited for no longer, and work under way is told. */
  readonly signal?: AbortSignal
}

/** `tries`: how often the lock was asked for. */
export type Locked<Result> =
  | {
      readonly isDone: true
      readonly result: Result
      readonly tries: number
      /** It was lost before the work ended: another may have done the same meanwhile. */
      readonly wasLost: boolean
    }
  | { readonly isDone: false; readonly tries: number }

/** Between two tries: longer each time, so that many who wait ask seldom. */
const firstPauseMs = 50
const longestPauseMs = 500

export class Locks {
  readonly #options: LocksOptions
  /** By holder: what the store did not take back, and may still hold. */
  readonly #left = new Map<string, { readonly key: string; readonly endsMs: number }>()
  #count = 0

  constructor(options: LocksOptions) {
    this.#options = options
  }

  /**
   * Does the work if nobody else holds the lock, or does not any more in time. The signal is aborted when the lock was lost:
   * the work must end.
   */
  async tryWith<Result>(
    order: LockOrder,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Locked<Result>> {
    const { clock } = this.#options
    const endsMs = clock.monotonicMs() + (order.waitMs ?? 0)
    for (let tries = 1, pauseMs = firstPauseMs; ; tries += 1) {
      if (order.signal?.aborted) return { isDone: false, tries: tries - 1 }
      const lock = await this.#acquire(order)
      if (lock !== null) return { ...(await doWhile(lock, order.signal, work)), tries }
      const leftMs = endsMs - clock.monotonicMs()
      if (leftMs <= 0) return { isDone: false, tries }
      await pause(clock, Math.min(pauseMs, leftMs), order.signal)
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    }
  }

  async #acquire({ name, ttlMs }: LockOrder): Promise<HeldLock | null> {
    const { store, clock, owner } = this.#options
    this.#count += 1
    const key = `lock/${name}`
    const holder = `${owner}/${this.#count}`
    const release = async (): Promise<void> => this.#release({ key, holder, ttlMs })
    if (this.#left.size > 0) await this.#releaseLeft(key)
    const asked = instantOf(clock)
    try {
      if (!(await store.acquire(key, holder, ttlMs))) return null
    } catch (error) {
      void release() // it may have become ours all the same
      throw error
    }
    const lock = new HeldLock({ store, clock, key, holder, ttlMs, release }, asked)
    if (!lock.isLost()) return lock
    await lock.release() // the answer came when the time was over
    return null
  }

  /** Never rejects. Not released, it is when this process wants the lock again, or free when its time is over. */
  async #release({ key, holder, ttlMs }: Holding): Promise<void> {
    const { store, clock } = this.#options
    try {
      await store.release(key, holder)
      this.#left.delete(holder)
    } catch {
      this.#left.set(holder, { key, endsMs: clock.monotonicMs() + ttlMs })
    }
  }

  /** A store that fails for a moment would else keep the next work from being done for the whole time of the last. */
  async #releaseLeft(wanted: string): Promise<void> {
    const { store, clock } = this.#options
    for (const [holder, { key, endsMs }] of this.#left) {
      if (endsMs <= clock.monotonicMs()) this.#left.delete(holder)
      else if (key === wanted) {
        const isAnswered = await store.release(key, holder).then(yes, no)
        if (!isAnswered) return
        this.#left.delete(holder)
      }
    }
  }
}

const yes = (): boolean => true
const no = (): boolean => false

interface Holding {
  readonly key: string
  readonly holder: string
  readonly ttlMs: number
}

async function doWhile<Result>(
  lock: HeldLock,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<{ readonly isDone: true; readonly result: Result; readonly wasLost: boolean }> {
  const signals = signal === undefined ? lock.lost : AbortSignal.any([lock.lost, signal])
  try {
    const result = await work(signals)
    return { isDone: true, result, wasLost: lock.isLost() }
  } finally {
    await lock.release()
  }
}

interface Instant {
  readonly monotonicMs: number
  readonly wallMs: number
}

const instantOf = (clock: Clock): Instant => ({
  monotonicMs: clock.monotonicMs(),
  wallMs: clock.nowMs(),
})

interface HeldLockOptions extends Holding {
  readonly store: LockStore
  readonly clock: Clock
  /** Never rejects. Lost, it is another's, whom the store leaves alone. */
  readonly release: () => Promise<void>
}

/** One lock from its acquisition on. Its time counts from the moment at which it was asked for: the store's began later. */
class HeldLock {
  readonly #options: HeldLockOptions
  readonly #lost = new AbortController()
  #asked: Instant
  #isOver = false
  #cancelRenewal = (): void => undefined
  #cancelEnd = (): void => undefined

  constructor(options: HeldLockOptions, asked: Instant) {
    this.#options = options
    this.#asked = asked
    this.#heldSince(asked)
    this.#renewLater()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Asked of the clocks too: a process that was suspended may come here before its timers. */
  isLost(): boolean {
    if (this.#leftMs() <= 0) this.#lose()
    return this.#lost.signal.aborted
  }

  async release(): Promise<void> {
    this.#end()
    await this.#options.release()
  }

  #renewLater(): void {
    const { clock, ttlMs } = this.#options
    this.#cancelRenewal = clock.schedule(ttlMs / 3, () => this.#renew())
  }

  // A store that does not answer is asked again while the time lasts.
  async #renew(): Promise<void> {
    const { store, clock, key, holder, ttlMs } = this.#options
    if (this.isLost()) return
    const asked = instantOf(clock)
    const isHeld = await store.renew(key, holder, ttlMs).catch(() => null)
    if (this.#isOver) return
    if (isHeld === false) {
      this.#lose()
      return
    }
    if (isHeld === true) this.#heldSince(asked)
    this.#renewLater()
  }

  // Apart from the renewals: one that gets no answer must not keep the work from hearing that the time is over.
  #heldSince(asked: Instant): void {
    this.#asked = asked
    this.#cancelEnd()
    this.#cancelEnd = this.#options.clock.schedule(Math.max(0, this.#leftMs()), () => this.#lose())
  }

  // Monotonic time stops while a machine sleeps, and wall time may be set: the longer one counts.
  #leftMs(): number {
    const { clock, ttlMs } = this.#options
    const { monotonicMs, wallMs } = instantOf(clock)
    return ttlMs - Math.max(monotonicMs - this.#asked.monotonicMs, wallMs - this.#asked.wallMs)
  }

  #lose(): void {
    if (this.#isOver) return
    this.#end()
    const { key } = this.#options
    this.#lost.abort(new TaskerError('LOCK_LOST', `The lock ${key} is no longer ours.`))
  }

  #end(): void {
    this.#isOver = true
    this.#cancelRenewal()
    this.#cancelEnd()
  }
}

async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.schedule(ms, resolve)
  const onAbort = (): void => resolve()
  signal?.addEventListener('abort', onAbort)
  await promise
  signal?.removeEventListener('abort', onAbort)
  cancel()
}
