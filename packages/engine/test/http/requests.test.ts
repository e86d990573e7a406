// What goes out and what comes back, when all goes well: methods, query, headers, bodies, statuses, JSON, packing.
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '../../src/http/model.ts'
import { failureOf, httpServer, rawServer, stageOf } from './stage.ts'

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const echo: RequestListener = (request, response) => {
  void bytesOf(request).then((body) => answerWith(request, response, body))
}

function answerWith(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { method, url, headers } = request
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, url, headers, body: body.toString('latin1') }))
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(request, 'end')
  return Buffer.concat(chunks)
}

async function echoOf(
  request: Omit<HttpRequest, 'url'> & { readonly path?: string },
): Promise<Echo> {
  const { client } = stageOf()
  const server = await httpServer(echo)
  const { path = '/', ...rest } = request
  const { body } = await client.request({ ...rest, url: `${server.url}${path}` })
  return body as unknown as Echo // what the server above writes
}

describe('what goes out', () => {
  test('GET is the default; with a body POST', async () => {
    expect(await echoOf({})).toMatchObject({ method: 'GET', body: '' })
    expect(await echoOf({ body: { a: 1 } })).toMatchObject({ method: 'POST', body: '{"a":1}' })
  })

  test('each method is sent by its own name', async () => {
    const { client } = stageOf()
    const server = await httpServer(echo)
    const url = `${server.url}/thing`
    const answers = [
      await client.get(url),
      await client.post(url, { a: 1 }),
      await client.put(url, { a: 1 }),
      await client.patch(url, { a: 1 }),
      await client.delete(url),
      await client.request({ url, method: 'OPTIONS' }),
    ]
    expect(answers.map(({ body }) => (body as unknown as Echo).method)).toEqual([
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
    ])
    expect((await client.request({ url, method: 'HEAD' })).body).toBeNull()
  })

  test('the query is added to that of the URL, lists name by name, null not at all', async () => {
    const { url } = await echoOf({
      path: '/p%20q?a=1#fragment',
      query: { b: 'x&y=z', c: [1, true, 'two'], d: null, e: '', ü: 'ö' },
    })
    expect(url).toBe('/p%20q?a=1&b=x%26y%3Dz&c=1&c=true&c=two&e=&%C3%BC=%C3%B6')
  })

  test.for([
    [{ a: [1, null] }, 'application/json', '{"a":[1,null]}'],
    [[1, 2], 'application/json', '[1,2]'],
    [7, 'application/json', '7'],
    [false, 'application/json', 'false'],
    ['a=1&b=2', 'text/plain; charset=utf-8', 'a=1&b=2'],
    [Uint8Array.of(0, 255, 13), 'application/octet-stream', '\u0000\u00ff\r'],
  ] as const)('a body of %j is sent as %s', async ([body, contentType, sent]) => {
    const answer = await echoOf({ body })
    expect(answer.headers['content-type']).toBe(contentType)
    expect(answer.body).toBe(sent)
  })

  test.for([undefined, null])('a body of %s is none', async (body) => {
    const answer = await echoOf({ method: 'POST', body })
    expect(answer.body).toBe('')
    expect(answer.headers).not.toHaveProperty('content-type')
    expect(answer.headers).toMatchObject({ 'content-length': '0' })
  })

  test('headers of the caller stand before those of the client, in any case', async () => {
    const { headers } = await echoOf({
      body: '<a/>',
      headers: { 'Content-Type': 'text/xml', 'USER-AGENT': 'me', 'X-Own': 'mine' },
    })
    expect(headers).toMatchObject({
      'content-type': 'text/xml',
      'user-agent': 'me',
      'x-own': 'mine',
    })
  })

  test('without headers of the caller it says who it is and what it takes', async () => {
    const { headers } = await echoOf({})
    expect(headers['user-agent']).toMatch(/^tasker\/\d+\.\d+\.\d+/)
    expect(headers).toMatchObject({
      accept: 'application/json, */*;q=0.8',
      'accept-encoding': 'gzip, deflate, br',
    })
  })
})

describe('what cannot go out', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  test.for<readonly [string, unknown]>([
    ['a relative URL', { url: '/a' }],
    ['no URL', {}],
    ['no request', null],
    [
      'a URL that throws',
      {
        url: {
          toString: () => {
            throw new Error('no')
          },
        },
      },
    ],
    ['a header with a line break', { url: 'http://127.0.0.1:1/', headers: { a: 'x\r\ny: z' } }],
    ['a header that is no text', { url: 'http://127.0.0.1:1/', headers: { a: { b: 1 } } }],
    ['a header whose name is none', { url: 'http://127.0.0.1:1/', headers: { 'a b': 'c' } }],
    [
      'a header of the connection',
      { url: 'http://127.0.0.1:1/', headers: { 'transfer-encoding': 'x' } },
    ],
    [
      'a length that is not that of the body',
      { url: 'http://127.0.0.1:1/', body: 'abc', headers: { 'content-length': 'x' } },
    ],
    ['a body that refers to itself', { url: 'http://127.0.0.1:1/', body: circular }],
    ['a body without JSON', { url: 'http://127.0.0.1:1/', body: () => 1 }],
    ['a method that is none', { url: 'http://127.0.0.1:1/', method: 'G ET' }],
    ['a proxy that is none', { url: 'http://127.0.0.1:1/', proxy: 'socks5://127.0.0.1' }],
    ['a timeout of zero', { url: 'http://127.0.0.1:1/', timeouts: { totalMs: 0 } }],
    ['a timeout that is off', { url: 'http://127.0.0.1:1/', timeouts: { idleMs: Infinity } }],
    ['a timeout that is no number', { url: 'http://127.0.0.1:1/', timeouts: { connectMs: NaN } }],
    [
      'an allowed address that is none',
      { url: 'http://127.0.0.1:1/', allowedAddresses: ['127.1'] },
    ],
    ['a limit that is off', { url: 'http://127.0.0.1:1/', responseMaxBytes: Infinity }],
  ])('%s', async ([, request]) => {
    const { client } = stageOf()
    // What plain JavaScript may give.
    const failure = await failureOf(client.request(request as HttpRequest))
    expect(failure).toMatchObject({ code: 'HTTP_REQUEST_INVALID', isSent: false })
  })
})

describe('what comes back', () => {
  const answering = async (
    status: number,
    headers: Readonly<Record<string, string | readonly string[]>>,
    body: string | Buffer = '',
  ) => {
    const { client } = stageOf()
    const server = await httpServer((_, response) => {
      response.writeHead(status, { ...headers } as Record<string, string | string[]>)
      response.end(body)
    })
    return client.get(`${server.url}/a?secret=1`)
  }
  const json = { 'content-type': 'application/json' }

  test.for(
    [
      200, 201, 202, 203, 204, 206, 226, 300, 304, 305, 400, 401, 403, 404, 405, 408, 409, 410,
    ].concat([418, 422, 425, 429, 431, 451, 500, 501, 502, 503, 504, 507, 511, 599, 600, 999]),
  )('status %i is a response', async (status) => {
    expect(await answering(status, json, '{"a":1}')).toMatchObject({ status })
  })

  test('JSON is parsed, whatever its type is called', async () => {
    for (const type of [
      'application/json',
      'application/problem+json; charset=utf-8',
      'TEXT/JSON',
    ]) {
      const { body } = await answering(200, { 'content-type': type }, '{"a":[1,"ü"]}')
      expect(body).toEqual({ a: [1, 'ü'] })
    }
  })

  test('other bodies are text, in the charset that they name', async () => {
    const plain = { 'content-type': 'text/plain; charset=iso-8859-1' }
    expect((await answering(200, plain, Buffer.from([0x67, 0xfc]))).body).toBe('gü')
    expect((await answering(200, { 'content-type': 'text/html' }, '<b>ü</b>')).body).toBe(
      '<b>ü</b>',
    )
    expect((await answering(200, { 'content-type': 'text/a; charset=nobody' }, 'ü')).body).toBe('ü')
    expect((await answering(200, {}, '{"a":1}')).body).toBe('{"a":1}')
    expect((await answering(200, {}, Buffer.from([0xff, 0x41]))).body).toBe('\ufffdA')
  })

  test('a body in a hundred thousand pieces is one body', async () => {
    const { client } = stageOf()
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      socket.write(`${'1\r\na\r\n1\r\nb\r\n'.repeat(50_000)}0\r\n\r\n`)
    })
    expect((await client.get(server.url)).body).toBe('ab'.repeat(50_000))
  })

  test('no body is null', async () => {
    expect((await answering(200, json)).body).toBeNull()
    expect((await answering(204, {})).body).toBeNull()
    expect((await answering(200, { 'content-encoding': 'gzip' })).body).toBeNull()
  })

  test('a 2xx that says it is JSON and is not is an error that shows nothing of it', async () => {
    const failure = await failureOf(answering(200, json, '{"password":"hunter2"'))
    expect(failure).toMatchObject({ code: 'HTTP_RESPONSE_INVALID', isSent: true })
    expect(failure.cause).toBeUndefined()
    expect(failure.message).not.toContain('hunter2')
  })

  test('of another status it is text: the status is what matters', async () => {
    expect(await answering(502, json, '<h1>Bad Gateway</h1>')).toMatchObject({
      status: 502,
      body: '<h1>Bad Gateway</h1>',
    })
  })

  test('headers are in lower case, those that came several times joined', async () => {
    const { headers } = await answering(200, { 'X-A': ['1', '2'], 'Set-Cookie': ['a=1', 'b=2'] })
    expect(headers).toMatchObject({ 'x-a': '1, 2', 'set-cookie': 'a=1, b=2' })
  })

  test('a header called __proto__ is a header', async () => {
    const { client } = stageOf()
    const server = await rawServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ncontent-length: 0\r\n\r\n'),
    )
    const { headers } = await client.get(server.url)
    expect(Object.entries(headers)).toContainEqual(['__proto__', 'x'])
    expect(Object.entries(headers)).toContainEqual(['constructor', 'y'])
  })

  test('url says where it came from, durationMs how long it took', async () => {
    const { url, durationMs } = await answering(200, {})
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a\?secret=1$/)
    expect(durationMs).toBeGreaterThanOrEqual(0)
  })

  describe('packed', () => {
    const text = '{"a":"ü"}'

    test.for([
      ['gzip', gzipSync(text)],
      ['GZIP', gzipSync(text)],
      ['x-gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['br', brotliCompressSync(text)],
      ['identity', Buffer.from(text)],
    ] as const)('%s is unpacked', async ([encoding, body]) => {
      const answer = await answering(200, { ...json, 'content-encoding': encoding }, body)
      expect(answer.body).toEqual({ a: 'ü' })
    })

    test.for([
      ['gzip', Buffer.from('not packed')],
      ['gzip', gzipSync(text).subarray(0, -6)],
      ['br', Buffer.from([0xff, 0xff])],
      ['zstd', Buffer.from('x')],
      ['gzip, br', Buffer.from('x')],
      ['__proto__', Buffer.from('x')],
    ] as const)('%s that cannot be unpacked is an error of a 2xx', async ([encoding, body]) => {
      const headers = { ...json, 'content-encoding': encoding }
      const failure = await failureOf(answering(200, headers, body))
      expect(failure).toMatchObject({ code: 'HTTP_RESPONSE_INVALID', isSent: true })
      expect(await answering(503, headers, body)).toMatchObject({ status: 503, body: null })
    })

    test('a body that unpacks to gigabytes ends at the limit, whatever its status', async () => {
      const bomb = gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)))
      for (const status of [200, 500]) {
        const { client } = stageOf({ responseMaxBytes: 50_000 })
        const server = await httpServer((_, response) => {
          response.writeHead(status, { 'content-encoding': 'gzip' })
          response.end(gzipSync(Buffer.alloc(16 * 1024 * 1024)))
        })
        const failure = await failureOf(client.get(server.url))
        expect(failure).toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE', isSent: true })
      }
      expect(bomb.length).toBeLessThan(1_000) // packed twice is still packed once: it comes as bytes
      const { body } = await answering(200, { 'content-encoding': 'gzip' }, bomb)
      expect(typeof body).toBe('string')
    })
  })
})
