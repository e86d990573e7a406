// The last lines and events of this process, for whoever looks into it: filtered as in logs, within a bound of number and of
// size, and nothing at all unless it was asked for.
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import { TaskerError } from '../../errors.ts'
import type { EventBus } from '../../events/bus.ts'
import type { EventName, EventPayloads } from '../../events/catalogue.ts'
import { eventNames } from '../../events/names.ts'
import type { JsonObject } from '../../json.ts'
import { logLevels, type LogComponent, type LogLevel } from '../../log.ts'
import { createParameterFilter } from '../parameter-filter.ts'
import type { EventRouter } from '../router/router.ts'
import { Ring } from './ring.ts'

export interface RecentLine {
  readonly at: Date
  readonly level: LogLevel
  readonly component: LogComponent
  readonly message: string
  /** As in the line. Of one that is too large: `too_large` alone. */
  readonly fields: JsonObject
}

export interface RecentEvent {
  readonly at: Date
  /** Of a custom event, its own. */
  readonly name: string
  /** Null: it is about no task. */
  readonly taskId: string | null
  /** Values of secret names are masked. Of one that is too large: `too_large` alone. */
  readonly payload: JsonObject
}

export interface RecentLinesAsked {
  /** Most of them: the newest. Default 100. */
  readonly limit?: number
  /** Of this level and above. */
  readonly level?: LogLevel
  readonly component?: LogComponent
}

export interface RecentEventsAsked {
  /** Most of them: the newest. Default 100. */
  readonly limit?: number
  /** This name, or all that begin with what stands before `*`. */
  readonly name?: string
  readonly taskId?: string
}

/**
 * What was seen last, oldest first; at most `telemetry.maxStoredSamples` of each kind are kept. Of this process alone: the
 * history has what happened to tasks.
 * @throws {TaskerError} RECENT_UNAVAILABLE unless `createTasker` was given `recent: true`
 */
export interface Recent {
  /** False: nothing is kept, and what is asked is refused. */
  readonly isKeeping: boolean
  /** Lines of the levels that are written, also where no logger is. */
  logs(asked?: RecentLinesAsked): readonly RecentLine[]
  /** Events that are told to any of traces, metrics and logs. */
  events(asked?: RecentEventsAsked): readonly RecentEvent[]
  clear(): void
}

export interface OpenRecent {
  readonly recent: Recent
  /** Null: nothing is kept. */
  readonly keepLine: KeepLine | null
  readonly listen: (bus: EventBus, router: EventRouter) => void
}

export type KeepLine = (line: Omit<RecentLine, 'at'>) => void

/** Kept as text: it takes less room, and nobody changes it. */
type Kept<Sample, Data extends keyof Sample> = Omit<Sample, Data> & { readonly text: string }

const limitDefault = 100
/** A sample above that is kept by its name alone: a thousand of them take 20 MB at most. */
const textMax = 10_000

export function openRecent({
  config: { telemetry },
  clock,
  isAskedFor,
}: {
  readonly config: Config
  readonly clock: Clock
  readonly isAskedFor: boolean
}): OpenRecent {
  if (!isAskedFor) return nothing
  const lines = new Ring<Kept<RecentLine, 'fields'>>(telemetry.maxStoredSamples)
  const events = new Ring<Kept<RecentEvent, 'payload'>>(telemetry.maxStoredSamples)
  const filter = createParameterFilter(telemetry)
  const now = (): Date => new Date(clock.nowMs())

  const tell = (name: string, payload: EventPayloads[EventName]): void => {
    const taskId = 'taskId' in payload ? payload.taskId : null
    // Payloads are objects of data; the filter copies their fields.
    events.keep({ at: now(), name, taskId, text: textOf(() => filter.fields({ ...payload })) })
  }
  return {
    recent: {
      isKeeping: true,
      logs: ({ limit = limitDefault, level = 'debug', component } = {}) =>
        lines
          .newest(
            limit,
            (line) =>
              rankOf(line.level) >= rankOf(level) &&
              (component === undefined || line.component === component),
          )
          .map(({ text, ...line }) => ({ ...line, fields: dataOf(text) })),
      events: ({ limit = limitDefault, name = '*', taskId } = {}) =>
        events
          .newest(
            limit,
            (event) =>
              isNamed(event.name, name) && (taskId === undefined || event.taskId === taskId),
          )
          .map(({ text, ...event }) => ({ ...event, payload: dataOf(text) })),
      clear() {
        lines.clear()
        events.clear()
      },
    },
    keepLine: ({ fields, ...line }) =>
      lines.keep({ at: now(), ...line, text: textOf(() => fields) }),
    listen(bus, router) {
      const isTold = (name: string): boolean => (router.routes.get(name)?.backends.length ?? 0) > 0
      for (const name of eventNames) {
        if (name !== 'custom' && !isTold(name)) continue
        bus.on(
          name,
          (payload) => {
            const own = 'name' in payload ? payload.name : name // only custom events have one
            const taskId = 'taskId' in payload ? payload.taskId : null
            if (isTold(own) && router.isSampled(own, taskId)) tell(own, payload)
          },
          'recent',
        )
      }
    },
  }
}

const nothing: OpenRecent = {
  recent: {
    isKeeping: false,
    logs: refuse,
    events: refuse,
    clear: () => undefined,
  },
  keepLine: null,
  listen: () => undefined,
}

function refuse(): never {
  throw new TaskerError('RECENT_UNAVAILABLE', 'Recent lines and events are not kept.', {})
}

function textOf(read: () => JsonObject): string {
  try {
    const text = JSON.stringify(read())
    return text.length > textMax ? JSON.stringify({ too_large: text.length }) : text
  } catch {
    return JSON.stringify({ filter_error: true })
  }
}

// What `textOf` made.
const dataOf = (text: string): JsonObject => JSON.parse(text) as JsonObject

const rankOf = (level: LogLevel): number => logLevels.indexOf(level)

const isNamed = (name: string, wanted: string): boolean =>
  wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted
