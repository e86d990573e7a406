// The registry: conflicts, versions and ranges, namespaces.
import { describe, expect, test } from 'vitest'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import { createRegistry } from '../../src/definitions/registry.ts'
import { errorOf } from './errors.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'

const ok = async () => null

const make = (version: string, settings: { namespace?: string; description?: string } = {}) =>
  buildDefinition(defineTask({ name: 'process_order', version, ...settings }).step('a', ok))

const setup = (...definitions: readonly TaskDefinition[]) => {
  const registry = createRegistry()
  for (const definition of definitions) registry.register(definition)
  return registry
}

describe('registering', () => {
  test('the same definition again changes nothing', () => {
    const registry = createRegistry()
    expect(registry.register(make('1.0.0'))).toBe('added')
    expect(registry.register(make('1.0.0'))).toBe('unchanged')
    expect(registry.list()).toHaveLength(1)
  })

  test('another definition under a used version is a conflict that leaves the first in place', () => {
    const first = make('1.0.0')
    const registry = setup(first)
    const error = errorOf(() => registry.register(make('1.0.0', { description: 'changed' })))
    expect(error.code).toBe('DEFINITION_CONFLICT')
    expect(error.message).toContain('default/process_order@1.0.0 is registered already')
    expect(registry.resolve({ name: 'process_order' })).toBe(first)
  })

  test('replace takes the new one', () => {
    const registry = setup(make('1.0.0'))
    const changed = make('1.0.0', { description: 'changed' })
    expect(registry.register(changed, { replace: true })).toBe('replaced')
    expect(registry.resolve({ name: 'process_order', version: '1.0.0' })).toBe(changed)
  })

  test('two registries know nothing of one another', () => {
    setup(make('1.0.0'))
    expect(createRegistry().list()).toEqual([])
  })

  test('the two process_refund of §9.1 live side by side in their namespaces', () => {
    const registry = setup(...[shapes.O, shapes.P].map((one) => buildDefinition(defineShape(one))))
    const version = (namespace: string) =>
      registry.resolve({ namespace, name: 'process_refund' }).version
    expect([version('payments'), version('customer_success')]).toEqual(['2.1.0', '1.3.0'])
  })
})

describe('resolving', () => {
  const versions = ['0.9.0', '0.10.0', '1.2.0', '1.10.1', '2.0.0', '3.0.0-beta.1', '3.0.0-beta.2']
  const registry = setup(...versions.map((version) => make(version)))
  const resolve = (version?: string, includePrerelease = false) =>
    registry.resolve({ name: 'process_order', version, includePrerelease }).version

  test.each([
    [undefined, '2.0.0'],
    ['latest', '2.0.0'],
    ['0.9.0', '0.9.0'],
    ['0.x', '0.10.0'],
    ['^1.0.0', '1.10.1'],
    ['~1.2', '1.2.0'],
    ['>=1 <2', '1.10.1'],
    ['*', '2.0.0'],
    ['3.0.0-beta.1', '3.0.0-beta.1'],
    ['^3.0.0-beta.1', '3.0.0-beta.2'],
  ])('%s is %s', (asked, found) => {
    expect(resolve(asked)).toBe(found)
  })

  test('pre-releases count for latest and for ranges only when asked for', () => {
    expect(resolve('latest', true)).toBe('3.0.0-beta.2')
    expect(resolve('>=2.0.0', true)).toBe('3.0.0-beta.2')
    expect(errorOf(() => resolve('^3.0.0')).message).toContain('Pre-releases are chosen only when')
  })

  test('a version that is not there lists those that are', () => {
    const error = errorOf(() => resolve('^4'))
    expect(error.code).toBe('DEFINITION_NOT_FOUND')
    expect(error.details).toEqual({
      namespace: 'default',
      name: 'process_order',
      version: '^4',
      knownVersions: versions,
    })
    expect(errorOf(() => resolve('newest')).message).toContain(
      '"newest" is neither a version nor a semver range',
    )
  })

  test('a name that is not there suggests a near one, and says where else it exists', () => {
    const named = setup(make('1.0.0'), make('1.0.0', { namespace: 'payments' }))
    const message = (namespace: string, name: string) =>
      errorOf(() => named.resolve({ namespace, name })).message
    expect(message('default', 'proces_order')).toContain('did you mean "process_order"?')
    expect(message('payment', 'process_order')).toContain('did you mean "payments"?')
    expect(message('other', 'process_order')).toContain(
      'The name exists in namespace "default", "payments".',
    )
  })
})

describe('listing', () => {
  test('definitions are ordered by namespace, name and version as numbers', () => {
    const registry = setup(make('0.10.0'), make('0.9.0'), make('1.0.0', { namespace: 'billing' }))
    expect(registry.list().map((one) => `${one.namespace}@${one.version}`)).toEqual([
      'billing@1.0.0',
      'default@0.9.0',
      'default@0.10.0',
    ])
    expect(registry.list('billing')).toHaveLength(1)
    expect(registry.list('none')).toEqual([])
  })

  test('namespaces have descriptions and counts; default is always there', () => {
    const described = defineTask({
      namespace: 'payments',
      namespaceDescription: 'Money in and out',
      name: 'charge',
    }).step('a', ok)
    const registry = setup(buildDefinition(described), make('1.0.0', { namespace: 'payments' }))
    expect(createRegistry().namespaces()).toEqual([
      { name: 'default', description: null, tasks: 0 },
    ])
    expect(registry.namespaces()).toEqual([
      { name: 'default', description: null, tasks: 0 },
      { name: 'payments', description: 'Money in and out', tasks: 2 },
    ])
  })

  test('statistics count tasks and versions', () => {
    const registry = setup(make('1.0.0'), make('2.0.0'), make('1.0.0', { namespace: 'payments' }))
    expect(registry.stats()).toEqual({
      totalNamespaces: 2,
      totalTasks: 2,
      totalVersions: 3,
      tasksByNamespace: { default: 1, payments: 1 },
      versionsByNamespace: { default: 2, payments: 1 },
    })
  })
})

describe('activity', () => {
  const none = { registrations: 0, replacements: 0, conflicts: 0, lookups: 0, misses: 0 }

  test('registrations, replacements, conflicts, lookups and misses are counted by version', () => {
    const registry = setup(make('1.0.0'), make('1.0.0', { namespace: 'payments' }))
    const changed = make('1.0.0', { description: 'changed' })
    registry.register(make('1.0.0')) // unchanged: counts as nothing
    errorOf(() => registry.register(changed))
    registry.register(changed, { replace: true })
    registry.resolve({ name: 'process_order' })
    registry.resolve({ name: 'process_order', version: '^1' })
    errorOf(() => registry.resolve({ name: 'process_order', version: '^2' }))
    errorOf(() => registry.resolve({ namespace: 'billing', name: 'unknown' }))
    const name = 'process_order'
    expect(registry.activity()).toEqual({
      total: { registrations: 2, replacements: 1, conflicts: 1, lookups: 2, misses: 2 },
      byNamespace: {
        default: { registrations: 1, replacements: 1, conflicts: 1, lookups: 2, misses: 1 },
        payments: { ...none, registrations: 1 },
        billing: { ...none, misses: 1 },
      },
      versions: [
        {
          namespace: 'default',
          name,
          version: '1.0.0',
          registrations: 1,
          replacements: 1,
          conflicts: 1,
          lookups: 2,
          misses: 0,
        },
        { namespace: 'payments', name, version: '1.0.0', ...none, registrations: 1 },
        { namespace: 'default', name, version: '^2', ...none, misses: 1 },
        { namespace: 'billing', name: 'unknown', version: 'latest', ...none, misses: 1 },
      ],
    })
  })

  test('names that requests make up do not fill the memory', () => {
    const registry = createRegistry()
    for (let turn = 0; turn < 1_500; turn += 1)
      errorOf(() => registry.resolve({ name: `made_up_${turn}` }))
    errorOf(() => registry.resolve({ name: 'x'.repeat(10_000) }))
    const { total, versions } = registry.activity()
    expect(total.misses).toBe(1_501)
    expect(versions).toHaveLength(1_000)
    registry.register(make('1.0.0'))
    expect(registry.activity().versions).toHaveLength(1_001)
  })
})
