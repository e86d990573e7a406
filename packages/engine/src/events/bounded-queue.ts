// The events that wait for a slow subscriber: told one at a time, in order, each after the one before it is done. Bounded:
// what comes when it is full is dropped and counted, so that a subscriber that hangs costs a fixed amount of memory and
// never the worker's time. Making the worker wait instead would let a subscriber stop tasks.
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface BoundedQueue<Item> {
  readonly waitingCount: number
  readonly droppedCount: number
  /** False: the queue was full, and the item is dropped. */
  add(item: Item): boolean
  /** Resolves when everything that waited has been told. */
  idle(): Promise<void>
  /** Drops what waits. */
  clear(): void
}

/** After so many, the event loop has a turn for everything else. */
const perTurn = 100

/** `tell` must not reject. */
export function boundedQueue<Item extends object>(
  waitingMax: number,
  tell: (item: Item) => Promise<void>,
): BoundedQueue<Item> {
  const waiting: Item[] = []
  let droppedCount = 0
  let draining: Promise<void> | null = null

  const drain = async (): Promise<void> => {
    for (let told = 0; waiting.length > 0; told += 1) {
      if (told % perTurn === 0) await nextTurn() // the first one too: never in the turn of the publisher
      const item = waiting.shift()
      if (item !== undefined) await tell(item) // undefined: cleared meanwhile
    }
    draining = null
  }
  return {
    get waitingCount() {
      return waiting.length
    },
    get droppedCount() {
      return droppedCount
    },
    add(item) {
      if (waiting.length >= waitingMax) {
        droppedCount += 1
        return false
      }
      waiting.push(item)
      draining ??= drain()
      return true
    },
    idle: async () => draining ?? undefined,
    clear() {
      waiting.length = 0
    },
  }
}
