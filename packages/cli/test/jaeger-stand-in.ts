// Stands in for Jaeger, which has no package to install: takes spans over OTLP/HTTP as JSON, and answers Jaeger's query API
// from what it got. It keeps everything in memory, and is for tests only.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { readSpans, type Attributes, type ReceivedSpan } from '../../../tools/otlp-receiver.ts'
import type { AttributeValue, SpanRecord } from '../src/validation/span-record.ts'
import { openServer } from './validate-in-process.ts'

export interface JaegerStandIn {
  /** Of the query API, and of OTLP. */
  readonly url: string
  readonly spans: SpanRecord[]
}

interface StandInOptions {
  /** Spans of a task that is asked for, besides those that were sent. */
  readonly spansOf?: (taskId: string) => Promise<readonly SpanRecord[]>
}

/** Until the test ends. */
export async function standInForJaeger({
  spansOf = async () => [],
}: StandInOptions = {}): Promise<JaegerStandIn> {
  const spans: SpanRecord[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    const say = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (request.method === 'POST' && pathname === '/v1/traces') {
      spans.push(...readSpans(await json(request)).map(recordOf))
      say(200, { partialSuccess: {} })
    } else if (pathname === '/api/services') {
      say(200, { data: [...new Set(spans.map(({ service }) => service))], errors: null })
    } else if (pathname === '/api/traces') {
      const tags = JSON.parse(searchParams.get('tags') ?? '{}') as Record<string, string> // as asked
      const taskId = tags['tasker.task.id']
      if (taskId !== undefined) spans.push(...(await spansOf(taskId)))
      const operation = searchParams.get('operation')
      const matching = spans.filter(
        (span) =>
          span.service === searchParams.get('service') &&
          (operation === null || span.name === operation) &&
          Object.entries(tags).every(([key, value]) => String(span.attributes[key]) === value),
      )
      const ids = new Set(matching.map(({ traceId }) => traceId))
      say(200, { data: [...ids].map((id) => traceOf(id, spans)), errors: null })
    } else if (pathname.startsWith('/api/traces/')) {
      const id = pathname.slice('/api/traces/'.length)
      const isThere = spans.some(({ traceId }) => traceId === id)
      if (isThere) say(200, { data: [traceOf(id, spans)], errors: null })
      else say(404, { data: null, errors: [{ code: 404, msg: 'trace not found' }] })
    } else {
      say(404, {})
    }
  }
  const server = await openServer((request, response) => void answer(request, response))
  onTestFinished(() => server.close())
  return { url: server.url, spans }
}

/** In Jaeger's form: parents and links are references, lists are JSON in a text. */
function traceOf(id: string, spans: readonly SpanRecord[]): unknown {
  const own = [...new Map(spans.map((span) => [span.spanId, span])).values()].filter(
    ({ traceId }) => traceId === id,
  )
  const services = [...new Set(own.map(({ service }) => service))]
  return {
    traceID: id,
    spans: own.map((span) => ({
      traceID: id,
      spanID: span.spanId,
      operationName: span.name,
      references: [
        ...(span.parentId === null
          ? []
          : [{ refType: 'CHILD_OF', traceID: id, spanID: span.parentId }]),
        ...span.links.map(({ traceId, spanId }) => ({
          refType: 'FOLLOWS_FROM',
          traceID: traceId,
          spanID: spanId,
        })),
      ],
      startTime: span.startUs,
      duration: span.durationUs,
      tags: tagsOf({ ...span.attributes, 'span.kind': span.kind }),
      logs: span.events.map(({ name, attributes }) => ({
        timestamp: span.startUs,
        fields: tagsOf({ event: name, ...attributes }),
      })),
      processID: `p${services.indexOf(span.service) + 1}`,
      warnings: null,
    })),
    processes: Object.fromEntries(
      services.map((serviceName, index) => [`p${index + 1}`, { serviceName, tags: [] }]),
    ),
  }
}

const tagsOf = (attributes: Readonly<Record<string, AttributeValue>>): readonly unknown[] =>
  Object.entries(attributes).map(([key, value]) =>
    typeof value === 'number'
      ? { key, type: Number.isInteger(value) ? 'int64' : 'float64', value }
      : typeof value === 'boolean'
        ? { key, type: 'bool', value }
        : { key, type: 'string', value: typeof value === 'string' ? value : JSON.stringify(value) },
  )

/** A span as the checks see it. */
const recordOf = (span: ReceivedSpan): SpanRecord => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentId: span.parentSpanId,
  name: span.name,
  kind: span.kind,
  service: String(span.resource['service.name'] ?? ''),
  startUs: microseconds(span.startNs),
  durationUs: microseconds(span.endNs) - microseconds(span.startNs),
  attributes: flat(span.attributes),
  events: span.events.map(({ name, attributes }) => ({ name, attributes: flat(attributes) })),
  links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
})

const microseconds = (nanoseconds: bigint): number => Number(nanoseconds / 1_000n)

/** Lists are of texts. */
const flat = (attributes: Attributes): Readonly<Record<string, AttributeValue>> =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'object' ? value.map(String) : value,
    ]),
  )
