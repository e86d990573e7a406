// What the harness and its worker processes say to each other: the settings a process starts with (its one argument, as
// JSON), the orders sent to it and the messages that come back, both over the channel of child_process.fork.
import type { JsonObject, TaskerOptionsInput } from '@tasker/engine'

/** Options of a Tasker in sections; its database is the harness's business. */
export type WorkerOptions = Omit<TaskerOptionsInput, 'database'> & {
  readonly database?: Exclude<TaskerOptionsInput['database'], string | null>
}

export interface WorkerSettings {
  /** Stays the same when the process is killed and started again. */
  readonly name: string
  readonly databaseUrl: string
  /** Past any proxy: the ledger of side effects has no part in the faults. */
  readonly ledgerUrl: string
  /** File of the cast, absolute. */
  readonly cast: string
  readonly castOptions: JsonObject
  readonly options: WorkerOptions
  /** Added to the wall clock of the process, `Date` included. */
  readonly clockSkewMs: number
  /** Its handlers end the process by an exit code: what is a fault otherwise. */
  readonly mayExit: boolean
  /** Workers in the process, each with a Tasker of its own. */
  readonly workers: number
}

export type WorkerOrder =
  | { readonly kind: 'stop'; readonly waitMs: number; readonly abortMs: number }
  | { readonly kind: 'measure'; readonly id: number }

/** What a process knows about itself. */
export interface Measures {
  readonly rssBytes: number
  /** After a collection of garbage, as is the next. */
  readonly heapBytes: number
  /** Buffers, which stand outside the heap. */
  readonly externalBytes: number
  /**
   * Of `rssBytes`, what is no part of the heap. The heap itself takes more or less room for the young with the pace of the
   * work, by tens of megabytes.
   */
  readonly outsideBytes: number
  readonly runningSteps: number
  /** Statements sent so far, by name. */
  readonly statements: Readonly<Record<string, number>>
}

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'event'; readonly name: string; readonly payload: JsonObject }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  | { readonly kind: 'said'; readonly what: string; readonly about: JsonObject }
  | { readonly kind: 'measured'; readonly id: number; readonly measures: Measures }
