// Brings the store up to date in a process that has nothing to write itself: what ended processes left is folded, nothing
// expires, and what another process told is written for it.
import type { CacheStrategy } from '../../cache/capabilities.ts'
import type { Clock } from '../../clock.ts'
import { faultText } from '../../fault-text.ts'
import type { Instance } from '../../instance.ts'
import type { MetricsSync } from '../exports/exporter.ts'
import type { MetricsData } from '../metrics/tasker-metrics.ts'
import type { Ledger } from './ledger.ts'
import { shareForAnother, type SharedForAnother } from './share-for-another.ts'
import { seriesCountOf, TotalsSum, type Totals } from './totals.ts'
import { totalsOfFamilies } from './totals-of-families.ts'

interface SyncParts {
  readonly clock: Clock
  readonly instance: Instance
  readonly strategy: CacheStrategy
  readonly prefix: string
}

interface Synced {
  /** Null: of what all share. */
  readonly instance?: string
  readonly totals?: Totals
  readonly startedMs?: number
  readonly fault: string | null
}

export async function syncForOthers(
  parts: SyncParts & { readonly ledger: Ledger },
  of: MetricsData | null,
): Promise<MetricsSync> {
  const { ledger, clock } = parts
  const startedMs = clock.monotonicMs()
  try {
    const told = of === null ? null : await written(parts, of)
    await ledger.upkeep()
    const synced = told ?? { totals: await sharedTotals(ledger), fault: null }
    return syncEnd(parts, { ...synced, startedMs })
  } catch (error) {
    return syncEnd(parts, { fault: faultText(error), startedMs })
  }
}

async function written(
  { ledger, clock, prefix }: SyncParts & { readonly ledger: Ledger },
  { instances, families, scope }: MetricsData,
): Promise<Synced> {
  const [only, ...others] = instances
  if (only === undefined || others.length > 0 || scope === 'all')
    return { fault: 'what was told is not of one process' }
  const { instance } = only
  const totals = totalsOfFamilies(families, prefix)
  const shared = await shareForAnother(ledger, { instance, totals, atMs: clock.nowMs() })
  return { instance, totals, fault: faults(instance)[shared] }
}

const faults = (instance: string): Readonly<Record<SharedForAnother, string | null>> => ({
  written: null,
  busy: 'another process has the lock',
  itself: `${instance} shares its metrics itself, and they would count twice`,
})

async function sharedTotals(ledger: Ledger): Promise<Totals> {
  const { starts, retired } = await ledger.read()
  const sum = new TotalsSum().add(retired.totals)
  for (const { snapshot } of starts) sum.add(snapshot.totals)
  return sum.totals.filter(({ series }) => series.length > 0)
}

export function syncEnd(
  { clock, instance: own, strategy }: SyncParts,
  { instance = own.id, totals = [], startedMs = clock.monotonicMs(), fault }: Synced,
): MetricsSync {
  const countOf = (type: Totals[number]['type']): number =>
    totals.filter((family) => family.type === type).length
  return {
    isSynced: fault === null,
    strategy: strategy.coordination,
    instance,
    metricsCount: totals.length,
    seriesCount: seriesCountOf(totals),
    counters: countOf('counter'),
    gauges: countOf('gauge'),
    histograms: countOf('histogram'),
    dropped: [],
    bytes: 0,
    at: new Date(clock.nowMs()),
    durationMs: clock.monotonicMs() - startedMs,
    fault,
  }
}
