// The metrics of this process, for Prometheus and for programs that read JSON.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'

const family = z
  .strictObject({
    name: z.string().meta({ example: 'tasker_task_completed_total' }),
    help: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
    values: z.array(
      z.strictObject({
        name: z
          .string()
          .meta({ description: 'Of a histogram, with `_bucket`, `_sum` or `_count`.' }),
        labels: z.record(z.string(), z.string()),
        value: z.number(),
      }),
    ),
  })
  .meta({ id: 'MetricFamily' })

export const metricsOperations: readonly Operation[] = [
  operation({
    id: 'exportMetrics',
    method: 'get',
    path: '/metrics',
    permission: 'tasker.metrics:index',
    authentication: 'metrics',
    tag: 'Metrics',
    summary: 'What this process has done, and how it fares',
    description:
      'The text format of Prometheus; JSON for who accepts `application/json` and not `text/plain`. Values are of the ' +
      'process that answers.',
    answers: {
      200: {
        description: 'All metrics.',
        schema: z.string(),
        contentType: 'text/plain',
        others: {
          'application/json': z.strictObject({ metrics: z.array(family) }).meta({ id: 'Metrics' }),
        },
      },
    },
    refuses: ['METRICS_UNAVAILABLE'],
    async handle({ tasker, request }) {
      if (prefersJson(request.headers.get('accept') ?? ''))
        return { body: { metrics: await tasker.metrics.families() } }
      return new Response(await tasker.metrics.text(), {
        headers: { 'content-type': tasker.metrics.contentType, 'cache-control': 'no-store' },
      })
    },
  }),
]

/** Scrapers name several text formats, and anything; who wants JSON names that. */
const prefersJson = (accept: string): boolean =>
  /\bapplication\/json\b/i.test(accept) && !/\btext\/plain\b|openmetrics/i.test(accept)
