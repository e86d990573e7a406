// Waits for an event that a test expects, for a while of real time; when it does not come, tells which events came.
import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import { systemClock } from '../clock.ts'
import type { EventName, EventPayloads } from '../events/catalogue.ts'
import type { EventRecord, RecordedEvent } from './record-events.ts'

/** Fields that the payload must have, or a test of it. */
export type EventMatch<Name extends EventName> =
  Partial<EventPayloads[Name]> | ((payload: EventPayloads[Name]) => boolean)

export async function nextEvent<Name extends EventName>(
  record: EventRecord,
  name: Name,
  match: EventMatch<Name>,
  timeoutMs: number,
): Promise<EventPayloads[Name]> {
  const { promise: timedOut, reject } = Promise.withResolvers<never>()
  const cancel = systemClock.schedule(timeoutMs, () =>
    reject(notSeen(record, name, match, timeoutMs)),
  )
  try {
    return await Promise.race([record.until(name, testOf(match)), timedOut])
  } finally {
    cancel()
  }
}

function testOf<Name extends EventName>(
  match: EventMatch<Name>,
): (payload: EventPayloads[Name]) => boolean {
  if (typeof match === 'function') return match
  const wanted = Object.entries(match)
  return (payload) => {
    const fields = new Map<string, unknown>(Object.entries(payload))
    return wanted.every(([field, value]) => isDeepStrictEqual(fields.get(field), value))
  }
}

function notSeen(
  { all }: EventRecord,
  name: EventName,
  match: unknown,
  timeoutMs: number,
): AssertionError {
  const asked =
    typeof match === 'function' ? 'that passes the test' : `with ${JSON.stringify(match)}`
  const seen = all.length === 0 ? 'No event occurred.' : `Occurred:\n${all.map(lineOf).join('\n')}`
  return new AssertionError({
    message: `No ${name} ${asked} within ${timeoutMs} ms. ${seen}`,
    actual: all.map((event) => event.name),
    expected: name,
    operator: 'nextEvent',
  })
}

function lineOf({ name, payload }: RecordedEvent): string {
  if (!('taskId' in payload)) return `  ${name}`
  const step = 'stepName' in payload ? ` ${payload.stepName}` : ''
  const attempt = 'attempt' in payload ? `, attempt ${payload.attempt}` : ''
  return `  ${name}${step}${attempt} (${payload.taskName} ${payload.taskId})`
}
