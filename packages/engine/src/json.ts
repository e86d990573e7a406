// What may be stored: JSON, as a type. Checking that a value is JSON is storable.ts.
// Level 0: imports nothing of ours.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** A copy that shares nothing with the value. */
export function copyJson<Value extends Json>(value: Value): Value {
  return copy(value) as Value // of the same shape
}

function copy(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (isJsonList(value)) return value.map(copy)
  const copied = Object.entries(value).map(([key, member]): [string, Json] => [key, copy(member)])
  return Object.fromEntries(copied) // makes a member of every key, also of `__proto__`
}

/** Null: it is something else. */
export const asJsonObject = (value: Json | undefined): JsonObject | null =>
  typeof value === 'object' && value !== null && !isJsonList(value) ? value : null

/** Of what is JSON already. */
export const isJsonList = (value: Json): value is readonly Json[] => Array.isArray(value)
