// What a set of steps says about itself that cannot be: none, too many, duplicates, unknown dependencies, cycles. Pure.
import type { DraftFault } from './draft.ts'
import { cyclesOf } from './graph.ts'
import type { StepSettings } from './model.ts'
import { didYouMean, quote } from './names.ts'
import { reporter, stepPath } from './step-settings.ts'

/** Most steps of one task unless the caller says otherwise. */
export const stepsMaxDefault = 10_000
/** Most dependencies of one task. A thousand steps that each wait for another thousand reach it. */
export const dependenciesMax = 1_000_000
/** Suggestions compare against every step; a file with everything misspelt must not take minutes. */
const suggestionsMax = 20

/** Every fault of the graph. Names are taken as they are; their form is step-settings.ts's. */
export function graphFaults(
  steps: readonly StepSettings[],
  stepsMax: number,
): readonly DraftFault[] {
  const faults: DraftFault[] = []
  const report = reporter(faults, null, null)
  if (steps.length === 0) report('steps', 'expected at least one step, received none')
  if (steps.length > stepsMax) {
    report('steps', `expected at most ${stepsMax} steps, received ${steps.length}`)
    return faults
  }
  const dependencies = steps.reduce((total, step) => total + step.dependsOn.length, 0)
  if (dependencies > dependenciesMax) {
    report('steps', `expected at most ${dependenciesMax} dependencies, received ${dependencies}`)
    return faults
  }
  faults.push(...duplicateFaults(steps), ...dependencyFaults(steps))
  for (const cycle of cyclesOf(steps)) {
    if (cycle.length > 2) report('steps', `the dependencies form a cycle: ${showCycle(cycle)}`)
  }
  return faults
}

const shownCycleMax = 20

/** `a → b → a`, each arrow read "depends on"; the middle of a very long one is left out. */
export function showCycle(cycle: readonly string[]): string {
  if (cycle.length <= shownCycleMax) return cycle.join(' → ')
  const left = cycle.length - shownCycleMax
  return [...cycle.slice(0, shownCycleMax - 1), `(${left} more)`, cycle.at(-1)].join(' → ')
}

function duplicateFaults(steps: readonly StepSettings[]): readonly DraftFault[] {
  const faults: DraftFault[] = []
  const firstIndex = new Map<string, number>()
  steps.forEach((step, index) => {
    const first = firstIndex.get(step.name)
    if (first === undefined) firstIndex.set(step.name, index)
    else if (step.name !== '') {
      const report = reporter(faults, `steps[${index}]`, index)
      report('name', `${quote(step.name)} is already the name of steps[${first}]`)
    }
  })
  return faults
}

function dependencyFaults(steps: readonly StepSettings[]): readonly DraftFault[] {
  const faults: DraftFault[] = []
  const names = new Set(steps.map((step) => step.name))
  steps.forEach((step, index) => {
    const report = reporter(faults, stepPath(step.name, index), index)
    for (const parent of step.dependsOn) {
      if (parent === step.name) report('dependsOn', 'depends on itself')
      else if (!names.has(parent)) {
        const hint = faults.length < suggestionsMax ? didYouMean(parent, names) : ''
        report('dependsOn', `${quote(parent)} is not a step of this task${hint}`)
      }
    }
  })
  return faults
}
