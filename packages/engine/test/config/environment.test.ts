// Options from environment variables, and the faults in them.
import { describe, expect, test } from 'vitest'
import { environmentName } from '../../src/config/names.ts'
import { optionsByKey } from '../../src/config/options.ts'
import { valueOf } from '../../src/config/resolve.ts'
import { configOf, faultsOf, resolve } from './resolve-input.ts'

describe('the environment', () => {
  test('gives every option that is not code, by its variable', () => {
    for (const [key, option] of optionsByKey) {
      if (option.kind.parseText === null) continue
      const value = option.default
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      const name = environmentName(key)
      const { config, sources } = resolve({ env: { [name]: text } })
      expect({ name, value: valueOf(config, key) }).toEqual({ name, value })
      expect(sources[key]).toBe(`env ${name}`)
    }
  })

  test('takes lists as JSON or separated by commas, and the usual words for true and false', () => {
    const config = configOf({
      env: {
        TASKER_BACKOFF__DEFAULT_BACKOFF_SECONDS: '1, 2.5,5',
        TASKER_ORCHESTRATION__NAMESPACES: '["payments","a,b"]',
        TASKER_ORCHESTRATION__LISTEN: 'Off',
        TASKER_BACKOFF__JITTER_ENABLED: '0',
        TASKER_EXECUTION__STEP_TIMEOUT_MS: 'null',
      },
    })
    expect(config.backoff.defaultBackoffSeconds).toEqual([1, 2.5, 5])
    expect(config.orchestration.namespaces).toEqual(['payments', 'a,b'])
    expect(config.orchestration.listen).toBe(false)
    expect(config.backoff.jitterEnabled).toBe(false)
    expect(config.execution.stepTimeoutMs).toBeNull()
  })

  test('sets nothing by an empty variable or by one that is not of the form', () => {
    const env = { TASKER_BACKOFF__JITTER_ENABLED: '', DATABASE_URL: '', TASKER_SEED: '1' }
    expect(resolve({ env })).toEqual(resolve())
  })

  test.each([
    ['TASKER_BACKOFF__MAX_BACKOFF_SECONDS', '0x10', 'expected a number from 0.001 to 604800'],
    ['TASKER_EXECUTION__WORKER_LOST_LIMIT', '3 times', 'expected a whole number from 1 to 1000'],
    ['TASKER_ORCHESTRATION__LISTEN', 'maybe', 'expected true or false, got "maybe"'],
    ['TASKER_ORCHESTRATION__NAMESPACES', '["a"', 'expected a list of 1 to 1000 entries'],
    ['TASKER_BACKOFF__DEFAULT_BACKOFF_SECONDS', '1,x', 'expected a number from 0 to 604800'],
    [
      'TASKER_BACKOFF__MAX_BACKOF_SECONDS',
      '5',
      'unknown variable. Did you mean TASKER_BACKOFF__MAX_BACKOFF_SECONDS?',
    ],
    [
      'TASKER_BACKOFF_MAX_BACKOFF_SECONDS',
      '5',
      'unknown variable. Did you mean TASKER_BACKOFF__MAX_BACKOFF_SECONDS?',
    ],
    ['TASKER_BACKOFF__BUFFER_SECONDS', '5', 'no longer an option. One due time per step'],
    ['TASKER_ENGINE__IDENTITY', 'x', 'can only be given in code: a function'],
  ])('a fault in %s is named by the variable', (name, value, message) => {
    const faults = faultsOf({ env: { [name]: value } })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^${name}(\\[1\\])?: `))
    expect(faults[0]).toContain(message)
  })
})
