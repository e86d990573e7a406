// What a store can do: who is believed first, capability by capability; what stands on a class; and what follows for processes
// that share the store.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { coordinationOf, type CacheCapabilities } from '../../src/cache/capabilities.ts'
import {
  declareCapabilities,
  declaredCapabilities,
  declaredSupport,
  hasDeclaredCapabilities,
  supportsAtomicIncrement,
  supportsCompression,
  supportsDistributedCaching,
  supportsLocking,
  supportsNamespaceIsolation,
  supportsTtlInspection,
} from '../../src/cache/declared-capabilities.ts'
import { detectStrategy, type CacheDetector } from '../../src/cache/detect-capabilities.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { sharingOf, type SharingOptions } from '../../src/cache/sharing.ts'
import { silentLogger, type Logger } from '../../src/log.ts'

class PlainStore implements CacheStore {
  async get() {
    return null
  }
  async set() {}
  async delete() {}
}

/** With all methods there are. */
class FullStore extends PlainStore {
  async increment() {
    return 1
  }
  async remainingMs() {
    return null
  }
  async extend() {
    return false
  }
  async acquire() {
    return true
  }
  async renew() {
    return true
  }
  async release() {
    return true
  }
}

function detect(store: CacheStore, detectors: readonly CacheDetector[] = []) {
  const lines: { level: string; fields: object; message: string }[] = []
  const warn: Logger['warn'] = (fields, message) =>
    void lines.push({ level: 'warn', fields, message })
  const logger = { ...silentLogger, warn }
  const strategy = detectStrategy(store, { detectors, logger })
  return { ...strategy, warnings: lines.map(({ message }) => message), lines }
}

describe('declarations', () => {
  test('a subclass has what its parent has, less what it says otherwise; parent and sibling are not touched', () => {
    class BaseDistributedStore extends FullStore {}
    supportsDistributedCaching(BaseDistributedStore)
    supportsTtlInspection(BaseDistributedStore)
    class RedisClusterStore extends BaseDistributedStore {
      static {
        supportsAtomicIncrement(this)
        supportsLocking(this)
        declareCapabilities(this, { ttlInspection: false, clusterFailover: true })
      }
    }
    class MemcachedClusterStore extends BaseDistributedStore {}
    supportsAtomicIncrement(MemcachedClusterStore)
    declareCapabilities(MemcachedClusterStore, { locking: false })

    expect(declaredCapabilities(BaseDistributedStore)).toEqual({
      distributed: true,
      ttlInspection: true,
    })
    expect(declaredCapabilities(RedisClusterStore)).toEqual({
      distributed: true,
      ttlInspection: false,
      atomicIncrement: true,
      locking: true,
      clusterFailover: true,
    })
    expect(detect(new RedisClusterStore())).toMatchObject({ coordination: 'distributed_atomic' })
    expect(detect(new MemcachedClusterStore())).toMatchObject({ coordination: 'distributed_basic' })
    expect(declaredSupport(MemcachedClusterStore, 'ttlInspection')).toBe(true)
    expect(declaredSupport(RedisClusterStore, 'ttlInspection')).toBe(false)
    expect(declaredSupport(RedisClusterStore, 'toString')).toBe(null)
    expect([RedisClusterStore, PlainStore].map(hasDeclaredCapabilities)).toEqual([true, false])
  })

  test('what a parent says later, its subclasses have; what is read is a copy', () => {
    class Parent extends PlainStore {}
    class Child extends Parent {}
    supportsCompression(Child)
    supportsNamespaceIsolation(Parent)
    const read = declaredCapabilities(Child)
    read['locking'] = true
    expect(declaredCapabilities(Child)).toEqual({
      compressionSupport: true,
      namespaceSupport: true,
    })
  })

  test('a store says of itself what its class says otherwise, and names of its own pass through', () => {
    class MyAwesomeCacheStore extends FullStore {
      readonly capabilities: CacheCapabilities
      constructor(capabilities: CacheCapabilities) {
        super()
        this.capabilities = capabilities
      }
    }
    declareCapabilities(MyAwesomeCacheStore, {
      distributed: true,
      advancedAnalytics: true,
      compressionSupport: false,
    })
    const whole = detect(new MyAwesomeCacheStore({}))
    expect(whole.exportCapabilities()).toEqual({
      distributed: true,
      atomicIncrement: true,
      locking: true,
      ttlInspection: true,
      namespaceSupport: false,
      compressionSupport: false,
      advancedAnalytics: true,
      keyTransformation: true,
      storeClass: 'MyAwesomeCacheStore',
    })
    expect(
      ['advancedAnalytics', 'keyTransformation', 'geoReplication', 'toString'].map(whole.supports),
    ).toEqual([true, true, false, false])
    expect(detect(new MyAwesomeCacheStore({ distributed: false }))).toMatchObject({
      coordination: 'local_only',
    })
  })
})

describe('detectors', () => {
  const saying = (capabilities: CacheCapabilities) => ({ detect: () => capabilities })

  test('match a class by pattern, by a part of its name, or as they like; the later counts', () => {
    const store = new FullStore()
    const remembering = /Full/g
    remembering.lastIndex = 4
    const detectors: CacheDetector[] = [
      { matches: remembering, ...saying({ distributed: true, customFeature: false }) },
      { matches: 'lStore', ...saying({ customFeature: true }) },
      { matches: (one) => one === store, ...saying({ locking: false }) },
      { matches: /Plain/, ...saying({ distributed: false }) },
    ]
    const found = detect(store, detectors)
    expect(found.coordination).toBe('distributed_basic')
    expect(found.supports('customFeature')).toBe(true)
    expect(found.warnings).toEqual([])
  })

  test('one that throws, or says nothing, is warned of and left out', () => {
    const detectors: CacheDetector[] = [
      { matches: '', ...saying({ distributed: true }) },
      {
        matches: '',
        detect: () => {
          throw new Error('no cluster')
        },
      },
      // Casts: what JavaScript may hand over.
      { matches: '', detect: () => null as unknown as CacheCapabilities },
      { matches: '', detect: () => ({ distributed: 'no' }) as unknown as CacheCapabilities },
    ]
    const found = detect(new PlainStore(), detectors)
    expect(found.coordination).toBe('distributed_basic')
    expect(found.warnings).toEqual([
      'A cache detector failed, and is left out',
      'A cache detector failed, and is left out',
      'What a cache detector says of a capability is neither yes nor no',
    ])
  })
})

describe('classes of others', () => {
  class KeyvRedis extends PlainStore {}
  class KeyvSqlite extends PlainStore {}
  class OurRedis extends KeyvRedis {}
  class Keyv extends PlainStore {
    readonly store: unknown
    constructor(store: unknown) {
      super()
      this.store = store
    }
  }

  test.for([
    ['of a server', new KeyvRedis(), 'distributed_basic'],
    ['extended', new OurRedis(), 'distributed_basic'],
    ['of a file', new KeyvSqlite(), 'local_only'],
    ['before a server', new Keyv(new KeyvRedis()), 'distributed_basic'],
    ['before memory', new Keyv(new Map()), 'local_only'],
    ['before itself', new Keyv(null), 'local_only'],
    ['unknown', new PlainStore(), 'local_only'],
    ['our own', new MemoryStore(), 'local_only'],
    ['no class at all', { get: async () => null, async set() {}, async delete() {} }, 'local_only'],
  ] as const)('%s', ([, store, coordination]) => {
    expect(detect(store).coordination).toBe(coordination)
  })

  test('declared beats a detector, and a detector beats what is known of the class', () => {
    const distrusting = { matches: 'Redis', detect: () => ({ distributed: false }) }
    expect(detect(new OurRedis(), [distrusting]).coordination).toBe('local_only')
    class Sure extends OurRedis {}
    supportsDistributedCaching(Sure)
    expect(detect(new Sure(), [distrusting]).coordination).toBe('distributed_basic')
  })
})

describe('what cannot be', () => {
  test('a capability that has no method is not had, whoever says so, and is warned of', () => {
    class Boasting extends PlainStore {
      async acquire() {
        return true
      }
    }
    declareCapabilities(Boasting, { distributed: true, atomicIncrement: true, locking: true })
    const { coordination, supports, lines } = detect(new Boasting())
    expect([coordination, supports('locking')]).toEqual(['distributed_basic', false])
    expect(lines).toMatchObject([
      { level: 'warn', fields: { storeClass: 'Boasting', capability: 'atomicIncrement' } },
      { fields: { capability: 'locking', methods: ['acquire', 'renew', 'release'] } },
    ])
  })

  test('a store that cannot be looked at is unknown, and nothing fails', () => {
    const unreadable = new Proxy(new FullStore(), {
      get() {
        throw new Error('gone')
      },
    })
    // Cast: what JavaScript may hand over.
    const noStore = { get: 1 } as unknown as CacheStore
    for (const store of [unreadable, noStore]) {
      const { storeClass, coordination, warnings, exportCapabilities } = detect(store)
      expect([storeClass, coordination]).toEqual(['Unknown', 'local_only'])
      expect(Object.values(exportCapabilities()).filter((one) => one === true)).toHaveLength(1)
      expect(warnings).toHaveLength(1)
    }
  })
})

test('of all that is said, the first in the order counts, for each capability by itself', () => {
  const names = [
    'distributed',
    'atomicIncrement',
    'locking',
    'ttlInspection',
    'ownFeature',
  ] as const
  const said = fc.dictionary(fc.constantFrom(...names), fc.boolean(), { maxKeys: 5 })
  const cases = fc.record({
    instance: fc.option(said),
    child: fc.option(said),
    parent: fc.option(said),
    detectors: fc.array(said, { maxLength: 3 }),
    isKnown: fc.boolean(),
    isFull: fc.boolean(),
  })
  fc.assert(
    fc.property(cases, ({ instance, child, parent, detectors, isKnown, isFull }) => {
      class Parent extends (isFull ? FullStore : PlainStore) {}
      class Child extends Parent {}
      Object.defineProperty(Parent, 'name', { value: isKnown ? 'KeyvRedis' : 'Parent' })
      if (parent !== null) declareCapabilities(Parent, parent)
      if (child !== null) declareCapabilities(Child, child)
      const store: CacheStore =
        instance === null ? new Child() : Object.assign(new Child(), { capabilities: instance })
      const found = detect(
        store,
        detectors.map((one) => ({ matches: 'Child', detect: () => one })),
      )
      const known = isKnown ? { distributed: true } : {}
      const order: CacheCapabilities[] = [instance ?? {}, child ?? {}, parent ?? {}]
      order.push(...detectors.toReversed(), known)
      const wanted: Record<string, boolean> = {}
      for (const name of names) {
        const first = order.find((one) => one[name] !== undefined)?.[name]
        const needsMethods = !['distributed', 'ownFeature'].includes(name)
        wanted[name] = needsMethods ? isFull && (first ?? true) : (first ?? false)
      }
      expect(Object.fromEntries(names.map((name) => [name, found.supports(name)]))).toEqual(wanted)
      expect(found.coordination).toBe(coordinationOf(wanted))
    }),
    { numRuns: 200 },
  )
})

describe('what is shared', () => {
  const options = (
    crossContainerCoordination: SharingOptions['crossContainerCoordination'],
    distributedExport: SharingOptions['distributedExport'],
  ): SharingOptions => ({ crossContainerCoordination, distributedExport })
  const shared = { storeClass: 'RedisStore', coordination: 'distributed_basic' } as const
  const local = { storeClass: 'MemoryStore', coordination: 'local_only' } as const

  test.for([
    ['auto', 'auto', true, true],
    ['auto', 'off', true, false],
    ['auto', 'on', true, true],
    ['on', 'auto', true, true],
    ['on', 'off', true, false],
    ['on', 'on', true, true],
    ['off', 'auto', false, false],
    ['off', 'off', false, false],
  ] as const)(
    'with one store for all: %s and %s',
    ([metrics, exporting, sharesMetrics, exportsAll]) => {
      expect(sharingOf(options(metrics, exporting), shared)).toEqual({ sharesMetrics, exportsAll })
    },
  )

  test.for(['auto', 'off'] as const)('with a store for each process, nothing: %s', (either) => {
    expect(sharingOf(options(either, either), local)).toEqual({
      sharesMetrics: false,
      exportsAll: false,
    })
  })

  test.for([
    [
      'on',
      'auto',
      local,
      'telemetry.crossContainerCoordination is on, and each process has a MemoryStore',
    ],
    ['auto', 'on', local, 'telemetry.distributedExport is on, and each process has a MemoryStore'],
    [
      'off',
      'on',
      shared,
      'telemetry.distributedExport is on, and telemetry.crossContainerCoordination is off',
    ],
  ] as const)(
    '%s and %s are refused where they cannot be',
    ([metrics, exporting, store, message]) => {
      expect(() => sharingOf(options(metrics, exporting), store)).toThrow(
        expect.objectContaining({
          code: 'CACHE_NOT_SHARED',
          message: expect.stringContaining(message) as unknown,
        }),
      )
    },
  )
})
