// `tasker metrics export`: orders an export that a worker makes when it is due, whichever it is.
import type { MetricsScope } from '@tasker/engine'
import { UsageError, type ExitCode } from '../failure.ts'
import { formatAsked } from '../metrics/metrics-arguments.ts'
import { withShared } from '../metrics/reading-tasker.ts'
import type { CommandContext } from '../program.ts'
import { formatTime } from '../wording.ts'

export interface MetricsExportOptions {
  readonly target?: string
  /** Milliseconds. */
  readonly in?: number
  readonly scope?: MetricsScope
  /** Milliseconds. */
  readonly timeout: number
}

export async function metricsExport(
  command: CommandContext,
  format: string | undefined,
  { target, in: inMs, scope, timeout }: MetricsExportOptions,
): Promise<ExitCode> {
  requireOneOf(format, target)
  const { terminal } = command
  return withShared(command, timeout, async ({ tasker }) => {
    const { metricsFormat } = tasker.config.telemetry
    const ordered = await tasker.exports.schedule({
      ...(target === undefined ? { format: formatAsked(format, metricsFormat) } : { target }),
      ...(inMs === undefined ? {} : { inMs }),
      ...(scope === undefined ? {} : { scope }),
    })
    const { exportId, dueAt } = ordered
    terminal.document(ordered)
    if (!terminal.isJson) {
      terminal.print(
        [
          `Export:      ${exportId}`,
          `Export time: ${formatTime(dueAt)}`,
          `Format:      ${ordered.format}`,
          `Target:      ${ordered.target}`,
        ].join('\n'),
      )
    }
    if (!tasker.config.telemetry.exports.enabled) {
      terminal.log(
        'telemetry.exports.enabled is off here: the export is made by workers for which it is on, and waits for one.',
      )
    }
    return 0
  })
}

/** A target has its format. */
export function requireOneOf(format: string | undefined, target: string | undefined): void {
  if (format === undefined || target === undefined) return
  throw new UsageError(`The target has its own format: leave out "${format}", or --target.`)
}
