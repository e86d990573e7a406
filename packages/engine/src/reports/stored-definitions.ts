// The definitions of the database, whoever serves them: names with their versions and use, and one version whole. Nothing here
// depends on what this process has registered.
import type { Database } from '../database/connect.ts'
import {
  readDefinitionContent,
  readDefinitionVersions,
  readVersionsOf,
  type DefinitionVersionRow,
  type StoredContent,
  type StoredStepContent,
} from '../database/read-definitions.ts'
import { analyseGraph } from '../definitions/graph.ts'
import { chooseVersion, compareVersions, newestVersion } from '../definitions/registry.ts'
import { isStorableText } from '../storable.ts'
import { definitionNotFound, type DiffSide } from './definition-diff.ts'

/** A name with its versions. */
export interface StoredDefinitionName {
  readonly namespace: string
  readonly name: string
  readonly description: string
  /** The newest stable version; of pre-releases alone, the newest. */
  readonly latest: string
  /** Oldest first. */
  readonly versions: readonly StoredVersion[]
}

export interface StoredVersion extends Omit<
  DefinitionVersionRow,
  'namespace' | 'name' | 'description'
> {
  readonly isLatest: boolean
  /** Has open tasks, and no live worker serves it: they do not progress. */
  readonly isUnserved: boolean
}

/** By namespace and name. `namespaces`: only of these; null: of all. */
export async function readStoredDefinitions(
  database: Database,
  at: Date | null,
  namespaces: readonly string[] | null,
): Promise<readonly StoredDefinitionName[]> {
  const known = namespaces?.filter(isStorableText) ?? null // of any other there is nothing
  const { versions } = await readDefinitionVersions(database, at, known)
  const byName = Map.groupBy(versions, ({ namespace, name }) => JSON.stringify([namespace, name]))
  return [...byName.values()].flatMap(nameOf).toSorted(byNamespaceAndName)
}

function nameOf(rows: readonly DefinitionVersionRow[]): readonly StoredDefinitionName[] {
  const [first] = rows
  const latest = newestVersion(rows.map(({ version }) => version))
  if (first === undefined || latest === null) return [] // a group has one, and a stored version is one
  const { namespace, name, description } = first
  const versions = rows
    .toSorted((a, b) => compareVersions(a.version, b.version))
    .map(({ namespace: _namespace, name: _name, description: _description, ...row }) => ({
      ...row,
      isLatest: row.version === latest,
      isUnserved: row.pendingTasks + row.inProgressTasks > 0 && row.liveWorkers === 0,
    }))
  return [{ namespace, name, description, latest, versions }]
}

type Names = Pick<StoredDefinitionName, 'namespace' | 'name'>

const byNamespaceAndName = (a: Names, b: Names): number =>
  compareText(a.namespace, b.namespace) || compareText(a.name, b.name)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** One version whole. */
export interface StoredDefinition extends Omit<
  StoredContent,
  'steps' | 'description' | 'nameDescription'
> {
  /** Of its name: all versions have one. */
  readonly description: string
  readonly isLatest: boolean
  /** All that are stored of its name, oldest first. */
  readonly versions: readonly string[]
  /** In the order of declaration. */
  readonly steps: readonly StoredDefinitionStep[]
  /** Names of the steps, each after those that it waits for. */
  readonly executionOrder: readonly string[]
}

export interface StoredDefinitionStep extends StoredStepContent {
  /** From 1, in the order of declaration. */
  readonly stepNo: number
  /** Names of the steps that wait for it. */
  readonly dependents: readonly string[]
  /** 0: it waits for none; else one more than the highest of those that it waits for. */
  readonly level: number
}

export interface FoundDefinition {
  /** The version that was meant. */
  readonly version: string
  /** Changes when what `read` says does. */
  readonly mark: string
  readonly read: () => Promise<StoredDefinition>
}

/** @throws {TaskerError} DEFINITION_NOT_FOUND, of a namespace outside of those given too. */
export async function findStoredDefinition(
  database: Database,
  side: DiffSide,
  namespaces: readonly string[] | null,
): Promise<FoundDefinition> {
  const isVisible = namespaces === null || namespaces.includes(side.namespace)
  const stored = isVisible ? await readVersionsOf(database, side) : []
  const versions = stored.map(({ version }) => version).toSorted(compareVersions)
  const version =
    side.version === 'latest' ? newestVersion(versions) : chooseVersion(versions, side.version)
  const found = stored.find((one) => one.version === version)
  if (found === undefined) throw definitionNotFound(side, versions)
  const { definitionId, digest, description } = found
  return {
    version: found.version,
    mark: JSON.stringify([definitionId, digest, description, ...versions]),
    async read() {
      const content = await readDefinitionContent(database, definitionId)
      if (content === null) throw definitionNotFound(side, versions)
      return whole(content, versions)
    },
  }
}

function whole(content: StoredContent, versions: readonly string[]): StoredDefinition {
  const { nameDescription, description: _none, steps, ...rest } = content
  const { edges, levels, topology } = analyseGraph(steps)
  const edgesFrom = Map.groupBy(edges, ({ from }) => from)
  return {
    ...rest,
    description: nameDescription,
    isLatest: rest.version === newestVersion(versions),
    versions,
    executionOrder: topology,
    steps: steps.map((step, index) => ({
      ...step,
      stepNo: index + 1,
      dependents: (edgesFrom.get(step.name) ?? []).map(({ to }) => to),
      level: levels.get(step.name) ?? 0,
    })),
  }
}
