// The one reader of the history that all live streams of a server share. It carries no events: it tells each stream when
// something was recorded that concerns it, and the stream then reads on from a place of its own, so none is lost or told twice.
import type { HistoryEvent, Tasker } from '@tasker/engine'

/** What a stream waits for. */
export interface Concern {
  /** Null: all tasks. */
  readonly taskId: string | null
  isAbout(event: HistoryEvent): boolean
}

export interface Watcher {
  /** Resolves when something was recorded since the last time, or after `delayMs`, or when `signal` fires. */
  next(delayMs: number, signal: AbortSignal): Promise<'recorded' | 'delayed' | 'ended'>
  end(): void
}

export interface Feed {
  /** What is recorded after this resolves wakes the watcher. */
  watch(concern: Concern): Promise<Watcher>
  close(): void
}

interface Watching extends Concern {
  wake(): void
}

interface Reader {
  readonly stop: AbortController
  /** Its place in the history is known. */
  readonly placed: Promise<void>
}

export function openFeed({ history, clock, config, log }: Tasker): Feed {
  const ofAll = new Set<Watching>()
  const ofTask = new Map<string, Set<Watching>>()
  let reader: Reader | null = null

  const wakeAll = (): void => {
    for (const watching of [ofAll, ...ofTask.values()].flatMap((some) => [...some])) watching.wake()
  }
  const tell = (event: HistoryEvent): void => {
    for (const some of [ofAll, ofTask.get(event.payload.taskId) ?? []])
      for (const watching of some) if (watching.isAbout(event)) watching.wake()
  }
  const follow = async (from: string, signal: AbortSignal): Promise<void> => {
    let after = from
    while (!signal.aborted) {
      try {
        const pollIntervalMs = config.server.streamPollIntervalMs
        for await (const event of history.follow({ after, signal, pollIntervalMs })) tell(event)
        break // the Tasker is closed
      } catch (error) {
        if (signal.aborted) return
        // It fell behind what the journal keeps. Each stream looks for itself what that means for it.
        log.warn({ error }, 'live streams are read from now on')
        after = 'now'
        wakeAll()
        await new Promise<void>((resolve) => {
          clock.schedule(config.server.streamPollIntervalMs, resolve)
        })
      }
    }
    wakeAll()
  }
  const start = (): Reader => {
    const stop = new AbortController()
    const beginning = history.read({ after: 'now', limit: 1 })
    const placed = beginning.then(({ cursor }) => void follow(cursor, stop.signal))
    const made = { stop, placed }
    placed.catch(() => {
      if (reader === made) reader = null // the next to come tries again; who waits is told
    })
    return made
  }
  const stopWhenAlone = (): void => {
    if (ofAll.size > 0 || ofTask.size > 0) return
    reader?.stop.abort()
    reader = null
  }
  const add = (watching: Watching): void => {
    const { taskId } = watching
    const some = taskId === null ? ofAll : (ofTask.get(taskId) ?? new Set())
    some.add(watching)
    if (taskId !== null) ofTask.set(taskId, some)
  }
  const remove = (watching: Watching): void => {
    const { taskId } = watching
    const some = taskId === null ? ofAll : ofTask.get(taskId)
    some?.delete(watching)
    if (taskId !== null && some?.size === 0) ofTask.delete(taskId)
    stopWhenAlone()
  }

  return {
    async watch(concern) {
      let isAwake = false
      let wake = (): void => undefined
      const watching: Watching = {
        ...concern,
        wake() {
          isAwake = true
          wake()
        },
      }
      add(watching)
      reader ??= start()
      try {
        await reader.placed
      } catch (error) {
        remove(watching)
        throw error
      }
      return {
        async next(delayMs, signal) {
          const { promise, resolve } = Promise.withResolvers<void>()
          wake = resolve
          signal.addEventListener('abort', wake, { once: true })
          const cancel = clock.schedule(delayMs, wake)
          if (isAwake || signal.aborted) wake()
          await promise
          cancel()
          signal.removeEventListener('abort', wake)
          const why = signal.aborted ? 'ended' : isAwake ? 'recorded' : 'delayed'
          isAwake = false
          return why
        },
        end: () => remove(watching),
      }
    },
    close() {
      reader?.stop.abort()
      wakeAll()
    },
  }
}
