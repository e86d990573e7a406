// Which namespaces there are and how many definitions in each, and one version of a definition whole: kept until a definition is
// stored or replaced. What is not found is never kept.
import type { AdaptiveCache } from '../cache/adaptive-cache.ts'
import type { Database } from '../database/connect.ts'
import { databaseInstant } from '../database/prune.ts'
import {
  readDefinitionsMark,
  readNamespaceSizes,
  type NamespaceSize,
} from '../database/read-discovery.ts'
import { isStorableText } from '../storable.ts'
import type { DiffSide } from './definition-diff.ts'
import { keptReport, type Kept } from './kept-report.ts'
import { findStoredDefinition, type StoredDefinition } from './stored-definitions.ts'

export interface DiscoveryReport {
  readonly generatedAt: Date
  /** By name; those without a definition too. */
  readonly namespaces: readonly NamespaceSize[]
}

export interface DiscoveredDefinition extends StoredDefinition {
  readonly generatedAt: Date
}

export interface DiscoveryParts {
  readonly database: Database
  readonly cache: Pick<AdaptiveCache, 'fetch'>
  readonly now: () => Date | null
  readonly ttlMs: number
}

/** `namespaces`: only of these; null: of all. */
export async function discover(
  { database, cache, now, ttlMs }: DiscoveryParts,
  namespaces: readonly string[] | null,
): Promise<Kept<DiscoveryReport>> {
  const seen = namespaces?.filter(isStorableText).toSorted() ?? null // of any other there is nothing
  return keptReport<DiscoveryReport>(cache, {
    key: ['handlers', seen === null ? null : JSON.stringify(seen)],
    version: [await readDefinitionsMark(database)],
    ttlMs,
    shape: { generatedAt: 'date', namespaces: 'array' },
    make: async () => {
      const { at, namespaces: found } = await readNamespaceSizes(database, now(), seen)
      return { generatedAt: at, namespaces: found }
    },
  })
}

/** @throws {TaskerError} DEFINITION_NOT_FOUND, of a namespace outside of those given too. */
export async function discoverDefinition(
  { database, cache, now, ttlMs }: DiscoveryParts,
  side: DiffSide,
  namespaces: readonly string[] | null,
): Promise<Kept<DiscoveredDefinition>> {
  const { version, mark, read } = await findStoredDefinition(database, side, namespaces)
  return keptReport<DiscoveredDefinition>(cache, {
    key: ['handler', side.namespace, side.name, version],
    version: [mark],
    ttlMs,
    shape: {
      generatedAt: 'date',
      namespace: 'string',
      name: 'string',
      version: 'string',
      versions: 'array',
      steps: 'array',
      executionOrder: 'array',
    },
    make: async () => {
      const generatedAt = await databaseInstant(database, now())
      return { ...(await read()), generatedAt }
    },
  })
}
