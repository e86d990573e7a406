// A policy by roles: what each role may do, and in which namespaces. Roles are data, so they can come from a file; those that
// are shipped are a start to add to.
import type { AuthorizationCoordinator, Caller, Decision, Question, Scope } from './model.ts'
import { isGranted, permissions, splitPermission, unknownGrants } from './permissions.ts'

/** Permissions (`tasker.task:show`, `tasker.task:*`, `*`), or those with the namespaces that they are held in. */
export type Role =
  | readonly string[]
  | {
      readonly permissions: readonly string[]
      /** Null or left out: all. */
      readonly namespaces?: readonly string[] | null
    }

export type Roles = Readonly<Record<string, Role>>

/** Nobody but an admin reads who did what. */
const everywhere = permissions.filter((permission) => !permission.startsWith('tasker.audit:'))
const permissionsOf = (...actions: readonly string[]): readonly string[] =>
  everywhere.filter((permission) => actions.includes(splitPermission(permission).action))

/**
 * Payloads (contexts, results, messages of errors) are shown to an admin alone: `tasker.task:show_payload` and
 * `tasker.workflow_step:show_payload` are given by name.
 */
export const shippedRoles = {
  admin: ['*'],
  manager: permissionsOf('index', 'show', 'create', 'update', 'retry'),
  operator: permissionsOf('index', 'show', 'retry'),
  viewer: permissionsOf('index', 'show'),
} as const satisfies Roles

/**
 * Allows what a role of the caller grants, or the caller's own permissions do, and everything to an admin. Roles that are not
 * known here grant nothing. Default: the shipped roles.
 */
export function roleCoordinator({ roles = shippedRoles }: { readonly roles?: Roles } = {}) {
  const named = new Map(Object.entries(roles).map(([name, role]) => [name, grantOf(role)]))
  /** The grants of a caller that hold the permission. */
  const granting = ({ caller, permission }: Question): readonly Grant[] => {
    if (caller === null) return []
    return grantsOf(caller, named).filter((grant) => isGranted(grant.permissions, permission))
  }
  return {
    async can(question) {
      const namespaces = namespacesOf(granting(question))
      if (namespaces === null) return true
      if (namespaces.length === 0) return false
      return decideWithin(namespaces, question)
    },
    scope(question): Scope | null {
      const namespaces = namespacesOf(granting(question))
      return namespaces === null ? null : { namespaces }
    },
    configurationFaults: () =>
      [...named].flatMap(([name, grant]) =>
        unknownGrants(grant.permissions).map(
          (permission) => `has a role "${name}" with "${permission}", which is no permission`,
        ),
      ),
  } satisfies AuthorizationCoordinator
}

interface Grant {
  readonly permissions: readonly string[]
  readonly namespaces: readonly string[] | null
}

const grantOf = (role: Role): Grant =>
  isList(role)
    ? { permissions: role, namespaces: null }
    : { permissions: role.permissions, namespaces: role.namespaces ?? null }

const isList = (role: Role): role is readonly string[] => Array.isArray(role)

function grantsOf(caller: Caller, named: ReadonlyMap<string, Grant>): readonly Grant[] {
  const own = caller.isAdmin === true ? ['*'] : (caller.permissions ?? [])
  return [
    { permissions: own, namespaces: null },
    ...(caller.roles ?? []).flatMap((role) => named.get(role) ?? []),
  ]
}

/** Where the grants hold, together; null: everywhere. */
function namespacesOf(grants: readonly Grant[]): readonly string[] | null {
  if (grants.some(({ namespaces }) => namespaces === null)) return null
  return [...new Set(grants.flatMap(({ namespaces }) => namespaces ?? []))]
}

/** A list is allowed, and narrowed by the scope; a task elsewhere is as if there were none. */
async function decideWithin(namespaces: readonly string[], question: Question): Promise<Decision> {
  if (question.namespace !== null && !namespaces.includes(question.namespace)) return false
  const task = await question.task()
  return task === null || namespaces.includes(task.namespace) ? true : 'hidden'
}
