// One span, sent to an OTLP endpoint as an exporter would send it: whether the endpoint takes it.
import { randomBytes } from 'node:crypto'
import { systemClock } from '@tasker/engine'
import type { Finding } from './checklist.ts'
import { ask, refusal, shown, type TextAnswer } from './http-text.ts'
import { numberAt, parsed, textAt } from './json-path.ts'

export interface ProbeAnswer {
  readonly url: string
  readonly answer: TextAnswer
}

/** `url`: of the collector, such as http://localhost:4318, or the whole path. */
export async function sendProbe(url: string, service: string): Promise<ProbeAnswer> {
  const answer = await ask(
    {
      name: 'The OTLP endpoint',
      url: tracesAt(url),
      answerMs: 10_000,
      remedy: 'Give the address that takes OTLP over HTTP, usually port 4318.',
    },
    '',
    { post: probeOf(service) },
  )
  return { url: shown(tracesAt(url)), answer }
}

/** Where traces go, at the address of a collector. */
export function tracesAt(url: string): string {
  const address = new URL(url)
  if (address.pathname === '/') address.pathname = '/v1/traces'
  return address.href
}

/** It said yes, and refused none. */
export function acceptFinding({ url, answer }: ProbeAnswer): Finding {
  const body = parsed(answer.body)
  const refused = numberAt(body, 'partialSuccess', 'rejectedSpans')
  const isTaken = answer.status >= 200 && answer.status < 300
  return {
    seen: `${url} takes spans`,
    faults: [
      ...(isTaken ? [] : [`${url}: ${refusal(answer)}.`]),
      ...(refused === 0
        ? []
        : [`${url} refused the span: ${textAt(body, 'partialSuccess', 'errorMessage')}.`]),
    ],
    remedy: 'The endpoint must take OTLP/HTTP with JSON, at /v1/traces.',
  }
}

function probeOf(service: string): unknown {
  const now = BigInt(Math.round(systemClock.nowMs())) * 1_000_000n
  const text = (key: string, stringValue: string): unknown => ({ key, value: { stringValue } })
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'tasker.validation.probe',
    kind: 1,
    startTimeUnixNano: String(now - 1_000_000n),
    endTimeUnixNano: String(now),
    attributes: [],
    status: {},
  }
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', service)] },
        scopeSpans: [{ scope: { name: 'tasker.validation' }, spans: [span] }],
      },
    ],
  }
}
