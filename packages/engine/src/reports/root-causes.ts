// Which steps a waiting step waits for in the end: its nearest ancestors that wait for no step themselves. Pure, over the
// steps of one task that are not satisfied; each edge is looked at once, whatever the size of the graph.

/** A step that is not satisfied. */
export interface WaitingStep {
  readonly stepNo: number
  readonly parents: readonly number[]
  /** How bad its own reason is, lower first; null: it waits for its parents. */
  readonly severity: number | null
}

export interface Causes {
  /** Step numbers of its parents that are not satisfied. */
  readonly missing: readonly number[]
  /** Step numbers, worst first, then in the order of declaration; at most `causesMax`. */
  readonly causes: readonly number[]
  readonly hasMore: boolean
}

/** More would help nobody, and would make a wide graph quadratic. */
export const causesMax = 5

/** For each step that waits for its parents. */
export function rootCauses(steps: readonly WaitingStep[]): ReadonlyMap<number, Causes> {
  const byNo = new Map(steps.map((step) => [step.stepNo, step]))
  const found = new Map<number, Causes>()
  for (const step of parentsFirst(steps, byNo)) {
    if (step.severity === null) found.set(step.stepNo, causesOf(step, byNo, found))
  }
  return found
}

function causesOf(
  step: WaitingStep,
  byNo: ReadonlyMap<number, WaitingStep>,
  found: ReadonlyMap<number, Causes>,
): Causes {
  const missing = step.parents.filter((parent) => byNo.has(parent))
  let causes: readonly number[] = []
  let hasMore = false
  for (const parent of missing) {
    const theirs = found.get(parent)
    const merged = worstOf([...causes, ...(theirs?.causes ?? [parent])], byNo)
    hasMore ||= theirs?.hasMore === true || merged.length > causesMax
    causes = merged.slice(0, causesMax)
  }
  return { missing, causes, hasMore }
}

function worstOf(stepNos: readonly number[], byNo: ReadonlyMap<number, WaitingStep>): number[] {
  const severity = (stepNo: number): number => byNo.get(stepNo)?.severity ?? 0
  return [...new Set(stepNos)].toSorted((a, b) => severity(a) - severity(b) || a - b)
}

/** Each step after its parents. A graph has no cycle: it was checked when it was stored. */
function parentsFirst(
  steps: readonly WaitingStep[],
  byNo: ReadonlyMap<number, WaitingStep>,
): readonly WaitingStep[] {
  const left = new Map<number, number>()
  const children = new Map<number, WaitingStep[]>()
  const order: WaitingStep[] = []
  for (const step of steps) {
    const missing = step.parents.filter((parent) => byNo.has(parent))
    left.set(step.stepNo, missing.length)
    if (missing.length === 0) order.push(step)
    for (const parent of missing) {
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [step])
      else known.push(step)
    }
  }
  // `order` grows while it is walked.
  for (const step of order) {
    for (const child of children.get(step.stepNo) ?? []) {
      const still = (left.get(child.stepNo) ?? 0) - 1
      left.set(child.stepNo, still)
      if (still === 0) order.push(child)
    }
  }
  return order
}
