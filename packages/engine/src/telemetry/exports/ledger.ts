// What scheduled exports need of the database: the schedule, which all processes share. database/metric-exports.ts is it.
import type { ExportOutcome, ExportScope } from './export-orders.ts'

export interface PlannedTarget {
  readonly target: string
  readonly format: string
  /** From now; null: not by time. */
  readonly dueInMs: number | null
}

export interface ClaimOrder {
  readonly holder: string
  readonly instance: string
  readonly exportId: string
  readonly targets: readonly string[]
  readonly leaseMs: number
}

export interface Claim {
  readonly key: string
  readonly holder: string
  readonly target: string
  readonly format: string
  readonly scope: ExportScope
  readonly isOrdered: boolean
  readonly exportId: string
  /** From 1. */
  readonly attempt: number
  readonly plannedAt: Date
  readonly startedAt: Date
  readonly claimedAt: Date
  readonly instance: string
  readonly isTakenOver: boolean
}

export interface StoredExport {
  readonly key: string
  readonly target: string
  readonly format: string
  readonly isOrdered: boolean
  readonly dueAt: Date | null
  readonly attempts: number
  readonly isRunning: boolean
  readonly lastOutcome: ExportOutcome | null
  readonly lastFault: string | null
  readonly lastEndedAt: Date | null
  readonly lastSuccessAt: Date | null
}

export interface Ledger {
  plan(targets: readonly PlannedTarget[]): Promise<void>
  claim(order: ClaimOrder): Promise<Claim | null>
  end(
    claim: Claim,
    end: {
      readonly outcome: ExportOutcome
      readonly fault: string | null
      readonly everyMs: number | null
    },
  ): Promise<boolean>
  /** Without a fault the try does not count. */
  delay(
    claim: Claim,
    delay: { readonly waitMs: number; readonly fault: string | null },
  ): Promise<Date | null>
  addUpdates(added: {
    readonly target: string
    readonly updates: number
    readonly threshold: number
  }): Promise<void>
  order(order: {
    readonly exportId: string
    readonly target: string
    readonly format: string
    readonly scope: ExportScope
    readonly inMs: number
  }): Promise<Date>
  note(end: {
    readonly target: string
    readonly format: string
    readonly outcome: ExportOutcome
    readonly fault: string | null
  }): Promise<void>
  read(asked: {
    readonly targets: readonly string[]
    readonly ordersMax: number
  }): Promise<readonly StoredExport[]>
}
