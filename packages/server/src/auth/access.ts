// What one request may do: its caller, and the coordinator's answers, each asked once. REST, GraphQL and live events all
// decide through this, and through nothing else.
import { TaskerError, type Tasker } from '@tasker/engine'
import type {
  AuthorizationCoordinator,
  Caller,
  Question,
  Scope,
  TaskSubject,
  Transport,
} from './model.ts'
import { splitPermission, type Permission } from './permissions.ts'

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
  /** Null: authorization is off, and everything is allowed but what the caller's namespaces hide. */
  readonly coordinator: AuthorizationCoordinator | null
  readonly origin: Origin
  readonly at: Date
}

/** The history's word for whoever was not asked who they are. */
const nobody = 'anonymous'

export function createAccess(parts: AccessParts): Access {
  const { tasker, caller, coordinator, origin, at } = parts
  const answers = new Map<string, Promise<boolean>>()
  const tasks = new Map<string, Promise<TaskSubject | null>>()

  const readOnce = (taskId: string): Promise<TaskSubject | null> => {
    const known = tasks.get(taskId)
    if (known !== undefined) return known
    const reading = readSubject(tasker, taskId)
    tasks.set(taskId, reading)
    return reading
  }
  const question = (
    permission: Permission,
    { taskId = null, step = null, namespace = null }: Addressed,
  ): Question => ({
    caller,
    permission,
    ...splitPermission(permission),
    taskId,
    step,
    namespace,
    transport: origin.transport,
    at,
    task: async () => (taskId === null ? null : readOnce(taskId)),
  })
  /** A task of a namespace that the caller may not see is none. */
  const isHidden = async ({ taskId = null }: Addressed): Promise<boolean> => {
    const namespaces = caller?.namespaces ?? null
    if (taskId === null || namespaces === null || caller?.isAdmin === true) return false
    const task = await readOnce(taskId)
    return task !== null && !namespaces.includes(task.namespace)
  }
  const isAllowed = async (permission: Permission, addressed: Addressed): Promise<boolean> => {
    if (coordinator === null) return true
    const key = `${permission} ${addressed.taskId ?? ''} ${addressed.step ?? ''}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = Promise.resolve(coordinator.can(question(permission, addressed)))
    answers.set(key, answer)
    return answer
  }

  return {
    caller,
    actor: caller?.id ?? nobody,
    origin,
    async require(permission, addressed = {}) {
      if (!(await isAllowed(permission, addressed))) throw forbidden(permission)
      if (await isHidden(addressed)) throw hidden(addressed.taskId ?? '')
    },
    can: async (permission, addressed = {}) =>
      (await isAllowed(permission, addressed)) && !(await isHidden(addressed)),
    async scope(permission) {
      const asked = await coordinator?.scope?.(question(permission, {}))
      const namespaces = caller?.isAdmin === true ? null : (caller?.namespaces ?? null)
      if (namespaces === null) return asked ?? null
      const both = asked?.namespaces?.filter((name) => namespaces.includes(name)) ?? namespaces
      return { ...asked, namespaces: both }
    },
  }
}

async function readSubject(tasker: Tasker, taskId: string): Promise<TaskSubject | null> {
  try {
    const { namespace, name, version, initiator, sourceSystem, tags, context } =
      await tasker.tasks.get(taskId)
    return { taskId, namespace, name, version, initiator, sourceSystem, tags, context }
  } catch (error) {
    if (error instanceof TaskerError && error.code === 'TASK_NOT_FOUND') return null
    throw error
  }
}

function forbidden(permission: Permission): TaskerError {
  const { resource, action } = splitPermission(permission)
  return new TaskerError('FORBIDDEN', `Not authorized to ${action} on ${resource}.`, { permission })
}

const hidden = (taskId: string): TaskerError =>
  new TaskerError('TASK_NOT_FOUND', `Task ${taskId} does not exist.`, { taskId })
