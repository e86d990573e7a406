// What the benchmark and the process of one subject say to each other.
import type { ShapeName } from './subject.ts'

export interface Work {
  /** `latency`: one task at a time, the next when it is complete; nothing else runs. */
  readonly kind: 'throughput' | 'latency'
  readonly shape: ShapeName
  readonly taskCount: number
}

export interface WorkOrder {
  readonly subject: string
  readonly work: Work
  readonly databaseUrl: string
  readonly redisUrl: string | null
  readonly slots: number
  /** Works on what another process creates. */
  readonly isAssistant: boolean
}

export interface ProcessReport {
  readonly kind: 'done'
  readonly tookMs: number
  /** Handlers that ran in this process. */
  readonly ranCount: number
  readonly cpuMs: number
  readonly maxMemoryBytes: number
  /** `latency` only: from a step's end to its child's start. */
  readonly hopsMs: readonly number[]
  /** `latency` only: from the creation of a task to its completion. */
  readonly taskMs: readonly number[]
}
