// What a workload of the benchmark is: what it does, what is wanted of it, and its runs. Each stands in a file of workloads/.
import type { Figures } from './figures.ts'
import type { BenchServer } from './server.ts'
import type { Verdict } from './verdict.ts'

export interface Workload {
  readonly name: string
  /** In a few words. */
  readonly what: string
  /** What is wanted, in a sentence. What needs the peers is judged by `npm run bench:peers` only. */
  readonly target: string
  /** One run. Its parts are measured one after the other, so that they meet the same machine. */
  run(stage: Stage): Promise<readonly Part[]>
  /** What the runs say about the target, as far as Tasker alone can be judged. */
  judge(runs: readonly (readonly Part[])[]): readonly Verdict[]
}

export interface Stage {
  readonly server: BenchServer
  readonly slots: number
  /** Worker processes; null: one, or as many as the workload is about. */
  readonly workers: number | null
  /** Sizes of the workloads are divided by this: 1, or more to see in seconds that everything works. */
  readonly divisor: number
  /** With what takes very long. */
  readonly isFull: boolean
  /** Tells what a reader of the results has to know: what was left out, what stands in for something. */
  note(remark: string): void
}

export interface Part {
  /** Empty when the workload has one part only. */
  readonly name: string
  readonly figures: Figures
}

/** A size of the table, on this stage; at least one. */
export const sized = (stage: Stage, count: number): number =>
  Math.max(1, Math.round(count / stage.divisor))
