// Every key of the first generation is an option or is refused with its cure; the defaults.
import { describe, expect, test } from 'vitest'
import { snakeCase } from '../../src/config/names.ts'
import { optionsByKey } from '../../src/config/options.ts'
import type { OptionKey } from '../../src/config/options.ts'
import { replacedKeys } from '../../src/config/replaced.ts'
import { valueOf } from '../../src/config/resolve.ts'
import { firstGeneration, refused } from './first-generation-keys.ts'
import { configOf, faultsOf, nest, resolve } from './resolve-input.ts'

const toCamel = (key: string) =>
  [...optionsByKey.keys()].find((known) => known.split('.').map(snakeCase).join('.') === key)

describe('the keys of the first generation', () => {
  const accepted = Object.entries(firstGeneration).filter(([, value]) => value !== refused)
  const gone = Object.keys(firstGeneration).filter((key) => firstGeneration[key] === refused)

  test.each(accepted)('%s is an option, with this default: %j', (key, value) => {
    const option = toCamel(key)
    expect(option).toBeDefined()
    // Defined, by the line above.
    expect(valueOf(configOf(), option as OptionKey)).toEqual(value)
    const file = { path: 'old.yaml', values: nest(key, value) }
    // Defined, as above.
    expect(resolve({ file }).sources[option as OptionKey]).toBe('file old.yaml')
  })

  test.each(gone)('%s is refused with the reason and the cure', (key) => {
    const faults = faultsOf({ file: { path: 'old.yaml', values: nest(key, 45) } })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(/no longer an option\. .+\. (Use \w+\.\w+|Remove the key)/)
  })

  test('re-enqueue delays are answered by the one due time', () => {
    const file = { path: 'c.yaml', values: { backoff: { buffer_seconds: 5 } } }
    expect(faultsOf({ file })).toEqual([
      'backoff.bufferSeconds: no longer an option. One due time per step replaces it: the ' +
        'database ' +
        'computes when a task wakes, so nothing is re-enqueued. Waits of failed steps come from ' +
        'backoff.defaultBackoffSeconds and backoff.maxBackoffSeconds. Remove the key. (file ' +
        'c.yaml)',
    ])
  })

  test('every replacement is an option, and no option is refused', () => {
    const known = new Set<string>(optionsByKey.keys())
    const replacements = replacedKeys.flatMap((entry) => entry.replacedBy)
    expect(replacements.filter((key) => !known.has(key))).toEqual([])
    expect(replacedKeys.filter((entry) => known.has(entry.key))).toEqual([])
  })
})

describe('defaults', () => {
  test('are valid, agree with each other and are named as defaults', () => {
    const { sources } = resolve()
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
    const invalid = [...optionsByKey].filter(
      ([, option]) => !option.kind.type.safeParse(option.default).success,
    )
    expect(invalid).toEqual([])
  })

  test('of the engine itself are these', () => {
    const { database, execution, orchestration, engine, http } = configOf()
    expect(database).toEqual({
      url: null,
      embedded: './.tasker',
      schema: 'tasker',
      poolSize: 10,
      transactionPoolSize: 5,
      connectTimeoutMs: 10_000,
      statementTimeoutMs: 30_000,
      lockTimeoutMs: 5_000,
      separate: false,
      migrate: null,
      preparedStatements: true,
      applicationName: 'tasker',
    })
    expect(orchestration).toEqual({
      pollIntervalMs: 1_000,
      heartbeatIntervalMs: 5_000,
      leaseMs: 15_000,
      scanIntervalMs: 5_000,
      sweepIntervalMs: 60_000,
      shutdownGraceMs: 25_000,
      abortGraceMs: 5_000,
      listen: true,
      notifyCooldownMs: 50,
      dueEveryCalls: 8,
      lanesPerCall: 64,
      namespaces: null,
      versions: null,
    })
    expect(execution).toMatchObject({
      concurrencyPolicy: 'adaptive',
      connectionUseMax: 0.6,
      eventLoopDelayMaxMs: 100,
      commitSlowdownMax: 3,
      blockedLoopWarningMs: 1_000,
      stepTimeoutMs: 300_000,
      workerLostLimit: 5,
      resultMaxBytes: 1_048_576,
      contextMaxBytes: 1_048_576,
      parentResultsMaxBytes: 1_048_576,
      maxStepsPerTask: 10_000,
    })
    expect(http).toEqual({
      connectTimeoutMs: 5_000,
      totalTimeoutMs: 30_000,
      idleTimeoutMs: 10_000,
      responseMaxBytes: 10_485_760,
      redirects: 'same-origin',
      allowedAddresses: [],
      maxConnectionsPerOrigin: 128,
      proxy: null,
      userAgent: null,
    })
    expect(engine).toMatchObject({ environment: 'development', idempotencyKeyTtlHours: 720 })
  })

  test('are documented: help, reason and, for numbers, a range', () => {
    const poor = [...optionsByKey].filter(
      ([, option]) =>
        option.help.length < 15 ||
        option.reason.length < 15 ||
        (typeof option.default === 'number' && option.kind.range === null),
    )
    expect(poor.map(([key]) => key)).toEqual([])
  })
})
