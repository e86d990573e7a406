// Namespaces as operators see them: which there are, and holding one so that none of its steps start.
import type { Clock } from './clock.ts'
import {
  holdNamespace,
  readNamespaceHistory,
  readNamespaces,
  type NamespaceChange,
  type NamespaceRow,
} from './database/operate.ts'
import type { Database } from './database/connect.ts'
import { didYouMean } from './definitions/names.ts'
import { TaskerError } from './errors.ts'
import { isStorableText } from './storable.ts'
import { readSignature, type Signature } from './tasks/operator-order.ts'

export interface Namespaces {
  /** By name. */
  list(): Promise<readonly NamespaceRow[]>
  /**
   * No step of the namespace starts any more, in any worker, until it is resumed; what runs goes on, and tasks can
   * still be created. Answers whether it was not held before.
   * @throws {TaskerError} NAMESPACE_NOT_FOUND, REQUEST_INVALID
   */
  hold(namespace: string, by?: Signature): Promise<boolean>
  /** Answers whether it was held before. */
  resume(namespace: string, by?: Signature): Promise<boolean>
  /** Who held and resumed it, when and why, oldest first. */
  history(namespace: string): Promise<readonly NamespaceChange[]>
}

export interface NamespaceParts {
  readonly clock: Clock
  readonly database: Database
  /** Steps may start again. */
  readonly due: () => void
}

export function namespaceOperations({ clock, database, due }: NamespaceParts): Namespaces {
  const set = async (namespace: string, isHeld: boolean, by: Signature): Promise<boolean> => {
    const { actor, reason } = readSignature(by, isHeld ? 'hold' : 'resume')
    if (!isStorableText(namespace)) throw await notFound(namespace, database)
    const now = clock.databaseNow()
    const isChanged = await holdNamespace(database, { namespace, isHeld, actor, reason, now })
    if (isChanged === null) throw await notFound(namespace, database)
    if (!isHeld) due()
    return isChanged
  }
  return {
    list: () => readNamespaces(database),
    hold: (namespace, by = {}) => set(namespace, true, by),
    resume: (namespace, by = {}) => set(namespace, false, by),
    async history(namespace) {
      if (!isStorableText(namespace)) throw await notFound(namespace, database)
      const changes = await readNamespaceHistory(database, namespace)
      const isKnown = changes.length > 0 || (await namesOf(database)).includes(namespace)
      if (!isKnown) throw await notFound(namespace, database)
      return changes
    },
  }
}

const namesOf = async (database: Database): Promise<string[]> =>
  (await readNamespaces(database)).map(({ name }) => name)

async function notFound(namespace: string, database: Database): Promise<TaskerError> {
  const hint = didYouMean(namespace, await namesOf(database))
  const message = `There is no namespace "${namespace}" in schema "${database.schema}"${hint === '' ? '.' : hint}`
  return new TaskerError('NAMESPACE_NOT_FOUND', message, { namespace })
}
