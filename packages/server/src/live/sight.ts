// Which events a caller may see of all tasks, and whether with payloads: the scope of its lists, applied to each event. Asked
// of one `Access`, and made anew with it.
import type { HistoryEvent, Json, JsonObject, Tasker } from '@tasker/engine'
import type { Access } from '../auth/access.ts'
import type { Scope } from '../auth/model.ts'
import type { Permission } from '../auth/permissions.ts'

export interface Sight {
  sees(event: HistoryEvent): Promise<boolean>
  showsPayload(event: HistoryEvent): Promise<boolean>
}

/** Answers kept; then the oldest goes. */
const answersMax = 1_000

export async function createSight(
  tasker: Tasker,
  access: Access,
  permission: Permission,
): Promise<Sight> {
  const scope = permission.endsWith(':index') ? await access.scope(permission) : null
  const answers = new Map<string, boolean>()
  const remember = (taskId: string, answer: boolean): boolean => {
    const [oldest] = answers.size < answersMax ? [] : answers.keys()
    if (oldest !== undefined) answers.delete(oldest)
    answers.set(taskId, answer)
    return answer
  }
  return {
    async sees({ payload: { taskId, namespace } }) {
      if (scope === null) return true
      if (scope.namespaces?.includes(namespace) === false) return false
      if (!looksAtTasks(scope)) return true
      return answers.get(taskId) ?? remember(taskId, await isWithin(tasker, scope, taskId))
    },
    showsPayload: async ({ payload }) =>
      'error' in payload &&
      access.can('tasker.workflow_step:show_payload', {
        taskId: payload.taskId,
        step: payload.stepName,
      }),
  }
}

const looksAtTasks = ({ initiator, tags, contextContains }: Scope): boolean =>
  initiator !== undefined || tags !== undefined || contextContains !== undefined

/** A task that was pruned meanwhile is not shown. */
async function isWithin(tasker: Tasker, scope: Scope, taskId: string): Promise<boolean> {
  const [task] = await tasker.tasks.getMany([taskId], { context: true })
  if (task === null || task === undefined) return false
  const { initiator = task.initiator, tags = [], contextContains = {} } = scope
  return (
    task.initiator === initiator &&
    tags.every((tag) => task.tags.includes(tag)) &&
    contains(task.context ?? {}, contextContains)
  )
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As `@>` of PostgreSQL's jsonb says it. */
function contains(whole: Json | undefined, part: Json): boolean {
  if (isObject(part))
    return (
      isObject(whole) &&
      Object.entries(part).every(
        ([key, value]) => Object.hasOwn(whole, key) && contains(whole[key], value),
      )
    )
  if (Array.isArray(part))
    return (
      Array.isArray(whole) &&
      part.every((value: Json) => whole.some((item: Json) => contains(item, value)))
    )
  return whole === part
}
