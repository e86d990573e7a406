// Retry-After in every legal form, and what is not legal.
import { describe, expect, test } from 'vitest'
import { parseHttpDate, retryAfterMs } from '../../src/http/retry-after.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const wait = (retryAfter: string, date?: string): number | null =>
  retryAfterMs({ 'retry-after': retryAfter, ...(date === undefined ? {} : { date }) }, now)

describe('legal', () => {
  test.each([
    ['1', 1_000],
    ['120', 120_000],
    ['007', 7_000],
    [' 30 ', 30_000],
    ['86400', 86_400_000],
  ])('seconds: %j is %d ms', (text, ms) => {
    expect(wait(text)).toBe(ms)
  })

  test.each([
    'Sat, 21 Nov 2026 12:00:30 GMT',
    'Saturday, 21-Nov-26 12:00:30 GMT',
    'Sat Nov 21 12:00:30 2026',
  ])('a date: %j is 30 s from now', (text) => {
    expect(wait(text)).toBe(30_000)
  })

  test('asctime pads days of one digit with a space', () => {
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994', now)).toBe(784_111_777_000)
  })

  test('a date counts from the clock of the server that sent it', () => {
    expect(wait('Sat, 21 Nov 2026 18:00:30 GMT', 'Sat, 21 Nov 2026 18:00:00 GMT')).toBe(30_000)
    expect(wait('Sat, 21 Nov 2026 12:00:30 GMT', 'yesterday')).toBe(30_000)
  })

  test('a year of two digits is never more than 50 years ahead', () => {
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(784_111_777_000)
    expect(parseHttpDate('Friday, 06-Nov-76 08:49:37 GMT', now)).toBe(
      Date.UTC(2076, 10, 6, 8, 49, 37),
    )
    expect(parseHttpDate('Saturday, 06-Nov-77 08:49:37 GMT', now)).toBe(
      Date.UTC(1977, 10, 6, 8, 49, 37),
    )
  })

  test('a leap second is one', () => {
    expect(wait('Sat, 21 Nov 2026 12:00:60 GMT')).toBe(60_000)
  })

  test('a number beyond all numbers is a long wait, and no infinity', () => {
    expect(wait('9'.repeat(400))).toBe(Number.MAX_SAFE_INTEGER)
  })
})

describe('asks for nothing', () => {
  test('without the header', () => {
    expect(retryAfterMs({}, now)).toBe(null)
  })

  test.each([
    '0',
    'Sat, 21 Nov 2026 12:00:00 GMT',
    'Sat, 21 Nov 2026 11:59:59 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ])('no time to come: %j', (text) => {
    expect(wait(text)).toBe(null)
  })

  test.each([
    '',
    'soon',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    '1_000',
    '١٢',
    '10s',
    '5, 10',
    'PT30S',
    '2026-11-21T12:00:30Z',
    'Sat, 21 Nov 2026 12:00:30 UTC',
    'Sat, 21 Nov 2026 12:00:30 +0000',
    'Sat, 21 Nov 2026 12:00:30',
    'sat, 21 nov 2026 12:00:30 gmt',
    'Sat, 1 Nov 2026 12:00:30 GMT',
    'Sat, 31 Nov 2026 12:00:30 GMT',
    'Sat, 00 Nov 2026 12:00:30 GMT',
    'Sat, 21 Nov 2026 24:00:00 GMT',
    'Sat, 21 Nov 2026 12:60:00 GMT',
    'Sat, 21 Nov 2026 12:00:61 GMT',
    'Sat, 21 Nov 26 12:00:30 GMT',
    'Saturday, 21-Nov-2026 12:00:30 GMT',
    'Caturday, 21-Nov-26 12:00:30 GMT',
    'Sat Nov 1 12:00:30 2026',
    'Sat Nov 21 12:00:30 2026 GMT',
  ])('not legal: %j', (text) => {
    expect(wait(text)).toBe(null)
  })
})
