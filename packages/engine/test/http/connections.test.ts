// Requests that are called off, and connections that are kept: what ends when, and what is shared with whom.
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { failureOf, httpServer, rawServer, stageOf, type TestServer } from './stage.ts'

describe('called off', () => {
  /** Resolves when a request is there, and leaves it without an answer. */
  const silentServer = async (): Promise<TestServer & { readonly asked: Promise<void> }> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    return { ...(await rawServer(() => resolve())), asked: promise }
  }

  test('by its signal, at once, with the reason as cause', async () => {
    const server = await silentServer()
    const { client } = stageOf()
    const abort = new AbortController()
    const answer = failureOf(client.get(server.url, { signal: abort.signal }))
    await server.asked
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await answer).toMatchObject({ code: 'HTTP_ABORTED', isSent: true, cause: reason })
    await server.allClosed()
  })

  test('before it begins, nothing is sent', async () => {
    const server = await silentServer()
    const { client } = stageOf()
    const failure = await failureOf(client.get(server.url, { signal: AbortSignal.abort() }))
    expect(failure).toMatchObject({ code: 'HTTP_ABORTED', isSent: false })
    expect(server.sockets).toHaveLength(0)
  })

  test('while a name is looked up, nothing is sent', async () => {
    let bytes = 0
    const server = await rawServer((socket) => (bytes += socket.bytesRead))
    const abort = new AbortController()
    const found = Promise.withResolvers<readonly { address: string; family: number }[]>()
    const resolveName = (): typeof found.promise => {
      abort.abort()
      return found.promise
    }
    const { client } = stageOf({}, { resolveName })
    const url = `http://name.example:${server.port}/`
    const failure = await failureOf(client.post(url, 'x', { signal: abort.signal }))
    expect(failure).toMatchObject({ code: 'HTTP_ABORTED', isSent: false })
    found.resolve([{ address: '127.0.0.1', family: 4 }])
    // Another request meanwhile: what was called off comes to nothing, even now that it could be sent.
    const other = await httpServer((_, response) => response.end('x'))
    expect(await client.get(other.url)).toMatchObject({ status: 200 })
    await client.close()
    await server.allClosed()
    expect(bytes).toBe(0)
  })

  test('when the client is closed: requests under way and later ones', async () => {
    const server = await silentServer()
    const { client } = stageOf()
    const answer = failureOf(client.get(server.url))
    await server.asked
    await client.close()
    expect(await answer).toMatchObject({ code: 'HTTP_CLOSED', isSent: true })
    expect(await failureOf(client.get(server.url))).toMatchObject({
      code: 'HTTP_CLOSED',
      isSent: false,
    })
    await server.allClosed()
    await client.close()
  })

  test('a signal that fires when all is over does nothing, and nothing listens to it any more', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf()
    const abort = new AbortController()
    let listening = 0
    const { signal } = abort
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1
      remove(...args)
    }
    expect(await client.get(server.url, { signal })).toMatchObject({ status: 200 })
    await failureOf(client.get('http://127.0.0.1:1/', { signal }))
    expect(listening).toBe(0)
    abort.abort()
  })
})

describe('connections that are kept', () => {
  test('requests one after the other need no more than two', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf()
    for (let count = 0; count < 20; count += 1) await client.get(server.url)
    // One is not free again before the next turn of the event loop.
    expect(server.sockets.length).toBeLessThanOrEqual(2)
    await client.close()
    await server.allClosed()
  })

  test('requests at once have one each: none waits for another', async () => {
    const waiting: (() => void)[] = []
    const server = await httpServer((_, response) => {
      waiting.push(() => response.end('x'))
      if (waiting.length === 3) for (const answer of waiting) answer()
    })
    const { client } = stageOf()
    const answers = await Promise.all([1, 2, 3].map(() => client.get(server.url)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  test('never more to one origin than configured', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf({ maxConnectionsPerOrigin: 2 })
    await Promise.all(Array.from({ length: 20 }, () => client.get(server.url)))
    expect(server.sockets).toHaveLength(2)
  })

  test('what one request allows, another does not get by the connection that is there', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf({ allowedAddresses: [] })
    await client.get(server.url, { allowedAddresses: ['127.0.0.1'] })
    expect(await failureOf(client.get(server.url))).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED' })
  })

  test('ways of connecting beyond those that are kept are closed', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf()
    for (let count = 0; count < 40; count += 1) {
      await client.get(server.url, { allowedAddresses: ['127.0.0.1', `10.0.0.${count}`] })
    }
    const [first] = server.sockets
    if (first?.closed === false) await once(first, 'close')
    expect(server.sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(32)
  })

  test('a connection that the other side has closed meanwhile is not used again', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf()
    await client.get(server.url)
    server.sockets[0]?.destroy()
    await server.allClosed()
    expect(await client.get(server.url)).toMatchObject({ status: 200 })
  })
})
