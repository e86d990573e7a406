// What the commands about metrics have in common: the format that is meant, whom to ask, and whether to say more.
import type { MetricsScope } from '@tasker/engine'
import { environment, type Environment } from '../environment.ts'
import { UsageError } from '../failure.ts'

/** Of the command line, before METRICS_FORMAT, before `telemetry.metricsFormat`. */
export function formatAsked(
  given: string | undefined,
  configured: string,
  env: Environment = environment(),
): string {
  return (given ?? (env['METRICS_FORMAT'] || configured)).toLowerCase()
}

/** Anything but a no, as in the first generation. */
export const isVerbose = (env: Environment = environment()): boolean =>
  !['', '0', 'false', 'no', 'off'].includes((env['VERBOSE'] ?? '').toLowerCase())

export interface SourceOptions {
  readonly from?: string
  readonly token?: string
  readonly scope?: MetricsScope
}

export interface WorkerAsked {
  readonly url: string
  readonly token: string | null
  readonly scope: MetricsScope
}

/** Null: the shared store is read. */
export function workerAsked(
  { from, token, scope }: SourceOptions,
  env: Environment = environment(),
): WorkerAsked | null {
  if (from !== undefined)
    return { url: from, token: token ?? (env['METRICS_TOKEN'] || null), scope: scope ?? 'process' }
  if (token !== undefined) throw new UsageError('--token is for the worker of --from <url>.')
  if (scope === 'process') {
    throw new UsageError(
      'This command counts nothing itself: --scope process needs a worker, --from <url>.',
    )
  }
  return null
}
