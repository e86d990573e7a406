// Callers by JSON Web Token: what is accepted, what is refused whatever it looks like, and an issuer whose keys come and go.
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type Tasker } from '@tasker/engine'
import {
  AuthenticationFailed,
  jwtAuthenticator,
  type Authenticator,
  type Caller,
  type JwtOptions,
} from '@tasker/server'
import { exportJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { here } from '../support/served.ts'

const issuer = 'https://login.example.com'
const audience = 'tasker'
const secret = 's'.repeat(32)

let keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
beforeAll(() => {
  keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
})

const expected = { issuer, audience }
const claims = { roles: ['viewer'], permissions: ['tasker.task:show'], namespaces: ['shop'] }

function tokenOf(payload: JWTPayload = {}, header: { alg?: string; kid?: string } = {}): SignJWT {
  const { sub = 'ana', iss = issuer, aud = audience, exp = '5 minutes', ...rest } = payload
  return new SignJWT(rest)
    .setProtectedHeader({ alg: 'HS256', ...header })
    .setSubject(sub)
    .setIssuer(iss)
    .setAudience(aud)
    .setIssuedAt()
    .setExpirationTime(exp)
}

const signed = (payload?: JWTPayload, by: string = secret): Promise<string> =>
  tokenOf(payload).sign(Buffer.from(by))

async function callerFor(authenticator: Authenticator, token: string): Promise<Caller | null> {
  const headers = { authorization: `Bearer ${token}` }
  // This authenticator asks nothing of the Tasker.
  return authenticator.authenticate(
    new Request('http://localhost/', { headers }),
    here,
    {} as Tasker,
  )
}

const bySecret = (options: Partial<JwtOptions> = {}): Authenticator =>
  jwtAuthenticator({ keys: { secret }, ...expected, ...options })

async function refusalOf(authenticator: Authenticator, token: string): Promise<string> {
  const refused = await callerFor(authenticator, token).catch((error: unknown) => error)
  if (refused instanceof AuthenticationFailed) return refused.message
  throw new Error(`not refused: ${JSON.stringify(refused)}`, { cause: refused })
}

const inSeconds = (seconds: number): number => Math.floor(systemClock.nowMs() / 1000) + seconds
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token', () => {
  test('that is good makes the caller by its claims', async () => {
    expect(await callerFor(bySecret(), await signed(claims))).toEqual({ id: 'ana', ...claims })
    expect(await callerFor(bySecret(), await signed())).toEqual({
      id: 'ana',
      roles: [],
      permissions: [],
      namespaces: null,
    })
  })

  test('is mapped by the application, if it wants', async () => {
    const authenticator = bySecret({
      callerOf: ({ sub = '', groups }) =>
        Array.isArray(groups) && groups.includes('ops')
          ? { id: `sso:${sub}`, isAdmin: true }
          : null,
    })
    expect(await callerFor(authenticator, await signed({ groups: ['ops'] }))).toEqual({
      id: 'sso:ana',
      isAdmin: true,
    })
    expect(await refusalOf(authenticator, await signed())).toBe(
      'The token is of nobody known here.',
    )
  })

  test.each<[string, JWTPayload, string]>([
    ['of another issuer', { iss: 'https://evil.example' }, 'The claim "iss"'],
    ['for another audience', { aud: 'billing' }, 'The claim "aud"'],
    ['that has expired', { exp: inSeconds(-3_600) }, 'The token has expired.'],
    ['that is not valid yet', { nbf: inSeconds(36_000) }, 'The claim "nbf"'],
    ['of nobody', { sub: '' }, 'The claim "sub"'],
    ['of somebody with a line break', { sub: 'ana\nroot' }, 'The claim "sub"'],
    ['of somebody whose name is endless', { sub: 'x'.repeat(129) }, 'The claim "sub"'],
    ['with a text for roles', { roles: 'admin' }, 'The claim "roles"'],
    ['with a text for namespaces', { namespaces: 'shop' }, 'The claim "namespaces"'],
    ['with null for namespaces', { namespaces: null }, 'The claim "namespaces"'],
  ])('%s is refused', async (_case, payload, reason) => {
    expect(await refusalOf(bySecret(), await signed(payload))).toContain(reason)
  })

  test('may be late or early by what clocks differ, and no more', async () => {
    const tolerant = bySecret({ clockToleranceSeconds: 300 })
    const late = await signed({ exp: inSeconds(-60) })
    expect(await callerFor(tolerant, late)).toMatchObject({ id: 'ana' })
    expect(await refusalOf(bySecret({ clockToleranceSeconds: 0 }), late)).toContain('expired')
  })

  test('without an end is refused', async () => {
    const endless = await new SignJWT({ sub: 'ana', iss: issuer, aud: audience })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(secret))
    expect(await refusalOf(bySecret(), endless)).toContain('"exp"')
  })

  test('signed by somebody else, by nobody, or changed, is refused', async () => {
    const good = await signed(claims)
    const [head = '', , signature = ''] = good.split('.')
    const unsigned = new UnsecuredJWT({ sub: 'ana', iss: issuer, aud: audience, exp: 9e9 }).encode()
    const forged = [
      await signed(claims, 'x'.repeat(32)),
      `${head}.${encoded({ sub: 'root', iss: issuer, aud: audience, exp: 9e9 })}.${signature}`,
      unsigned,
      `${encoded({ alg: 'NONE' })}.${unsigned.split('.')[1] ?? ''}.${signature}`,
      `${encoded({ alg: 'HS256', crit: ['exp'] })}.${good.split('.')[1] ?? ''}.${signature}`,
    ]
    for (const token of forged) expect(await refusalOf(bySecret(), token)).toMatch(/not valid/)
  })

  test('that uses the public key as a shared secret is refused', async () => {
    const pem = keys.publicKey.export({ type: 'spki', format: 'pem' })
    const authenticator = jwtAuthenticator({ keys: { publicKey: keys.publicKey }, ...expected })
    const good = await tokenOf({}, { alg: 'RS256' }).sign(keys.privateKey)
    expect(await callerFor(authenticator, good)).toMatchObject({ id: 'ana' })
    const content = `${encoded({ alg: 'HS256' })}.${encoded({ sub: 'ana', iss: issuer, aud: audience, exp: 9e9 })}`
    const mac = createHmac('sha256', pem).update(content).digest('base64url')
    expect(await refusalOf(authenticator, `${content}.${mac}`)).toBe('The token is not valid.')
  })

  test.each([`tsk_${'0'.repeat(16)}_${'A'.repeat(43)}`, 'a.b', 'a.b.c.d.e', '..', 'opaque'])(
    'is none: %s is left to others',
    async (token) => {
      expect(await callerFor(bySecret(), token)).toBeNull()
    },
  )
})

describe('settings', () => {
  test.each<[string, JwtOptions, string]>([
    ['a short secret', { keys: { secret: 'x'.repeat(31) }, ...expected }, 'needs 32'],
    [
      'a secret that is short for its algorithm',
      { keys: { secret }, algorithms: ['HS512'], ...expected },
      'needs 64',
    ],
    [
      'an algorithm of public keys for a secret',
      { keys: { secret }, algorithms: ['RS256'], ...expected },
      'not for a shared secret',
    ],
    [
      'an algorithm of secrets for public keys',
      { keys: { jwksUrl: 'https://a.example/' }, algorithms: ['RS256', 'HS256'], ...expected },
      'allows "HS256", which is not for a public key',
    ],
    [
      'none',
      // What plain JavaScript may give.
      { keys: { secret }, algorithms: ['none' as 'HS256'], ...expected },
      'allows "none"',
    ],
    ['no algorithm', { keys: { secret }, algorithms: [], ...expected }, 'allows no algorithm'],
    ['no issuer', { keys: { secret }, issuer: '', audience }, 'has no `issuer`'],
    ['no audience', { keys: { secret }, issuer, audience: [] }, 'has no `audience`'],
    [
      'keys over plain http',
      { keys: { jwksUrl: 'http://login.example.com/keys' }, ...expected },
      'neither https nor of a loopback address',
    ],
    ['a key that is none', { keys: { publicKey: 'PEM' }, ...expected }, 'cannot be read as one'],
    [
      'a tolerance of an hour',
      { keys: { secret }, clockToleranceSeconds: 3_600, ...expected },
      'clockToleranceSeconds',
    ],
  ])('with %s are refused when the server is made', async (_case, options, fault) => {
    const authenticator = jwtAuthenticator(options)
    expect(authenticator.configurationFaults?.().join(' ')).toContain(fault)
    expect(await callerFor(authenticator, await signed())).toBeNull()
  })
})

describe('keys that the issuer publishes', () => {
  test('are read once for many requests, and again for a key that is new', async () => {
    const published = await publish()
    await published.set([['one', keys.publicKey]])
    const authenticator = jwtAuthenticator({ keys: { jwksUrl: published.url }, ...expected })
    const token = await tokenOf({}, { alg: 'RS256', kid: 'one' }).sign(keys.privateKey)
    const callers = await Promise.all(
      Array.from({ length: 20 }, () => callerFor(authenticator, token)),
    )
    expect(callers.map((caller) => caller?.id)).toEqual(callers.map(() => 'ana'))
    expect(published.requestCount()).toBe(1)
    const unknown = await tokenOf({}, { alg: 'RS256', kid: 'two' }).sign(keys.privateKey)
    for (let time = 0; time < 5; time += 1)
      expect(await refusalOf(authenticator, unknown)).toBe('The token is not valid.')
    expect(published.requestCount()).toBe(1) // whoever invents keys does not make the server ask for them
  })

  test('that cannot be had are no fault of the caller, and are not asked for by each of many', async () => {
    const published = await publish()
    const authenticator = jwtAuthenticator({ keys: { jwksUrl: published.url }, ...expected })
    const token = await tokenOf({}, { alg: 'RS256', kid: 'one' }).sign(keys.privateKey)
    for (let time = 0; time < 10; time += 1) {
      await expect(callerFor(authenticator, token)).rejects.toMatchObject({
        code: 'AUTHENTICATION_UNAVAILABLE',
        category: 'unavailable',
      })
    }
    expect(published.requestCount()).toBe(1)
  })

  test.each([
    ['no JSON', 'keys', 200],
    ['no set of keys', '{"keys":7}', 200],
    ['a set that is too large', `{"keys":[],"x":"${'x'.repeat(2_000_000)}"}`, 200],
    ['a redirect', '', 302],
  ])('that are %s are unavailable too', async (_case, content, status) => {
    const published = await publish()
    published.answer(content, status)
    const authenticator = jwtAuthenticator({ keys: { jwksUrl: published.url }, ...expected })
    const token = await tokenOf({}, { alg: 'RS256', kid: 'one' }).sign(keys.privateKey)
    await expect(callerFor(authenticator, token)).rejects.toMatchObject({
      code: 'AUTHENTICATION_UNAVAILABLE',
    })
  })
})

/** An issuer's set of keys on this machine; until it is set, it answers 500. */
async function publish() {
  let reply = { content: 'not now', status: 500 }
  let requestCount = 0
  const server: Server = createServer((_request, response) => {
    requestCount += 1
    response.writeHead(reply.status, { location: '/elsewhere' }).end(reply.content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  return {
    url: `http://127.0.0.1:${port}/keys`,
    requestCount: () => requestCount,
    answer(content: string, status: number) {
      reply = { content, status }
    },
    async set(named: readonly (readonly [string, KeyObject])[]) {
      const jwks = await Promise.all(
        named.map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid, alg: 'RS256' })),
      )
      reply = { content: JSON.stringify({ keys: jwks }), status: 200 }
    },
  }
}
