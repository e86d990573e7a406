// Requests that bring no response: other systems that are slow, silent, endless, broken or not there. Each ends in time with
// the error that says what happened, and leaves no connection behind.
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { HttpRequestOptions } from '../../src/http/model.ts'
import { failureOf, httpServer, rawServer, stageOf } from './stage.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n'
/** Long enough never to be the one that ends it. */
const longMs = 60_000

/** The error of a request to a server that speaks these bytes; afterwards none of its connections is open. */
async function failing(
  answer: (socket: Socket) => unknown,
  { timeouts, ...options }: HttpRequestOptions = {},
): Promise<{ readonly code: string; readonly isSent: boolean; readonly says: string }> {
  const server = await rawServer(answer)
  const { client } = stageOf()
  const patient = { connectMs: longMs, totalMs: longMs, idleMs: longMs, ...timeouts }
  const { code, isSent, message } = await failureOf(
    client.post(`${server.url}/x?secret=1`, { a: 1 }, { ...options, timeouts: patient }),
  )
  await server.allClosed()
  expect(message).not.toContain('secret')
  const says = message.replace(`POST ${server.url}/x: `, '')
  return { code, isSent, says }
}

describe('time', () => {
  test('no response at all: the idle timeout', async () => {
    expect(await failing(() => undefined, { timeouts: { idleMs: 30 } })).toEqual({
      code: 'HTTP_IDLE_TIMEOUT',
      isSent: true,
      says: 'no response for 30 ms',
    })
  })

  test('a header that stops in the middle: the idle timeout', async () => {
    const answer = (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le')
    expect(await failing(answer, { timeouts: { idleMs: 30 } })).toMatchObject({
      code: 'HTTP_IDLE_TIMEOUT',
      isSent: true,
    })
  })

  test('a body that stops in the middle: the idle timeout', async () => {
    const answer = (socket: Socket) => socket.write(`${head}content-length: 9\r\n\r\nabc`)
    expect(await failing(answer, { timeouts: { idleMs: 30 } })).toMatchObject({
      code: 'HTTP_IDLE_TIMEOUT',
      isSent: true,
      says: 'no more of the body for 30 ms',
    })
  })

  test('a body without an end is ended by the total time, however lively it is', async () => {
    const answer = (socket: Socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
      const drip = setInterval(() => socket.write('1\r\na\r\n'), 5)
      socket.on('close', () => clearInterval(drip))
    }
    expect(await failing(answer, { timeouts: { totalMs: 120 } })).toEqual({
      code: 'HTTP_TIMEOUT',
      isSent: true,
      says: 'no whole response within 120 ms',
    })
  })

  test('headers byte by byte are ended by the idle timeout: none of them is whole', async () => {
    const answer = (socket: Socket) => {
      socket.write(head)
      const drip = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(drip))
    }
    expect(await failing(answer, { timeouts: { idleMs: 100 } })).toMatchObject({
      code: 'HTTP_IDLE_TIMEOUT',
    })
  })

  test('interim answers count as life and end with the total time', async () => {
    const answer = (socket: Socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 5)
      socket.on('close', () => clearInterval(drip))
    }
    expect(await failing(answer, { timeouts: { totalMs: 150, idleMs: 100 } })).toMatchObject({
      code: 'HTTP_TIMEOUT',
    })
  })

  test('a slow body that moves is not idle', async () => {
    const server = await rawServer(async (socket) => {
      socket.write(`${head}content-length: 6\r\n\r\n`)
      for (const letter of 'abcdef') {
        const { promise, resolve } = Promise.withResolvers<void>()
        setTimeout(resolve, pauseMs)
        await promise
        socket.write(letter)
      }
    })
    const { client } = stageOf()
    const { body } = await client.get(server.url, { timeouts: { idleMs: pauseMs * 4 } })
    expect(body).toBe('abcdef')
  })
  const pauseMs = 60

  test('a name that is not looked up in time: the connect timeout, and nothing was sent', async () => {
    const { client } = stageOf({}, { resolveName: () => new Promise(() => undefined) })
    const failure = await failureOf(
      client.get('http://slow.example/', { timeouts: { connectMs: 50 } }),
    )
    expect(failure).toMatchObject({ code: 'HTTP_CONNECT_TIMEOUT', isSent: false })
  })

  test('the total time also ends a request that waits for a connection', async () => {
    const { client } = stageOf({ maxConnectionsPerOrigin: 1 })
    let arrived = (): void => undefined
    const first = new Promise<void>((resolve) => (arrived = resolve))
    const server = await rawServer(() => arrived())
    const holding = failureOf(client.get(server.url, { timeouts: { totalMs: 400 } }))
    await first
    const waiting = await failureOf(client.post(server.url, 'x', { timeouts: { totalMs: 30 } }))
    expect(waiting).toMatchObject({ code: 'HTTP_TIMEOUT', isSent: false })
    expect(await holding).toMatchObject({ code: 'HTTP_TIMEOUT', isSent: true })
    await server.allClosed()
    expect(server.sockets).toHaveLength(1) // the one that waited was never sent
  })
})

describe('connections', () => {
  test('nobody listens', async () => {
    const { client } = stageOf()
    const failure = await failureOf(client.post('http://127.0.0.1:1/', { a: 1 }))
    expect(failure).toMatchObject({ code: 'HTTP_CONNECT_FAILED', isSent: false })
  })

  test('nobody has that name', async () => {
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    const { client } = stageOf({}, { resolveName: () => Promise.reject(notFound) })
    const failure = await failureOf(client.get('http://nobody.example/'))
    expect(failure).toMatchObject({ code: 'HTTP_CONNECT_FAILED', isSent: false })
  })

  test('a name without addresses', async () => {
    const { client } = stageOf({}, { resolveName: async () => [] })
    const failure = await failureOf(client.get('http://empty.example/'))
    expect(failure).toMatchObject({ code: 'HTTP_CONNECT_FAILED', isSent: false })
  })

  test.for<readonly [string, (socket: Socket) => unknown]>([
    ['closed before the response', (socket) => socket.end()],
    ['reset before the response', (socket) => socket.resetAndDestroy()],
    ['closed in the header', (socket) => socket.end('HTTP/1.1 200 OK\r\ncont')],
    [
      'reset in the header',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncont', () => socket.resetAndDestroy()),
    ],
    [
      'reset in the body',
      (socket) =>
        socket.write(`${head}content-length: 9\r\n\r\nabc`, () => socket.resetAndDestroy()),
    ],
    [
      'closed in a chunk',
      (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n9\r\nabc`),
    ],
    [
      'closed between chunks',
      (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`),
    ],
  ])('%s', async ([, answer]) => {
    expect(await failing(answer)).toMatchObject({ code: 'HTTP_RESET', isSent: true })
  })

  test('half-closed after the whole response is a response', async () => {
    const server = await rawServer((socket) => socket.end(`${head}content-length: 3\r\n\r\nabc`))
    const { client } = stageOf()
    expect(await client.get(server.url)).toMatchObject({ status: 200, body: 'abc' })
    await server.allClosed()
  })

  test('a body that ends with the connection is a response', async () => {
    const server = await rawServer((socket) => socket.end(`${head}\r\nabc`))
    const { client } = stageOf()
    expect(await client.get(server.url)).toMatchObject({ status: 200, body: 'abc' })
  })
})

describe('size', () => {
  const limited = { responseMaxBytes: 1_000 }

  test('a length beyond the limit ends it before the body', async () => {
    const answer = (socket: Socket) => socket.write(`${head}content-length: 1001\r\n\r\n`)
    expect(await failing(answer, limited)).toEqual({
      code: 'HTTP_RESPONSE_TOO_LARGE',
      isSent: true,
      says: 'the response is larger than 1000 bytes',
    })
  })

  test('a body without a length ends at the limit', async () => {
    const answer = (socket: Socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
      const flood = setInterval(() => socket.write(`400\r\n${'x'.repeat(1024)}\r\n`), 1)
      socket.on('close', () => clearInterval(flood))
    }
    expect(await failing(answer, limited)).toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE' })
  })

  test('exactly the limit is a response', async () => {
    const server = await httpServer((_, response) => response.end('x'.repeat(1_000)))
    const { client } = stageOf()
    const { body } = await client.get(server.url, limited)
    expect(body).toHaveLength(1_000)
  })

  test('HEAD may announce whatever it likes', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-length': '999999999' })
      response.end()
    })
    const { client } = stageOf()
    const { status, body } = await client.request({ url: server.url, method: 'HEAD', ...limited })
    expect({ status, body }).toEqual({ status: 200, body: null })
  })

  test('headers without an end', async () => {
    const answer = (socket: Socket) => socket.write(`${head}a: ${'x'.repeat(100_000)}`)
    expect(await failing(answer)).toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE', isSent: true })
  })
})

describe('bytes that are no response', () => {
  test.for<readonly [string, string]>([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['nonsense', '\u0000\u0001\u0002\u0003'],
    ['HTTP/0.9', '<html></html>'],
    ['a status that is none', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a length that is none', `${head}content-length: x\r\n\r\n`],
    ['a negative length', `${head}content-length: -1\r\n\r\n`],
    ['two lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\na`],
    ['a length and chunks', `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\na`],
    ['a chunk whose size is none', `${head}transfer-encoding: chunked\r\n\r\nxyz\r\n`],
    [
      'a chunk of an enormous size',
      `${head}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
    ],
    [
      'a chunk longer than it says',
      `${head}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`,
    ],
    [
      '100 Continue, for which nobody asked',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    ],
    [
      'another protocol, for which nobody asked',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  ])('%s', async ([, bytes]) => {
    expect(await failing((socket) => socket.write(bytes))).toMatchObject({
      code: 'HTTP_RESPONSE_INVALID',
      isSent: true,
    })
  })

  test('a body shorter than it says', async () => {
    const answer = (socket: Socket) =>
      socket.end(`${head}connection: close\r\ncontent-length: 9\r\n\r\nabc`)
    expect(await failing(answer)).toMatchObject({ isSent: true, code: 'HTTP_RESPONSE_INVALID' })
  })

  test('what comes after a response is not taken for the next one', async () => {
    let turn = 0
    const server = await rawServer((socket) => {
      turn += 1
      socket.write(
        `${head}content-length: 3\r\n\r\nab${turn}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`,
      )
    })
    const { client } = stageOf({ maxConnectionsPerOrigin: 1 })
    expect(await client.get(server.url)).toMatchObject({ body: 'ab1' })
    expect(await client.get(server.url)).toMatchObject({ body: 'ab2' })
    expect(server.sockets).toHaveLength(2)
  })
})
