// Which of code, environment, file and default wins, what chooses the database, and the result.
import { describe, expect, test } from 'vitest'
import { options } from '../../src/config/options.ts'
import { environment, resolveConfig } from '../../src/config.ts'
import { configOf, errorOf, faultsOf, resolve } from './resolve-input.ts'

describe('precedence', () => {
  const file = {
    path: 'tasker.config.yaml',
    values: { backoff: { max_backoff_seconds: 10, jitterEnabled: false, backoff_multiplier: 3 } },
  }
  const variables = {
    TASKER_BACKOFF__MAX_BACKOFF_SECONDS: '20',
    TASKER_BACKOFF__BACKOFF_MULTIPLIER: '1.5',
  }

  test('code goes before environment, environment before file, file before defaults', () => {
    const { config, sources } = resolve({
      code: { backoff: { maxBackoffSeconds: 30 } },
      file,
      env: variables,
    })
    expect(config.backoff).toEqual({
      defaultBackoffSeconds: [1, 2, 4, 8, 16, 32],
      maxBackoffSeconds: 30,
      backoffMultiplier: 1.5,
      jitterEnabled: false,
      jitterMaxPercentage: 0.1,
    })
    expect(sources['backoff.maxBackoffSeconds']).toBe('code')
    expect(sources['backoff.backoffMultiplier']).toBe('env TASKER_BACKOFF__BACKOFF_MULTIPLIER')
    expect(sources['backoff.jitterEnabled']).toBe('file tasker.config.yaml')
    expect(sources['backoff.jitterMaxPercentage']).toBe('default')
  })

  test('undefined in code sets nothing, null does', () => {
    const env = { DATABASE_URL: 'postgres://h/d' }
    expect(configOf({ code: { database: undefined }, env }).database.url).toBe('postgres://h/d')
    expect(configOf({ code: { database: { url: undefined } }, env }).database.url).not.toBeNull()
    expect(configOf({ code: { database: { url: null } }, env }).database.url).toBeNull()
  })

  test('a fault in a value that something stronger sets is still reported', () => {
    const input = {
      code: { backoff: { maxBackoffSeconds: 30 } },
      env: { TASKER_BACKOFF__MAX_BACKOFF_SECONDS: 'many' },
    }
    expect(faultsOf(input)).toEqual([
      'TASKER_BACKOFF__MAX_BACKOFF_SECONDS: expected a number from 0.001 to 604800, got "many"',
    ])
  })

  test('NODE_ENV is the environment unless a file or anything stronger names one', () => {
    const env = { NODE_ENV: 'production' }
    const plain = resolve({ env })
    expect(plain.config.engine.environment).toBe('production')
    expect(plain.sources['engine.environment']).toBe('env NODE_ENV')
    const staging = { path: 'c.json', values: { engine: { environment: 'staging' } } }
    expect(configOf({ env, file: staging }).engine.environment).toBe('staging')
    const own = { ...env, TASKER_ENGINE__ENVIRONMENT: 'test' }
    expect(configOf({ env: own, file: staging }).engine.environment).toBe('test')
  })

  test('the environment of the process is read when none is given', () => {
    expect(environment()['PATH']).toBe(process.env['PATH'])
    expect(Object.keys(resolveConfig().config)).toEqual(Object.keys(options))
  })
})

describe('the database', () => {
  const url = 'postgres://localhost/orders'

  test('may be given as the URL alone', () => {
    expect(configOf({ code: { database: url } }).database.url).toBe(url)
    const file = { path: 'c.yaml', values: { database: url } }
    expect(configOf({ file }).database.url).toBe(url)
  })

  test('is DATABASE_URL, after TASKER_DATABASE__URL and before a file', () => {
    const file = { path: 'c.yaml', values: { database: { url: 'postgres://file/d' } } }
    const { config, sources } = resolve({ env: { DATABASE_URL: url }, file })
    expect(config.database.url).toBe(url)
    expect(sources['database.url']).toBe('env DATABASE_URL')
    const env = { DATABASE_URL: 'postgres://other/d', TASKER_DATABASE__URL: url }
    expect(configOf({ env }).database.url).toBe(url)
  })

  test('is the embedded server when its folder is set in a stronger place than the URL', () => {
    const env = { DATABASE_URL: url }
    const { config, sources } = resolve({ env, code: { database: { embedded: './data' } } })
    expect(config.database).toMatchObject({ url: null, embedded: './data' })
    expect(sources['database.url']).toBe('code')
    const own = { ...env, TASKER_DATABASE__EMBEDDED: './data' }
    expect(configOf({ env: own }).database.url).toBeNull()
    const file = { path: 'c.yaml', values: { database: { embedded: './data' } } }
    expect(configOf({ env, file }).database.url).toBe(url)
  })

  test('is told without a look at a DATABASE_URL that is meant for something else', () => {
    const env = { DATABASE_URL: 'file:./dev.db' }
    expect(configOf({ env, code: { database: url } }).database.url).toBe(url)
    expect(configOf({ env, code: { database: { embedded: './data' } } }).database.url).toBeNull()
    expect(faultsOf({ env })).toHaveLength(1)
  })

  test('cannot be both in one place', () => {
    expect(faultsOf({ code: { database: { url, embedded: './data' } } })).toEqual([
      'database.url: contradicts database.embedded: both are set (code, code). ' +
        'Keep the one that is meant.',
    ])
  })

  test('is not told in a fault, because it may hold a password', () => {
    const error = errorOf({ code: { database: 'mysql://root:hunter2@db/x' } })
    expect(error.message).not.toContain('hunter2')
    expect(error.message).toContain('expected a URL that begins with postgres://')
  })
})

describe('the result', () => {
  test('is frozen to the bottom, and what the caller holds is not', () => {
    const ladder = [1, 2]
    const logLevels = { worker: 'debug' } as const
    const resolved = resolve({
      code: { backoff: { defaultBackoffSeconds: ladder }, telemetry: { logLevels } },
    })
    const thawed: string[] = []
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) thawed.push(path)
      for (const [name, part] of Object.entries(value)) visit(part, `${path}.${name}`)
    }
    visit(resolved, 'resolved')
    visit(resolve(), 'defaults')
    expect(thawed).toEqual([])
    ladder.push(3)
    expect(resolved.config.backoff.defaultBackoffSeconds).toEqual([1, 2])
    expect(Object.isFrozen(logLevels)).toBe(false)
  })

  test('keeps objects and patterns of the program as they are', () => {
    const authenticator = { authenticate: () => null, calls: 0 }
    const pattern = /card/g
    const config = configOf({
      code: {
        auth: { authenticator },
        telemetry: { filterParameters: ['iban', pattern] },
        engine: {
          identityStrategy: 'custom',
          identity: ({ namespace, name }) => `${namespace}/${name}`,
        },
      },
    })
    expect(config.auth.authenticator).toBe(authenticator)
    authenticator.calls += 1
    expect(config.telemetry.filterParameters).toEqual(['iban', pattern])
    expect(pattern.test('card')).toBe(true)
  })

  test('cannot be changed through the table of options', () => {
    expect(() => Object.assign(options.backoff, { maxBackoffSeconds: 1 })).toThrow(TypeError)
    expect(() => Object.assign(options.backoff.maxBackoffSeconds, { default: 1 })).toThrow(
      TypeError,
    )
    expect(Object.isFrozen(options.backoff.defaultBackoffSeconds.default)).toBe(true)
  })
})
