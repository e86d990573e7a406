// Fastify as a host: `app.register(fastifyPlugin(server))`. Its parsers of bodies are left out within, and closing it ends the
// live streams first, for which it would wait otherwise.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TaskerServer } from '../server.ts'
import { answerIncoming } from './node.ts'

interface FastifyRequestPart {
  readonly raw: IncomingMessage
}

interface FastifyReplyPart {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** What is used of Fastify's instance. */
interface FastifyPart {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    parse: (
      request: FastifyRequestPart,
      payload: unknown,
      done: (error: Error | null, body?: unknown) => void,
    ) => void,
  ): unknown
  addHook(name: 'preClose', hook: () => Promise<void>): unknown
  all(
    path: string,
    handler: (request: FastifyRequestPart, reply: FastifyReplyPart) => Promise<unknown>,
  ): unknown
}

export const fastifyPlugin =
  (server: TaskerServer) =>
  async (fastify: FastifyPart): Promise<void> => {
    fastify.removeAllContentTypeParsers()
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
    fastify.addHook('preClose', async () => server.close())
    const answer = async (request: FastifyRequestPart, reply: FastifyReplyPart): Promise<void> => {
      reply.hijack()
      await answerIncoming(server, request.raw, reply.raw)
    }
    if (server.prefix !== '') fastify.all(server.prefix, answer)
    fastify.all(`${server.prefix}/*`, answer)
  }
