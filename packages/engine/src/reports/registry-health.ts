// The definitions of this process beside those of the database: what only one of the two knows, what is in flight of each
// version, and whether anybody serves it.
import type { Database } from '../database/connect.ts'
import { readDefinitionVersions, type DefinitionVersionRow } from '../database/read-definitions.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import { formatAddress } from '../definitions/names.ts'
import type { RegistryActivity } from '../definitions/registry-activity.ts'
import {
  compareVersions,
  newestVersion,
  type DefinitionRegistry,
  type RegistryStats,
} from '../definitions/registry.ts'

export interface VersionHealth {
  readonly namespace: string
  readonly name: string
  readonly version: string
  /** The newest stable version of its name, registered or stored; of pre-releases alone, the newest. */
  readonly isNewest: boolean
  readonly isRegistered: boolean
  readonly isStored: boolean
  /** Registered and stored, with different contents. */
  readonly isChanged: boolean
  /** Its namespace is held. */
  readonly isHeld: boolean
  /** Tasks that have not ended: pending and in progress. */
  readonly openTasks: number
  readonly pendingTasks: number
  readonly inProgressTasks: number
  /** Of the open tasks, those that are held by themselves. */
  readonly heldTasks: number
  readonly dueSteps: number
  readonly laterSteps: number
  /** Workers that serve it and renew their lease, in all processes. */
  readonly liveWorkers: number
  /** Has open tasks, and no live worker serves it: they do not progress. */
  readonly isUnserved: boolean
}

/** Lists hold addresses, as in `payments/process_order@2.1.0`. */
export interface RegistryHealth {
  readonly generatedAt: Date
  /** No version is unserved and none has changed. */
  readonly isHealthy: boolean
  readonly stats: RegistryStats
  readonly activity: RegistryActivity
  /** By namespace, name and version, oldest first. */
  readonly versions: readonly VersionHealth[]
  readonly registered: readonly string[]
  /** Stored and not known here: served elsewhere, or of the past. */
  readonly notRegistered: readonly string[]
  /** Known here and not stored: no task of it can exist. */
  readonly notStored: readonly string[]
  readonly changed: readonly string[]
  readonly unserved: readonly string[]
  readonly newest: readonly string[]
}

export async function registryHealth(
  database: Database,
  registry: DefinitionRegistry,
  at: Date | null,
): Promise<RegistryHealth> {
  const read = await readDefinitionVersions(database, at)
  const versions = compareVersionsOf(registry.list(), read.versions)
  const addressesWhere = (is: (version: VersionHealth) => boolean): readonly string[] =>
    versions.filter(is).map(formatAddress)
  const changed = addressesWhere(({ isChanged }) => isChanged)
  const unserved = addressesWhere(({ isUnserved }) => isUnserved)
  return {
    generatedAt: read.at,
    isHealthy: changed.length === 0 && unserved.length === 0,
    stats: registry.stats(),
    activity: registry.activity(),
    versions,
    registered: addressesWhere(({ isRegistered }) => isRegistered),
    notRegistered: addressesWhere(({ isRegistered }) => !isRegistered),
    notStored: addressesWhere(({ isStored }) => !isStored),
    changed,
    unserved,
    newest: addressesWhere(({ isNewest }) => isNewest),
  }
}

/** Either side may lack a version, never both. */
interface Sides {
  registered?: TaskDefinition
  stored?: DefinitionVersionRow
}

function compareVersionsOf(
  registered: readonly TaskDefinition[],
  stored: readonly DefinitionVersionRow[],
): readonly VersionHealth[] {
  const byAddress = new Map<string, Sides & Address>()
  const sidesOf = ({ namespace, name, version }: Address): Sides => {
    const key = formatAddress({ namespace, name, version })
    const sides = byAddress.get(key) ?? { namespace, name, version }
    byAddress.set(key, sides)
    return sides
  }
  for (const definition of registered) sidesOf(definition).registered = definition
  for (const row of stored) sidesOf(row).stored = row
  const all = [...byAddress.values()]
  const newest = newestOf(all)
  return all
    .toSorted(
      (a, b) =>
        compareText(a.namespace, b.namespace) ||
        compareText(a.name, b.name) ||
        compareVersions(a.version, b.version),
    )
    .map((sides) => describe(sides, newest.has(formatAddress(sides))))
}

type Address = Pick<TaskDefinition, 'namespace' | 'name' | 'version'>

function newestOf(all: readonly Address[]): ReadonlySet<string> {
  const byName = Map.groupBy(all, ({ namespace, name }) => JSON.stringify([namespace, name]))
  return new Set(
    [...byName.values()].flatMap((ones) => {
      const newest = newestVersion(ones.map(({ version }) => version))
      return ones.filter(({ version }) => version === newest).map(formatAddress)
    }),
  )
}

function describe(
  { namespace, name, version, registered, stored }: Sides & Address,
  isNewest: boolean,
): VersionHealth {
  const openTasks = (stored?.pendingTasks ?? 0) + (stored?.inProgressTasks ?? 0)
  const liveWorkers = stored?.liveWorkers ?? 0
  return {
    namespace,
    name,
    version,
    isNewest,
    isRegistered: registered !== undefined,
    isStored: stored !== undefined,
    isChanged:
      registered !== undefined && stored !== undefined && registered.digest !== stored.digest,
    isHeld: stored?.isHeld === true,
    openTasks,
    pendingTasks: stored?.pendingTasks ?? 0,
    inProgressTasks: stored?.inProgressTasks ?? 0,
    heldTasks: stored?.heldTasks ?? 0,
    dueSteps: stored?.dueSteps ?? 0,
    laterSteps: stored?.laterSteps ?? 0,
    liveWorkers,
    isUnserved: openTasks > 0 && liveWorkers === 0,
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
