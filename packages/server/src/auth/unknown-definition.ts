// What is said of a definition that there is not, to a caller who sees only some namespaces: nothing of the others.
import { TaskerError } from '@tasker/engine'
import type { Access } from './access.ts'

/** @throws {TaskerError} what `create` throws, without the hints that name other namespaces */
export async function withoutOtherNamespaces<Result>(
  access: Access,
  create: () => Promise<Result>,
): Promise<Result> {
  try {
    return await create()
  } catch (error) {
    if (!(error instanceof TaskerError) || error.details['namesOthers'] !== true) throw error
    const scope = await access.scope('tasker.handler:index')
    if (scope?.namespaces === undefined) throw error
    const { namespace, name } = error.details
    throw new TaskerError(
      error.code,
      `No definition ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)}.`,
      { namespace, name },
    )
  }
}
