// A target and what was measured: met or missed. Ratios are taken within one run and the middle of them counts, because runs
// of different minutes on a busy machine are no pair.
import { medianOf, significant, type Median } from './figures.ts'
import type { Part } from './workload.ts'

export interface Verdict {
  /** What is judged, with the bound. */
  readonly says: string
  /** Null: it could not be measured here. */
  readonly found: Median | null
  /** Null with `found`. */
  readonly isMet: boolean | null
}

export interface Bound {
  readonly atLeast?: number
  readonly atMost?: number
}

/** @param found One value of each run; those that are null had nothing to say. */
export function judge(says: string, found: readonly (number | null)[], bound: Bound): Verdict {
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bound
  const middle = medianOf(found.filter((value) => value !== null))
  if (middle === null) return { says, found: null, isMet: null }
  return { says, found: middle, isMet: middle.median >= atLeast && middle.median <= atMost }
}

/** Of each run, a figure of one part by that of another. */
export const ratios = (
  runs: readonly (readonly Part[])[],
  figure: string,
  part: string,
  base: string,
): readonly (number | null)[] =>
  runs.map((parts) => divided(figureOf(parts, part, figure), figureOf(parts, base, figure)))

export const figuresIn = (
  runs: readonly (readonly Part[])[],
  part: string,
  figure: string,
): readonly (number | null)[] => runs.map((parts) => figureOf(parts, part, figure))

function figureOf(parts: readonly Part[], name: string, figure: string): number | null {
  return parts.find((part) => part.name === name)?.figures[figure] ?? null
}

function divided(value: number | null, by: number | null): number | null {
  return value === null || by === null || by === 0 ? null : significant(value / by)
}
