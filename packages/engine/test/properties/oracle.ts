// What must come of a graph whose steps follow a script: `finalOf` says how it ends, whatever the order, when nobody
// interferes. model.ts is the other, independent view: it follows one run, transition by transition.
import type { StepState } from '../../src/states.ts'

export type Outcome =
  | { readonly kind: 'ok' | 'fail' | 'permanent' }
  | { readonly kind: 'retry_after' | 'wait'; readonly ms: number }

export interface ScriptedStep {
  readonly name: string
  readonly parents: readonly string[]
  readonly limit: number
  /** Outcome of the first claim, the second, and so on; beyond it every claim succeeds. */
  readonly script: readonly Outcome[]
}

export interface StepEnd {
  readonly state: StepState
  readonly attempts: number
  readonly waits: number
}

export const outcomeOf = (step: ScriptedStep, claimNo: number): Outcome =>
  step.script[claimNo - 1] ?? { kind: 'ok' }

/** The oracle: how every step ends. Steps stand behind their parents. */
export function finalOf(steps: readonly ScriptedStep[]): ReadonlyMap<string, StepEnd> {
  const ends = new Map<string, StepEnd>()
  for (const step of steps) {
    let end: StepEnd = { state: 'pending', attempts: 0, waits: 0 }
    const mayRun = step.parents.every((parent) => ends.get(parent)?.state === 'complete')
    if (!mayRun) {
      ends.set(step.name, end)
      continue
    }
    for (let claimNo = 1; end.state === 'pending'; claimNo += 1) {
      const { kind } = outcomeOf(step, claimNo)
      const attempts = end.attempts + (kind === 'wait' ? 0 : 1)
      const isSpent = kind === 'permanent' || attempts >= step.limit
      const state = kind === 'ok' ? 'complete' : kind !== 'wait' && isSpent ? 'error' : 'pending'
      end = { state, attempts, waits: end.waits + (kind === 'wait' ? 1 : 0) }
    }
    ends.set(step.name, end)
  }
  return ends
}

export const taskStateOf = (ends: Iterable<StepEnd>): 'complete' | 'error' =>
  [...ends].some(({ state }) => state === 'error') ? 'error' : 'complete'
