// The address guard against the ways around guards that are published: every numeral form, IPv6 in all its embeddings,
// names of metadata services, parser tricks. The kinds are those of public collections of SSRF payloads (PayloadsAllTheThings,
// HackTricks, the OWASP cheat sheet) and IANA's special-purpose registries; each row is a URL as an attacker would give it.
import { describe, expect, test } from 'vitest'
import { createAddressGuard, isAllowable } from '../../src/http/addresses.ts'
import { readUrl } from '../../src/http/read-request.ts'
import { failureOf, stageOf } from './stage.ts'

const refusedUrls: Readonly<Record<string, readonly string[]>> = {
  'loopback, plainly': [
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'http://127.0.0.1:22/',
    'http://127.127.127.127/',
    'http://127.0.1.3/',
    'http://127.0.0.0/',
    'http://127.255.255.255/',
  ],
  'short forms': [
    'http://127.1/',
    'http://127.0.1/',
    'http://0/',
    'http://10.1/',
    'http://192.168.1/',
  ],
  'one decimal number': [
    'http://2130706433/',
    'http://3232235521/',
    'http://3232235777/',
    'http://2852039166/',
    'http://167772161/',
  ],
  octal: [
    'http://0177.0.0.1/',
    'http://0177.0.0.01/',
    'http://0177.1/',
    'http://017700000001/',
    'http://00000177.0.0.1/',
    'http://0251.0376.0251.0376/',
    'http://0251.00376.000251.0000376/',
    'http://012.0.0.1/',
  ],
  hexadecimal: [
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0x7f.1/',
    'http://0X7F.0x0.0x0.0x1/',
    'http://0xa9fea9fe/',
    'http://0xA9.0xFE.0xA9.0xFE/',
    'http://0x0a000001/',
    'http://0x/',
    'http://0x000000000000000000007f.1/',
  ],
  'mixed bases': ['http://0251.254.169.254/', 'http://0x7f.000.0.1/', 'http://169.0xfe.0251.254/'],
  'a dot at the end, percent escapes, capitals': [
    'http://127.0.0.1./',
    'http://%31%32%37.0.0.1/',
    'http://127%2e0%2e0%2e1/',
    'http://LOCALHOST/',
    'http://LocalHost./',
    'http://%6c%6f%63%61%6c%68%6f%73%74/',
  ],
  'unicode digits, dots and letters': [
    'http://①②⑦.⓪.⓪.①/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://127．0．0．1/',
    'http://127｡0｡0｡1/',
    'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/',
    'http://⑯⑨。②⑤④。⑯⑨。②⑤④/',
    'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
    'http://ｌｏｃａｌｈｏｓｔ/',
    'http://loc\u00adalhost/',
    'http://local\u200bhost/',
  ],
  unspecified: [
    'http://0.0.0.0/',
    'http://0.0.0.0:80/',
    'http://[::]/',
    'http://[0:0:0:0:0:0:0:0]/',
  ],
  'private and shared IPv4': [
    'http://10.0.0.1/',
    'http://10.255.255.255/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://100.127.255.255/',
  ],
  'IPv4 for special purposes': [
    'http://192.0.0.8/',
    'http://192.0.2.1/',
    'http://192.88.99.1/',
    'http://198.18.0.1/',
    'http://198.19.255.255/',
    'http://198.51.100.7/',
    'http://203.0.113.7/',
    'http://224.0.0.1/',
    'http://239.255.255.250/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
  ],
  'metadata of clouds': [
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/v2/credentials/',
    'http://169.254.169.253/',
    'http://169.254.0.23/',
    'http://100.100.100.200/latest/meta-data/',
    'http://192.0.0.192/latest/',
    'http://168.63.129.16/machine?comp=goalstate',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://[fd20:ce::254]/computeMetadata/v1/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://METADATA.google.internal./',
    'http://metadata/',
    'http://metadata.goog/',
    'http://metadata.tencentyun.com/',
    'http://instance-data/',
    'http://rancher-metadata/',
  ],
  'names of this machine': [
    'http://localhost/',
    'http://localhost:8080/',
    'http://localhost./',
    'http://app.localhost/',
    'http://a.b.localhost/',
  ],
  'IPv6, plainly': [
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[0000::1]/',
    'http://[fe80::1]/',
    'http://[febf::1]/',
    'http://[fec0::1]/',
    'http://[fc00::1]/',
    'http://[fdff:ffff::1]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[5f00::1]/',
    'http://[4000::1]/',
  ],
  'IPv4 mapped into IPv6': [
    'http://[::ffff:127.0.0.1]/',
    'http://[::FFFF:7f00:1]/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:0.0.0.0]/',
  ],
  'IPv4 in IPv6 in other ways': [
    'http://[::127.0.0.1]/', // compatible
    'http://[::7f00:1]/',
    'http://[::ffff:0:127.0.0.1]/', // translated
    'http://[64:ff9b::127.0.0.1]/', // NAT64
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[64:ff9b::a00:1]/',
    'http://[64:ff9b:1::127.0.0.1]/',
    'http://[64:ff9b:1:fffe::a00:1]/',
    'http://[2002:7f00:1::]/', // 6to4
    'http://[2002:a9fe:a9fe::1]/',
    'http://[2002:0808:0808::1]/',
    'http://[2001::7f00:1]/', // Teredo
    'http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/',
    'http://[2001:10::1]/', // ORCHID
    'http://[fe80::5efe:127.0.0.1]/', // ISATAP
  ],
  'tricks with the user, the path and the fragment': [
    'http://127.0.0.1#@example.com/',
    'http://127.0.0.1?@example.com/',
    'http://127.0.0.1\\@example.com/',
    'http://127.1.1.1:80#\\@127.2.2.2:80/',
    'http:\\\\127.0.0.1\\',
    'http:127.0.0.1',
    'http:/127.0.0.1/',
    'http:////127.0.0.1/',
    ' \thttp://127.0.0.1/',
    'ht\ntp://127.\t0.0.1/',
    'HTTP://127.0.0.1/',
    'http://@127.0.0.1/',
  ],
}

/** What is no URL of http at all, or hides its host behind a user. */
const invalidUrls: readonly string[] = [
  'http://example.com@127.0.0.1/',
  'http://user:hunter2@example.com/',
  'http://1.1.1.1 &@2.2.2.2# @3.3.3.3/',
  'http://a:b@@127.2.2.2:80/',
  'http://[fe80::1%25eth0]/',
  'http://[fe80::1%eth0]/',
  'http://[::1%lo]/',
  'http://[::1/',
  'http://::1/',
  'http://425.510.425.510/',
  'http://256.256.256.256/',
  'http://7147006462/',
  'http://0x41414141A9FEA9FE/',
  'http://127.0.0.1.1/',
  'http://0o177.0.0.1/',
  'http://127.0.0.1:99999/',
  'http://',
  'localhost:+11211aaa',
  '//127.0.0.1/',
  '127.0.0.1',
  'file:///etc/passwd',
  'file://127.0.0.1/etc/passwd',
  'gopher://127.0.0.1:6379/_x',
  'dict://127.0.0.1:11211/',
  'ftp://127.0.0.1/',
  'ldap://localhost/',
  'jar:http://127.0.0.1!/',
  'netdoc:///etc/passwd',
  'data:text/plain,x',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  'ws://127.0.0.1/',
  'view-source:http://127.0.0.1/',
]

describe('by the host alone, before anything is sent', () => {
  const guard = createAddressGuard([])

  describe.each(Object.entries(refusedUrls))('%s', (_, urls) => {
    test.each(urls)('%j is refused', async (url) => {
      expect(guard.refusalOfHost(readUrl(url).hostname)).toEqual(expect.any(String))
      const { client } = stageOf({ allowedAddresses: [] })
      const failure = await failureOf(client.get(url))
      expect(failure).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', isSent: false })
    })
  })

  test.each(invalidUrls)('%j is no request', async (url) => {
    const { client } = stageOf({ allowedAddresses: [] })
    const failure = await failureOf(client.get(url))
    expect(failure).toMatchObject({ code: 'HTTP_REQUEST_INVALID', isSent: false })
    expect(failure.message).not.toContain('hunter2')
  })
})

describe('addresses that may be called', () => {
  const guard = createAddressGuard([])

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
    '2001:4860:4860::8888',
    '2001:200::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s', (address) => {
    expect(guard.refusalOf(address)).toBeNull()
  })
})

describe('addresses as sockets and look-ups give them', () => {
  const guard = createAddressGuard([])

  test.each([
    ['fe80::1%eth0', 'is link-local'],
    ['::ffff:127.0.0.1', 'is loopback'],
    ['::ffff:7f00:1', 'is loopback'],
    ['::ffff:a9fe:a9fe%1', 'is link-local, where clouds serve metadata'],
    ['127.0.0.1', 'is loopback'],
    ['::', 'is unspecified'],
    ['64:ff9b::', 'is unspecified'],
    ['localhost', 'is no address'],
    ['', 'is no address'],
    ['0x7f.1', 'is no address'],
  ])('%j %s', (address, reason) => {
    expect(guard.refusalOf(address)).toBe(reason)
  })
})

describe('what is allowed although it is private', () => {
  const guard = createAddressGuard(['10.1.0.0/16', 'fd00::/8', '127.0.0.1', 'Billing.internal.'])

  test.each(['10.1.0.0', '10.1.255.255', 'fd12::1', '127.0.0.1', '::ffff:10.1.2.3'])(
    '%s is allowed',
    (address) => expect(guard.refusalOf(address)).toBeNull(),
  )

  test.each(['10.2.0.0', '10.0.255.255', 'fc00::1', '127.0.0.2', '::1', '64:ff9b::10.1.2.3'])(
    '%s is not',
    (address) => expect(guard.refusalOf(address)).not.toBeNull(),
  )

  test('a host name is allowed as a whole, in any case, with and without its last dot', () => {
    expect(guard.allowsName('billing.internal')).toBe(true)
    expect(guard.allowsName('BILLING.internal.')).toBe(true)
    expect(guard.allowsName('evil.billing.internal')).toBe(false)
    expect(guard.allowsName('billing.internal.evil.com')).toBe(false)
  })

  test('names of this machine follow its addresses', () => {
    expect(createAddressGuard(['127.0.0.0/8']).refusalOfHost('localhost')).toBeNull()
    expect(createAddressGuard(['localhost']).refusalOfHost('LOCALHOST.')).toBeNull()
    expect(createAddressGuard(['localhost']).refusalOfHost('127.0.0.1')).toBe('is loopback')
  })

  test('a mapped block is the block that it maps, and the whole of a family can be allowed', () => {
    expect(createAddressGuard(['::ffff:10.0.0.0/104']).refusalOf('10.200.0.1')).toBeNull()
    expect(createAddressGuard(['0.0.0.0/0']).refusalOf('169.254.169.254')).toBeNull()
    expect(createAddressGuard(['0.0.0.0/0']).refusalOf('::1')).toBe('is loopback')
    expect(createAddressGuard(['::/0']).refusalOf('::1')).toBeNull()
  })
})

describe('an entry of the list', () => {
  test.each([
    '10.0.0.0/8',
    '10.0.0.1',
    '::1',
    'fd00::/8',
    'db',
    'db.internal',
    'a_b.c',
    'x.local.',
  ])('%j can be meant', (entry) => expect(isAllowable(entry)).toBe(true))

  test.each([
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    'fd00::/129',
    '256.1.1.1',
    '127.1',
    '0x7f000001',
    'http://db.internal',
    'db.internal:5432',
    '*.internal',
    'a b',
    'a..b',
    '-',
  ])('%j cannot', (entry) => expect(isAllowable(entry)).toBe(false))
})
