// What an authenticator answered, checked before anything is decided by it: its types are a promise that plain JavaScript, or
// claims that were cast, may break.
import { TaskerError } from '@tasker/engine'
import { z } from 'zod'
import type { Caller } from './model.ts'

const texts = z.array(z.string())

/** The actor of the history: what can be stored, put on one line of a log, and is not what Tasker itself signs with. */
export const isCallerId = (id: string): boolean =>
  /^\P{Cc}{1,128}$/u.test(id) && id.length <= 128 && id.isWellFormed() && !taskersOwn.test(id)

const taskersOwn = /^(worker:.*|rescue by worker:.*|tasker|anonymous)$/

const caller = z.object({
  id: z.string().refine(isCallerId),
  roles: texts.optional(),
  isAdmin: z.boolean().optional(),
  permissions: texts.optional(),
  scopes: texts.nullish(),
  namespaces: texts.nullish(),
})

/** @throws {TaskerError} AUTH_MISCONFIGURED: nobody is let in by an answer that cannot be read. */
export function checkedCaller(given: unknown): Caller {
  const read = caller.safeParse(given)
  if (read.success) {
    const { roles = [], isAdmin = false, permissions = [], ...rest } = read.data
    const { scopes = null, namespaces = null } = rest
    return Object.freeze({ id: rest.id, roles, isAdmin, permissions, scopes, namespaces })
  }
  const paths = read.error.issues.map(({ path }) => path.join('.') || '(all of it)').join(', ')
  throw new TaskerError('AUTH_MISCONFIGURED', `The authenticator answered no caller: ${paths}.`)
}
