// What people see of a configuration: no secret, one line each, and the generated reference.
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { renderReference } from '../../../../tools/generate-config-reference.ts'
import { optionsByKey } from '../../src/config/options.ts'
import type { OptionKey } from '../../src/config/options.ts'
import { describeConfig } from '../../src/config.ts'
import type { TaskerOptionsInput } from '../../src/config.ts'
import { resolve } from './resolve-input.ts'

describe('what is printed', () => {
  const row = (key: OptionKey, code: TaskerOptionsInput) =>
    describeConfig(resolve({ code })).find((entry) => entry.key === key)

  test('is one row for each option, in the order of the table', () => {
    const rows = describeConfig(resolve({ code: { backoff: { maxBackoffSeconds: 60 } } }))
    expect(rows.map((entry) => entry.key)).toEqual([...optionsByKey.keys()])
    expect(rows.find((entry) => entry.key === 'backoff.maxBackoffSeconds')).toEqual({
      key: 'backoff.maxBackoffSeconds',
      value: '60',
      source: 'code',
      unit: 'seconds',
      help:
        'Longest wait before a failed step is tried again, also where a handler or a server ' +
        'asked ' +
        'for more.',
      takesEffectWith: null,
    })
  })

  test.each([
    ['postgres://app:hunter2@db/orders', 'postgres://app:***@db/orders'],
    ['postgres://app:hun@ter2@db/orders', 'postgres://app:***@db/orders'],
    ['postgres://:hunter2@db/orders', 'postgres://:***@db/orders'],
    ['postgresql://db/o?user=a&password=hunter2', 'postgresql://db/o?user=a&password=***'],
    ['socket:app:hunter2@/run/pg?db=o', 'socket:app:***@/run/pg?db=o'],
    ['postgres://app@db:5432/orders', 'postgres://app@db:5432/orders'],
    ['postgres://db:5432/orders', 'postgres://db:5432/orders'],
  ])('hides the password of %s', (url, shown) => {
    expect(row('database.url', { database: url })?.value).toBe(shown)
  })

  test.each([
    ['user:hunter2@one:11211', 'user:***@one:11211'],
    ['one:11211,user:hun/ter2@two:11211', 'one:11211,user:***@two:11211'],
    ['memcached://user:hunter2@one', 'memcached://user:***@one'],
    ['redis://:hunter2@one/0', 'redis://:***@one/0'],
    ['one:11211,two:11211', 'one:11211,two:11211'],
  ])('hides the password of the cache at %s', (url, shown) => {
    expect(row('cache.url', { cache: { store: 'memcached', url } })?.value).toBe(shown)
  })

  test('hides the password and the address of the push', () => {
    const prometheus = {
      endpoint: 'https://me:hunter2@push/x?token=hunter2',
      username: 'me',
      password: 'hunter2',
    }
    const rows = describeConfig(resolve({ code: { telemetry: { prometheus } } }))
    expect(JSON.stringify(rows)).not.toContain('hunter2')
    const shown = rows.filter((entry) => entry.source === 'code').map((entry) => entry.value)
    expect(shown).toEqual(['https://me:***@push/x?token=***', 'me', '(hidden)'])
    expect(row('telemetry.prometheus.password', {})?.value).toBe('null')
  })

  test('shows lists, maps, patterns and functions on one line', () => {
    const code: TaskerOptionsInput = {
      telemetry: { filterParameters: ['iban', /card/i], logLevels: {} },
      engine: { identityStrategy: 'custom', identity: () => 'k' },
      auth: { authenticator: new Map() },
    }
    expect(row('telemetry.filterParameters', code)?.value).toBe('["iban", /card/i]')
    expect(row('telemetry.logLevels', code)?.value).toBe('{}')
    expect(row('engine.identity', code)?.value).toBe('(function)')
    expect(row('auth.authenticator', code)?.value).toBe('(object)')
    expect(row('execution.connectionPressureFactors', code)?.value).toBe(
      '{ low: 0.8, moderate: 0.6, high: 0.4, critical: 0.2 }',
    )
  })
})

test('docs/reference/config.md is what the table says', async () => {
  const page = new URL('../../../../docs/reference/config.md', import.meta.url)
  expect(await readFile(page, 'utf8')).toBe(renderReference())
})
