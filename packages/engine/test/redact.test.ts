// What must not be seen of headers, bodies, addresses and text; and what must be, because it explains.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf, isSecretName, redactHeaders, redactJson, redactText } from '../src/redact.ts'
import { runs } from './properties/runs.ts'

describe('names', () => {
  test.for([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'authorisation',
    'cookie',
    'Set-Cookie',
    'x-api-key',
    'X-API_KEY',
    'apiKey',
    'x-auth-token',
    'access_token',
    'refreshToken',
    'client_secret',
    'secretAccessKey',
    'password',
    'passwd',
    'passphrase',
    'private_key',
    'privateKey',
    'credentials',
    'auth',
    'oauth',
    'x-amz-security-token',
  ])('%s holds a secret', (name) => expect(isSecretName(name)).toBe(true))

  test.for([
    'author',
    'authors',
    'authority',
    'content-type',
    'idempotency-key',
    'order_id',
    'key',
    'pass',
    'sort',
  ])('%s does not', (name) => expect(isSecretName(name)).toBe(false))
})

test('headers keep their names; secret ones lose their values', () => {
  expect(
    redactHeaders(
      {
        Authorization: 'Bearer abc',
        'x-request-id': 'r-1',
        'x-trace': 'sees s3cr3t-value',
        cookie: 'a=b',
      },
      ['s3cr3t-value'],
    ),
  ).toEqual({
    Authorization: '[REDACTED]',
    'x-request-id': 'r-1',
    'x-trace': 'sees [REDACTED]',
    cookie: '[REDACTED]',
  })
})

describe('bodies', () => {
  test('secret fields lose their values at any depth, whatever they are', () => {
    expect(
      redactJson({
        order: 7,
        author: 'Ann',
        password: 'x',
        card: [{ apiKey: { nested: 'x' }, last4: '4242' }, null, true],
        auth: ['x'],
      }),
    ).toEqual({
      order: 7,
      author: 'Ann',
      password: '[REDACTED]',
      card: [{ apiKey: '[REDACTED]', last4: '4242' }, null, true],
      auth: '[REDACTED]',
    })
  })

  test('text in them is redacted as text is, names included', () => {
    expect(
      redactJson({ note: 'use Bearer abcdef', 'k-hunter2': ['hunter2!'] }, ['hunter2']),
    ).toEqual({
      note: 'use Bearer [REDACTED]',
      'k-[REDACTED]': ['[REDACTED]!'],
    })
  })

  test('a field called __proto__ is a field', () => {
    const body = JSON.parse('{"__proto__":{"token":"x"},"a":1}') as { readonly a: number }
    expect(JSON.stringify(redactJson(body))).toBe('{"__proto__":{"token":"[REDACTED]"},"a":1}')
  })

  test('what is nested beyond all measure is cut, not followed', () => {
    const text = `${'['.repeat(50_000)}"hunter2"${']'.repeat(50_000)}`
    const redacted = redactJson(JSON.parse(text) as string)
    expect(JSON.stringify(redacted)).toContain('[REDACTED]')
    expect(JSON.stringify(redacted)).not.toContain('hunter2')
  })
})

describe('text', () => {
  test.for([
    ['access_token=abc&user=ann', 'access_token=[REDACTED]&user=ann'],
    ['{"api_key": "abc", "n": 1}', '{"api_key": "[REDACTED]", "n": 1}'],
    ["{'password':'abc'}", "{'password':'[REDACTED]'}"],
    ['Authorization: Bearer abc.def-123', 'Authorization: [REDACTED]'],
    ['authorization: Basic dXNlcg==', 'authorization: [REDACTED]'],
    ['sent Bearer eyJhbGciOi.x.y to it', 'sent Bearer [REDACTED] to it'],
    ['at https://user:pass@db.example/x', 'at https://[REDACTED]@db.example/x'],
    ['postgres://u:p@h/d', 'postgres://[REDACTED]@h/d'],
    ['the author: Ann', 'the author: Ann'],
    ['a bearer of news', 'a bearer of news'],
    ['status 503, try later', 'status 503, try later'],
    ['mail ann@example.com', 'mail ann@example.com'],
  ] as const)('%s', ([given, expected]) => expect(redactText(given)).toBe(expected))

  test('secrets that are known are replaced, also as they stand in JSON and in addresses', () => {
    const secret = 'p"w&d é/1'
    const text = `${secret} ${JSON.stringify({ a: secret })} https://x/?q=${encodeURIComponent(secret)}`
    expect(redactText(text, [secret])).toBe('[REDACTED] {"a":"[REDACTED]"} https://x/?q=[REDACTED]')
  })

  test('a place in code is none, whatever its file is called', () => {
    const place = 'at identify (src/auth/read-auth.ts:76:23)'
    expect(redactText(place)).toBe(place)
    expect(redactText('read-auth.ts: 76, token.js=hunter2')).not.toMatch(/76|hunter2/)
  })

  test('of two secrets the longer one first; an empty one is none', () => {
    expect(redactText('abcdef abc', ['abc', 'abcdef', ''])).toBe('[REDACTED] [REDACTED]')
  })

  test('no secret is left, whatever stands around it', () => {
    const { numRuns, seed } = runs(300)
    const secret = fc
      .string({ minLength: 6, unit: 'grapheme' })
      .filter((it) => !'[REDACTED]'.includes(it))
    fc.assert(
      fc.property(fc.array(fc.string()), secret, (parts, hidden) => {
        expect(redactText(parts.join(hidden), [hidden])).not.toContain(hidden)
        expect(JSON.stringify(redactJson({ a: [parts.join(hidden)] }, [hidden]))).not.toContain(
          hidden,
        )
      }),
      { numRuns, seed },
    )
  })

  test('takes no longer than its length allows, whatever it is', () => {
    for (const part of [
      'token',
      'a:',
      'auth ',
      '"',
      '://',
      'Bearer ',
      'secret=',
      'http://a',
      ' '.repeat(10),
    ]) {
      const long = part.repeat(200_000 / part.length)
      expect(redactText(long).length).toBeLessThanOrEqual(long.length * 3) // it ends: that is the test
    }
  })
})

test.for([
  ['https://user:pass@api.example:8443/a/b?token=x#y', 'https://api.example:8443/a/b'],
  ['http://127.0.0.1/', 'http://127.0.0.1/'],
  ['nonsense', null],
  ['', null],
] as const)('the address of %s is %s', ([url, address]) => {
  expect(addressOf(url)).toBe(address)
  expect(addressOf(URL.parse(url) ?? 'nonsense')).toBe(address)
})

test.for([
  ['{"password":"correct horse, battery; staple"} x', '{"password":"[REDACTED]"} x'],
  [String.raw`{"password":"a\"b c","id":1}`, '{"password":"[REDACTED]","id":1}'],
  [
    String.raw`{"body":"{\"password\":\"hunter 2\",\"id\":1}"}`,
    String.raw`{"body":"{\"password\":\"[REDACTED]\",\"id\":1}"}`,
  ],
  [
    String.raw`"{\\\"token\\\": \\\"a\\\\\\\"b\\\"}"`,
    String.raw`"{\\\"token\\\": \\\"[REDACTED]\\\"}"`,
  ],
  ["password='x y' z", "password='[REDACTED]' z"],
  ['Authorization: Token abc123def\nnext', 'Authorization: [REDACTED]\nnext'],
  ['authorization: Digest username="u", response="abc"\nnext', 'authorization: [REDACTED]\nnext'],
  [
    'Authorization: AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host;x-date, Signature=abc',
    'Authorization: [REDACTED]',
  ],
  ['Set-Cookie: theme=dark; sid=abcdef; Secure', 'Set-Cookie: [REDACTED]'],
  ['postgres://u:p@ss@host/db', 'postgres://[REDACTED]@host/db'],
  ['https://h/p?a=1&X-Amz-Signature=abc&b=2', 'https://h/p?a=1&X-Amz-Signature=[REDACTED]&b=2'],
  ['https://h/p?sig=abc&b=2', 'https://h/p?sig=[REDACTED]&b=2'],
  ['the token: "" is empty', 'the token: "" is empty'],
] as const)('%s keeps no part of its secret', ([text, kept]) => expect(redactText(text)).toBe(kept))
