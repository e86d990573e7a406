// Counts what a registry was asked and told, by namespace, name and version. In memory, of this process only.
import { nameLengthMax } from './names.ts'

export interface ActivityCounts {
  readonly registrations: number
  readonly replacements: number
  /** Registrations refused, because the version was there with another content. */
  readonly conflicts: number
  /** Requests by address that found this version. */
  readonly lookups: number
  /** Requests by address that found nothing. */
  readonly misses: number
}

export interface VersionActivity extends ActivityCounts {
  readonly namespace: string
  readonly name: string
  /** Where it was missed: what was asked for, which may be a range or `latest`. */
  readonly version: string
}

export interface RegistryActivity {
  readonly total: ActivityCounts
  readonly byNamespace: Readonly<Record<string, ActivityCounts>>
  /**
   * In the order of their first mention. Of what was only ever missed the first thousand are listed, and none with a name
   * that no definition can have; all are in the total.
   */
  readonly versions: readonly VersionActivity[]
}

export type ActivityKind = keyof ActivityCounts

type Address = Pick<VersionActivity, 'namespace' | 'name' | 'version'>

export interface ActivityCounter {
  count(kind: ActivityKind, address: Address): void
  read(): RegistryActivity
}

/** Addresses come with requests: whoever sends them must not be able to fill the memory. */
const missedMax = 1_000

type Counts = { -readonly [Kind in ActivityKind]: number }

export function countActivity(): ActivityCounter {
  const total = noCounts()
  const versions = new Map<string, Address & Counts>()
  let missed = 0
  const rowOf = (kind: ActivityKind, { namespace, name, version }: Address): Counts | null => {
    const key = JSON.stringify([namespace, name, version])
    const known = versions.get(key)
    if (known !== undefined) return known
    if (kind === 'misses') {
      if (missed >= missedMax || !isPossible({ namespace, name, version })) return null
      missed += 1
    }
    const row = { namespace, name, version, ...noCounts() }
    versions.set(key, row)
    return row
  }
  return {
    count(kind, address) {
      total[kind] += 1
      const row = rowOf(kind, address)
      if (row !== null) row[kind] += 1
    },
    read: () => ({
      total: { ...total },
      byNamespace: byNamespace([...versions.values()]),
      versions: [...versions.values()].map((row) => ({ ...row })),
    }),
  }
}

const noCounts = (): Counts => ({
  registrations: 0,
  replacements: 0,
  conflicts: 0,
  lookups: 0,
  misses: 0,
})

const isPossible = ({ namespace, name, version }: Address): boolean =>
  namespace.length <= 2 * nameLengthMax.namespace && // in UTF-16, a character may be two units
  name.length <= 2 * nameLengthMax.task &&
  version.length <= nameLengthMax.version

function byNamespace(rows: readonly VersionActivity[]): Readonly<Record<string, ActivityCounts>> {
  const sums = new Map<string, Counts>()
  for (const row of rows) {
    const sum = sums.get(row.namespace) ?? noCounts()
    sums.set(row.namespace, {
      registrations: sum.registrations + row.registrations,
      replacements: sum.replacements + row.replacements,
      conflicts: sum.conflicts + row.conflicts,
      lookups: sum.lookups + row.lookups,
      misses: sum.misses + row.misses,
    })
  }
  return Object.fromEntries(sums)
}
