// Requests over TLS, with certificates of one's own and of the other system, and requests by way of a proxy.
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { clientCertificate, serverCertificate } from './certificates.ts'
import { failureOf, httpServer, listen, stageOf, type TestServer } from './stage.ts'

async function httpsServer(
  options: TlsOptions = {},
): Promise<TestServer & { readonly names: (string | null)[] }> {
  const names: (string | null)[] = []
  const server = createHttpsServer({ ...serverCertificate, ...options }, (request, response) => {
    // Certificates are asked of the socket, which is one of TLS here.
    const socket = request.socket as unknown as {
      readonly servername: string | false
      getPeerCertificate(): { readonly subject?: { readonly CN?: string } }
    }
    names.push(socket.getPeerCertificate().subject?.CN ?? null)
    response.end(request.url)
  })
  const listening = await listen(server)
  return { ...listening, url: listening.url.replace('http:', 'https:'), names }
}

const ca = serverCertificate.cert

describe('TLS', () => {
  test('a certificate that nobody trusts: nothing is sent', async () => {
    const server = await httpsServer()
    const { client } = stageOf()
    const failure = await failureOf(client.post(`${server.url}/x?secret=1`, { a: 1 }))
    expect(failure).toMatchObject({ code: 'HTTP_TLS', isSent: false })
    expect(failure.message).not.toContain('secret')
    expect(server.names).toEqual([])
    await server.allClosed()
  })

  test('a certificate that the request trusts', async () => {
    const server = await httpsServer()
    const { client } = stageOf()
    expect(await client.get(`${server.url}/x`, { tls: { ca } })).toMatchObject({ body: '/x' })
    // What one request trusts, another does not get by the connection that is there.
    expect(await failureOf(client.get(server.url))).toMatchObject({ code: 'HTTP_TLS' })
  })

  test('a certificate for another name', async () => {
    const server = await httpsServer()
    const { client } = stageOf(
      {},
      { resolveName: async () => [{ address: '127.0.0.1', family: 4 }] },
    )
    const url = `https://other.example:${server.port}/x`
    const failure = await failureOf(client.get(url, { tls: { ca } }))
    expect(failure).toMatchObject({ code: 'HTTP_TLS', isSent: false })
    const named = { ca, servername: 'localhost' }
    expect(await client.get(url, { tls: named })).toMatchObject({ body: '/x' })
    const careless = { rejectUnauthorized: false }
    expect(await client.get(url, { tls: careless })).toMatchObject({ body: '/x' })
  })

  test('a certificate of the client, and a system that insists on it', async () => {
    const server = await httpsServer({ requestCert: true, ca: clientCertificate.cert })
    const { client } = stageOf()
    await client.get(server.url, { tls: { ca, ...clientCertificate } })
    expect(server.names).toEqual(['client'])
    const failure = await failureOf(client.get(server.url, { tls: { ca } }))
    expect(['HTTP_TLS', 'HTTP_RESET']).toContain(failure.code)
    expect(server.names).toEqual(['client'])
  })

  test('certificates stay behind at a redirect to another origin', async () => {
    const other = await httpsServer({ requestCert: true, rejectUnauthorized: false })
    const redirects = createHttpsServer(serverCertificate, (_, response) => {
      response.writeHead(302, { location: other.url }).end()
    })
    const server = await listen(redirects)
    const { client } = stageOf()
    const failure = await failureOf(
      client.get(server.url.replace('http:', 'https:'), {
        tls: { ca, ...clientCertificate, rejectUnauthorized: false },
        redirects: 'follow',
      }),
    )
    // Neither does the trust in what the first was trusted with.
    expect(failure).toMatchObject({ code: 'HTTP_TLS', isSent: true })
    expect(other.names).toEqual([])
  })

  test('a redirect from https to http is not followed', async () => {
    const plain = await httpServer((_, response) => response.end('plain'))
    const redirects = createHttpsServer(serverCertificate, (_, response) => {
      response.writeHead(302, { location: plain.url }).end()
    })
    const server = await listen(redirects)
    const { client } = stageOf()
    const url = server.url.replace('http:', 'https:')
    const answer = await client.get(url, { tls: { ca }, redirects: 'follow' })
    expect(answer).toMatchObject({ status: 302 })
    expect(plain.sockets).toEqual([])
  })

  test('a certificate or key that is none', async () => {
    const server = await httpsServer()
    const { client } = stageOf()
    for (const tls of [{ ca: 'x' }, { cert: 'x', key: 'y' }, { ...clientCertificate, key: ca }]) {
      const failure = await failureOf(client.get(server.url, { tls }))
      expect(failure).toMatchObject({ code: 'HTTP_TLS', isSent: false })
    }
  })

  test('a handshake that stalls: the connect timeout', async () => {
    const server = await listen(createServer())
    const { client } = stageOf()
    const failure = await failureOf(
      client.get(server.url.replace('http:', 'https:'), { timeouts: { connectMs: 50 } }),
    )
    expect(failure).toMatchObject({ code: 'HTTP_CONNECT_TIMEOUT', isSent: false })
    await server.allClosed()
  })

  test('a system that does not speak TLS', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf()
    const failure = await failureOf(client.get(server.url.replace('http:', 'https:')))
    expect(failure).toMatchObject({ code: 'HTTP_TLS', isSent: false })
  })
})

interface ProxyServer extends TestServer {
  readonly asked: string[]
  readonly authorizations: (string | undefined)[]
}

/** A proxy that connects wherever it is told, when the password is right. */
async function proxyServer(password: string | null = null): Promise<ProxyServer> {
  const asked: string[] = []
  const authorizations: (string | undefined)[] = []
  const expected = password === null ? null : `Basic ${Buffer.from(password).toString('base64')}`
  const proxy = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const { 'proxy-authorization': authorization, ...headers } = request.headers
    authorizations.push(authorization)
    if (expected !== null && authorization !== expected) {
      response.writeHead(407).end('who are you?')
      return
    }
    const onward = httpRequest(
      request.url ?? '',
      { method: request.method ?? '', headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  })
  proxy.on(
    'connect',
    (request: { url: string; headers: Record<string, string> }, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`)
      const authorization = request.headers['proxy-authorization']
      authorizations.push(authorization)
      if (expected !== null && authorization !== expected) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
        return
      }
      const port = Number(request.url.split(':').at(-1))
      const onward = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      onward.on('error', () => socket.destroy())
      socket.on('error', () => onward.destroy())
      socket.on('close', () => onward.destroy())
    },
  )
  return { ...(await listen(proxy)), asked, authorizations }
}

describe('a proxy', () => {
  test('gets plain requests whole, and connects those over TLS without reading them', async () => {
    const plain = await httpServer((request, response) => response.end(`plain ${request.url}`))
    const secure = await httpsServer()
    const proxy = await proxyServer()
    const { client } = stageOf({ proxy: proxy.url })
    expect(await client.get(`${plain.url}/a?b=1`)).toMatchObject({ body: 'plain /a?b=1' })
    expect(await client.get(`${secure.url}/c`, { tls: { ca } })).toMatchObject({ body: '/c' })
    expect(proxy.asked).toEqual([`GET ${plain.url}/a?b=1`, `CONNECT 127.0.0.1:${secure.port}`])
    await client.close()
    await proxy.allClosed()
  })

  test('is left out when a request says so', async () => {
    const plain = await httpServer((_, response) => response.end('direct'))
    const { client } = stageOf({ proxy: 'http://127.0.0.1:1' })
    expect(await client.get(plain.url, { proxy: null })).toMatchObject({ body: 'direct' })
  })

  test('gets the user and password of its URL, and the other system does not', async () => {
    const seen: unknown[] = []
    const plain = await httpServer((request, response) => {
      seen.push(request.headers['proxy-authorization'])
      response.end('x')
    })
    const proxy = await proxyServer('me:p@ss')
    const { client } = stageOf({ proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` })
    expect(await client.get(plain.url)).toMatchObject({ body: 'x' })
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`])
    expect(seen).toEqual([undefined])
  })

  test.for(['http', 'https'])('that wants another password: %s', async (protocol) => {
    const proxy = await proxyServer('me:right')
    const { client } = stageOf({ proxy: `http://me:wrong@127.0.0.1:${proxy.port}` })
    const failure = await failureOf(client.get(`${protocol}://127.0.0.1:1/`))
    expect(failure.code).toBe('HTTP_CONNECT_FAILED')
    expect(failure.message).not.toContain('wrong')
  })

  test('that cannot reach the other system, or is not there', async () => {
    const proxy = await proxyServer()
    const { client } = stageOf()
    for (const url of [proxy.url, 'http://127.0.0.1:1']) {
      const failure = await failureOf(client.get('https://127.0.0.1:1/', { proxy: url }))
      expect(failure).toMatchObject({ code: 'HTTP_CONNECT_FAILED', isSent: false })
    }
  })

  test('that never answers: the connect timeout, and no connection is left', async () => {
    const proxy = await listen(createServer())
    const { client } = stageOf()
    const failure = await failureOf(
      client.get('https://127.0.0.1:1/', { proxy: proxy.url, timeouts: { connectMs: 50 } }),
    )
    expect(failure).toMatchObject({ code: 'HTTP_CONNECT_TIMEOUT', isSent: false })
    await proxy.allClosed()
  })

  test('that never answers, and a request that ends before', async () => {
    const proxy = await listen(createServer())
    const { client } = stageOf()
    const answer = failureOf(
      client.get('https://127.0.0.1:1/', { proxy: proxy.url, timeouts: { totalMs: 50 } }),
    )
    expect(await answer).toMatchObject({ code: 'HTTP_TIMEOUT', isSent: false })
    await client.close()
    await proxy.allClosed()
  })

  test('is asked for no address that must not be called, and for no name of metadata', async () => {
    const proxy = await proxyServer()
    const { client } = stageOf({ proxy: proxy.url, allowedAddresses: [] })
    for (const host of [
      '10.0.0.1',
      '2852039166',
      '[::1]',
      'localhost',
      'metadata.google.internal',
    ]) {
      for (const protocol of ['http', 'https']) {
        const failure = await failureOf(client.get(`${protocol}://${host}/`))
        expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: false })
      }
    }
    expect(proxy.sockets).toEqual([])
  })

  test('over TLS whose certificate nobody trusts', async () => {
    const proxy = createHttpsServer(serverCertificate)
    const server = await listen(proxy)
    const { client } = stageOf()
    const url = server.url.replace('http:', 'https:')
    for (const target of ['http://127.0.0.1:1/', 'https://127.0.0.1:1/']) {
      const failure = await failureOf(client.get(target, { proxy: url }))
      expect(failure).toMatchObject({ code: 'HTTP_TLS', isSent: false })
    }
  })
})

test('a pool that is closed while a proxy is asked leaves nothing behind', async () => {
  const { promise: connected, resolve } = Promise.withResolvers<Socket>()
  const proxy = await listen(createServer(), resolve)
  const { client } = stageOf({ proxy: proxy.url })
  const answer = failureOf(client.get('https://127.0.0.1:1/'))
  await connected
  await client.close()
  expect(await answer).toMatchObject({ code: 'HTTP_CLOSED', isSent: false })
  await proxy.allClosed()
})
