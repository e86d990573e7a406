// The stand-in for other systems: what it answers, what it remembers, what it logs, and each fault as the caller sees it.
import { describe, expect, onTestFinished, test } from 'vitest'
import { idFor, StubSystem, type StubRoute } from './stub-system.ts'

const charge: StubRoute = (call) => ({ status: 201, body: { id: idFor('pay', call) } })

async function payments(): Promise<StubSystem> {
  const system = new StubSystem('payments', {
    'POST /charges': charge,
    'GET /charges/:id': ({ params, query }) => ({ body: { ...params, ...query } }),
  })
  onTestFinished(() => system.close())
  return system.start()
}

const post = (system: StubSystem, key: string) =>
  fetch(`${system.url}/charges`, {
    method: 'POST',
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
    body: '{"cents":1}',
  })

test('it answers by method and path, and logs what it was asked', async () => {
  const system = await payments()
  const found = await fetch(`${system.url}/charges/a%20b?wide=1`)
  await post(system, 'k')
  const unknown = await fetch(`${system.url}/refunds`)
  expect(await found.json()).toEqual({ id: 'a b', wide: '1' })
  expect(unknown.status).toBe(404)
  expect(system.calls()).toMatchObject([
    { system: 'payments', route: 'GET /charges/:id', path: '/charges/a%20b', status: 200 },
    { method: 'POST', body: { cents: 1 }, headers: { 'idempotency-key': 'k' }, status: 201 },
    { route: null, method: 'GET', path: '/refunds', body: null, status: 404 },
  ])
  expect(system.calls('POST /charges')).toHaveLength(1)
})

test('it acts once for each key, and ids follow from the key', async () => {
  let acted = 0
  const system = new StubSystem('payments', {
    'POST /charges': (call) => {
      acted += 1
      return charge(call)
    },
  })
  onTestFinished(() => system.close())
  await system.start()
  const first = await post(system, 'one')
  const again = await post(system, 'one')
  const other = await post(system, 'two')
  const [a, b, c] = await Promise.all([first.json(), again.json(), other.json()])
  expect(a).toEqual(b)
  expect(a).not.toEqual(c)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(acted).toBe(2)
})

test('a refusal is not remembered', async () => {
  const system = await payments()
  system.stub('POST /charges', { status: 402, body: { reason: 'declined' } })
  expect((await post(system, 'k')).status).toBe(402)
  system.repair()
  expect((await post(system, 'k')).status).toBe(201)
})

describe('a fault', () => {
  test('happens so many times, or always, or once for each key', async () => {
    const system = await payments()
    system.inject('POST /charges', { answer: { status: 503 }, times: 2 })
    const answers = [await post(system, 'a'), await post(system, 'a'), await post(system, 'a')]
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 201])
    const repair = system.inject('POST /charges', { answer: { status: 500 } })
    expect((await post(system, 'b')).status).toBe(500)
    repair()
    system.inject('POST /charges', { answer: { status: 500 }, times: 1, timesOf: 'key' })
    const keyed = [await post(system, 'b'), await post(system, 'c'), await post(system, 'b')]
    expect(keyed.map(({ status }) => status)).toEqual([500, 500, 201])
  })

  test('answers with the headers and the body it is given', async () => {
    const system = await payments()
    const answer = { status: 429, headers: { 'retry-after': '30' }, body: '<html>' }
    system.inject('POST /charges', { answer })
    const got = await post(system, 'k')
    expect([got.status, got.headers.get('retry-after'), await got.text()]).toEqual([
      429,
      '30',
      '<html>',
    ])
  })

  test.for(['reset', 'cut'] as const)('%s loses the answer, not the act', async (connection) => {
    const system = await payments()
    system.inject('POST /charges', { connection, isActedOn: true, times: 1 })
    await expect(post(system, 'k').then((response) => response.json())).rejects.toThrow(
      /fetch failed|terminated/,
    )
    const again = await post(system, 'k')
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(system.calls().map(({ status }) => status)).toEqual([null, 201])
  })

  test('hang answers nobody until the caller gives up', async () => {
    const system = await payments()
    system.inject('GET /charges/:id', { connection: 'hang' })
    const held = system.hold('GET /charges/:id')
    const caller = new AbortController()
    const asked = fetch(`${system.url}/charges/1`, { signal: caller.signal })
    await held.arrived
    held.release()
    caller.abort()
    await expect(asked).rejects.toThrow('aborted')
  })

  test('of a route that is not there is refused, with those that are', async () => {
    const system = await payments()
    expect(() => system.inject('POST /charge', {})).toThrow(
      'payments has no route "POST /charge"; it has POST /charges, GET /charges/:id.',
    )
  })
})

test('a held call waits for its release, and others pass', async () => {
  const system = await payments()
  const held = system.hold('POST /charges')
  const first = post(system, 'a')
  await held.arrived
  expect((await post(system, 'b')).status).toBe(201)
  held.release()
  expect((await first).status).toBe(201)
})
