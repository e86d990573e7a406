// Real applications of each framework that mount a server, on a free port of this machine.
import 'reflect-metadata'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Tasker } from '@tasker/engine'
import { listen, type TaskerServer } from '@tasker/server'
import { expressHandler } from '@tasker/server/express'
import { fastifyPlugin } from '@tasker/server/fastify'
import { honoHandler } from '@tasker/server/hono'
import { taskerModule } from '@tasker/server/nest'
import { nextHandlers } from '@tasker/server/next'
import { nodeHandler } from '@tasker/server/node'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'

export interface Host {
  /** Without a slash at its end. */
  readonly origin: string
  close(): Promise<void>
}

export type StartHost = (server: TaskerServer, tasker: Tasker) => Promise<Host>

/** What each host answers at `/own`. */
export const ownAnswer = { own: true }

export const hosts: Readonly<Record<string, StartHost>> = {
  'standing alone': async (server, tasker) => {
    const listening = await listen(tasker, server, { port: 0 })
    return { origin: new URL(listening.url).origin, close: async () => listening.close() }
  },
  'node:http': async (server) => {
    const answer = nodeHandler(server)
    return onHttp(
      createHttpServer((incoming, outgoing) => {
        if (incoming.url === '/own') outgoing.end(JSON.stringify(ownAnswer))
        else answer(incoming, outgoing)
      }),
      server,
    )
  },
  Express: async (server) => {
    const app = express()
    app.use(expressHandler(server))
    app.get('/own', (_request, response) => void response.json(ownAnswer))
    return onHttp(createHttpServer(app), server)
  },
  'Express after express.json(), at a path': async (server) => {
    const app = express()
    app.use(express.json({ limit: '4mb' }))
    app.use('/tasker', expressHandler(server))
    app.get('/own', (_request, response) => void response.json(ownAnswer))
    return onHttp(createHttpServer(app), server)
  },
  Fastify: async (server) => {
    const app = fastify()
    await app.register(fastifyPlugin(server))
    app.get('/own', async () => ownAnswer)
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    return { origin, close: async () => app.close() }
  },
  Hono: async (server) => {
    const app = new Hono()
    app.use(honoHandler(server))
    app.get('/own', (context) => context.json(ownAnswer))
    const http = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server // its default
    return onHttp(http, server)
  },
  NestJS: async (server) => {
    class Own {
      answer(): object {
        return ownAnswer
      }
    }
    Controller('own')(Own)
    Get()(Own.prototype, 'answer', Object.getOwnPropertyDescriptor(Own.prototype, 'answer') ?? {})
    class Application {
      readonly name = 'application'
    }
    Module({ imports: [taskerModule(server)], controllers: [Own] })(Application)
    const app = await NestFactory.create<NestExpressApplication>(Application, { logger: false })
    app.useBodyParser('json', { limit: '4mb' }) // its own limit is 100 KB, and goes first
    await app.listen(0, '127.0.0.1')
    return { origin: (await app.getUrl()).replace(/\/$/, ''), close: async () => app.close() }
  },
  'the handlers of Next.js': async (server) => {
    const handlers: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
      ...nextHandlers(
        async () => server,
        () => ({ address: '127.0.0.1' }),
      ),
    }
    // What Next does with them, on a server of the same kind.
    const answer = nodeHandler({
      async fetch(request) {
        if (new URL(request.url).pathname === '/own') return Response.json(ownAnswer)
        return handlers[request.method]?.(request) ?? new Response(null, { status: 405 })
      },
    })
    return onHttp(createHttpServer(answer), server)
  },
}

async function onHttp(http: Server, server: TaskerServer): Promise<Host> {
  if (!http.listening)
    await new Promise<void>((resolve) => {
      if (http.address() === null) http.listen(0, '127.0.0.1', resolve)
      else resolve()
    })
  const { port } = http.address() as AddressInfo // of a TCP server that listens
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      await server.close()
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeIdleConnections()
      await closed
    },
  }
}
