// The limits of dependent systems as they are configured. What keeps to them is tested in http-step/limits.test.ts.
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'

test('limits are checked with the configuration, in both spellings', () => {
  const of = (dependentSystems: unknown) =>
    resolveConfig({ code: { dependentSystems } as never, env: {} }).config.dependentSystems
  expect(
    of({
      pay: {
        max_concurrent_requests: 5,
        rate_limit_per_second: 10,
        circuit_breaker: { failures: 3, half_open_after_ms: 1 },
      },
    }),
  ).toEqual({
    pay: {
      maxConcurrentRequests: 5,
      rateLimitPerSecond: 10,
      circuitBreaker: { failures: 3, halfOpenAfterMs: 1 },
    },
  })
  for (const wrong of [
    { maxConcurrentRequests: 0 },
    { rateLimitPerSecond: 0.5 },
    { unknown: 1 },
    { circuitBreaker: { failures: 1, threshold: 0.5 } },
    { circuitBreaker: { failures: 1, windowMs: 5 } },
    { circuitBreaker: { threshold: 1 } },
    { circuitBreaker: { halfOpenAfterMs: Infinity } },
  ]) {
    expect(() => of({ pay: wrong })).toThrow('dependentSystems')
  }
})
