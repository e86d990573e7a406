// What the benchmark and the processes it measures say to each other: the work, and how it went.
import type { OwnWork } from './own-work.ts'
import type { ShapeName, Subject } from './subject.ts'

/** What every subject can be asked for. */
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
}

/** For tasker-process.ts. */
export interface OwnOrder {
  readonly work: OwnWork
  readonly databaseUrl: string
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

export interface SubjectReport extends ProcessReport {
  /** Steps that the handlers ran for: fewer than handlers when one ran twice. */
  readonly distinctCount: number
}

export interface OwnReport extends ProcessReport {
  /** Of `tookMs`, until everything was created; null when that was not told apart. */
  readonly enqueuedMs: number | null
  /** Of each chain, from one step's start to the next one's. */
  readonly chainHopsMs: readonly (readonly number[])[]
}

/** Of an assistant, since it started. */
export interface AssistantCount {
  readonly kind: 'counted'
  readonly ranCount: number
  readonly cpuMs: number
  readonly maxMemoryBytes: number
}

/** What a subject says of itself. */
export type AboutSubject = Pick<Subject, 'name' | 'configuration' | 'keeps'>

export type SaidByProcess =
  | { readonly kind: 'open' | 'completed' }
  | { readonly kind: 'ready'; readonly about: AboutSubject | null }
  | { readonly kind: 'failed'; readonly message: string }
  | AssistantCount
  | SubjectReport
  | OwnReport

/** `completed`: a task has, in another process. */
export type SaidToProcess = 'warm' | 'go' | 'completed' | 'count' | 'end'
