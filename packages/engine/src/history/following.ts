// What somebody asks of the history's events, checked. Every fault is told at once.
import type { Fault } from '../errors.ts'
import { matchPatterns } from '../events/names.ts'
import { parseTaskId, type TaskId } from '../ids.ts'
import { refuseInput } from '../tasks/check-input.ts'
import { historyEventNames, type HistoryEventName } from './events-of-entry.ts'

export interface HistoryFilter {
  /** Names and patterns (`task.*`). Default: all. */
  readonly events?: string | readonly string[]
  readonly taskId?: string
  readonly namespace?: string
}

export interface CheckedFilter {
  readonly after: string
  readonly limit: number
  readonly names: ReadonlySet<string>
  readonly taskId: TaskId | null
  readonly namespace: string | null
}

export interface CheckedFollowing extends CheckedFilter {
  readonly signal: AbortSignal | null
  readonly pollIntervalMs?: number
}

const known = ['after', 'limit', 'events', 'taskId', 'namespace', 'signal', 'pollIntervalMs']

/** @throws {TaskerError} REQUEST_INVALID with every fault */
export function readFollowing(given: object): CheckedFollowing {
  const faults: Fault[] = []
  const options: Readonly<Record<string, unknown>> = { ...given }
  for (const key of Object.keys(options))
    if (!known.includes(key)) faults.push({ path: key, message: `is none of ${known.join(', ')}` })
  const text = (key: string): string | undefined => {
    const value = options[key]
    if (value === undefined || (typeof value === 'string' && value !== '')) return value
    faults.push({ path: key, message: 'must be a text' })
    return undefined
  }
  const whole = (key: string, least: number, most: number): number | undefined => {
    const value = options[key]
    if (value === undefined) return undefined
    const isWhole = typeof value === 'number' && Number.isInteger(value)
    if (isWhole && value >= least && value <= most) return value
    faults.push({ path: key, message: `must be a whole number from ${least} to ${most}` })
    return undefined
  }
  const asked = text('taskId')
  const taskId = asked === undefined ? null : parseTaskId(asked)
  if (asked !== undefined && taskId === null)
    faults.push({ path: 'taskId', message: `must be the id of a task, not "${asked}"` })
  const { signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal))
    faults.push({ path: 'signal', message: 'must be an AbortSignal' })
  const pollIntervalMs = whole('pollIntervalMs', 50, 3_600_000)
  const checked = {
    after: text('after') ?? 'now',
    limit: whole('limit', 1, 1_000) ?? 500,
    names: namesOf(options['events'], faults),
    taskId,
    namespace: text('namespace') ?? null,
    signal: signal instanceof AbortSignal ? signal : null,
    ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }),
  }
  if (faults.length > 0) throw refuseInput('What is asked of the history', faults)
  return checked
}

function namesOf(given: unknown, faults: Fault[]): ReadonlySet<string> {
  const names: readonly HistoryEventName[] = historyEventNames
  if (given === undefined) return new Set(names)
  const patterns: readonly unknown[] = Array.isArray(given) ? given : [given]
  const matched = new Set<string>()
  for (const pattern of patterns) {
    const { events } = matchPatterns([String(pattern)], [])
    const found = names.filter((name) => events.has(name))
    if (found.length === 0)
      faults.push({ path: 'events', message: `"${String(pattern)}" is no event of the history` })
    for (const name of found) matched.add(name)
  }
  return matched
}
