// What a delivery gets and what it says: where metrics went, or why they did not and whether another try makes sense.
import type { Clock } from '../../../clock.ts'
import type { HttpClient } from '../../../http/model.ts'
import type { RenderedMetrics } from '../exporter.ts'
import type { MetricsData } from '../../metrics/tasker-metrics.ts'

export interface DeliveryTools {
  readonly http: HttpClient
  readonly clock: Clock
}

/** What is to be delivered. */
export interface Shipment {
  readonly data: MetricsData
  /** In the format of the target; null for those that make their own of the data. */
  readonly rendered: RenderedMetrics | null
  /** With the process that tried first, and when the export was due at first: the same at every try. */
  readonly exportId: string
  readonly instance: string
  readonly plannedAt: Date
  readonly signal: AbortSignal
}

export interface Delivered {
  /** A path, or a URL without its password. */
  readonly destination: string
  readonly bytes: number
  /** Series that the other side refused for good. */
  readonly droppedCount: number
  /** Of some: what it said. */
  readonly fault: string | null
}

/**
 * `refused`: for good, another try would be refused too. `passing`: another try may do. `unavailable`: nobody is there at all.
 */
export type DeliveryFailure = 'refused' | 'passing' | 'unavailable'

export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly failure: DeliveryFailure
  /** The other side asked not to be tried before; null: it did not say. */
  readonly retryAfterMs: number | null
  readonly droppedCount: number

  constructor(
    failure: DeliveryFailure,
    message: string,
    facts: { readonly retryAfterMs?: number | null; readonly droppedCount?: number } = {},
  ) {
    super(message)
    this.failure = failure
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.droppedCount = facts.droppedCount ?? 0
  }
}

/** Values of all metrics. */
export const seriesCountOf = ({ families }: MetricsData): number =>
  families.reduce((sum, { values }) => sum + values.length, 0)
