// Stands in for a system that takes metrics: keeps every request, and answers each as it is told to.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface TakenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Endpoint {
  readonly url: string
  readonly taken: readonly TakenRequest[]
  /** Resolves once so many have come. */
  arrived(count: number): Promise<void>
}

/** One answer after the other, the last for all that follow; `never`: none. Closed when the test ends. */
export async function startEndpoint(
  answers: readonly (Answer | 'never')[] = [{ status: 204 }],
): Promise<Endpoint> {
  const taken: TakenRequest[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method = '', url: path = '', headers } = request
      const answer = answers[Math.min(taken.length, answers.length - 1)]
      taken.push({ method, path, headers, body })
      for (const look of waiting) look()
      give(response, answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    async arrived(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (taken.length >= count) resolve()
      }
      waiting.add(look)
      look()
      await promise
      waiting.delete(look)
    },
  }
}

function give(response: ServerResponse, answer: Answer | 'never' | undefined): void {
  if (answer === 'never' || answer === undefined) return
  response.writeHead(answer.status, answer.headers).end(answer.body)
}
