// What a store can do, by name, and what follows from it for processes that share it.
import type { CacheStore } from './cache-store.ts'

/** Those that Tasker itself asks for. A store may have others, of any name. */
export const capabilityNames = [
  'distributed',
  'atomicIncrement',
  'locking',
  'ttlInspection',
  'namespaceSupport',
  'compressionSupport',
] as const
export type CapabilityName = (typeof capabilityNames)[number]

/** True: it can. What is not named is found out. */
export type CacheCapabilities = Readonly<Record<string, boolean>>

/**
 * How processes share the store. `distributed_atomic`: it is one for all, counts and locks. `distributed_basic`: it is one for
 * all, and what has to be exclusive is locked in the database. `local_only`: each process has its own.
 */
export type Coordination = 'distributed_atomic' | 'distributed_basic' | 'local_only'

export interface CacheStrategy {
  /** The class of the store. */
  readonly storeClass: string
  readonly coordination: Coordination
  /** Whether the store has a capability, one of Tasker's or of its own. */
  supports(capability: string): boolean
  /** All that is known of it: a copy. */
  exportCapabilities(): Record<CapabilityName, boolean> & Record<string, boolean>
}

/**
 * What the store says of itself; nothing is found out yet.
 * @param capabilities what it can do through the layers that Tasker put around it
 */
export function strategyOf(
  store: CacheStore,
  capabilities: CacheCapabilities | undefined = store.capabilities,
): CacheStrategy {
  const known: Record<CapabilityName, boolean> & Record<string, boolean> = {
    distributed: false,
    atomicIncrement: false,
    locking: false,
    ttlInspection: false,
    namespaceSupport: false,
    compressionSupport: false,
    ...capabilities,
  }
  return {
    storeClass: store.constructor.name,
    coordination: coordinationOf(known),
    supports: (capability) => known[capability] === true,
    exportCapabilities: () => ({ ...known }),
  }
}

export function coordinationOf(capabilities: CacheCapabilities): Coordination {
  const { distributed, atomicIncrement, locking } = capabilities
  if (distributed !== true) return 'local_only'
  return atomicIncrement === true && locking === true ? 'distributed_atomic' : 'distributed_basic'
}
