// The definitions that this process knows: namespace → name → version. In memory only; which versions the database
// has stored, and whether they differ, is the registration's in tasks/.
import semver from 'semver'
import { TaskerError } from '../errors.ts'
import { namespaceDefault } from './build-definition.ts'
import type { TaskDefinition } from './model.ts'
import { didYouMean, formatAddress, quote } from './names.ts'
import { countActivity, type RegistryActivity } from './registry-activity.ts'

/** What a request asks for. */
export interface DefinitionQuery {
  /** Default `default`. */
  readonly namespace?: string | undefined
  readonly name: string
  /** An exact version, a semver range, or `latest`. Default `latest`: the newest stable version. */
  readonly version?: string | undefined
  /** Let ranges and `latest` choose pre-releases too. Default false. */
  readonly includePrerelease?: boolean | undefined
}

export interface NamespaceEntry {
  readonly name: string
  readonly description: string | null
  /** Names of tasks, each counted once whatever its versions. */
  readonly tasks: number
}

export interface RegistryStats {
  readonly totalNamespaces: number
  readonly totalTasks: number
  readonly totalVersions: number
  readonly tasksByNamespace: Readonly<Record<string, number>>
  readonly versionsByNamespace: Readonly<Record<string, number>>
}

export interface DefinitionRegistry {
  /**
   * Adds a definition. The same one again is `unchanged`.
   * @throws {TaskerError} DEFINITION_CONFLICT when its version holds a different one and `replace` is not true.
   */
  register(
    definition: TaskDefinition,
    options?: { readonly replace?: boolean },
  ): 'added' | 'unchanged' | 'replaced'
  /** @throws {TaskerError} DEFINITION_NOT_FOUND with near names and the known versions. */
  resolve(query: DefinitionQuery): TaskDefinition
  /** All, or those of one namespace; by namespace, name and version, oldest version first. */
  list(namespace?: string): readonly TaskDefinition[]
  /** `default` is always among them. */
  namespaces(): readonly NamespaceEntry[]
  stats(): RegistryStats
  /** What has been asked of it so far. */
  activity(): RegistryActivity
}

type Versions = Map<string, TaskDefinition>

export function createRegistry(): DefinitionRegistry {
  const known = new Map<string, Map<string, Versions>>()
  const activity = countActivity()
  return Object.freeze({
    register: (definition, options) => {
      try {
        const outcome = register(known, definition, options?.replace === true)
        if (outcome === 'added') activity.count('registrations', definition)
        if (outcome === 'replaced') activity.count('replacements', definition)
        return outcome
      } catch (error) {
        activity.count('conflicts', definition)
        throw error
      }
    },
    resolve: (query) => {
      try {
        const found = resolve(known, query)
        activity.count('lookups', found)
        return found
      } catch (error) {
        const { namespace = namespaceDefault, name, version = 'latest' } = query
        activity.count('misses', { namespace, name, version })
        throw error
      }
    },
    list: (namespace) => listOf(known, namespace),
    namespaces: () => namespacesOf(known),
    stats: () => statsOf(known),
    activity: () => activity.read(),
  } satisfies DefinitionRegistry)
}

type Known = Map<string, Map<string, Versions>>

function register(
  known: Known,
  definition: TaskDefinition,
  isReplacing: boolean,
): 'added' | 'unchanged' | 'replaced' {
  const { namespace, name, version, digest } = definition
  const names = known.get(namespace) ?? new Map<string, Versions>()
  const versions = names.get(name) ?? new Map<string, TaskDefinition>()
  const present = versions.get(version)
  const isDifferent = present !== undefined && present.digest !== digest
  if (isDifferent && !isReplacing) {
    const address = formatAddress(definition)
    const message = `${address} is registered already, with another content.`
    throw new TaskerError('DEFINITION_CONFLICT', message, {
      namespace: namespace,
      name: name,
      version: version,
      registeredDigest: present.digest,
      digest: digest,
    })
  }
  if (present !== undefined && !isReplacing) return 'unchanged'
  versions.set(version, definition)
  names.set(name, versions)
  known.set(namespace, names)
  return present === undefined ? 'added' : 'replaced'
}

function resolve(known: Known, query: DefinitionQuery): TaskDefinition {
  const namespace = query.namespace ?? namespaceDefault
  const versions = known.get(namespace)?.get(query.name)
  if (versions === undefined) throw unknownName(known, namespace, query.name)
  const wanted = query.version ?? 'latest'
  const version = chooseVersion([...versions.keys()], wanted, query)
  const found = version === null ? undefined : versions.get(version)
  if (found === undefined) throw unknownVersion(versions, { namespace, name: query.name, wanted })
  return found
}

/** Oldest first. */
export const compareVersions = (a: string, b: string): number => semver.compareBuild(a, b)

/** Whether a range holds a version. Pre-releases count, so that of `1.x` and `2.x` exactly one holds 2.0.0-rc.1. */
export const isInRange = (version: string, range: string): boolean =>
  semver.satisfies(version, range, { includePrerelease: true })

/** Longer ones are nobody's, and take long to read. */
const rangeMaxLength = 256

/** Of these versions the one that is asked for: exactly, by a semver range, or as `latest`. */
export function chooseVersion(
  versions: readonly string[],
  wanted: string,
  { includePrerelease = false }: Pick<DefinitionQuery, 'includePrerelease'> = {},
): string | null {
  if (versions.includes(wanted)) return wanted
  if (wanted.length > rangeMaxLength) return null
  // `*` is "any stable version" to semver, and any at all with pre-releases.
  const range = wanted === 'latest' ? '*' : wanted
  if (semver.validRange(range) === null) return null
  return semver.maxSatisfying([...versions], range, { includePrerelease })
}

/** The newest stable one; of pre-releases alone, the newest. */
export const newestVersion = (versions: readonly string[]): string | null =>
  chooseVersion(versions, 'latest') ??
  chooseVersion(versions, 'latest', { includePrerelease: true })

function unknownName(known: Known, namespace: string, name: string): TaskerError {
  const names = known.get(namespace)
  const elsewhere = [...known].filter(([, tasks]) => tasks.has(name)).map(([other]) => quote(other))
  const hints = [
    names === undefined
      ? `The namespace has no definitions${didYouMean(namespace, known.keys())}`
      : `It has ${names.size} ${names.size === 1 ? 'task' : 'tasks'}${didYouMean(name, names.keys())}`,
    ...(elsewhere.length > 0 ? [`The name exists in namespace ${elsewhere.join(', ')}`] : []),
  ]
  const message = `No definition ${quote(name)} in namespace ${quote(namespace)}. ${sentences(hints)}`
  const namesOthers = names === undefined || elsewhere.length > 0
  return new TaskerError('DEFINITION_NOT_FOUND', message, { namespace, name, namesOthers })
}

function unknownVersion(
  versions: Versions,
  asked: { readonly namespace: string; readonly name: string; readonly wanted: string },
): TaskerError {
  const { namespace, name, wanted } = asked
  const sorted = [...versions.keys()].toSorted(compareVersions)
  const what = wanted === 'latest' ? 'stable version' : `version that is ${quote(wanted)}`
  const hints = [
    `Known versions: ${sorted.join(', ')}`,
    ...(semver.validRange(wanted === 'latest' ? '*' : wanted) === null
      ? [`${quote(wanted)} is neither a version nor a semver range`]
      : sorted.some((version) => semver.prerelease(version) !== null)
        ? [
            'Pre-releases are chosen only when asked for by exact version or by a range that names one',
          ]
        : []),
  ]
  const message = `No ${what} of ${namespace}/${name}. ${sentences(hints)}`
  return new TaskerError('DEFINITION_NOT_FOUND', message, {
    namespace: namespace,
    name: name,
    version: wanted,
    knownVersions: sorted,
  })
}

function sentences(hints: readonly string[]): string {
  return hints.map((hint) => (hint.endsWith('?') ? hint : `${hint}.`)).join(' ')
}

function listOf(known: Known, namespace: string | undefined): readonly TaskDefinition[] {
  const definitions = [...known]
    .filter(([name]) => namespace === undefined || name === namespace)
    .flatMap(([, names]) => [...names.values()].flatMap((versions) => [...versions.values()]))
  return definitions.toSorted(
    (a, b) =>
      compareText(a.namespace, b.namespace) ||
      compareText(a.name, b.name) ||
      compareVersions(a.version, b.version),
  )
}

function namespacesOf(known: Known): readonly NamespaceEntry[] {
  const names = new Set([namespaceDefault, ...known.keys()])
  return [...names].toSorted(compareText).map((name) => ({
    name: name,
    // Where several definitions describe their namespace, the last one counts.
    description: listed(known, name).findLast((text) => text !== null) ?? null,
    tasks: known.get(name)?.size ?? 0,
  }))
}

function listed(known: Known, namespace: string): readonly (string | null)[] {
  const tasks = [...(known.get(namespace)?.values() ?? [])]
  return tasks.flatMap((versions) => [...versions.values()].map((one) => one.namespaceDescription))
}

function statsOf(known: Known): RegistryStats {
  const namespaces = namespacesOf(known)
  const counts = namespaces.map(({ name }) => [name, listOf(known, name).length] as const)
  return {
    totalNamespaces: namespaces.length,
    totalTasks: namespaces.reduce((sum, namespace) => sum + namespace.tasks, 0),
    totalVersions: counts.reduce((sum, [, count]) => sum + count, 0),
    tasksByNamespace: Object.fromEntries(namespaces.map(({ name, tasks }) => [name, tasks])),
    versionsByNamespace: Object.fromEntries(counts),
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
