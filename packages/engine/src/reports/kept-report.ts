// A report as it is given out: with what it says, whether it was made for this caller, and until when it holds.
import type { AdaptiveCache } from '../cache/adaptive-cache.ts'
import type { AnswerKey, AnswerOrder } from '../cache/tasker-cache.ts'

/** When an answer was made, and until when it is given again. */
export interface Freshness {
  /** What it says was so then, by the clock of the database. */
  readonly generatedAt: Date
  /** True: it was made for an earlier caller. */
  readonly isCached: boolean
  /** True: its time is over, and a new one is being made. */
  readonly isStale: boolean
  /** From then on it is made anew; what is not kept has expired. */
  readonly expiresAt: Date
}

export type Kept<Report> = Report & Freshness

/** Tells a report of this kind from whatever else may stand in a store: its fields, as `typeof` has them, `date` or `array`. */
export type ReportShape<Report> = {
  readonly [Field in keyof Report]?: 'date' | 'array' | 'object' | 'string' | 'number' | 'boolean'
}

interface ReportOrder<Report> extends Omit<AnswerOrder<Report>, 'read'> {
  readonly key: AnswerKey
  readonly shape: ReportShape<Report>
}

/** Reports of Tasker's own have keys of their own: callers of `tasker.cache` never meet them. */
export async function keptReport<Report extends { readonly generatedAt: Date }>(
  cache: Pick<AdaptiveCache, 'fetch'>,
  { key, shape, ...order }: ReportOrder<Report>,
): Promise<Kept<Report>> {
  const read = (stored: unknown): Report => checked(stored, shape)
  const answer = await cache.fetch<Report>(key, { ...order, read })
  const { value, isCached, isStale } = answer
  const ttlMs = answer.expiresAt.getTime() - answer.generatedAt.getTime()
  const expiresAt = new Date(value.generatedAt.getTime() + ttlMs)
  return { ...value, isCached, isStale, expiresAt }
}

function checked<Report>(stored: unknown, shape: ReportShape<Report>): Report {
  if (typeof stored !== 'object' || stored === null) throw new TypeError('no report')
  for (const [field, kind] of Object.entries(shape)) {
    if (kindOf(Reflect.get(stored, field)) !== kind) throw new TypeError(`no report: ${field}`)
  }
  return stored as Report // written by this version under this key, and its fields are those of one
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Date) return 'date'
  return Array.isArray(value) ? 'array' : typeof value
}
