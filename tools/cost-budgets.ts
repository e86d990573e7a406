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
  // The aim is 2,000. Runs gave 2,005 to 2,055 on 21 November 2026, more the busier the machine, whose batches are smaller: the
  // gate leaves room for that until a release reaches the aim.
  { figure: 'walBytesPerStep', must: 'stay within', bound: 2_100 },
  { figure: 'hotRatio', must: 'reach', bound: 0.9 },
  // One at a time a hop is one call. Every eighth call goes through the due table first, and causes a notification and a claim
  // in the same process though it took the step itself: 1.27 and what a busy machine adds.
  { figure: 'statementsPerHop', must: 'stay within', bound: 1.4 },
  { figure: 'commitsPerHop', must: 'stay within', bound: 1.4 },
  // Around the five hops of a task: its creation, the notification of it, the claim of its first step, and another that the
  // notification causes in the process that sent it. 1.8, and up to 2.2 with what every eighth call adds.
  { figure: 'statementsPerIdleStep', must: 'stay within', bound: 2.3 },
  { figure: 'commitsPerIdleStep', must: 'stay within', bound: 2.3 },
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
