// What a panel of the Grafana dashboard is, and how its questions are put: a window that Grafana chooses, and the variables by
// which it is narrowed down. Its form as JSON is dashboard.ts.
import { quantile, type Asked } from './promql.ts'

export interface Question {
  readonly legend: string
  readonly expression: string
}

export interface Panel {
  readonly title: string
  /** What it says, and what to look at when it looks wrong. */
  readonly description: string
  /** Of Grafana: `s`, `ops`, `short`, `bytes`, `percentunit`. */
  readonly unit: string
  readonly kind: 'number' | 'lines' | 'stacked'
  readonly questions: readonly Question[]
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export const window = '$__rate_interval'
export const ofNamespace = 'namespace=~"$namespace"'
export const ofTask = 'namespace=~"$namespace",task=~"$task"'
export const ofProcess = 'instance=~"$instance"'

export const one = (expression: string, legend = ''): readonly Question[] => [
  { legend, expression },
]

/** 0 where nothing has happened yet, instead of an empty panel. */
export const orNone = (expression: string): string => `${expression} or vector(0)`

export const quantiles = (asked: Asked): readonly Question[] =>
  [0.5, 0.95, 0.99].map((q) => ({
    legend: [`p${q * 100}`, ...(asked.by ?? []).map((label) => `{{${label}}}`)].join(' '),
    expression: quantile(q, asked),
  }))
