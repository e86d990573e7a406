// What those meet who mean harm: slow, large, many, and in the name of others. Over real sockets, on a server that stands alone.
import { connect, type Socket } from 'node:net'
import { createTasker, defineTask, type Tasker } from '@tasker/engine'
import { AuthenticationFailed, createServer, listen, type Listening } from '@tasker/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { send } from './support/served.ts'

const database = databaseForFile()
const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')
let tasker: Tasker
let guarded: Tasker
let listening: Listening

beforeAll(async () => {
  tasker = await createTasker({
    database: { url: database.url },
    definitions: [greet],
    server: {
      headersTimeoutMs: 200,
      requestTimeoutMs: 400,
      bodyMaxBytes: 10_000,
      connectionsMax: 100,
      streamsMax: 5,
      trustedProxies: ['10.0.0.0/8', '2001:db8::/32'],
      corsOrigins: ['https://app.example.com'],
    },
  })
  listening = await listen(tasker, createServer(tasker), { port: 0 })
  guarded = await createTasker({
    database: { url: database.url },
    server: { requestsPerMinute: 5, failedAuthenticationsPerMinute: 3 },
    auth: {
      authenticationEnabled: true,
      authenticator: {
        authenticate({ headers }: Request) {
          const id = headers.get('authorization')
          if (id === null || id === 'wrong') throw new AuthenticationFailed('Not good.')
          return { id }
        },
      },
    },
  })
})
afterAll(async () => {
  await listening.close()
  await tasker.close()
  await guarded.close()
})

/** What comes back until the server closes the connection; `feed` goes on sending meanwhile. */
async function talk(text: string, feed: string | null = null): Promise<string> {
  const socket: Socket = connect(listening.port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<string>()
  let received = ''
  socket.on('data', (data) => (received += data.toString()))
  socket.on('error', () => undefined) // it may be reset while we send
  socket.on('close', () => resolve(received))
  socket.write(text)
  const more = (): void => {
    let isTaken = feed !== null
    while (isTaken) isTaken = socket.writable && socket.write(feed ?? '')
  }
  socket.on('drain', more)
  more()
  return promise
}

const patience = { headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 }
const head = 'GET /tasker/health/live HTTP/1.1\r\nhost: localhost\r\n'
const post = 'POST /tasker/tasks HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'

describe('a client that', () => {
  it('never ends its headers is cut', async () => {
    expect(await talk(`${head}x-slow: `)).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })

  it('never ends its body is cut', async () => {
    const answered = await talk(`${post}content-length: 5000\r\n\r\n{"name": `)
    expect(answered).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })

  it('sends headers of 100 KB is refused', async () => {
    expect(await talk(`${head}x-large: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('sends a body without end gets an answer, and no more of its time', async () => {
    const chunk = `1000\r\n${' '.repeat(4_096)}\r\n`
    const answered = await talk(`${post}transfer-encoding: chunked\r\n\r\n`, chunk)
    expect(answered).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"BODY_TOO_LARGE"/)
  })

  it('says where a request ends in two ways is refused', async () => {
    const twice = `${post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /`
    expect(await talk(twice)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('comes under a name that is not of this machine is turned away', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      const text = `GET /tasker/tasks HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`
      expect(await talk(text)).toMatch(/^HTTP\/1\.1 403 [\s\S]*EXPOSED_WITHOUT_AUTHENTICATION/)
    }
    for (const host of ['a@localhost', 'localhost/x', '', 'localhost#'])
      expect(await talk(`GET /tasker/tasks HTTP/1.1\r\nhost: ${host}\r\n\r\n`)).toMatch(/ 400 /)
  })

  it('opens more connections than there are places is closed out, and the others go on', async () => {
    const { server } = tasker.config
    // Who says nothing has its time: none is closed for that meanwhile.
    const patient = { ...tasker, config: { ...tasker.config, server: { ...server, ...patience } } }
    const other = await listen(patient, createServer(patient), { port: 0 })
    const sockets = Array.from({ length: 150 }, () => connect(other.port, '127.0.0.1'))
    let closedCount = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const socket of sockets)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          closedCount += 1
          if (closedCount === 50) resolve()
        })
        .resume()
    await promise
    expect(sockets.filter((socket) => !socket.destroyed)).toHaveLength(100)
    for (const socket of sockets) socket.destroy()
    await other.close()
  })

  it('opens 10,000 streams gets as many as there are places', async () => {
    const server = createServer(tasker)
    const statuses = new Map<number, number>()
    const peer = { address: '127.0.0.1' }
    for (let sent = 0; sent < 10_000; sent += 1) {
      const { status } = await server.fetch(new Request('http://localhost/tasker/events'), peer)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect(server.streamCount).toBe(5)
    await server.close()
    // After as many as a caller may send in a minute it is asked to wait.
    expect(Object.fromEntries(statuses)).toEqual({ 200: 5, 503: 5_995, 429: 4_000 })
  })
})

describe('callers', () => {
  it('are answered so often in a minute, each for itself; who looks for life, always', async () => {
    const server = createServer(guarded)
    const ask = async (authorization: string, path = '/tasks') =>
      (await send(server, 'GET', path, { headers: { authorization } })).status
    const statuses: number[] = []
    for (let at = 0; at < 6; at += 1) statuses.push(await ask('ada'))
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    expect([await ask('bob'), await ask('ada', '/health/live')]).toEqual([200, 200])
  })

  it('that guess credentials are not asked any more, whatever they bring then', async () => {
    const server = createServer(guarded)
    const ask = async (authorization: string, address: string) =>
      send(server, 'GET', '/tasks', { headers: { authorization }, peer: { address } })
    for (const address of ['2001:db8:1::1', '2001:db8:1:0:9::2', '2001:db8:1:0:abcd:ef01:2:3'])
      expect((await ask('wrong', address)).status).toBe(401)
    const refused = await ask('ada', '2001:db8:1::ffff')
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect((await ask('ada', '2001:db8:2::1')).status).toBe(200)
  })
})

describe('proxies', () => {
  const ask = async (address: string, headers: Readonly<Record<string, string>>) =>
    (await send(createServer(tasker), 'GET', '/tasks', { headers, peer: { address } })).body
  const seen = async (address: string, headers: Readonly<Record<string, string>>) => {
    const found: (string | null)[] = []
    const server = createServer({
      ...guarded,
      config: {
        ...guarded.config,
        server: { ...guarded.config.server, trustedProxies: tasker.config.server.trustedProxies },
        auth: {
          ...guarded.config.auth,
          authenticator: {
            authenticate({ url }: Request, peer: { readonly address: string | null }) {
              found.push(peer.address, new URL(url).origin)
              throw new AuthenticationFailed('Not good.')
            },
          },
        },
      },
    })
    await send(server, 'GET', '/tasks', { headers, peer: { address } })
    return found
  }

  it('that are trusted say who asks: the last one that is no proxy', async () => {
    const headers = {
      'x-forwarded-for': '127.0.0.1, 203.0.113.9, 10.0.0.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'tasks.example.com',
    }
    expect(await seen('10.0.0.1', headers)).toEqual(['203.0.113.9', 'https://tasks.example.com'])
    expect(await seen('::ffff:10.0.0.1', headers)).toEqual([
      '203.0.113.9',
      'https://tasks.example.com',
    ])
  })

  it('that nobody named are not believed', async () => {
    const headers = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost' }
    expect(await seen('192.0.2.5', headers)).toEqual(['192.0.2.5', 'http://localhost'])
    expect(await ask('192.0.2.5', headers)).toMatchObject({
      code: 'EXPOSED_WITHOUT_AUTHENTICATION',
    })
  })

  it('cannot make others of this machine while authentication is off', async () => {
    const headers = { 'x-forwarded-for': '127.0.0.1' }
    expect(await ask('10.0.0.1', headers)).toMatchObject({ code: 'EXPOSED_WITHOUT_AUTHENTICATION' })
  })
})

describe('a page', () => {
  const preflight = { 'access-control-request-method': 'POST' }
  it('of a named origin may ask and read, of another not', async () => {
    const server = createServer(tasker)
    const good = { origin: 'https://app.example.com' }
    const asked = await send(server, 'OPTIONS', '/tasks', { headers: { ...good, ...preflight } })
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([
      204,
      good.origin,
    ])
    const bad = { origin: 'https://evil.example' }
    const refused = await send(server, 'OPTIONS', '/tasks', { headers: { ...bad, ...preflight } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      405,
      null,
    ])
    const read = await send(server, 'GET', '/health/live', { headers: bad })
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
    expect(read.headers.get('vary')).toContain('origin')
  })

  it('gets nothing that it could run, frame or guess at, and no inside of the server', async () => {
    const { headers, body } = await send(createServer(tasker), 'GET', '/tasks?cursor=%00')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(JSON.stringify(body)).not.toMatch(/\bat .+\.(ts|js):\d+|node_modules|postgres/)
  })
})
