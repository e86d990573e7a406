// Keeps every event of a Tasker in order, and waits for one: tests wait for what happened, never for time.
import type { Events } from '../events/events.ts'
import { eventNames } from '../events/names.ts'
import type { EventName, EventPayloads } from '../events/catalogue.ts'

export type RecordedEvent = {
  readonly [Name in EventName]: { readonly name: Name; readonly payload: EventPayloads[Name] }
}[EventName]

export interface EventRecord {
  /** Everything so far, in the order of publication. */
  readonly all: readonly RecordedEvent[]
  /** Payloads of one name so far. */
  of<Name extends EventName>(name: Name): readonly EventPayloads[Name][]
  /** Resolves with the first event of that name that matches, whether it has happened already or will. */
  until<Name extends EventName>(
    name: Name,
    matches?: (payload: EventPayloads[Name]) => boolean,
  ): Promise<EventPayloads[Name]>
  /** Stops recording. */
  stop(): void
}

/** Records from now on. */
export function recordEvents(events: Pick<Events, 'on'>): EventRecord {
  const all: RecordedEvent[] = []
  const waiting = new Set<() => void>()
  const unsubscribe = eventNames.map((name) =>
    events.on(name, (payload) => {
      all.push({ name, payload } as RecordedEvent) // the bus gives each name its own payload
      for (const look of waiting) look()
    }),
  )
  const of = <Name extends EventName>(name: Name): readonly EventPayloads[Name][] =>
    all.filter((event) => event.name === name).map((event) => event.payload as EventPayloads[Name]) // of that name

  return {
    all,
    of,
    async until(name, matches = () => true) {
      const find = (): EventPayloads[typeof name] | undefined => of(name).find(matches)
      const { promise, resolve } = Promise.withResolvers<EventPayloads[typeof name]>()
      const look = (): void => {
        const found = find()
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
      try {
        return await promise
      } finally {
        waiting.delete(look)
      }
    },
    stop: () => unsubscribe.forEach((end) => end()),
  }
}
