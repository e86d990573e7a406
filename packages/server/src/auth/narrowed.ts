// What a caller asks for and what it may see, as one selection: every condition of both.
import type { Json, JsonObject, TaskSelection } from '@tasker/engine'
import type { Scope } from './model.ts'

/** Of no namespace: nothing. */
const nothing = { namespaces: [] } as const

/** Tasks that match and that the scope shows; a scope of null shows all. */
export function narrowed(selection: TaskSelection, scope: Scope | null): TaskSelection {
  if (scope === null) return selection
  const { initiator = scope.initiator, namespaces = scope.namespaces } = selection
  if (scope.initiator !== undefined && initiator !== scope.initiator) return nothing
  const contextContains = both(selection.contextContains, scope.contextContains)
  if (contextContains === null) return nothing
  const tags = [...new Set([...(selection.tags ?? []), ...(scope.tags ?? [])])]
  return {
    ...selection,
    initiator,
    namespaces:
      scope.namespaces === undefined
        ? namespaces
        : namespaces?.filter((name) => scope.namespaces?.includes(name)),
    tags: tags.length === 0 ? undefined : tags,
    contextContains,
  }
}

function both(
  one: JsonObject | undefined,
  other: JsonObject | undefined,
): JsonObject | undefined | null {
  if (one === undefined || other === undefined) return one ?? other
  const merged = containingBoth(one, other)
  return merged === null ? null : (merged.value as JsonObject) // of two objects
}

/** What contains it contains both, as jsonb's `@>` sees it, and the other way round; null: nothing contains both. */
function containingBoth(one: Json, other: Json): { readonly value: Json } | null {
  if (isList(one) && isList(other)) return { value: [...one, ...other] }
  if (isObject(one) && isObject(other)) {
    const members = new Map(Object.entries(one))
    for (const [key, value] of Object.entries(other)) {
      const known = members.get(key)
      const merged = known === undefined ? { value } : containingBoth(known, value)
      if (merged === null) return null
      members.set(key, merged.value)
    }
    return { value: Object.fromEntries(members) }
  }
  return one === other ? { value: one } : null
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value)
