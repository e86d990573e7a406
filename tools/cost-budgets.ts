// What one step may cost the database at saturation, and when there is nothing else to do: the budgets that do not depend on
// the machine. Measured by measure-cost.ts; `npm run check -- cost` fails when one is exceeded. What plans may cost among many
// retained tasks is a test of the engine (test/plans), and what an idle worker asks is one too (wake-up.test.ts).

interface Budget {
  /** A figure of measure-cost.ts. */
  readonly figure: string
  /** What it must be: not more than, or not less than, the bound. */
  readonly must: 'stay within' | 'reach'
  readonly bound: number
}

export const budgets: readonly Budget[] = [
  // Fewer at once would not be saturation, for which the four below are meant.
  { figure: 'slots', must: 'reach', bound: 200 },
  { figure: 'statementsPerStep', must: 'stay within', bound: 0.03 },
  { figure: 'commitsPerStep', must: 'stay within', bound: 0.03 },
  // 1,950 to 1,960 on 21 November 2026, on a busy machine; smaller batches, as of fewer slots, cost more.
  { figure: 'walBytesPerStep', must: 'stay within', bound: 2_000 },
  { figure: 'hotRatio', must: 'reach', bound: 0.9 },
  // One at a time a hop is one call; the rest is what a busy machine adds.
  { figure: 'statementsPerHop', must: 'stay within', bound: 1.1 },
  { figure: 'commitsPerHop', must: 'stay within', bound: 1.1 },
  // Around the five hops of a task: its creation, the notification of it, and the claim of its first step. 1.54.
  { figure: 'statementsPerIdleStep', must: 'stay within', bound: 1.8 },
  { figure: 'commitsPerIdleStep', must: 'stay within', bound: 1.8 },
]

/** In words, each budget that the figures do not keep; one that was not measured is not kept. */
export function exceededBudgets(figures: Readonly<Record<string, unknown>>): readonly string[] {
  return budgets
    .filter(({ figure, must, bound }) => {
      const measured = figures[figure]
      if (typeof measured !== 'number') return true
      return must === 'reach' ? !(measured >= bound) : !(measured <= bound)
    })
    .map(
      ({ figure, must, bound }) =>
        `${figure} is ${String(figures[figure])}; it must ${must} ${bound}`,
    )
}
