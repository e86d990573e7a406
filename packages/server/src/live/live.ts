// The live streams of one server: how many there are, of whom, and their common end.
import { TaskerError, type Tasker } from '@tasker/engine'
import { problemOf } from '../problem.ts'
import { eventStream } from './event-stream.ts'
import { openFeed } from './feed.ts'
import { takeTurns, watchEvents, type Told, type WatchOrder } from './watch.ts'

export interface LiveOrder extends Omit<WatchOrder, 'signal'> {
  readonly request: Request
  /** Whose stream it is, for the limit of each: a caller's id or an address. */
  readonly holder: string
  readonly correlationId: string
}

export interface Live {
  /** @throws {TaskerError} STREAMS_EXHAUSTED, RATE_LIMITED, HISTORY_CURSOR_INVALID, HISTORY_CURSOR_EXPIRED */
  stream(order: LiveOrder): Promise<Response>
  /**
   * The same as values, for subscriptions. It is one of the streams that are counted until its iteration ends.
   * @throws {TaskerError} as `stream`; while iterating also what refuses the caller
   */
  watch(order: LiveOrder): Promise<AsyncGenerator<Told, void, undefined>>
  readonly openCount: number
  close(): void
}

/** Reads of the history under way at one time: the rest of the pool is for others. */
const readsAtOnce = 4
/** What a refused client is told to wait. */
const retryAfterSeconds = 10

export function openLive(tasker: Tasker): Live {
  const { streamsMax, streamsMaxPerCaller, streamStallMs: stallMs } = tasker.config.server
  const feed = openFeed(tasker)
  const turn = takeTurns(readsAtOnce)
  const open = new Set<AbortController>()
  const heldBy = new Map<string, number>()
  let isClosing = false

  const takePlace = (holder: string): AbortController => {
    const held = heldBy.get(holder) ?? 0
    if (isClosing) throw new TaskerError('TASKER_CLOSED', 'The server is closing.')
    if (held >= streamsMaxPerCaller)
      throw new TaskerError('RATE_LIMITED', `This caller has ${held} live streams open.`, {
        retryAfterSeconds,
      })
    if (open.size >= streamsMax)
      throw new TaskerError('STREAMS_EXHAUSTED', `${open.size} live streams are open.`, {
        retryAfterSeconds,
      })
    const end = new AbortController()
    open.add(end)
    heldBy.set(holder, held + 1)
    end.signal.addEventListener('abort', () => {
      open.delete(end)
      const left = (heldBy.get(holder) ?? 1) - 1
      if (left === 0) heldBy.delete(holder)
      else heldBy.set(holder, left)
    })
    return end
  }
  /** Whatever ends it aborts `end`, and that gives its place back. */
  const begin = async ({ request, ...order }: LiveOrder) => {
    const end = takePlace(order.holder)
    const leave = (): void => end.abort()
    request.signal.addEventListener('abort', leave, { once: true })
    if (request.signal.aborted) leave()
    try {
      const told = await watchEvents({ tasker, feed, turn }, { ...order, signal: end.signal })
      return { told, end }
    } catch (error) {
      leave()
      throw error
    }
  }

  return {
    async stream(order) {
      if (order.request.method === 'HEAD') return new Response(null, { headers: streamHeaders })
      const { told, end } = await begin(order)
      const body = eventStream(told, {
        clock: tasker.clock,
        stallMs,
        end,
        problemOf: (error) => (isClosing ? null : problemOf(error, order.correlationId)),
      })
      return new Response(body, { headers: streamHeaders })
    },
    async watch(order) {
      const { told, end } = await begin(order)
      return endedWith(told, () => end.abort())
    },
    get openCount() {
      return open.size
    },
    close() {
      isClosing = true
      for (const end of open) end.abort()
      feed.close()
    },
  }
}

/** Leaving it ends it, also while it waits for what comes. */
function endedWith<Value>(
  values: AsyncGenerator<Value, void, undefined>,
  end: () => void,
): AsyncGenerator<Value, void, undefined> {
  return {
    async next() {
      try {
        const result = await values.next()
        if (result.done === true) end()
        return result
      } catch (error) {
        end()
        throw error
      }
    },
    async return() {
      end()
      return values.return()
    },
    async throw(error) {
      end()
      return values.throw(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      end()
      await values.return()
    },
  }
}

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no', // nginx would hold it back
}
