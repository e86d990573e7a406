// A stream of events as text/event-stream: what is written, how much waits to be taken, and when a reader is cut that takes
// nothing. Which events, watch.ts says.
import type { Clock } from '@tasker/engine'
import type { Problem } from '../problem.ts'

/** A browser sends its last id as a header, and 16 KB is all that Node reads of headers. */
const idMaxLength = 4_096
/** When a stream ends, the client waits so long before it comes again. */
const reconnectMs = 2_000
/** Bytes that wait to be taken before the history is read no further. */
const waitingMaxBytes = 65_536

/** An event by its name, or nothing but the place; `cursor` goes on after it. */
interface Place<Message> {
  readonly event: Message | null
  readonly cursor: string
}

export interface StreamParts<Message> {
  readonly clock: Clock
  readonly stallMs: number
  /** Ends it, as the client does by going. */
  readonly end: AbortController
  /** What the client is told of an error. Null: nothing, it may simply come again. */
  readonly problemOf: (error: unknown) => Problem | null
  /** The data of an event, as one line. Default: its JSON. */
  readonly dataOf?: (event: Message) => string
}

export function eventStream<Message extends { readonly event: string }>(
  told: AsyncGenerator<Place<Message>, void, undefined>,
  { clock, stallMs, end, problemOf, dataOf = JSON.stringify }: StreamParts<Message>,
): ReadableStream<Uint8Array> {
  let taken = (): void => undefined
  /** False: nothing was taken for too long. */
  const isTaken = async (): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    taken = () => resolve(true)
    const cancel = clock.schedule(stallMs, () => resolve(false))
    end.signal.addEventListener('abort', taken, { once: true })
    if (end.signal.aborted) taken()
    const answer = await promise
    end.signal.removeEventListener('abort', taken)
    cancel()
    return answer
  }
  const pump = async (out: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      for await (const text of written(told, { problemOf, dataOf })) {
        out.enqueue(Buffer.from(text))
        if ((out.desiredSize ?? 0) > 0 || (await isTaken())) continue
        out.error(new Error('The reader of this stream took nothing for too long.'))
        return
      }
      out.close()
    } catch {
      // The client has gone, and with it the stream.
    } finally {
      end.abort()
    }
  }
  return new ReadableStream(
    {
      start: (out) => void pump(out),
      pull: () => taken(),
      cancel: () => end.abort(),
    },
    { highWaterMark: waitingMaxBytes, size: (chunk) => chunk.byteLength },
  )
}

async function* written<Message extends { readonly event: string }>(
  told: AsyncGenerator<Place<Message>, void, undefined>,
  { problemOf, dataOf }: Required<Pick<StreamParts<Message>, 'problemOf' | 'dataOf'>>,
): AsyncGenerator<string, void, undefined> {
  yield `retry: ${reconnectMs}\n\n`
  let last = ''
  try {
    for await (const { event, cursor } of told) {
      // Without an id of its own an event leaves the client at the one before: it may then be told twice, and never lost.
      const id = cursor.length > idMaxLength || cursor === last ? '' : `id: ${cursor}\n`
      if (event !== null) yield `${id}event: ${event.event}\ndata: ${dataOf(event)}\n\n`
      else yield id === '' ? ': nothing new\n\n' : `${id}\n`
      if (id !== '') last = cursor
    }
    yield ': the stream ends here, come again\n\n'
  } catch (error) {
    const problem = problemOf(error)
    if (problem !== null) yield `event: problem\ndata: ${JSON.stringify(problem)}\n\n`
  }
}
