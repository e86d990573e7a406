// Redirects: which are followed, how the next request looks, what stays behind, and that the guard stands before each.
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { HttpRedirects, HttpRequest } from '../../src/http/model.ts'
import { failureOf, httpServer, stageOf, type TestServer } from './stage.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Redirects `/<status>/<anything>` to where `target` says; answers everything else with 200. */
async function redirecting(
  target: (server: { readonly url: string }) => string = () => '/end',
): Promise<TestServer & { readonly seen: Seen[] }> {
  const seen: Seen[] = []
  const server = await httpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      const status = /^\/(\d{3})\//.exec(url ?? '')?.[1]
      if (status === undefined) response.end('the end')
      else {
        response.writeHead(Number(status), { location: target(server) })
        response.end('moved')
      }
    })
  })
  return { ...server, seen }
}

const follow: HttpRedirects = 'follow'

describe('within an origin', () => {
  test.for([301, 302, 303, 307, 308])('%i is followed by default', async (status) => {
    const server = await redirecting()
    const { client } = stageOf()
    const { body, url } = await client.get(`${server.url}/${status}/`)
    expect({ body, url }).toEqual({ body: 'the end', url: `${server.url}/end` })
  })

  test.for([300, 304, 305, 306, 399])('%i is a response', async (status) => {
    const server = await redirecting()
    const { client } = stageOf()
    expect(await client.get(`${server.url}/${status}/`)).toMatchObject({ status })
    expect(server.seen).toHaveLength(1)
  })

  test('a redirect without a location is a response', async () => {
    const server = await httpServer((_, response) => response.writeHead(302).end())
    const { client } = stageOf()
    expect(await client.get(server.url)).toMatchObject({ status: 302 })
  })

  test('refused, it is a response that says where to', async () => {
    const server = await redirecting()
    const { client } = stageOf({ redirects: 'refuse' })
    expect(await client.get(`${server.url}/302/`)).toMatchObject({
      status: 302,
      headers: { location: '/end' },
      body: 'moved',
    })
  })

  test('a location is relative to where it came from, and its fragment is not sent', async () => {
    const server = await redirecting(() => '../../c?d=1#e')
    const { client } = stageOf()
    await client.get(`${server.url}/302/b/?f=2`)
    expect(server.seen.map(({ url }) => url)).toEqual(['/302/b/?f=2', '/c?d=1'])
  })

  test.for<readonly [number, HttpRequest['method'], string, string]>([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'PUT', 'PUT', 'abc'],
    [302, 'DELETE', 'DELETE', 'abc'],
    [307, 'POST', 'POST', 'abc'],
    [308, 'PATCH', 'PATCH', 'abc'],
  ])('%i after %s becomes %s', async ([status, method, next, body]) => {
    const server = await redirecting()
    const { client } = stageOf()
    await client.request({
      url: `${server.url}/${status}/`,
      method,
      ...(method === 'HEAD' ? {} : { body: 'abc' }),
      headers: { authorization: 'Bearer x' },
    })
    expect(server.seen[1]).toMatchObject({ method: next, body })
    // What described the body goes with it; credentials are for this origin.
    expect(server.seen[1]?.headers['content-type']).toBe(
      body === '' ? undefined : 'text/plain; charset=utf-8',
    )
    expect(server.seen[1]?.headers.authorization).toBe('Bearer x')
  })

  test('a loop ends after five', async () => {
    const server = await redirecting(() => '/302/again')
    const { client } = stageOf()
    const failure = await failureOf(client.get(`${server.url}/302/`))
    expect(failure).toMatchObject({ code: 'HTTP_REDIRECT', isSent: true })
    expect(server.seen).toHaveLength(6)
  })

  test('the total time counts over all hops', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/silent') return
      response.writeHead(302, { location: '/silent' }).end()
    })
    const { client } = stageOf()
    const failure = await failureOf(client.get(server.url, { timeouts: { totalMs: 60 } }))
    expect(failure).toMatchObject({ code: 'HTTP_TIMEOUT', isSent: true })
    await client.close() // the connection of the first hop is kept
    await server.allClosed()
  })
})

describe('to another origin', () => {
  test('by default it is a response', async () => {
    const other = await redirecting()
    const server = await redirecting(() => `${other.url}/end`)
    const { client } = stageOf()
    expect(await client.get(`${server.url}/302/`)).toMatchObject({ status: 302 })
    expect(other.seen).toEqual([])
  })

  test('the same host by another name, port or scheme is another origin', async () => {
    const server = await redirecting(({ url }) => url.replace('127.0.0.1', 'localhost'))
    const { client } = stageOf()
    expect(await client.get(`${server.url}/307/`)).toMatchObject({ status: 307 })
  })

  test('followed, credentials stay behind', async () => {
    const other = await redirecting()
    const server = await redirecting(() => `${other.url}/end`)
    const { client } = stageOf()
    await client.request({
      url: `${server.url}/307/`,
      method: 'POST',
      body: { a: 1 },
      redirects: follow,
      headers: {
        Authorization: 'Bearer x',
        Cookie: 'session=1',
        'Proxy-Authorization': 'Basic x',
        'X-Api-Key': 'x',
        'X-Auth-Token': 'x',
        'X-Client-Secret': 'x',
        'X-Signature': 'x',
        'X-Session': 'x',
        'X-Tenant': 'x',
        'Idempotency-Key': 'task:step',
        'X-Correlation-ID': 'c-1',
        traceparent: '00-1',
      },
    })
    const [arrived] = other.seen
    expect(arrived).toMatchObject({ method: 'POST', body: '{"a":1}' })
    expect(Object.keys(arrived?.headers ?? {}).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'traceparent',
      'user-agent',
      'x-correlation-id',
    ])
    expect(arrived?.headers.host).toBe(new URL(other.url).host)
  })

  test('and are not picked up again on the way back', async () => {
    const back = { url: '' }
    const other = await redirecting(() => `${back.url}/end`)
    const server = await redirecting(() => `${other.url}/302/`)
    back.url = server.url
    const { client } = stageOf()
    await client.get(`${server.url}/302/`, { redirects: follow, headers: { authorization: 'x' } })
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['x', undefined])
  })
})

describe('to where no request may go', () => {
  test.for([
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://2852039166/',
    'http://[::ffff:a9fe:a9fe]/',
    '//169.254.169.254/',
    'http://metadata.google.internal/',
  ])('%s is refused', async (location) => {
    const server = await redirecting(() => location)
    const { client } = stageOf({ allowedAddresses: ['127.0.0.0/8'] })
    const failure = await failureOf(client.get(`${server.url}/302/`, { redirects: follow }))
    expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: true })
  })

  test.for([
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_x',
    'ftp://example.com/',
    'javascript:alert(1)',
    'http://user:hunter2@example.com/',
    'http://[::1',
    'http://256.256.256.256/',
  ])('%s is no place for a request', async (location) => {
    const server = await redirecting(() => location)
    const { client } = stageOf()
    for (const redirects of ['same-origin', 'follow'] as const) {
      const failure = await failureOf(client.get(`${server.url}/302/`, { redirects }))
      expect(failure).toMatchObject({ code: 'HTTP_REDIRECT', isSent: true })
      expect(failure.message).not.toContain('hunter2')
    }
  })
})
