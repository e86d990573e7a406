// Lets at most so many hold a slot at once; the others wait in the order they came, for as long as it takes or until they
// are called off. Knows nothing of what a slot stands for.

export class Semaphore {
  #free: number
  /** Who waits, in the order of arrival: a Set keeps it. Nobody waits while a slot is free. */
  readonly #waiting = new Set<() => void>()

  constructor(slots: number) {
    this.#free = slots
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Resolves with the way to give the slot back; repeating that does nothing. Rejects with the reason of `signal`. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(signal)
    let isHeld = true
    return () => {
      if (isHeld) this.#passOn()
      isHeld = false
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const take = (): void => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    const giveUp = (): void => {
      this.#waiting.delete(take)
      reject(signal.reason)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    this.#waiting.add(take)
    return promise
  }

  #passOn(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
