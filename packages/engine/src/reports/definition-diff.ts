// Two versions of a definition, found by address among those of this process and those of the database, and compared.
import type { Database } from '../database/connect.ts'
import { readDefinitionContent, readVersionsOf } from '../database/read-definitions.ts'
import { contentOf, type DefinitionContent } from '../definitions/definition-content.ts'
import { diffContents, type DefinitionDiff } from '../definitions/definition-diff.ts'
import { formatAddress, quote } from '../definitions/names.ts'
import { chooseVersion, compareVersions, type DefinitionRegistry } from '../definitions/registry.ts'
import { TaskerError } from '../errors.ts'

export interface DiffSide {
  readonly namespace: string
  readonly name: string
  /** Exact, a semver range, or `latest`. */
  readonly version: string
}

/** @throws {TaskerError} DEFINITION_NOT_FOUND */
export async function findAndDiff(
  database: Database,
  registry: DefinitionRegistry,
  sides: { readonly from: DiffSide; readonly to: DiffSide },
): Promise<DefinitionDiff> {
  const from = await contentAt(database, registry, sides.from)
  const to = await contentAt(database, registry, sides.to)
  return diffContents(from, to)
}

/**
 * What is registered goes before what is stored: it may have changed, and it knows more.
 * @throws {TaskerError} DEFINITION_NOT_FOUND
 */
export async function contentAt(
  database: Database,
  registry: DefinitionRegistry,
  side: DiffSide,
): Promise<DefinitionContent> {
  const registered = registry.list(side.namespace).filter(({ name }) => name === side.name)
  const stored = await readVersionsOf(database, side)
  const versions = [...new Set([...registered, ...stored].map(({ version }) => version))]
  const version = chooseVersion(versions, side.version)
  const definition = registered.find((one) => one.version === version)
  if (definition !== undefined) return contentOf(definition)
  const found = stored.find((one) => one.version === version)
  const content =
    found === undefined ? null : await readDefinitionContent(database, found.definitionId)
  if (content === null) throw definitionNotFound(side, versions)
  return content
}

export function definitionNotFound(side: DiffSide, versions: readonly string[]): TaskerError {
  const { namespace, name, version } = side
  const known = versions.toSorted(compareVersions)
  const message =
    known.length === 0
      ? `No definition ${quote(name)} in namespace ${quote(namespace)} is registered here or stored.`
      : `${formatAddress(side)} is neither registered here nor stored. Known versions: ${known.join(', ')}.`
  return new TaskerError('DEFINITION_NOT_FOUND', message, {
    namespace,
    name,
    version,
    knownVersions: known,
  })
}
