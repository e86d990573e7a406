// What one request may do: its caller, and the coordinator's answers, each asked once. REST, GraphQL and live events all
// decide through this, and through nothing else.
import { TaskerError, type Tasker } from '@tasker/engine'
import DataLoader from 'dataloader'
import { noSuchTask } from '../require-task.ts'
import type {
  AuthorizationCoordinator,
  Caller,
  Decision,
  Question,
  Scope,
  TaskSubject,
  Transport,
} from './model.ts'
import { isGranted, splitPermission, type Permission } from './permissions.ts'

/** What is addressed; nothing for a list. */
export interface Addressed {
  readonly taskId?: string | null
  /** Name or number. */
  readonly step?: string | null
  /** Where no task says it: that a task is created in, that a definition or a hold is of. */
  readonly namespace?: string | null
}

/** How the request came, for the audit log. */
export interface Origin {
  readonly transport: Transport
  readonly correlationId: string
  /** Of the caller, past trusted proxies; null: not known. */
  readonly address: string | null
}

export interface Access {
  /** Null: authentication is off for this operation. */
  readonly caller: Caller | null
  /** Who did it, for the history and the audit log. */
  readonly actor: string
  readonly origin: Origin
  /**
   * @throws {TaskerError} FORBIDDEN; TASK_NOT_FOUND for a task outside the caller's namespaces, as if there were none
   */
  require(permission: Permission, addressed?: Addressed): Promise<void>
  /** The same as a question: false also for a task that is hidden. */
  can(permission: Permission, addressed?: Addressed): Promise<boolean>
  /** Which tasks lists may show; null: all. */
  scope(permission: Permission): Promise<Scope | null>
}

export interface AccessParts {
  readonly tasker: Tasker
  readonly caller: Caller | null
  /** Null: authorization is off, and everything is allowed but what the caller's namespaces and scopes rule out. */
  readonly coordinator: AuthorizationCoordinator | null
  readonly origin: Origin
  readonly at: Date
}

/** The history's word for whoever was not asked who they are. */
const nobody = 'anonymous'

export function createAccess(parts: AccessParts): Access {
  const { tasker, caller, coordinator, origin, at } = parts
  const decisions = new Map<string, Promise<Decision>>()
  /** Each task once; those that are asked about in the same moment together. */
  const tasks = new DataLoader((ids: readonly string[]) => readSubjects(tasker, ids), {
    maxBatchSize: 100,
  })
  const namespaces = caller?.isAdmin === true ? null : (caller?.namespaces ?? null)

  const question = (permission: Permission, addressed: Addressed): Question => {
    const { taskId = null, step = null, namespace = null } = addressed
    return {
      caller,
      permission,
      ...splitPermission(permission),
      taskId,
      step,
      namespace,
      transport: origin.transport,
      at,
      task: async () => (taskId === null ? null : tasks.load(taskId)),
    }
  }
  /** A namespace that the caller does not have is forbidden; a task of one is none. */
  const decideNamespace = async (addressed: Addressed): Promise<Decision> => {
    const { taskId = null, namespace = null } = addressed
    if (namespaces === null) return true
    if (namespace !== null && !namespaces.includes(namespace)) return false
    const task = taskId === null ? null : await tasks.load(taskId)
    return task === null || namespaces.includes(task.namespace) ? true : 'hidden'
  }
  const decideAnew = async (permission: Permission, addressed: Addressed): Promise<Decision> => {
    const scopes = caller?.scopes ?? null
    if (scopes !== null && !isGranted(scopes, permission)) return false
    if (coordinator !== null) {
      const decision = await asked(() => coordinator.can(question(permission, addressed)))
      if (decision !== true) return decision === 'hidden' ? 'hidden' : false
    }
    return decideNamespace(addressed)
  }
  const decide = (permission: Permission, addressed: Addressed): Promise<Decision> => {
    const { taskId, step, namespace } = addressed
    const key = JSON.stringify([permission, taskId, step, namespace])
    return remembered(decisions, key, () => decideAnew(permission, addressed))
  }

  return {
    caller,
    actor: caller?.id ?? nobody,
    origin,
    async require(permission, addressed = {}) {
      const decision = await decide(permission, addressed)
      if (decision === true) return
      const { taskId = null } = addressed
      throw decision === 'hidden' && taskId !== null
        ? noSuchTask(taskId, tasker)
        : forbidden(permission)
    },
    can: async (permission, addressed = {}) => (await decide(permission, addressed)) === true,
    async scope(permission) {
      const narrowed =
        (await asked(() => coordinator?.scope?.(question(permission, {})) ?? null)) ?? null
      if (namespaces === null) return narrowed
      const both = narrowed?.namespaces?.filter((name) => namespaces.includes(name)) ?? namespaces
      return { ...narrowed, namespaces: both }
    },
  }
}

function remembered<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  ask: () => Promise<Value>,
): Promise<Value> {
  const before = known.get(key)
  if (before !== undefined) return before
  const asking = ask()
  known.set(key, asking)
  return asking
}

/** A policy that fails decides nothing, and what it throws is no answer to the caller; a database that is away is. */
async function asked<Answer>(ask: () => Promise<Answer> | Answer): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (isUnavailable(error)) throw error
    throw new TaskerError('INTERNAL', 'The authorization coordinator failed.', {}, error)
  }
}

export const isUnavailable = (error: unknown): error is TaskerError =>
  error instanceof TaskerError && error.category === 'unavailable'

/** Null: there is none. */
async function readSubjects(
  { tasks }: Tasker,
  taskIds: readonly string[],
): Promise<(TaskSubject | null)[]> {
  const found = await tasks.getMany(taskIds, { context: true })
  return found.map((task) => {
    if (task === null) return null
    const { taskId, namespace, name, version, initiator, sourceSystem, tags } = task
    const context = task.context ?? {}
    return { taskId, namespace, name, version, initiator, sourceSystem, tags, context }
  })
}

function forbidden(permission: Permission): TaskerError {
  const { resource, action } = splitPermission(permission)
  return new TaskerError('FORBIDDEN', `Not authorized to ${action} on ${resource}.`, { permission })
}
