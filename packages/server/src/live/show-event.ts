// An event as callers see it: snake_case, and what an error says only for who may see payloads.
import type { HistoryEvent, Json } from '@tasker/engine'
import { z } from 'zod'
import { snakeCase } from '../rest/snake-case.ts'
import { timestamp, uuid } from '../rest/schemas.ts'

/** What every event has; the fields of its kind stand beside (docs/reference/events.md). */
export const shownEvent = z
  .looseObject({
    event: z.string().meta({ example: 'step.completed' }),
    event_id: z.string(),
    at: timestamp,
    task_id: uuid,
    namespace: z.string(),
    task_name: z.string(),
    version: z.string(),
    correlation_id: z.string(),
  })
  .meta({ id: 'Event' })

export type ShownEvent = Readonly<Record<string, Json | Date>> & { readonly event: string }

export function showEvent({ name, at, payload }: HistoryEvent, showsPayload: boolean): ShownEvent {
  // What the payloads of the catalogue hold is JSON and times.
  const fields = Object.entries(payload) as [string, Json | Date][]
  return {
    event: name,
    at,
    ...Object.fromEntries(
      fields.map(([key, value]) => [
        snakeCase(key),
        key === 'error' && !showsPayload ? null : value,
      ]),
    ),
  }
}
