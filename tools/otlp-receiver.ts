// Stands in for a collector of traces: takes OTLP over HTTP, as JSON, at `/v1/traces`, and keeps every span as it came, with
// what it needs to be judged. For tests and checks of traces; has no dependencies and keeps all in memory.
import { createServer, type IncomingMessage } from 'node:http'

export type AttributeValue = string | number | boolean | readonly AttributeValue[]
export type Attributes = Readonly<Record<string, AttributeValue>>

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Null: a root. */
  readonly parentSpanId: string | null
  readonly name: string
  /** As in the API: internal, server, client, producer, consumer. */
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** Nanoseconds since 1970. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Attributes
  readonly events: readonly {
    readonly name: string
    readonly timeNs: bigint
    readonly attributes: Attributes
  }[]
  readonly links: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly attributes: Attributes
  }[]
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string }
  readonly resource: Attributes
  readonly scope: { readonly name: string; readonly version: string }
}

export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, and the `url` of an exporter. */
  readonly url: string
  /** In the order in which they came. */
  readonly spans: readonly ReceivedSpan[]
  /** Every body, as it came. */
  readonly bodies: readonly string[]
  /** Resolves, once it holds of the spans received, with what it answered. */
  until<T>(found: (spans: readonly ReceivedSpan[]) => T | null | undefined | false): Promise<T>
  close(): Promise<void>
}

const path = '/v1/traces'

/** Listens on 127.0.0.1; port 0: any that is free. */
export async function startOtlpReceiver({ port = 0 } = {}): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  const waiting = new Set<() => void>()
  const take = async (request: IncomingMessage): Promise<number> => {
    if (request.method !== 'POST' || request.url !== path) return 404
    if (request.headers['content-type'] !== 'application/json') return 415
    const body = await textOf(request)
    spans.push(...readSpans(JSON.parse(body)))
    bodies.push(body)
    for (const look of waiting) look()
    return 200
  }
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'),
      (error: unknown) => response.writeHead(400).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const at = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${at}${path}`,
    spans,
    bodies,
    until(found) {
      const { promise, resolve, reject } = Promise.withResolvers<never>()
      const look = (): void => {
        try {
          const answer = found(spans)
          if (answer === null || answer === undefined || answer === false) return
          waiting.delete(look)
          resolve(answer as never) // what `found` answers is what is promised
        } catch (error) {
          waiting.delete(look)
          reject(error)
        }
      }
      waiting.add(look)
      look()
      return promise
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer) // no encoding is set
  return Buffer.concat(parts).toString('utf8')
}

/** OTLP as JSON writes ids in hex, enumerations as numbers and 64-bit numbers as text or numbers. */
interface OtlpValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] }
}
type OtlpAttributes = readonly { readonly key: string; readonly value: OtlpValue }[]
interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: OtlpAttributes
  readonly events?: readonly {
    readonly name: string
    readonly timeUnixNano: string
    readonly attributes?: OtlpAttributes
  }[]
  readonly links?: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly attributes?: OtlpAttributes
  }[]
  readonly status?: { readonly code?: number; readonly message?: string }
}
interface OtlpRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: OtlpAttributes }
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string }
      readonly spans?: readonly OtlpSpan[]
    }[]
  }[]
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const codes = ['unset', 'ok', 'error'] as const

/** What an exporter sends: opentelemetry-proto, trace/v1, as JSON. */
export function readSpans(body: unknown): readonly ReceivedSpan[] {
  const { resourceSpans = [] } = body as OtlpRequest // the form that OTLP prescribes
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const ofResource = readAttributes(resource?.attributes)
    return scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span): ReceivedSpan => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId === '' ? null : (span.parentSpanId ?? null),
        name: span.name,
        kind: kinds[span.kind] ?? 'internal',
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
        attributes: readAttributes(span.attributes),
        events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
          name,
          timeNs: BigInt(timeUnixNano),
          attributes: readAttributes(attributes),
        })),
        links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
          traceId,
          spanId,
          attributes: readAttributes(attributes),
        })),
        status: {
          code: codes[span.status?.code ?? 0] ?? 'unset',
          message: span.status?.message ?? '',
        },
        resource: ofResource,
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
      })),
    )
  })
}

const readAttributes = (attributes: OtlpAttributes = []): Attributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]))

function readValue(value: OtlpValue): AttributeValue {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(readValue)
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? ''
}
