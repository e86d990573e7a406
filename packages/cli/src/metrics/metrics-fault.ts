// Why there are no metrics to be had, or why they went nowhere, and what to do: one sentence each, for people and for schedulers
// that keep no more than the last lines.

export type MetricsFaultCode =
  'METRICS_MISSING' | 'METRICS_UNREACHABLE' | 'EXPORT_FAILED' | 'SYNC_FAILED' | 'TIME_OVER'

export class MetricsFault extends Error {
  readonly code: MetricsFaultCode

  /** Sentences both. */
  constructor(code: MetricsFaultCode, reason: string, remedy: string) {
    super(`${reason} ${remedy}`)
    this.code = code
  }
}
