// `tasker.exports.exportNow`, `schedule` and `status`: what somebody asks for, beside what is due by itself.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import { TaskerError } from '../../errors.ts'
import type { Instance } from '../../instance.ts'
import type { Logger } from '../../log.ts'
import type {
  ExportOperations,
  ExportsStatus,
  ExportTargetStatus,
  WhatToExport,
} from './export-orders.ts'
import type { Ledger, StoredExport } from './ledger.ts'
import { tryExport, type ExportTools } from './run-export.ts'
import { fileTarget, usualDelayMs, type Target } from './targets.ts'
import type { ExportTeller } from './tell-exports.ts'

export interface ExportActionParts {
  readonly config: Config
  readonly clock: Clock
  readonly instance: Instance
  readonly logger: Logger
  readonly ledger: Ledger
  readonly targets: ReadonlyMap<string, Target>
  readonly tools: ExportTools
  readonly teller: ExportTeller
  /** That there are exporters of. */
  readonly formats: () => readonly string[]
}

const ordersShownMax = 100
/** Further ahead nobody plans an export, and the clock of the database ends somewhere. */
const delayMaxMs = 366 * 86_400_000

export function exportActions(parts: ExportActionParts): ExportOperations {
  const { config, clock, instance, ledger, targets, tools, teller } = parts
  return {
    async exportNow({ scope = 'auto', signal, ...what }) {
      const target = targetOf(parts, what)
      const exportId = randomUUID()
      const at = clock.databaseNow() ?? new Date(clock.nowMs())
      teller.requested({ exportId, target, scope, attempt: 1, at })
      const tried = await tryExport(tools, {
        exportId,
        target,
        scope,
        signal,
        plannedAt: at,
        instance: instance.id,
        leftMs: config.telemetry.prometheus.jobTimeout * 1_000,
      })
      const { outcome, fault } = tried.report
      teller.ended(tried, 1, null)
      if (targets.has(target.name)) {
        await ledger
          .note({ target: target.name, format: target.format, outcome, fault })
          .catch((error: unknown) =>
            parts.logger.warn(
              { target: target.name, error },
              'the end of an export cannot be recorded',
            ),
          )
      }
      return tried.report
    },
    async schedule({ scope = 'auto', inMs = usualDelayMs(config.telemetry.prometheus), ...what }) {
      const target = targetOf(parts, what)
      if (!Number.isFinite(inMs) || inMs < 0 || inMs > delayMaxMs) {
        throw invalid(`inMs: expected milliseconds from 0 to ${delayMaxMs}, got ${String(inMs)}`)
      }
      const exportId = randomUUID()
      const { name, format } = target
      const dueAt = await ledger.order({ exportId, target: name, format, scope, inMs })
      return { exportId, target: name, format, dueAt }
    },
    async status() {
      const rows = await ledger.read({ targets: [...targets.keys()], ordersMax: ordersShownMax })
      return statusOf(config, [...targets.values()], rows)
    },
  }
}

/** @throws {TaskerError} REQUEST_INVALID with those that there are */
function targetOf({ targets, formats }: ExportActionParts, what: WhatToExport): Target {
  if (what.target !== undefined) {
    if (what.format !== undefined) throw invalid('expected a target or a format, got both')
    const target = targets.get(what.target)
    if (target !== undefined) return target
    throw invalid(`there is no target "${what.target}"; ${listed('targets', [...targets.keys()])}`)
  }
  const format = typeof what.format === 'string' ? what.format.toLowerCase() : ''
  if (format !== '' && formats().includes(format)) return fileTarget(format)
  throw new TaskerError(
    'EXPORT_UNSUPPORTED',
    `There is no exporter of "${format}"; ${listed('formats', formats())}.`,
    { format, formats: formats() },
  )
}

const listed = (what: string, names: readonly string[]): string =>
  names.length === 0 ? `there are no ${what}` : `${what} are ${names.join(', ')}`

const invalid = (fault: string): TaskerError =>
  new TaskerError('REQUEST_INVALID', `The export cannot be made: ${fault}.`, { faults: [fault] })

function statusOf(
  config: Config,
  targets: readonly Target[],
  rows: readonly StoredExport[],
): ExportsStatus {
  const stored = new Map(rows.filter((row) => !row.isOrdered).map((row) => [row.key, row]))
  return {
    isEnabled: config.telemetry.exports.enabled,
    targets: targets.map((target) => ({
      ...planOf(target),
      ...standingOf(stored.get(target.name)),
    })),
    ordered: rows.flatMap(({ isOrdered, dueAt, key, target, format, attempts }) =>
      isOrdered && dueAt !== null ? [{ exportId: key, target, format, dueAt, attempts }] : [],
    ),
  }
}

const planOf = ({ name, to, format, everyMs, threshold }: Target) => ({
  target: name,
  to,
  format,
  everySeconds: everyMs === null ? null : everyMs / 1_000,
  threshold,
})

const standingOf = (
  row: StoredExport | undefined,
): Omit<ExportTargetStatus, keyof ReturnType<typeof planOf>> => ({
  nextDueAt: row?.dueAt ?? null,
  attempts: row?.attempts ?? 0,
  isRunning: row?.isRunning ?? false,
  lastOutcome: row?.lastOutcome ?? null,
  lastFault: row?.lastFault ?? null,
  lastEndedAt: row?.lastEndedAt ?? null,
  lastSuccessAt: row?.lastSuccessAt ?? null,
})
