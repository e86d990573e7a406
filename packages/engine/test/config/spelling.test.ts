// Keys in camelCase and snake_case, and the nearest known key for a misspelled one.
import { describe, expect, test } from 'vitest'
import { snakeCase } from '../../src/config/names.ts'
import { optionsByKey } from '../../src/config/options.ts'
import type { TaskerOptionsInput } from '../../src/config.ts'
import { configOf, faultsOf, nest, resolve, untyped } from './resolve-input.ts'

describe('spelling', () => {
  test('every option is accepted in snake_case, in code and in files', () => {
    for (const [key, option] of optionsByKey) {
      const snake = key.split('.').map(snakeCase).join('.')
      const values = nest(snake, option.default)
      const { sources } = resolve({ ...untyped(values), file: { path: 'f', values } })
      expect({ snake, source: sources[key] }).toEqual({ snake, source: 'code' })
      const fromFile = resolve({ file: { path: 'f', values } })
      expect({ snake, source: fromFile.sources[key] }).toEqual({ snake, source: 'file f' })
    }
  })

  test('names inside a map of the user are left as they are', () => {
    const dependentSystems = { card_gateway: {}, stockList: { rateLimitPerSecond: 1 } }
    const values = { dependent_systems: dependentSystems }
    expect(configOf({ file: { path: 'f', values } }).dependentSystems).toEqual(dependentSystems)
  })

  test('one option in both spellings is a fault', () => {
    const values = { backoff: { jitterEnabled: true, jitter_enabled: false } }
    expect(faultsOf(untyped(values))).toEqual([
      'backoff.jitter_enabled: given twice, in both spellings',
    ])
  })

  test.each([
    ['section', { bakoff: {} }, 'bakoff: unknown key. Did you mean backoff?'],
    [
      'key',
      { backoff: { maxBackofSeconds: 1 } },
      'backoff.maxBackofSeconds: unknown key. Did you mean maxBackoffSeconds?',
    ],
    [
      'key in snake_case',
      { backoff: { max_backof_seconds: 1 } },
      'backoff.max_backof_seconds: unknown key. Did you mean max_backoff_seconds?',
    ],
    [
      'key of another section',
      { execution: { leaseMs: 1 } },
      'execution.leaseMs: unknown key. Did you mean orchestration.leaseMs?',
    ],
    [
      'nested key',
      { telemetry: { prometheus: { endpont: null } } },
      'telemetry.prometheus.endpont: unknown key. Did you mean endpoint?',
    ],
    ['key like no other', { xyzzyplugh: 1 }, 'xyzzyplugh: unknown key.'],
  ])('a misspelled %s is named with the nearest known one', (_, values, fault) => {
    expect(faultsOf(untyped(values))).toEqual([fault])
  })

  test('keys of the prototype are unknown keys', () => {
    const values: unknown = JSON.parse('{"__proto__": {"a": 1}, "constructor": 1, "toString": {}}')
    const paths = faultsOf(untyped(values)).map((fault) => fault.split(':')[0])
    expect(paths).toEqual(['__proto__', 'constructor', 'toString'])
  })

  test('wrong keys and types do not compile', () => {
    // @ts-expect-error: no such key
    const key: TaskerOptionsInput = { backoff: { maxBackofSeconds: 1 } }
    // @ts-expect-error: no such section
    const section: TaskerOptionsInput = { bakoff: {} }
    // @ts-expect-error: a number is wanted
    const type: TaskerOptionsInput = { orchestration: { leaseMs: '15000' } }
    // @ts-expect-error: no such choice
    const choice: TaskerOptionsInput = { database: { migrate: 'always' } }
    for (const code of [key, section, type, choice]) expect(faultsOf({ code })).toHaveLength(1)
  })
})
