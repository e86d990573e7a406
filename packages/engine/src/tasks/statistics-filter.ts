// Which tasks statistics are about, as it comes in: checked whole, every fault named. Reading is read-statistics.ts.
import { z } from 'zod'
import type { StatisticsScope } from '../database/read-statistics.ts'
import { date, faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

export interface AnalyticsFilter {
  /** Tasks created since then. Default: an hour ago. */
  readonly since?: Date | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
}

export interface SlowestFilter extends Omit<AnalyticsFilter, 'since'> {
  /** Tasks created since then. Default: a day ago. */
  readonly since?: Date | undefined
  /** 1 to 100. Default 10. */
  readonly limit?: number | undefined
}

export interface ReportFilter {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
}

export interface BottleneckFilter extends ReportFilter {
  /** Tasks created in so many hours until now: 1 to 720. Default 24. */
  readonly periodHours?: number | undefined
}

const analyticsSchema = z.strictObject({
  since: date.optional(),
  namespace: text(256).optional(),
  name: text(256).optional(),
  version: text(256).optional(),
})

const slowestSchema = analyticsSchema.extend({ limit: z.int().min(1).max(100).default(10) })

const reportSchema = analyticsSchema.omit({ since: true })
const bottleneckSchema = reportSchema.extend({ periodHours: z.int().min(1).max(720).default(24) })

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readAnalyticsFilter(given: unknown): StatisticsScope {
  return scopeOf(read(analyticsSchema, given))
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readSlowestFilter(given: unknown): {
  readonly scope: StatisticsScope
  readonly limit: number
} {
  const filter = read(slowestSchema, given)
  return { scope: scopeOf(filter), limit: filter.limit }
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readReportFilter(given: unknown): Omit<StatisticsScope, 'since'> {
  const { namespace, name, version } = scopeOf(read(reportSchema, given))
  return { namespace, name, version }
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readBottleneckFilter(given: unknown): {
  readonly scope: Omit<StatisticsScope, 'since'>
  readonly periodHours: number
} {
  const { periodHours, ...filter } = read(bottleneckSchema, given)
  const { namespace, name, version } = scopeOf(filter)
  return { scope: { namespace, name, version }, periodHours }
}

function read<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const kind: InputKind = {
    keyIs: 'a filter of statistics',
    knownKeys: Object.keys(schema.shape),
  }
  const reading = schema.safeParse(given)
  if (!reading.success) throw refuseInput('The filter', faultsOf(reading.error, kind))
  return reading.data
}

const scopeOf = (filter: AnalyticsFilter): StatisticsScope => ({
  since: filter.since ?? null,
  namespace: filter.namespace ?? null,
  name: filter.name ?? null,
  version: filter.version ?? null,
})
