// What a worker process of the harness plays: definitions whose handlers are scripted, and what it does to itself. A cast
// is a module in casts/ that exports `makeCast`; the harness names its file, the process loads it.
import type { GivenDefinition, JsonObject } from '@tasker/engine'
import type { Ledger } from './ledger.ts'
import type { StatementWatch } from './statements.ts'

export interface CastParts {
  /** The worker's name: stays when its process is replaced. */
  readonly name: string
  /** What the scenario gave as `castOptions`. */
  readonly options: JsonObject
  readonly ledger: Ledger
  /** Tells the scenario: it arrives as a message of kind `said`. */
  readonly say: (what: string, about?: JsonObject) => void
}

export interface Cast {
  readonly definitions: readonly GivenDefinition[]
  /** Sees every statement of this process, before it is sent and after it was answered. */
  readonly watch?: StatementWatch
}

export type MakeCast = (parts: CastParts) => Cast
