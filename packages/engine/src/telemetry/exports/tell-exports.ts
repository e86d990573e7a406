// Tells of exports: events, the callbacks of exporters, and a line at the beginning and the end of an outage of a target.
import type { EventBus } from '../../events/bus.ts'
import type { Logger } from '../../log.ts'
import type { ExportReport, ExportScope } from './export-orders.ts'
import type { ExportEnded, ExportRequested } from './exporter.ts'
import type { Target } from './targets.ts'
import type { Tried } from './run-export.ts'

export interface TellParts {
  readonly bus: Pick<EventBus, 'publish'>
  readonly logger: Logger
  /** The callbacks of all exporters. */
  readonly requested: (request: ExportRequested) => void
  readonly ended: (end: ExportEnded) => void
}

export class ExportTeller {
  readonly #parts: TellParts
  /** Targets whose last export did not go well. */
  readonly #inTrouble = new Set<string>()

  constructor(parts: TellParts) {
    this.#parts = parts
  }

  requested(request: {
    readonly exportId: string
    readonly target: Target
    readonly scope: ExportScope
    readonly attempt: number
    readonly at: Date
  }): void {
    const { exportId, target, scope, attempt, at } = request
    const { bus, requested } = this.#parts
    const about = { exportId, target: target.name, format: target.format, scope }
    bus.publish('telemetry.export_requested', { ...about, attempt })
    requested({ ...about, scope: scope === 'all' ? 'all' : 'process', at })
  }

  /** `retryAt`: it is tried again; null: it is over. */
  ended({ report, isAway, isLocked }: Tried, attempt: number, retryAt: Date | null): void {
    const { exportId, target, format, scope, outcome, fault, seconds, at } = report
    const { bus, ended } = this.#parts
    const durationMs = seconds * 1_000
    const { metricsCount, seriesCount, droppedCount, bytes } = report
    const about = { exportId, target, format, scope, attempt, durationMs, droppedCount }
    if (outcome === 'failed') {
      bus.publish('telemetry.export_failed', {
        ...about,
        fault: fault ?? '',
        retryAt,
      })
    } else {
      bus.publish('telemetry.export_completed', {
        ...about,
        outcome,
        fault,
        metricsCount,
        seriesCount,
        bytes,
      })
    }
    if (isLocked) {
      const lines = this.#parts.logger
      lines.info({ exportId, target }, 'another process exports there: this export is skipped')
    } else this.#tellOutage(report, isAway)
    if (retryAt !== null) return
    ended({ exportId, target, format, scope, at, outcome, metricsCount, bytes, durationMs, fault })
  }

  /** It could not begin, or was called off: nothing has failed, and nothing is over. */
  putOff({ report: { exportId, target, fault } }: Tried, dueAt: Date | null): void {
    this.#parts.logger.info({ exportId, target, fault, dueAt }, 'an export is put off')
  }

  #tellOutage({ target, exportId, outcome, fault }: ExportReport, isAway: boolean): void {
    const { logger } = this.#parts
    if (outcome === 'done' && fault === null) {
      if (this.#inTrouble.delete(target)) logger.info({ target }, 'metrics are exported again')
      return
    }
    if (this.#inTrouble.has(target)) return
    this.#inTrouble.add(target)
    const message = isAway
      ? 'the target of metrics cannot be reached'
      : 'metrics cannot be exported'
    logger.warn({ target, exportId, fault }, message)
  }
}
