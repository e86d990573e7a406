// What a caller may see of what it asks for: the conditions of a list, and those of the caller's scope beside them.
import type { Json, JsonObject, TaskSelection } from '@tasker/engine'
import type { Access } from '../auth/access.ts'
import type { Permission } from '../auth/permissions.ts'

/** Null: no task can meet both. */
export async function scopedSelection(
  access: Access,
  permission: Permission,
  asked: TaskSelection,
): Promise<TaskSelection | null> {
  const scope = await access.scope(permission)
  if (scope === null) return asked
  const { namespaces, initiator, tags, contextContains } = scope
  if (initiator !== undefined && asked.initiator !== undefined && asked.initiator !== initiator)
    return null
  const context =
    asked.contextContains === undefined || contextContains === undefined
      ? (asked.contextContains ?? contextContains)
      : bothOf(asked.contextContains, contextContains)
  if (context === null) return null
  return {
    ...asked,
    initiator: initiator ?? asked.initiator,
    namespaces: namespaces ?? asked.namespaces,
    tags: tags === undefined ? asked.tags : [...new Set([...(asked.tags ?? []), ...tags])],
    contextContains: context,
  }
}

/** What contains both objects, as jsonb's `@>` sees it; null: nothing does. */
function bothOf(one: JsonObject, other: JsonObject): JsonObject | null {
  const shared = Object.keys(one).filter((key) => Object.hasOwn(other, key))
  const entries: [string, Json][] = []
  for (const key of shared) {
    const value = bothValues(one[key] ?? null, other[key] ?? null)
    if (value === undefined) return null
    entries.push([key, value])
  }
  return { ...one, ...other, ...Object.fromEntries(entries) }
}

function bothValues(one: Json, other: Json): Json | undefined {
  if (Array.isArray(one) && Array.isArray(other)) return [...(one as Json[]), ...(other as Json[])]
  if (isObject(one) && isObject(other)) return bothOf(one, other) ?? undefined
  return one === other ? one : undefined
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
