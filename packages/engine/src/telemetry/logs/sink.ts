// Where the lines of a process go. A destination that cannot keep up makes nobody wait: lines wait here, bounded, and when
// there are many the less important ones are dropped and counted.
import type { RoutePriority } from '../router/router.ts'

/** Such as a stream of Node, or what `pino.destination` makes. */
export interface LogDestination {
  /** One line with its end. False: no more until `drain`. */
  write(line: string): unknown
  once?(event: 'drain', listener: () => void): unknown
}

export interface Sink {
  write(line: string, priority: RoutePriority): void
  /**
   * Hands over all that waits, and waits for nobody: a reader that does not read would hold whoever closes for ever. pino's
   * destinations write what they still have when the process ends.
   */
  close(): void
  readonly droppedCount: number
}

const waitingMax = 10_000

/** Lines may be long. */
const charactersMax = 16 * 1024 * 1024

/** Lines of a priority are kept while fewer than this share of the places are taken. */
const shares: Readonly<Record<RoutePriority, number>> = {
  low: 0.25,
  normal: 0.5,
  high: 0.75,
  critical: 1,
}

/** `dropped` is told how many lines are missing, when lines go through again. */
export function createSink(
  destination: LogDestination,
  dropped: (count: number) => void,
  placesMax: number = waitingMax,
  roomMax: number = charactersMax,
): Sink {
  let waiting: string[] = []
  let characters = 0
  let isFull = false
  let droppedCount = 0
  let toldCount = 0

  const send = (line: string): void => {
    if (destination.write(line) !== false || destination.once === undefined) return
    isFull = true
    destination.once('drain', drained)
  }
  const keep = (line: string): void => {
    waiting.push(line)
    characters += line.length
  }
  const hasRoom = (line: string, priority: RoutePriority): boolean =>
    waiting.length < placesMax * shares[priority] &&
    characters + line.length <= roomMax * shares[priority]
  /** Nobody around `drain` is there to hear that it threw. */
  const attempt = (line: string): void => {
    try {
      send(line)
    } catch {
      droppedCount += 1
    }
  }
  const drained = (): void => {
    isFull = false
    const lines = waiting
    waiting = []
    characters = 0
    for (const line of lines) {
      if (isFull) keep(line)
      else attempt(line)
    }
    if (isFull || droppedCount === toldCount) return
    const count = droppedCount - toldCount
    toldCount = droppedCount
    dropped(count)
  }
  return {
    write(line, priority) {
      if (!isFull) send(line)
      else if (hasRoom(line, priority)) keep(line)
      else droppedCount += 1
    },
    close() {
      for (const line of waiting) destination.write(line)
      waiting = []
      characters = 0
    },
    get droppedCount() {
      return droppedCount
    },
  }
}
