// No response whatsoever can wedge a step: whatever bytes another system sends, and however it stops sending, the task has
// ended or has a time at which it goes on, the worker has nothing left in hand, and the database's invariants hold.
import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import { httpStep } from '../../src/definitions/api-steps/http-step.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { isEnded } from '../../src/states.ts'
import { checkAfterTheEnd } from '../protocol/invariants.ts'
import { databaseForFile } from '../support/database.ts'
import { runs } from '../properties/runs.ts'
import { stage } from '../scenarios/stage.ts'
import { loopback, rawSystem } from './other-system.ts'

const database = databaseForFile()

/** What a connection does once it has been asked. */
interface Behaviour {
  readonly chunks: readonly Uint8Array[]
  readonly end: 'close' | 'half-close' | 'reset' | 'stay silent'
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const status = fc.oneof(
  fc.integer({ min: 200, max: 599 }).map(String),
  fc.constantFrom(
    '99',
    '100',
    '101',
    '103',
    '000',
    '600',
    '999',
    '1000',
    '-1',
    '2OO',
    '',
    '204',
    '304',
    '205',
  ),
)
const headerValue = fc.oneof(
  fc.constantFrom(
    '0',
    '5',
    '-1',
    '1.5',
    '99999999999999999999',
    'NaN',
    '',
    'chunked',
    'gzip',
    'br',
    'identity, gzip',
    'close',
    'application/json',
    'text/html; charset=latin1',
    'http://127.0.0.1:1/',
    '/',
    '//',
    'Sat, 21 Nov 2026 12:00:30 GMT',
    'soon',
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const headerName = fc.oneof(
  fc.constantFrom(
    'content-length',
    'transfer-encoding',
    'content-encoding',
    'content-type',
    'connection',
    'location',
    'retry-after',
    'date',
    'set-cookie',
    'trailer',
    'upgrade',
    'constructor',
    '__proto__',
  ),
  fc.string({ minLength: 1, maxLength: 12 }),
)
const body = fc.oneof(
  fc.json().map(encode),
  fc
    .constantFrom(
      '',
      '{',
      'null',
      '"\\ud800"',
      '"\\u0000"',
      '5\r\nhello\r\n0\r\n\r\n',
      'ffffffffff\r\nx',
      '-5\r\nx\r\n',
      `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      '{"__proto__":{"a":1}}',
      '1e999',
    )
    .map(encode),
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(encode('x'.repeat(70_000))),
)

/** HTTP that is nearly right, in pieces. */
const nearlyRight = fc
  .tuple(
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2', 'http/1.1', ''),
    status,
    fc.array(fc.tuple(headerName, headerValue), { maxLength: 6 }),
    body,
    fc.constantFrom('\r\n', '\r\n', '\n', '\r'),
  )
  .map(([version, code, headers, content, line]) => {
    const head = [
      `${version} ${code} OK`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      '',
      '',
    ]
    return Buffer.concat([encode(head.join(line)), content])
  })

/** HTTP as it should be, whatever it says. */
const right = fc
  .tuple(
    fc.integer({ min: 200, max: 599 }),
    body,
    fc.constantFrom('application/json', 'text/plain', 'application/octet-stream', ''),
    fc.constantFrom(
      '',
      'retry-after: 7',
      'retry-after: soon',
      'location: /0',
      'content-encoding: gzip',
    ),
  )
  .map(([code, content, type, more]) => {
    const head = [
      `HTTP/1.1 ${code <= 250 ? 200 : code} OK`,
      `content-length: ${content.length}`,
      ...(type === '' ? [] : [`content-type: ${type}`]),
      ...(more === '' ? [] : [more]),
      '',
      '',
    ]
    return Buffer.concat([encode(head.join('\r\n')), content])
  })

const bytes = fc.oneof(
  { weight: 6, arbitrary: right },
  { weight: 6, arbitrary: nearlyRight },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) },
)

const behaviour: fc.Arbitrary<Behaviour> = fc
  .record({
    bytes,
    keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    cuts: fc.integer({ min: 1, max: 4 }),
    end: fc.constantFrom<Behaviour['end']>('close', 'close', 'half-close', 'reset', 'stay silent'),
  })
  .map(({ bytes: whole, keep, cuts, end }) => {
    const sent = whole.subarray(0, Math.ceil(whole.length * keep))
    const size = Math.max(1, Math.ceil(sent.length / cuts))
    const chunks = []
    for (let at = 0; at < sent.length; at += size) chunks.push(sent.subarray(at, at + size))
    return { chunks, end }
  })

const nothing: Behaviour = { chunks: [], end: 'close' }

/** One server for all: a request for `/7` is answered as the seventh behaviour says. */
async function systemOf(behaviours: readonly Behaviour[]): Promise<string> {
  const { url } = await rawSystem((socket) => {
    socket.on('data', (data) => {
      const index = Number(/^GET \/(\d+) /.exec(data.toString('latin1'))?.[1])
      const { chunks, end } = behaviours[index] ?? nothing
      for (const chunk of chunks) socket.write(chunk)
      if (end === 'close') socket.end(() => socket.destroy())
      else if (end === 'half-close') socket.end()
      else if (end === 'reset') socket.resetAndDestroy()
    })
  })
  return url
}

test('any bytes, any end: the task ends or waits with a time, and nothing stays in hand', async () => {
  const { numRuns, seed } = runs(200)
  const behaviours = fc.sample(behaviour, { seed, numRuns })
  const definition = defineTask({ name: 'any_response' })
    .step(
      'send',
      { retry: { limit: 2 } },
      httpStep({
        baseUrl: await systemOf(behaviours),
        path: '/{context.index}',
        timeouts: { connectMs: 5_000, totalMs: 3_000, idleMs: 500 },
        responseMaxBytes: 60_000,
        redirects: 'follow',
      }),
    )
    .step('after', { dependsOn: ['send'] }, async () => null)
  const { tasker, run } = await stage(database.url, { definitions: [definition], ...loopback })
  const created = await tasker.tasks.createMany(
    behaviours.map((_, index) => ({ definition, context: { index } })),
  )
  await tasker.worker.idle()
  expect(tasker.worker.runningCount).toBe(0)
  const wedged = []
  for (const { taskId } of created) {
    const { state, execution } = await tasker.tasks.get(taskId)
    if (!isEnded(state) && execution.nextDueAt === null) wedged.push({ taskId, state })
  }
  expect(wedged).toEqual([])

  const ends: Record<string, number> = {}
  for (const { taskId } of created) {
    const { state } = await run(taskId)
    ends[state] = (ends[state] ?? 0) + 1
  }
  expect(Object.keys(ends).every((state) => state === 'complete' || state === 'error')).toBe(true)
  console.info('ended as', ends)
  await tasker.worker.settled()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const violations = await checkAfterTheEnd(client, 'tasker')
  await client.end()
  expect(violations).toEqual([])
})
