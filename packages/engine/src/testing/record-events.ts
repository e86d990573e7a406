// Keeps every event of a Tasker in order, and waits for one: tests wait for what happened, never for time.
import type { Events } from '../events/bus.ts'
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

/** Listed as the keys of an object, so that the compiler misses none. */
const names = Object.keys({
  'task.initialize_requested': true,
  'task.start_requested': true,
  'task.completed': true,
  'task.failed': true,
  'task.cancelled': true,
  'task.resolved_manually': true,
  'task.retry_requested': true,
  'step.execution_requested': true,
  'step.completed': true,
  'step.failed': true,
  'step.retry_requested': true,
  'step.waiting': true,
  'step.outcome_refused': true,
  'step.cancelled': true,
  'step.resolved_manually': true,
  'step.skipped': true,
  custom: true,
  'worker.state_changed': true,
  'worker.concurrency_changed': true,
  'worker.loop_blocked': true,
} satisfies Record<EventName, true>) as readonly EventName[] // its keys are the names

/** Records from now on. */
export function recordEvents(events: Events): EventRecord {
  const all: RecordedEvent[] = []
  const waiting = new Set<() => void>()
  const unsubscribe = names.map((name) =>
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
