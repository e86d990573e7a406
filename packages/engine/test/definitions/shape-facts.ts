// What the table of the engine specification §9.1 says about each shape: counts, depth and width.
import type { ShapeId } from '../../src/testing/shapes.ts'

interface ShapeFacts {
  readonly steps: number
  readonly edges: number
  readonly roots: number
  readonly leaves: number
  readonly paths: number
  readonly maxDepth: number
  readonly parallelBranches: number
}

const facts = (
  steps: number,
  edges: number,
  [roots, leaves, paths]: readonly [number, number, number],
  [maxDepth, parallelBranches]: readonly [number, number],
): ShapeFacts => ({ steps, edges, roots, leaves, paths, maxDepth, parallelBranches })

/** The table of §9.1; depth and width of F to P follow from the structures listed there. */
export const shapeFacts: Readonly<Record<ShapeId, ShapeFacts>> = {
  A: facts(6, 5, [1, 1, 1], [5, 1]),
  B: facts(7, 7, [1, 1, 2], [4, 2]),
  C: facts(7, 6, [4, 1, 4], [2, 4]),
  D: facts(8, 10, [1, 1, 4], [3, 4]),
  E: facts(9, 9, [2, 2, 5], [4, 2]),
  F: facts(4, 3, [1, 1, 1], [3, 1]),
  G: facts(4, 2, [2, 2, 2], [2, 2]),
  H: facts(5, 4, [2, 1, 2], [3, 2]),
  I: facts(3, 2, [1, 1, 1], [2, 1]),
  J: facts(5, 6, [1, 1, 3], [2, 3]),
  K: facts(3, 2, [2, 1, 2], [1, 2]),
  L: facts(5, 4, [1, 1, 1], [4, 1]),
  M: facts(8, 8, [3, 1, 4], [4, 3]),
  N: facts(5, 5, [1, 1, 2], [3, 2]),
  O: facts(4, 3, [1, 1, 1], [3, 1]),
  P: facts(5, 4, [1, 1, 1], [4, 1]),
}
