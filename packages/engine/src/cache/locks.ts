// Exclusive work between processes: a lock with an owner and a time, renewed while the work goes on, and never freed by
// another. Whoever loses it hears so by a signal.
import type { Clock } from '../clock.ts'
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
}

export type Locked<Result> =
  { readonly isDone: true; readonly result: Result } | { readonly isDone: false }

export class Locks {
  readonly #options: LocksOptions
  #count = 0

  constructor(options: LocksOptions) {
    this.#options = options
  }

  /** Does the work if nobody else holds the lock. The signal is aborted when the lock was lost: the work must end. */
  async tryWith<Result>(
    { name, ttlMs }: LockOrder,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Locked<Result>> {
    const { store, clock, owner } = this.#options
    const key = `lock/${name}`
    this.#count += 1
    const holder = `${owner}/${this.#count}`
    if (!(await store.acquire(key, holder, ttlMs))) return { isDone: false }
    const lost = new AbortController()
    let cancel = (): void => undefined
    let isOver = false
    let heldUntilMs = clock.monotonicMs() + ttlMs
    const renewLater = (): void => {
      cancel = clock.schedule(ttlMs / 3, () => void renew())
    }
    // A store that does not answer is asked again while the time lasts.
    const renew = async (): Promise<void> => {
      const askedMs = clock.monotonicMs()
      const isHeld = await store.renew(key, holder, ttlMs).catch(() => null)
      if (isOver) return
      if (isHeld === true) heldUntilMs = askedMs + ttlMs
      if (isHeld === false || clock.monotonicMs() >= heldUntilMs) lost.abort()
      else renewLater()
    }
    renewLater()
    try {
      return { isDone: true, result: await work(lost.signal) }
    } finally {
      isOver = true
      cancel()
      // Not released, it is free when its time is over.
      await store.release(key, holder).catch(() => false)
    }
  }
}
