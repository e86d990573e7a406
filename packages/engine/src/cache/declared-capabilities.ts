// What the class of a store says that its stores can do. It stands on the class itself, so a subclass has what its parent
// has, less what it says otherwise, and no list of classes is kept anywhere.
import type { CacheStore } from './cache-store.ts'
import type { CacheCapabilities, CapabilityName } from './capabilities.ts'

/** The class of a store, whatever it is made of and whoever may make it. */
export interface StoreClass {
  readonly name: string
  readonly prototype: object
}

/** The same for each copy of this package in the process: the store may have been written against another one. */
const declared: unique symbol = Symbol.for('tasker.cacheCapabilities')

/**
 * Says what the stores of a class can do, beside what was said of it before. Subclasses have it too, until they say
 * otherwise; the parent and its other subclasses do not. Names of your own are kept, and `tasker.cache.strategy` knows them.
 */
export function declareCapabilities(Class: StoreClass, capabilities: CacheCapabilities): void {
  const value = Object.freeze({ ...ownOf(Class), ...capabilities })
  Object.defineProperty(Class, declared, { value, configurable: true })
}

const shorthand =
  (capability: CapabilityName) =>
  (Class: StoreClass): void =>
    declareCapabilities(Class, { [capability]: true })

/** It is one store for all processes: `distributed`. */
export const supportsDistributedCaching = shorthand('distributed')
/** It adds whoever adds at the same time: `atomicIncrement`. */
export const supportsAtomicIncrement = shorthand('atomicIncrement')
/** It locks, by all three methods: `locking`. */
export const supportsLocking = shorthand('locking')
/** It says and changes what is left of an entry's time: `ttlInspection`. */
export const supportsTtlInspection = shorthand('ttlInspection')
/** It keeps the keys of applications apart: `namespaceSupport`. */
export const supportsNamespaceIsolation = shorthand('namespaceSupport')
/** It compresses what is long: `compressionSupport`. */
export const supportsCompression = shorthand('compressionSupport')

/** What the class and its parents say, the nearest first: a copy. */
export function declaredCapabilities(Class: StoreClass): Record<string, boolean> {
  const parent: unknown = Object.getPrototypeOf(Class)
  return { ...(isClass(parent) ? declaredCapabilities(parent) : {}), ...ownOf(Class) }
}

/** Null: neither the class nor a parent says anything of it. */
export function declaredSupport(Class: StoreClass, capability: string): boolean | null {
  const all = declaredCapabilities(Class)
  return Object.hasOwn(all, capability) ? (all[capability] ?? null) : null
}

export const hasDeclaredCapabilities = (Class: StoreClass): boolean =>
  Object.keys(declaredCapabilities(Class)).length > 0

/** What a store says of itself, over what its class says. */
export function declaredOf(store: CacheStore): CacheCapabilities {
  const Class: unknown = store.constructor
  return { ...(isClass(Class) ? declaredCapabilities(Class) : {}), ...store.capabilities }
}

function ownOf(Class: StoreClass): CacheCapabilities {
  const own: unknown = Object.getOwnPropertyDescriptor(Class, declared)?.value
  // Only `declareCapabilities`, of this copy of the package or another, puts something there.
  return (own ?? {}) as CacheCapabilities
}

// Of a class nothing but a class is the prototype, and beside classes `Function.prototype`, which has no declarations.
const isClass = (value: unknown): value is StoreClass =>
  typeof value === 'function' && value !== Function.prototype
