// Replays a task's history by the tables of allowed moves, to the state in which it must end.
import type { HistoryRow } from '../../src/database/read-tasks.ts'
import { stepMoves, taskMoves, type StepState, type TaskState } from '../../src/states.ts'

export interface Replayed {
  readonly task: string | null
  readonly steps: ReadonlyMap<string, { readonly state: string; readonly claims: number }>
  /** Entries that do not follow from the ones before, or that the tables do not allow. */
  readonly faults: readonly string[]
}

/** `taken`: states of steps that a rerun took over; the others begin as pending. */
export function replay(
  history: readonly HistoryRow[],
  taken: ReadonlyMap<string, StepState> = new Map(),
): Replayed {
  const faults: string[] = []
  const steps = new Map([...taken].map(([step, state]) => [step, begins(state)]))
  let task: string | null = null
  for (const entry of history) {
    if (entry.step === null) {
      const isNote = entry.from === entry.to
      if (isNote && isOfPending(entry.from, task)) continue
      if (entry.from !== task) faults.push(`task: ${entry.from} follows ${task}`)
      if (task !== null && !isNote && !isTaskMove(task, entry.to))
        faults.push(`task: ${task} to ${entry.to}`)
      task = entry.to
      continue
    }
    const step = steps.get(entry.step) ?? begins('pending')
    const via =
      entry.from === 'error' && entry.to === 'in_progress' ? ['pending', entry.to] : [entry.to]
    if (entry.from !== step.state) faults.push(`${entry.step}: ${entry.from} follows ${step.state}`)
    for (const to of entry.from === entry.to ? [] : via) {
      if (!isStepMove(step.state, to)) faults.push(`${entry.step}: ${step.state} to ${to}`)
      step.state = to
    }
    if (entry.from !== entry.to && entry.to === 'in_progress') step.claims += 1
    if (entry.claimNo !== null && entry.claimNo !== step.claims && entry.from === 'in_progress') {
      faults.push(`${entry.step}: claim ${entry.claimNo} after ${step.claims} claims`)
    }
    steps.set(entry.step, step)
  }
  return { task, steps, faults }
}

const begins = (state: string): { state: string; claims: number } => ({ state, claims: 0 })

// Number 1 is kept free for the start, so what an operator noted before it has a higher one.
const isOfPending = (noted: string | null, task: string | null): boolean =>
  noted === 'pending' && task === 'in_progress'

// States come from check constraints that carry the words of the tables.
const isTaskMove = (from: string, to: string): boolean =>
  taskMoves[from as TaskState].includes(to as TaskState)
const isStepMove = (from: string, to: string): boolean =>
  stepMoves[from as StepState].includes(to as StepState)
