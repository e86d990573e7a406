// What is known of classes that others wrote and that can be handed over as a store, or be extended to one: the storage
// adapters of Keyv, whose `get`, `set` with milliseconds, and `delete` are those that Tasker asks for. Tasker's own stores
// declare themselves.
import type { CacheCapabilities } from './capabilities.ts'

/** A server that all processes reach, without counting and locking as Tasker needs them. */
const onServer: CacheCapabilities = { distributed: true, namespaceSupport: true }
/** In the process, or in a file of one machine. */
const onMachine: CacheCapabilities = { distributed: false, namespaceSupport: true }

const knownStores: ReadonlyMap<string, CacheCapabilities> = new Map([
  ['KeyvRedis', onServer],
  ['KeyvValkey', onServer],
  ['KeyvMemcache', onServer],
  ['KeyvPostgres', onServer],
  ['KeyvMysql', onServer],
  ['KeyvMongo', onServer],
  ['KeyvEtcd', onServer],
  ['KeyvDynamo', onServer],
  ['KeyvSqlite', onMachine],
])

/** Of the class itself, or of the nearest parent that is known. `Keyv` is what it stands before. */
export function capabilitiesOfKnown(store: object): CacheCapabilities {
  for (const name of classNamesOf(store)) {
    const known = knownStores.get(name)
    if (known !== undefined) return known
    if (name === 'Keyv') return capabilitiesBehind(store)
  }
  return {}
}

/** Names of the class and its parents, the nearest first. */
function* classNamesOf(store: object): Generator<string> {
  let prototype: unknown = Object.getPrototypeOf(store)
  while (typeof prototype === 'object' && prototype !== null) {
    yield classNameOf(prototype)
    prototype = Object.getPrototypeOf(prototype)
  }
}

/** `Unknown`: it was made without a class, or its class has no name. */
export function classNameOf(store: object): string {
  const Class: unknown = Reflect.get(store, 'constructor')
  return typeof Class === 'function' && Class.name !== '' ? Class.name : 'Unknown'
}

function capabilitiesBehind(keyv: object): CacheCapabilities {
  const behind: unknown = Reflect.get(keyv, 'store')
  if (typeof behind !== 'object' || behind === null || behind === keyv) return onMachine
  return behind instanceof Map ? onMachine : capabilitiesOfKnown(behind)
}
