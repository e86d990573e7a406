// Whatever bytes another system answers, in whatever pieces and however it ends: the request ends within its time with a
// response or an HttpError, and no connection stays open. Answers are drawn near to HTTP, where its readers differ.
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { asError } from '../../src/errors.ts'
import { HttpError, type HttpMethod, type HttpResponse } from '../../src/http/model.ts'
import { rawServer, stageOf, type TestServer } from '../http/stage.ts'
import { runs } from './runs.ts'

type Ending = 'end' | 'reset' | 'destroy' | 'silence'

interface Answer {
  readonly bytes: Uint8Array
  /** Where the bytes are cut into pieces, as shares of their length. */
  readonly cuts: readonly number[]
  readonly ending: Ending
}

const status = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(200, 200, 200, 204, 302, 304, 307, 404, 500, 503).map(statusLine),
  },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 599 }).map(statusLine) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'HTTP/1.0 200 OK',
      'HTTP/1.1 200',
      'HTTP/2.0 200 OK',
      'HTTP/1.1 99999 X',
      'ICY 200 OK',
      '',
    ),
  },
)

function statusLine(code: number): string {
  return `HTTP/1.1 ${code} X`
}

const header = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      'content-length: 0',
      'content-length: 5',
      'content-length: 12',
      'transfer-encoding: chunked',
      'connection: close',
      'connection: keep-alive',
      'keep-alive: timeout=0',
      'keep-alive: timeout=5',
      'content-type: application/json',
      'content-type: text/plain; charset=utf-16',
      'content-type: ;;;=',
      'content-encoding: gzip',
      'content-encoding: br',
      'location: /again',
      'location: //',
      'location: http://[::1',
      'location: http://10.0.0.1/',
      'location: http://127.0.0.1:1/',
      'trailer: x',
      'set-cookie: a=b',
      '__proto__: x',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'content-length: 999999999999',
      'content-length: 5, 5',
      'content-length: 0x5',
      'transfer-encoding: gzip, chunked',
      'transfer-encoding: identity',
      'connection: upgrade',
      'upgrade: websocket',
      'location: \u0000',
      ': no name',
      ' folded',
      'a b: c',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.string(), fc.string()).map(([name, value]) => `${name}: ${value}`),
  },
)

const body = fc.oneof(
  fc.constantFrom(
    '',
    '{"a":1}',
    '[1,2',
    'hello',
    '5\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello\r\n0\r\nx: y\r\n\r\n',
    '5;ext=1\r\nhello\r\n',
    'ffffffffffffffffff\r\n',
    '-1\r\nx\r\n',
    'g\r\n',
    '0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nmore',
    'x'.repeat(5_000),
  ),
  fc.string({ unit: 'binary' }),
)

const wellMeant = fc
  .tuple(
    status,
    fc.array(header, { maxLength: 6 }),
    fc.constantFrom(...Array<string>(9).fill('\r\n'), '\n'),
    body,
  )
  .map(([line, headers, ending, rest]) => [line, ...headers, '', rest].join(ending))

/** Well meant, with single bytes changed, twice in a row, after interim answers, or nothing of the kind. */
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: wellMeant.map((text) => Buffer.from(text, 'latin1')) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(wellMeant, fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 4 }))
      .map(([text, changes]) => {
        const changed = Buffer.from(text, 'latin1')
        for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte
        return changed
      }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(wellMeant, wellMeant).map((both) => Buffer.from(both.join(''))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(100, 101, 102, 103, 199), fc.nat(30), wellMeant)
      .map(([code, times, text]) => Buffer.from(`HTTP/1.1 ${code} X\r\n\r\n`.repeat(times) + text)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
)

const answer: fc.Arbitrary<Answer> = fc.record({
  bytes,
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  ending: fc.constantFrom<Ending>('end', 'end', 'end', 'reset', 'destroy', 'silence'),
})

const methods: readonly HttpMethod[] = ['GET', 'POST', 'HEAD', 'DELETE']
const totalMs = 400

const codes: readonly string[] = [
  'HTTP_RESET',
  'HTTP_RESPONSE_INVALID',
  'HTTP_RESPONSE_TOO_LARGE',
  'HTTP_IDLE_TIMEOUT',
  'HTTP_TIMEOUT',
  'HTTP_REDIRECT',
  'HTTP_ADDRESS_REFUSED', // of a redirect
  'HTTP_CONNECT_FAILED', // of a redirect, or before the next hop
]

test('a request ends with a response or an HttpError, and leaves no connection', async () => {
  const { numRuns, seed } = runs(300)
  const unhandled: unknown[] = []
  const keep = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', keep)
  onTestFinished(() => void process.off('unhandledRejection', keep))
  const turns: Answer[] = []
  const server = await rawServer((socket) => void play(socket, turns.at(-1)))
  await fc.assert(
    fc.asyncProperty(answer, fc.constantFrom(...methods), async (drawn, method) => {
      turns.push(drawn)
      const { client } = stageOf({ allowedAddresses: ['127.0.0.0/8'] })
      const before = server.sockets.length
      const ended = await client
        .request({
          url: `${server.url}/x`,
          method,
          body: method === 'POST' ? { a: 1 } : undefined,
          redirects: 'follow',
          responseMaxBytes: 4_000,
          timeouts: { totalMs, idleMs: 40, connectMs: totalMs },
        })
        .catch(asError)
      expect(faultOf(ended)).toBeNull()
      await client.close()
      await closed(server, before)
      expect(unhandled).toEqual([])
    }),
    { numRuns, seed, endOnFailure: false },
  )
})

/** What is wrong with the end of a request; null: nothing. */
function faultOf(ended: HttpResponse | Error): string | null {
  if (ended instanceof HttpError) return codes.includes(ended.code) ? null : ended.code
  if (ended instanceof Error) return `not an HttpError: ${ended.stack}`
  if (ended.status < 200) return `status ${ended.status}`
  // Undefined where the body is no JSON value.
  const text = JSON.stringify(ended.body) as string | undefined
  return text === undefined ? 'no body' : null
}

async function play(socket: Socket, drawn: Answer | undefined): Promise<void> {
  if (drawn === undefined) return
  const at = drawn.cuts
    .map((share) => Math.floor(share * drawn.bytes.length))
    .toSorted((a, b) => a - b)
  const ends = [...at, drawn.bytes.length]
  for (const [index, end] of ends.entries()) {
    if (socket.destroyed) return
    socket.write(drawn.bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
    await new Promise((resolve) => setImmediate(resolve)) // the next piece arrives by itself
  }
  if (drawn.ending === 'end') socket.end()
  else if (drawn.ending === 'reset') socket.resetAndDestroy()
  else if (drawn.ending === 'destroy') socket.destroy()
}

/** The connections of this run are closed by the client, whoever else has closed them before. */
async function closed(server: TestServer, before: number): Promise<void> {
  await Promise.all(
    server.sockets.slice(before).map(async (socket) => {
      socket.resume()
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
    }),
  )
}
