// Wakes loops of this process that wait for work.

export class Bell {
  #rung = Promise.withResolvers<void>()

  ring(): void {
    this.#rung.resolve()
    this.#rung = Promise.withResolvers()
  }

  /** Resolves at the next ring. Ask before looking for work, so that a ring in between is not missed. */
  next(): Promise<void> {
    return this.#rung.promise
  }
}
