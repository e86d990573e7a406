// Reads values that other systems sent: unknown in, a type out, nothing thrown.

/** What stands at this path; undefined where it leads nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = Reflect.get(here, key) as unknown
  }
  return here
}

/** The list at this path, or an empty one. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const list = at(value, ...path)
  return Array.isArray(list) ? (list as readonly unknown[]) : [] // any[] from isArray
}

/** The text at this path; numbers as text, anything else as an empty one. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const text = at(value, ...path)
  return typeof text === 'string' ? text : typeof text === 'number' ? String(text) : ''
}

/** The number at this path, or 0. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number {
  const number = Number(at(value, ...path))
  return Number.isFinite(number) ? number : 0
}

/** The members that are text, of the object at this path. */
export function textsAt(
  value: unknown,
  ...path: readonly (string | number)[]
): Readonly<Record<string, string>> {
  const object = at(value, ...path)
  if (typeof object !== 'object' || object === null) return {}
  return Object.fromEntries(
    Object.entries(object).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

/** Undefined where the text is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
