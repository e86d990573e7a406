// What a queue without dependencies needs to run a graph: which jobs follow a step that ended. Pure; adapters of queues
// insert those jobs and count arrivals at joins themselves, where the queue keeps its jobs.
import { stepsOf } from './shapes.ts'
import type { ShapeName } from './subject.ts'

/** What the job of one step carries. */
export interface StepJob {
  /** Different for every task of a run. */
  readonly task: string
  readonly shape: ShapeName
  /** Its place in `stepsOf[shape]`. */
  readonly step: number
}

/** A step that waits for several: the one whose arrival makes the count full starts it. */
export interface Arrival {
  readonly job: StepJob
  readonly parents: number
}

export interface Following {
  /** Steps that waited for this one alone. */
  readonly start: readonly StepJob[]
  readonly arrive: readonly Arrival[]
  /** Nothing follows: the task is complete, as every graph here ends in one step. */
  readonly isEnd: boolean
}

export const nameOf = ({ shape, step }: StepJob): string => stepsOf[shape][step]?.name ?? ''

/** Of `taskCount` new tasks. @param run tells the tasks of one run from those of another. */
export function firstJobs(shape: ShapeName, run: string, taskCount: number): readonly StepJob[] {
  return Array.from({ length: taskCount }, (_, index) => ({
    task: `${run}-${index}`,
    shape,
    step: 0,
  }))
}

export function followingOf(job: StepJob): Following {
  const children = childrenOf[job.shape][job.step] ?? []
  const jobOf = (step: number): StepJob => ({ ...job, step })
  return {
    start: children.filter(({ parents }) => parents === 1).map(({ step }) => jobOf(step)),
    arrive: children
      .filter(({ parents }) => parents > 1)
      .map(({ step, parents }) => ({ job: jobOf(step), parents })),
    isEnd: children.length === 0,
  }
}

/** Names the counter of a join. */
export const joinKeyOf = ({ task, step }: StepJob): string => `${task}/${step}`

interface Child {
  readonly step: number
  readonly parents: number
}

const childrenOf: Readonly<Record<ShapeName, readonly (readonly Child[])[]>> = {
  linear: childrenByStep('linear'),
  diamond: childrenByStep('diamond'),
  'fan-out': childrenByStep('fan-out'),
  'one-step': childrenByStep('one-step'),
}

function childrenByStep(shape: ShapeName): readonly (readonly Child[])[] {
  const steps = stepsOf[shape]
  return steps.map(({ name }) =>
    steps.flatMap(({ dependsOn }, step) =>
      dependsOn.includes(name) ? [{ step, parents: dependsOn.length }] : [],
    ),
  )
}
