// GraphQL over HTTP, as operations beside those of REST: POST for everything, GET for queries and for EventSource, and the
// playground where it is on. What a caller may do is decided field by field; that it says who it is, before any of that.
import { TaskerError, type JsonObject } from '@tasker/engine'
import { OperationTypeNode } from 'graphql'
import { z } from 'zod'
import { operation, type Call, type Operation } from '../operation.ts'
import { jsonObject } from '../rest/schemas.ts'
import { executePrepared, prepare, refusal, type Answer, type GraphqlRequest } from './answer.ts'
import { createContext } from './context.ts'
import { singleAnswer, subscriptionStream } from './event-stream.ts'
import { playgroundPage, playgroundPolicy } from './playground.ts'
import { createSchema } from './schema.ts'

/** Immutable, and the same for every server. */
const schema = createSchema()

const graphqlType = 'application/graphql-response+json'
const streamType = 'text/event-stream'

const document = z
  .string()
  .meta({ description: 'The document.', example: '{ tasks { nodes { taskId } } }' })
const operationName = z.string().max(256).nullish().meta({
  description: 'Which operation of the document, where it has more than one.',
})

const answer = z
  .strictObject({
    data: z.unknown().optional(),
    errors: z.array(z.unknown()).optional(),
    extensions: z.unknown().optional(),
  })
  .meta({ id: 'GraphqlAnswer' })

const answers = {
  200: {
    description:
      'The answer of GraphQL, errors of single fields included. Over `text/event-stream` each event `next` is one.',
    schema: answer,
  },
  400: {
    description:
      'Nothing was executed: a fault of the document or a limit. Only where `application/graphql-response+json` is accepted; else the same with 200.',
    schema: answer,
    contentType: graphqlType,
  },
}

export const graphqlOperations: readonly Operation[] = [
  operation({
    id: 'graphql',
    method: 'post',
    path: '/graphql',
    permission: null,
    authentication: 'global',
    transport: 'graphql',
    tag: 'GraphQL',
    summary: 'Ask with GraphQL',
    description:
      'The schema: docs/reference/schema.graphql. Each field has a permission of its own.',
    // Each mutation is written to the audit log by itself.
    isMutation: false,
    body: z
      .strictObject({
        query: document,
        operationName,
        variables: jsonObject.nullish(),
        extensions: jsonObject.nullish().meta({ description: 'Passed by.' }),
      })
      .meta({ id: 'GraphqlRequest' }),
    answers,
    handle: async (call) =>
      respond(call, {
        query: call.body.query,
        operationName: call.body.operationName ?? null,
        variables: call.body.variables ?? {},
      }),
  }),
  operation({
    id: 'graphqlOverGet',
    method: 'get',
    path: '/graphql',
    permission: null,
    authentication: 'global',
    transport: 'graphql',
    tag: 'GraphQL',
    summary: 'Ask with GraphQL, without changing anything',
    refuses: ['METHOD_NOT_ALLOWED'],
    description: 'For queries and subscriptions; mutations are refused.',
    query: z.strictObject({
      query: document,
      operationName: z.string().max(256).optional(),
      variables: objectText().optional(),
      extensions: z.string().optional(),
    }),
    answers,
    handle: async (call) =>
      respond(call, {
        query: call.query.query,
        operationName: call.query.operationName ?? null,
        variables: call.query.variables ?? {},
      }),
  }),
  operation({
    id: 'graphqlPlayground',
    method: 'get',
    path: '/graphql/playground',
    permission: null,
    authentication: 'never',
    tag: 'GraphQL',
    summary: 'A page on which queries can be written and sent',
    description: 'Where `server.graphql.playground` is on.',
    refuses: ['ROUTE_NOT_FOUND'],
    answers: { 200: { description: 'The page.', schema: z.string(), contentType: 'text/html' } },
    async handle({ tasker, request }) {
      if (!tasker.config.server.graphql.playground) {
        const path = new URL(request.url).pathname
        throw new TaskerError('ROUTE_NOT_FOUND', `Nothing is served at ${JSON.stringify(path)}.`)
      }
      return new Response(playgroundPage, {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': playgroundPolicy,
          'cache-control': 'no-store',
        },
      })
    },
  }),
]

/** Variables in a query. */
function objectText(): z.ZodType<JsonObject, string> {
  return z
    .string()
    .transform((text, context) => {
      try {
        const value: unknown = JSON.parse(text)
        if (typeof value === 'object' && value !== null && !Array.isArray(value))
          return value as JsonObject // what JSON.parse makes of an object
      } catch {
        // told below
      }
      context.addIssue('is not a JSON object')
      return z.NEVER
    })
    .meta({ type: 'string', contentMediaType: 'application/json' })
}

type Incoming = Call<unknown, unknown, unknown>

async function respond(call: Incoming, asked: GraphqlRequest): Promise<Response> {
  const { tasker, access, correlationId, request } = call
  const context = createContext({ tasker, access, correlationId, follow: null })
  try {
    const prepared = prepare(schema, asked, context)
    const kind = prepared.operation.operation
    // HEAD comes here with GET, and is as safe.
    if (kind === OperationTypeNode.MUTATION && request.method !== 'POST')
      throw new TaskerError(
        'METHOD_NOT_ALLOWED',
        `A mutation is not possible with ${request.method}.`,
        { allow: ['POST'] },
      )
    if (kind === OperationTypeNode.SUBSCRIPTION) {
      if (accepts(request, streamType)) return await subscriptionStream(schema, prepared, call)
      throw new TaskerError(
        'REQUEST_INVALID',
        'A subscription is answered as a stream of events: accept `text/event-stream`.',
      )
    }
    return asResponse(await executePrepared(schema, prepared, context), request)
  } catch (error) {
    if (error instanceof TaskerError && error.code === 'METHOD_NOT_ALLOWED') throw error
    return asResponse(refusal(error, context), request)
  }
}

function asResponse({ result, isRefused }: Answer, request: Request): Response {
  if (isStreamOnly(request)) return singleAnswer(result)
  const speaksGraphql = accepts(request, graphqlType)
  return new Response(JSON.stringify(result), {
    // Who accepts plain JSON only may take every other status for one of a proxy.
    status: isRefused && speaksGraphql ? 400 : 200,
    headers: {
      'content-type': speaksGraphql ? graphqlType : 'application/json',
      'cache-control': 'no-store',
    },
  })
}

/** What a client of GraphQL over SSE sends with every request. */
const isStreamOnly = (request: Request): boolean =>
  accepts(request, streamType) && !accepts(request, 'json') && !accepts(request, '*/*')

const accepts = (request: Request, type: string): boolean =>
  request.headers.get('accept')?.toLowerCase().includes(type) === true
