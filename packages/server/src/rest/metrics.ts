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
    summary: 'What this process has done, or all together, and how they fare',
    description:
      'The text format of Prometheus, or OpenMetrics for who accepts that before; JSON for who accepts `application/json` and ' +
      'neither. `format` names another: `csv`, `otlp`, or one that the application added. Values are of the process that ' +
      'answers, or of all that share theirs.',
    query: z.strictObject({
      format: z.string().max(64).optional().meta({ example: 'openmetrics' }),
      scope: z.enum(['process', 'all']).default('process'),
    }),
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
    refuses: ['METRICS_UNAVAILABLE', 'EXPORT_UNSUPPORTED', 'EXPORT_FAILED'],
    async handle({ tasker, request, query: { format, scope } }) {
      const accept = request.headers.get('accept') ?? ''
      if (format === undefined && prefersJson(accept))
        return { body: { metrics: (await tasker.metrics.collect({ scope })).families } }
      const { contentType, body } = await tasker.exports.render({
        accept,
        scope,
        ...(format !== undefined && { format }),
      })
      // Bytes are copied: those of an exporter may stand in memory that is shared.
      return new Response(typeof body === 'string' ? body : Uint8Array.from(body), {
        headers: { 'content-type': contentType, 'cache-control': 'no-store', vary: 'accept' },
      })
    },
  }),
]

/** Scrapers name several text formats, and anything; who wants JSON names that. */
const prefersJson = (accept: string): boolean =>
  /\bapplication\/json\b/i.test(accept) && !/\btext\/plain\b|openmetrics/i.test(accept)
