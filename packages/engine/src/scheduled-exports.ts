// Puts together what exports by itself or when asked to: targets, the schedule in the database, and what they use of the rest.
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connect.ts'
import {
  addExportUpdates,
  claimExport,
  delayExport,
  endExport,
  noteExport,
  orderExport,
  planExports,
  readExports,
} from './database/metric-exports.ts'
import type { EventBus } from './events/bus.ts'
import type { HttpClient } from './http/model.ts'
import type { Instance } from './instance.ts'
import type { Logger } from './log.ts'
import type { Locks } from './cache/locks.ts'
import { exportActions } from './telemetry/exports/export-actions.ts'
import type { ExportOperations } from './telemetry/exports/export-orders.ts'
import type { Ledger } from './telemetry/exports/ledger.ts'
import type { ExporterRegistry } from './telemetry/exports/registry.ts'
import { runExporter } from './telemetry/exports/run-exporter.ts'
import { ExportSchedule } from './telemetry/exports/schedule-loop.ts'
import { targetsOf } from './telemetry/exports/targets.ts'
import { ExportTeller } from './telemetry/exports/tell-exports.ts'
import type { Metrics } from './telemetry/metrics/tasker-metrics.ts'

export interface ScheduledExportParts {
  readonly config: Config
  readonly clock: Clock
  readonly database: Database
  readonly bus: EventBus
  readonly logger: Logger
  readonly instance: Instance
  readonly locks: Pick<Locks, 'tryWith'>
  readonly http: HttpClient
  readonly random: () => number
  readonly exporters: ExporterRegistry
  readonly metrics: Pick<Metrics, 'collect'>
  readonly updates: () => number
  /** Keeps the metrics that processes share for so many seconds more; how many that were. */
  readonly extendShared: (seconds: number) => Promise<number>
}

export interface OpenExports {
  readonly operations: ExportOperations
  /** Runs beside the worker. */
  readonly schedule: Pick<ExportSchedule, 'start' | 'stop'>
}

export function openScheduledExports(parts: ScheduledExportParts): OpenExports {
  const { config, clock, exporters, instance, locks, http, logger, metrics } = parts
  const targets = targetsOf(config)
  const timeoutMs = config.telemetry.prometheus.exportTimeout * 1_000
  const running = { clock, logger, timeoutMs, registry: exporters }
  const together = {
    ...parts,
    targets,
    ledger: ledgerIn(parts.database, () => clock.databaseNow()),
    teller: new ExportTeller({
      ...parts,
      requested: (request) => exporters.tell('onExportRequest', request),
      ended: (end) => exporters.tell('onExportComplete', end),
    }),
    tools: {
      config,
      clock,
      http,
      locks,
      instance: instance.id,
      collect: (scope) => metrics.collect({ scope }),
      render: async (data, order) => (await runExporter(running, data, order)).rendered,
    },
  } satisfies Partial<ConstructorParameters<typeof ExportSchedule>[0]>
  return {
    operations: exportActions({ ...together, formats: () => exporters.formats() }),
    schedule: new ExportSchedule(together),
  }
}

const ledgerIn = (database: Database, now: () => Date | null): Ledger => ({
  plan: (targets) => planExports(database, targets, now()),
  claim: (order) => claimExport(database, order, now()),
  end: (claim, end) => endExport(database, claim, end, now()),
  delay: (claim, delay) => delayExport(database, claim, delay, now()),
  addUpdates: (added) => addExportUpdates(database, added, now()),
  order: (order) => orderExport(database, order, now()),
  note: (end) => noteExport(database, end, now()),
  read: (asked) => readExports(database, asked, now()),
})
