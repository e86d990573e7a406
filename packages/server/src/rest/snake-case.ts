// Reports of the engine as REST shows them: the same fields, in snake_case.

/** `bypassSteps` → `bypass_steps`. */
export const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Of all objects within: for values whose keys are field names, and never somebody's data. */
export function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [snakeCase(key), snakeCased(field)]),
  )
}
