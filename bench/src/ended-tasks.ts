// Counts the tasks that end, for subjects whose queue knows jobs only: a run is over when all of its tasks have ended.

export class EndedTasks {
  #missing = 0
  #allEnded = Promise.withResolvers<void>()

  /** Resolves when so many tasks have ended from now on. One run at a time. */
  expect(taskCount: number): Promise<void> {
    this.#missing = taskCount
    this.#allEnded = Promise.withResolvers()
    return this.#allEnded.promise
  }

  add(count: number): void {
    this.#missing -= count
    if (count > 0 && this.#missing === 0) this.#allEnded.resolve()
  }

  /** What broke is what `run` throws. */
  fail(error: unknown): void {
    this.#allEnded.reject(error)
  }
}
