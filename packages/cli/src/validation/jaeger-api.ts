// The parts of Jaeger's query API that a validation asks, and its traces as span records.
import { Unreachable } from './checklist.ts'
import { ask, refusal, type Service } from './http-text.ts'
import { at, listAt, numberAt, parsed, textAt } from './json-path.ts'
import type { AttributeValue, SpanRecord } from './span-record.ts'

export interface TraceSearch {
  readonly service: string
  readonly operation?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly sinceMs: number
  readonly untilMs: number
}

export interface JaegerApi {
  /** @throws {Unreachable} */
  services(): Promise<readonly string[]>
  /** The spans of all traces that match. */
  search(search: TraceSearch): Promise<readonly SpanRecord[]>
  /** The whole trace; empty when there is none. */
  trace(traceId: string): Promise<readonly SpanRecord[]>
}

const tracesMax = 100

export function jaegerApi(service: Service): JaegerApi {
  const get = async (path: string, query = {}): Promise<unknown> => {
    const answer = await ask(service, path, { query })
    const body = parsed(answer.body)
    // A trace that is not there is an answer too, with 404.
    if (at(body, 'data') !== undefined || listAt(body, 'errors').length > 0) return body
    throw new Unreachable(
      `${service.name} is not at this address: ${refusal(answer)}.`,
      service.remedy,
    )
  }
  return {
    async services() {
      return listAt(await get('/api/services'), 'data').map(String)
    },
    async search({ service: name, operation, tags, sinceMs, untilMs }) {
      const body = await get('/api/traces', {
        service: name,
        ...(operation === undefined ? {} : { operation }),
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
        start: String(sinceMs * 1_000),
        end: String(untilMs * 1_000),
        limit: String(tracesMax),
      })
      return listAt(body, 'data').flatMap(spansOfTrace)
    },
    async trace(traceId) {
      return listAt(await get(`/api/traces/${traceId}`), 'data').flatMap(spansOfTrace)
    },
  }
}

/** A trace as Jaeger tells it: https://www.jaegertracing.io/docs/latest/architecture/apis/ */
export function spansOfTrace(trace: unknown): readonly SpanRecord[] {
  return listAt(trace, 'spans').map((span) => {
    const tags = attributesOf(listAt(span, 'tags'))
    const { 'span.kind': kind = '', ...attributes } = tags
    const references = listAt(span, 'references').map((reference) => ({
      type: textAt(reference, 'refType'),
      traceId: idAt(reference, 'traceID', 32),
      spanId: idAt(reference, 'spanID', 16),
    }))
    const traceId = idAt(span, 'traceID', 32)
    const parent = references.find((each) => each.type === 'CHILD_OF' && each.traceId === traceId)
    return {
      traceId,
      spanId: idAt(span, 'spanID', 16),
      parentId: parent?.spanId ?? null,
      name: textAt(span, 'operationName'),
      kind: String(kind),
      service: textAt(trace, 'processes', textAt(span, 'processID'), 'serviceName'),
      startUs: numberAt(span, 'startTime'),
      durationUs: numberAt(span, 'duration'),
      attributes,
      events: listAt(span, 'logs').map((log) => {
        const { event = '', ...fields } = attributesOf(listAt(log, 'fields'))
        return { name: String(event), attributes: fields }
      }),
      links: references
        .filter((each) => each !== parent)
        .map(({ traceId: linked, spanId }) => ({ traceId: linked, spanId })),
    }
  })
}

/** Some versions leave out the zeros in front. */
const idAt = (value: unknown, key: string, digits: number): string =>
  textAt(value, key).padStart(digits, '0')

function attributesOf(tags: readonly unknown[]): Record<string, AttributeValue> {
  return Object.fromEntries(
    tags.map((tag) => [textAt(tag, 'key'), valueOf(textAt(tag, 'type'), at(tag, 'value'))]),
  )
}

/** Lists come as JSON in a text, and whole numbers in a text where they may be long. */
function valueOf(type: string, value: unknown): AttributeValue {
  if (typeof value === 'boolean' || typeof value === 'number') return value
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  if (type === 'int64' || type === 'float64') return Number(text)
  if (type === 'bool') return text === 'true'
  const list = text.startsWith('[') ? parsed(text) : undefined
  return Array.isArray(list) ? list.map(String) : text
}
