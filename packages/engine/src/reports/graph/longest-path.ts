// The critical path: of all ways through a graph, the one whose durations add up to most. One pass over the steps, parents
// first; no way is ever enumerated. Pure.

export interface CriticalPath {
  /** From its first step to the last one that adds something. */
  readonly steps: readonly string[]
  /** Their durations together, in milliseconds. */
  readonly totalMs: number
}

/**
 * `topology`: every step, parents before children. A step without a duration counts nothing. Of equals, the parent that is
 * named first, and the end that comes first. Null when no step has a duration.
 */
export function longestPath(
  topology: readonly string[],
  parentsOf: ReadonlyMap<string, readonly string[]>,
  durationsMs: ReadonlyMap<string, number>,
): CriticalPath | null {
  if (!topology.some((name) => durationsMs.has(name))) return null
  const totals = new Map<string, number>()
  const previous = new Map<string, string>()
  let end: string | null = null
  for (const name of topology) {
    const parent = greatest(parentsOf.get(name) ?? [], totals)
    if (parent !== null) previous.set(name, parent)
    const before = parent === null ? 0 : (totals.get(parent) ?? 0)
    const total = before + (durationsMs.get(name) ?? 0)
    totals.set(name, total)
    if (end === null || total > (totals.get(end) ?? 0)) end = name
  }
  const steps: string[] = []
  for (let at = end; at !== null; at = previous.get(at) ?? null) steps.push(at)
  return { steps: steps.toReversed(), totalMs: toMicroseconds(totals.get(end ?? '') ?? 0) }
}

/** Milliseconds without the noise of adding and multiplying fractions. */
export const toMicroseconds = (ms: number): number => Math.round(ms * 1_000) / 1_000

function greatest(names: readonly string[], totals: ReadonlyMap<string, number>): string | null {
  let found: string | null = null
  for (const name of names) {
    if (found === null || (totals.get(name) ?? 0) > (totals.get(found) ?? 0)) found = name
  }
  return found
}
