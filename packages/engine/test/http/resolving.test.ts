// The address guard on names: what counts is what a name resolves to in the moment of connecting.
import { describe, expect, test } from 'vitest'
import { failureOf, httpServer, stageOf } from './stage.ts'

const v4 = (address: string) => ({ address, family: 4 })
const v6 = (address: string) => ({ address, family: 6 })

/** A client whose names resolve in turn to these; the last stays. */
function resolving(
  turns: readonly (readonly { readonly address: string; readonly family: number }[])[],
  allowedAddresses: readonly string[] = [],
) {
  let turn = 0
  const asked: string[] = []
  const { client } = stageOf(
    { allowedAddresses, maxConnectionsPerOrigin: 1 },
    {
      resolveName: async (host) => {
        asked.push(host)
        turn += 1
        return turns[Math.min(turn, turns.length) - 1] ?? []
      },
    },
  )
  return { client, asked }
}

describe('a name', () => {
  test.for([
    ['a private address', [v4('10.0.0.5')], 'resolves to 10.0.0.5, which is private'],
    ['loopback', [v4('127.0.0.1')], 'resolves to 127.0.0.1, which is loopback'],
    ['a mapped address', [v6('::ffff:7f00:1')], 'which is loopback'],
    ['an address with a zone', [v6('fe80::1%eth0')], 'which is link-local'],
    ['metadata', [v4('169.254.169.254')], 'where clouds serve metadata'],
    ['NAT64 of a private address', [v6('64:ff9b::a00:1')], 'which is private'],
    ['only private addresses', [v4('10.0.0.5'), v6('fd00::1')], 'which is private'],
    ['what is no address', [v4('db.internal')], 'which is no address'],
  ] as const)('that resolves to %s is refused', async ([, addresses, says]) => {
    const { client } = resolving([addresses])
    const failure = await failureOf(client.post('http://shop.example/?secret=1', { a: 1 }))
    expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: false })
    expect(failure.message).toContain(says)
    expect(failure.message).toContain('http.allowedAddresses')
  })

  test('of this machine is refused as any other', async () => {
    const { client } = stageOf({ allowedAddresses: ['10.0.0.0/8'] }) // looked up for real
    for (const name of ['localhost', 'a.localhost']) {
      const failure = await failureOf(client.get(`http://${name}:1/`))
      expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: false })
    }
  })

  test('with public and private addresses is called at none of the private ones', async () => {
    const server = await httpServer((_, response) => response.end('reached'))
    // 192.0.2.0/24 leads nowhere; it stands for the public one.
    const { client } = resolving([[v4('192.0.2.1'), v4('127.0.0.1')]], ['192.0.2.0/24'])
    const failure = await failureOf(
      client.get(`http://mixed.example:${server.port}/`, { timeouts: { totalMs: 300 } }),
    )
    expect(['HTTP_TIMEOUT', 'HTTP_CONNECT_FAILED']).toContain(failure.code)
    expect(server.sockets).toEqual([])
  })

  test('that resolves elsewhere the second time is judged by what is called (rebinding)', async () => {
    const server = await httpServer((_, response) => {
      response.setHeader('connection', 'close')
      response.end('first')
    })
    const turns = [[v4('127.0.0.1')], [v4('127.0.0.2')]] // "public" first, private then
    const { client, asked } = resolving(turns, ['127.0.0.1'])
    const url = `http://rebound.example:${server.port}/`
    expect(await client.get(url)).toMatchObject({ body: 'first' })
    const failure = await failureOf(client.get(url))
    expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: false })
    expect(asked).toEqual(['rebound.example', 'rebound.example'])
  })

  test('is looked up once for a connection: what was judged is what is called', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client, asked } = resolving([[v4('127.0.0.1')], [v4('10.0.0.1')]], ['127.0.0.1'])
    const url = `http://rebound.example:${server.port}/`
    await client.get(url)
    await client.get(url) // on the connection that is there
    expect(asked).toHaveLength(1)
  })

  test('of a redirect is looked up and judged too', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(302, { location: 'http://inside.example/' }).end()
    })
    const { client } = resolving([[v4('10.0.0.1')]], ['127.0.0.1'])
    const failure = await failureOf(client.get(server.url, { redirects: 'follow' }))
    expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: true })
  })
})

describe('what is allowed', () => {
  test('a name, whatever it resolves to', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = resolving([[v4('127.0.0.1')]], ['Billing.internal'])
    expect(await client.get(`http://billing.internal:${server.port}/`)).toMatchObject({ body: 'x' })
    const failure = await failureOf(client.get(`http://other.internal:${server.port}/`))
    expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED' })
  })

  test('one request alone', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = stageOf({ allowedAddresses: [] })
    const allowedAddresses = ['127.0.0.1/32']
    expect(await client.get(server.url, { allowedAddresses })).toMatchObject({ body: 'x' })
    expect(await client.get(`http://127.1:${server.port}`, { allowedAddresses })).toMatchObject({
      body: 'x',
    })
    expect(await failureOf(client.get(server.url))).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED' })
  })

  test('of several addresses the one that answers', async () => {
    const server = await httpServer((_, response) => response.end('x'))
    const { client } = resolving([[v6('::1'), v4('127.0.0.1')]], ['127.0.0.0/8', '::1'])
    expect(await client.get(`http://two.example:${server.port}/`)).toMatchObject({ body: 'x' })
  })
})
