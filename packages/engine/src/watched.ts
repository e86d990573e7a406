// Lets others stand around pieces of work, each by its name, to measure them or to put them into a trace; who works knows
// nothing of what they do. While nobody does, the work is called directly. Level 0: imports nothing of ours.

/**
 * Does the work, exactly once, and passes on what it returned or threw. Called where the work is asked for, so that an
 * asynchronous context of the caller is there, and one that is opened around the work reaches it. Must not throw by itself.
 */
export type Watcher<Name extends string, Answer> = <Given extends Answer>(
  name: Name,
  work: () => Promise<Given>,
) => Promise<Given>

export class Watched<Name extends string, Answer = unknown> {
  #watchers: readonly Watcher<Name, Answer>[] = []

  /** The first is outermost. Returns the way to stop. */
  watch(watcher: Watcher<Name, Answer>): () => void {
    this.#watchers = [...this.#watchers, watcher]
    return () => {
      this.#watchers = this.#watchers.filter((other) => other !== watcher)
    }
  }

  run<Given extends Answer>(name: Name, work: () => Promise<Given>): Promise<Given> {
    if (this.#watchers.length === 0) return work()
    return this.#watchers.reduceRight((inner, watcher) => () => watcher(name, inner), work)()
  }
}
