// A subscription as text/event-stream, as the protocol "GraphQL over SSE" has it: each event is a `next` with an answer of
// GraphQL, and its id goes on after it. Writing it within bounds is live/event-stream.ts.
import { subscribe, type ExecutionResult, type GraphQLSchema } from 'graphql'
import type { Access } from '../auth/access.ts'
import { eventStream } from '../live/event-stream.ts'
import type { Told } from '../live/watch.ts'
import type { Call } from '../operation.ts'
import { executionOptions, refusal, shown, type Prepared } from './answer.ts'
import { createContext, type Follow, type GraphqlContext } from './context.ts'

type Incoming = Call<unknown, unknown, unknown>

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no', // nginx would hold it back
}

/** One answer, and the end: what is no subscription, or was refused. */
export const singleAnswer = (result: ExecutionResult): Response =>
  new Response(`event: next\ndata: ${JSON.stringify(result)}\n\nevent: complete\ndata:\n\n`, {
    headers,
  })

interface Message {
  readonly event: 'next' | 'complete'
  readonly result: ExecutionResult | null
}

export async function subscriptionStream(
  schema: GraphQLSchema,
  { document, request }: Prepared,
  call: Incoming,
): Promise<Response> {
  if (call.request.method === 'HEAD') return new Response(null, { headers })
  const context = new EventContext(call)
  const results = await subscribe({
    schema,
    document,
    contextValue: context,
    operationName: request.operationName,
    variableValues: request.variables,
    options: executionOptions,
  })
  if (!(Symbol.asyncIterator in results)) return singleAnswer(shown(results, context))
  const end = new AbortController()
  const messages = messagesOf(results, context)
  end.signal.addEventListener('abort', () => void context.leave(), { once: true })
  const body = eventStream(messages, {
    clock: call.tasker.clock,
    stallMs: call.tasker.config.server.streamStallMs,
    end,
    problemOf: () => null,
    dataOf: ({ result }) => (result === null ? '' : JSON.stringify(result)),
  })
  return new Response(body, { headers })
}

async function* messagesOf(
  results: AsyncGenerator<ExecutionResult, void, void>,
  context: EventContext,
): AsyncGenerator<{ readonly event: Message | null; readonly cursor: string }, void, undefined> {
  try {
    for await (const result of results) {
      const { event, cursor } = context.told
      yield { cursor, event: event && { event: 'next', result: shown(result, context) } }
    }
  } catch (error) {
    const { cursor } = context.told
    yield { cursor, event: { event: 'next', result: refusal(error, context).result } }
    yield { cursor, event: { event: 'complete', result: null } }
  }
}

/**
 * The context of all events of one subscription. Reads and decisions are those of the event that is being answered: a stream
 * may stay open for days.
 */
class EventContext implements GraphqlContext {
  readonly tasker: GraphqlContext['tasker']
  readonly correlationId: string
  readonly follow: Follow
  /** The event that is being answered. */
  told: Told = { event: null, cursor: '' }
  access: Access
  loaders: GraphqlContext['loaders']
  #told: AsyncGenerator<Told, void, undefined> | null = null

  constructor(call: Incoming) {
    const { tasker, correlationId, access } = call
    this.tasker = tasker
    this.correlationId = correlationId
    this.access = access
    this.loaders = createContext({ tasker, correlationId, access, follow: null }).loaders
    this.follow = async (order) => {
      this.#told = await call.live.watch({
        ...order,
        access,
        renewAccess: call.renewAccess,
        request: call.request,
        correlationId,
        holder: access.caller?.id ?? call.peer.address ?? 'unknown',
        after: call.request.headers.get('last-event-id') || order.after || 'now',
      })
      return this.#following(this.#told, call)
    }
  }

  /** Ends it, also while it waits for what comes. */
  async leave(): Promise<void> {
    await this.#told?.return()
  }

  async *#following(
    source: AsyncGenerator<Told, void, undefined>,
    { tasker, renewAccess, correlationId }: Incoming,
  ): AsyncGenerator<Told, void, undefined> {
    const { streamHeartbeatMs } = tasker.config.server
    let renewedMs = tasker.clock.monotonicMs()
    for await (const told of source) {
      if (tasker.clock.monotonicMs() - renewedMs >= streamHeartbeatMs) {
        this.access = await renewAccess()
        renewedMs = tasker.clock.monotonicMs()
      }
      const { access } = this
      this.loaders = createContext({ tasker, correlationId, access, follow: null }).loaders
      this.told = told
      yield told
    }
  }
}
