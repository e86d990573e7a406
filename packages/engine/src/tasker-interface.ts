// What a Tasker offers: the one object that everything is done with. Its parts are put together in tasker.ts.
import type { ApiTokens } from './api-token-operations.ts'
import type { Audit } from './audit-operations.ts'
import type { TaskerCache } from './cache/tasker-cache.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { WorkerRow } from './database/read-workers.ts'
import type { DefinitionRegistry } from './definitions/registry.ts'
import type { Events } from './events/events.ts'
import type { DefinitionAddress } from './given-definitions.ts'
import type { JsonObject } from './json.ts'
import type { Logger } from './log.ts'
import type { History } from './history/follow.ts'
import type { Namespaces } from './namespace-operations.ts'
import type { Reports } from './report-operations.ts'
import type { Tasks } from './task-operations.ts'
import type { Exports } from './telemetry/exports/tasker-exports.ts'
import type { Metrics } from './telemetry/metrics/tasker-metrics.ts'
import type { Recent } from './telemetry/recent/recent.ts'
import type { Readiness } from './reports/readiness.ts'
import type { PruneOrder } from './tasks/prune-order.ts'
import type { PruneReport } from './tasks/prune.ts'

export interface TaskerWorker {
  /** Starts claiming and running steps of the definitions given to `createTasker`. */
  start(): Promise<void>
  /** Stops in stages: claims nothing more, waits, aborts, hands back. No attempt is spent. */
  stop(grace?: { readonly waitMs?: number; readonly abortMs?: number }): Promise<void>
  /** Something may be due: look now instead of at the next poll. */
  wake(): void
  /** Resolves when every outcome so far is recorded and no call is under way. Handlers may still run. */
  settled(): Promise<void>
  /** Resolves when, beside that, no handler runs: after `wake()`, all that is due has been done. */
  idle(): Promise<void>
  readonly runningCount: number
  /** Outcomes refused since the start, because their steps were taken over or ended meanwhile (`step.outcome_refused`). */
  readonly lateOutcomeCount: number
  /** What it serves: the definitions given, less those that `orchestration.namespaces` and `versions` leave out. */
  readonly serves: readonly Required<DefinitionAddress>[]
}

export interface Tasker {
  readonly config: Config
  readonly tasks: Tasks
  readonly namespaces: Namespaces
  readonly definitions: DefinitionRegistry
  readonly reports: Reports
  /** What was asked of the server, by whom, and what became of it. */
  readonly audit: Audit
  readonly apiTokens: ApiTokens
  /** Whether this process can do its work now. Takes `health.readinessTimeoutSeconds` at most, and never rejects. */
  readiness(): Promise<Readiness>
  readonly worker: TaskerWorker
  /** What is kept for a short time, and shared with other processes where the store is one for all. */
  readonly cache: TaskerCache
  readonly events: Events
  /** Events of all processes, read from the history. */
  readonly history: History
  /** What this process has done and how it fares, for Prometheus. */
  readonly metrics: Metrics
  /** The last lines and events of this process, where they were asked for. */
  readonly recent: Recent
  /** The metrics in formats that other programs take, and who makes them. */
  readonly exports: Exports
  /** Writes lines where those of the engine go, with the correlation id and the step that they are written in. */
  readonly log: Logger
  /** The same fields, for lines that you write yourself: pino's `mixin`, for example. */
  logContext(): JsonObject
  /** Workers seen by this database, live ones first, then newest first; at most 100. */
  workers(): Promise<readonly WorkerRow[]>
  /**
   * Removes ended tasks for good, with their steps, results and history; and idempotency keys that have expired. In
   * batches, each its own transaction; workers are never made to wait for one.
   * @throws {TaskerError} REQUEST_INVALID with every fault of the order
   */
  prune(order: PruneOrder): Promise<PruneReport>
  /** The time by the clock of this Tasker; and that, for timers and deadlines. */
  now(): Date
  readonly clock: Clock
  /** Where the tables are; secrets hidden. */
  readonly database: { readonly url: string; readonly schema: string; readonly isEmbedded: boolean }
  /**
   * Stops the worker, tells asynchronous subscribers what waits for them while the time of a stop lasts, closes the
   * connections to the database and to other systems, and leaves the embedded server.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
