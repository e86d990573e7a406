// The questions that the Grafana dashboard and the rules of Prometheus put: read from the very files that come with the
// engine, for whoever wants to see them answered.
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'

export interface ObservabilityQuery {
  /** Of the panel, or the name of the rule. */
  readonly title: string
  /** In PromQL, with everything chosen that the dashboard lets people choose. */
  readonly expression: string
}

const folder = new URL('../../observability/', import.meta.url)

const dashboardForm = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
})

const rulesForm = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ record: z.string().optional(), alert: z.string().optional(), expr: z.string() }),
      ),
    }),
  ),
})

/** Those of the dashboard first. `prefix`: `telemetry.prometheus.metricPrefix`. */
export async function readObservabilityQueries({
  prefix = 'tasker',
}: { readonly prefix?: string } = {}): Promise<readonly ObservabilityQuery[]> {
  const [dashboardText, rulesText] = await Promise.all([
    readFile(new URL('grafana-dashboard.json', folder), 'utf8'),
    readFile(new URL('prometheus-rules.yml', folder), 'utf8'),
  ])
  const dashboard = dashboardForm.parse(JSON.parse(dashboardText))
  const rules = rulesForm.parse(parse(rulesText))
  const asked = [
    ...dashboard.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ title, expression: filledIn(expr) })),
    ),
    ...rules.groups.flatMap((group) =>
      group.rules.map(({ record, alert, expr }) => ({
        title: record ?? alert ?? '',
        expression: expr,
      })),
    ),
  ]
  return asked.map(({ title, expression }) => ({
    title,
    expression: expression.replaceAll(/\btasker_/g, `${prefix}_`),
  }))
}

/** As Grafana fills its variables in, with everything chosen. */
const filledIn = (expression: string): string =>
  expression.replaceAll(/\$(namespace|task|instance)\b/g, '.*').replaceAll('$__rate_interval', '5m')
