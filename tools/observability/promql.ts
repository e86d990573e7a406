// Parts of questions to Prometheus. A metric can only be named when the catalogue has it.
import type { metricCatalogue } from '../../packages/engine/src/telemetry/metrics/catalogue.ts'

type Catalogue = typeof metricCatalogue
type NamesOf<Type extends string> = {
  [Name in keyof Catalogue]: Catalogue[Name] extends { readonly type: Type } ? Name : never
}[keyof Catalogue]

export type Counter = NamesOf<'counter'>
export type Gauge = NamesOf<'gauge'>
export type Histogram = NamesOf<'histogram'>

/** `labels`: matchers as Prometheus writes them, without braces. */
export const gauge = (name: Gauge, labels = ''): string => selector(name, labels)
export const counter = (name: Counter, labels = ''): string => selector(name, labels)

export const rate = (name: Counter, window: string, labels = ''): string =>
  `rate(${counter(name, labels)}[${window}])`

export const sumBy = (by: readonly string[], expression: string): string =>
  by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`

/** Of values that every process reads from the database: all of them say the same. */
export const once = (by: readonly string[], expression: string): string =>
  by.length === 0 ? `max(${expression})` : `max by (${by.join(', ')}) (${expression})`

export interface Asked {
  readonly of: Histogram
  readonly window: string
  readonly by?: readonly string[]
  readonly labels?: string
}

export const quantile = (q: number, { of, window, by = [], labels = '' }: Asked): string =>
  `histogram_quantile(${q}, ${sumBy(['le', ...by], `rate(${selector(`${of}_bucket`, labels)}[${window}])`)})`

/** How often something was observed, a second. */
export const observations = ({ of, window, by = [], labels = '' }: Asked): string =>
  sumBy(by, `rate(${selector(`${of}_count`, labels)}[${window}])`)

/**
 * By how much a counter grew. `increase` does not see the first value of a series, and counters of what is rare begin with
 * it: a series that was not there before counts as a whole.
 */
export function grown(name: Counter, window: string, by: readonly string[]): string {
  const all = counter(name)
  return sumBy(by, `(${all} unless ${all} offset ${window}) or increase(${all}[${window}])`)
}

const selector = (name: string, labels: string): string =>
  `tasker_${name}${labels === '' ? '' : `{${labels}}`}`
