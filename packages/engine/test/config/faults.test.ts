// Every fault is named, all at once, with the expectation, the value and the nearest known key.
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { TaskerOptionsInput } from '../../src/config.ts'
import { errorOf, faultsOf, untyped } from './resolve-input.ts'

describe('faults', () => {
  test('are reported all at once, from all places, with expectation and value', () => {
    const faults = faultsOf({
      ...untyped({
        backoff: { defaultBackoffSeconds: [1, -2, 'x'], jitterMaxPercentage: 2 },
        execution: { connectionPressureFactors: { low: 1, moderat: 0.5, high: 7, critical: 0 } },
        orchestration: { leaseMs: 999, listen: 'yes', namespaces: [], versions: '2.y' },
        database: { schema: 'Tasker' },
        http: { allowedAddresses: ['10.0.0.0/8', 'db.internal', '127.1'], proxy: 'socks5://p' },
        cache: 5,
      }),
      file: { path: 'c.yaml', values: { engine: { identityStrategy: 'md5' } } },
      env: { TASKER_CACHE__DEFAULT_TTL: '1.5' },
    })
    expect(faults).toEqual([
      'engine.identityStrategy: expected one of "default", "hash", "custom", got "md5" ' +
        '(file c.yaml)',
      'TASKER_CACHE__DEFAULT_TTL: expected a whole number from 1 to 2592000, got 1.5',
      'backoff.defaultBackoffSeconds[1]: expected a number from 0 to 604800, got -2',
      'backoff.defaultBackoffSeconds[2]: expected a number from 0 to 604800, got "x"',
      'backoff.jitterMaxPercentage: expected a number from 0 to 1, got 2',
      'execution.connectionPressureFactors.moderate: expected a number from 0 to 1, got nothing',
      'execution.connectionPressureFactors.high: expected a number from 0 to 1, got 7',
      'execution.connectionPressureFactors.moderat: unknown key. Did you mean moderate?',
      'orchestration.leaseMs: expected a whole number from 1000 to 3600000, got 999',
      'orchestration.listen: expected true or false, got "yes"',
      'orchestration.namespaces: expected a list of 1 to 1000 entries, each text, or null, got []',
      'orchestration.versions: expected a semver range such as "2.x" or ">=1.4.0 <3.0.0", or null, ' +
        'got "2.y"',
      'database.schema: expected a lower-case SQL name of at most 51 letters, digits and ' +
        'underscores that is no keyword such as user or order and does not begin with pg_, ' +
        'got "Tasker"',
      'http.allowedAddresses[2]: expected an address, a CIDR block such as "10.0.0.0/8", or a host ' +
        'name, got "127.1"',
      'http.proxy: expected an http:// or https:// URL, or null, got text (hidden)',
      'cache: expected a map of options, got a number',
    ])
  })

  test('stand in one message, with the remedy', () => {
    expect(errorOf(untyped({ bakoff: {}, orchestration: { leaseMs: null } })).message).toBe(
      'The configuration has 2 faults:\n' +
        '  - bakoff: unknown key. Did you mean backoff?\n' +
        '  - orchestration.leaseMs: expected a whole number from 1000 to 3600000, got null\n' +
        'Correct every fault listed; `tasker config` prints the effective values and their ' +
        'sources.',
    )
  })

  test('of a pool in place of the database say what to pass', () => {
    const pool = new pg.Pool()
    expect(faultsOf(untyped({ database: pool }))).toEqual([
      'database: expected a URL, or a map of options such as { url } (Tasker opens its own ' +
        'connections), got an object',
    ])
  })

  test('of something that is no map of sections are one fault', () => {
    expect(faultsOf({ file: { path: 'c.json', values: [1] } })).toEqual([
      '(root): expected a map of sections, got a list (file c.json)',
    ])
  })

  test('show a long value cut, and a value that holds itself', () => {
    const endless: Record<string, unknown> = {}
    endless['self'] = endless
    const values = { telemetry: { logLevel: 'x'.repeat(500), logFormat: endless } }
    const faults = faultsOf(untyped(values))
    expect(faults).toHaveLength(2)
    expect(faults.every((fault) => fault.length < 250)).toBe(true)
  })

  test.each<[string, TaskerOptionsInput, string]>([
    [
      'more steps at least than at most',
      { execution: { minConcurrentSteps: 15, maxConcurrentStepsLimit: 10 } },
      'execution.minConcurrentSteps: must not exceed execution.maxConcurrentStepsLimit; ' +
        'execution.minConcurrentSteps is 15 (code), execution.maxConcurrentStepsLimit is 10 (code)',
    ],
    [
      'a lease below two heartbeats',
      { orchestration: { leaseMs: 9_999 } },
      'orchestration.leaseMs: must be at least twice orchestration.heartbeatIntervalMs, so that ' +
        'one lost renewal is no lost worker; orchestration.leaseMs is 9999 (code), ' +
        'orchestration.heartbeatIntervalMs is 5000 (default)',
    ],
    [
      'a lock wait longer than the statement',
      { database: { statementTimeoutMs: 100 } },
      'database.lockTimeoutMs: must not exceed database.statementTimeoutMs, which would end the ' +
        'statement first; database.lockTimeoutMs is 5000 (default), ' +
        'database.statementTimeoutMs is 100 (code)',
    ],
    [
      'lifetimes that leave no room',
      { cache: { minAdaptiveTtl: 60, maxAdaptiveTtl: 60 } },
      'cache.minAdaptiveTtl: must be less than cache.maxAdaptiveTtl; ' +
        'cache.minAdaptiveTtl is 60 (code), cache.maxAdaptiveTtl is 60 (code)',
    ],
    [
      'adaptive lifetimes without figures',
      { cache: { performanceTrackingEnabled: false } },
      'cache.adaptiveTtlEnabled: must be false while cache.performanceTrackingEnabled is, ' +
        'because ' +
        'it has nothing to adapt to; cache.adaptiveTtlEnabled is true (default), ' +
        'cache.performanceTrackingEnabled is false (code)',
    ],
    [
      'a critical threshold that is not above high',
      { dependencyGraph: { severityThresholds: { critical: 50 } } },
      'dependencyGraph.severityThresholds.critical: must be greater than ' +
        'dependencyGraph.severityThresholds.high; dependencyGraph.severityThresholds.critical is ' +
        '50 (code), dependencyGraph.severityThresholds.high is 50 (default)',
    ],
    [
      'a high threshold that is not above medium',
      { dependencyGraph: { severityThresholds: { high: 10 } } },
      'dependencyGraph.severityThresholds.high: must be greater than ' +
        'dependencyGraph.severityThresholds.medium; dependencyGraph.severityThresholds.high is ' +
        '10 (code), dependencyGraph.severityThresholds.medium is 20 (default)',
    ],
    [
      'a password without a user',
      { telemetry: { prometheus: { password: 'hunter2' } } },
      'telemetry.prometheus.username: must be given together with telemetry.prometheus.password, ' +
        'or neither; telemetry.prometheus.username is null (default), ' +
        'telemetry.prometheus.password is (hidden) (code)',
    ],
    [
      'a safety margin as long as the window',
      { telemetry: { prometheus: { safetyMargin: 300 } } },
      'telemetry.prometheus.safetyMargin: must be less than ' +
        'telemetry.prometheus.retentionWindow; ' +
        'telemetry.prometheus.safetyMargin is 300 (code), ' +
        'telemetry.prometheus.retentionWindow is 300 (default)',
    ],
    [
      'authentication by nobody',
      { auth: { authenticationEnabled: true } },
      'auth.authenticationEnabled: must be false while there is no auth.authenticator; ' +
        'auth.authenticationEnabled is true (code), auth.authenticator is null (default)',
    ],
    [
      'a custom identity without its function',
      { engine: { identityStrategy: 'custom' } },
      'engine.identityStrategy: must be "custom" exactly when there is a function in ' +
        'engine.identity; engine.identityStrategy is custom (code), engine.identity is null ' +
        '(default)',
    ],
    [
      'an identity function that nothing uses',
      { engine: { identity: ({ name }) => name } },
      'engine.identityStrategy: must be "custom" exactly when there is a function in ' +
        'engine.identity; engine.identityStrategy is default (default), ' +
        'engine.identity is (function) (code)',
    ],
  ])('contradiction: %s', (_, code, fault) => {
    expect(faultsOf({ code })).toEqual([fault])
  })

  test('a rule is not asked about a value that is a fault by itself', () => {
    const code = { orchestration: { leaseMs: 0, heartbeatIntervalMs: 10_000 } }
    expect(faultsOf({ code })).toHaveLength(1)
  })
})
