// What a store can do, by name, and what follows from it for processes that share it. Who says so is declared-capabilities.ts
// and detect-capabilities.ts.

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
export const coordinations = ['distributed_atomic', 'distributed_basic', 'local_only'] as const
export type Coordination = (typeof coordinations)[number]

/** All that is known of a store; its own capabilities are beside these. */
export interface ExportedCapabilities extends Record<CapabilityName, boolean> {
  /** Tasker makes its keys such that the store takes them: always. */
  readonly keyTransformation: true
  readonly storeClass: string
  readonly [capability: string]: boolean | string
}

export interface CacheStrategy {
  /** The class of the store; `Unknown` when it could not be looked at. */
  readonly storeClass: string
  readonly coordination: Coordination
  /** Whether the store has a capability, one of Tasker's or of its own. */
  readonly supports: (capability: string) => boolean
  /** All that is known of it: a copy. */
  readonly exportCapabilities: () => ExportedCapabilities
}

export function strategyOf(storeClass: string, known: CacheCapabilities): CacheStrategy {
  return {
    storeClass,
    coordination: coordinationOf(known),
    supports: (capability) =>
      capability === 'keyTransformation' ||
      (Object.hasOwn(known, capability) && known[capability] === true),
    exportCapabilities: () => ({
      ...noCapabilities,
      ...known,
      keyTransformation: true,
      storeClass,
    }),
  }
}

export function coordinationOf(capabilities: CacheCapabilities): Coordination {
  const { distributed, atomicIncrement, locking } = capabilities
  if (distributed !== true) return 'local_only'
  return atomicIncrement === true && locking === true ? 'distributed_atomic' : 'distributed_basic'
}

const noCapabilities: Readonly<Record<CapabilityName, boolean>> = {
  distributed: false,
  atomicIncrement: false,
  locking: false,
  ttlInspection: false,
  namespaceSupport: false,
  compressionSupport: false,
}
