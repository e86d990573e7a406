// Reads the events of all processes from the history, page by page or for as long as somebody wants to: each entry once, a
// task's own in order, from any cursor on. Which entries come next is PostgreSQL's answer (database/read-journal.ts).
import type { Clock } from '../clock.ts'
import { isPassing, type Database } from '../database/connect.ts'
import {
  readJournalEntries,
  readJournalStanding,
  type EntryKey,
  type JournalEntry,
  type JournalStanding,
} from '../database/read-journal.ts'
import { TaskerError } from '../errors.ts'
import { cursorInvalid, readCursor, seesAllOf, writeCursor, xmaxOf } from './cursor.ts'
import type { Position } from './cursor.ts'
import { eventsOfEntry, type EntryEvent, type HistoryEventName } from './events-of-entry.ts'
import { readFollowing, type CheckedFilter, type HistoryFilter } from './following.ts'

/** An event of any process, read from the history. */
export type HistoryEvent<Name extends HistoryEventName = HistoryEventName> = Extract<
  EntryEvent,
  { readonly name: Name }
> & {
  /** The key of the entry, the same for every reader; with the name, it is told once by each of them. */
  readonly eventId: string
  /** When the entry was written, by the database's clock. */
  readonly at: Date
  /** Goes on after this event. */
  readonly cursor: string
}

export interface HistoryPage {
  /** A task's own in their order. */
  readonly events: readonly HistoryEvent[]
  /** Goes on after this page. */
  readonly cursor: string
  /** True: nothing more is there at present. */
  readonly isEnd: boolean
}

export interface ReadOptions extends HistoryFilter {
  /**
   * A cursor; `now`: what comes from now on; `start`: all that the journal has, which is as much as
   * `engine.historyJournalHours` keeps. Default: `now`.
   */
  readonly after?: string
  /** Most events of the page, 1 to 1000. Default: 500. */
  readonly limit?: number
}

export interface FollowOptions extends Omit<ReadOptions, 'limit'> {
  /** Ends it. */
  readonly signal?: AbortSignal
  /** Milliseconds between two looks while nothing comes, 50 to 3600000. Default: `orchestration.pollIntervalMs`. */
  readonly pollIntervalMs?: number
}

/** Events as they come, until its signal fires or Tasker is closed. The next is read when it is asked for. */
export interface Following extends AsyncIterable<HistoryEvent> {
  /** How far it has read, events that the filter left out included. Null: it has not begun. */
  readonly cursor: string | null
}

export interface History {
  /**
   * Follows what any process records. Goes on by itself when the database was away.
   * @throws {TaskerError} REQUEST_INVALID; while iterating HISTORY_CURSOR_INVALID, HISTORY_CURSOR_EXPIRED
   */
  follow(options?: FollowOptions): Following
  /**
   * One page: the events after a cursor that the history has at present.
   * @throws {TaskerError} REQUEST_INVALID, HISTORY_CURSOR_INVALID, HISTORY_CURSOR_EXPIRED
   */
  read(options?: ReadOptions): Promise<HistoryPage>
}

interface Parts {
  readonly database: Database
  readonly clock: Clock
  readonly pollIntervalMs: number
}

/** `close` ends whoever follows. */
export function openHistory(parts: Parts): History & { readonly close: () => void } {
  const closing = new AbortController()
  return {
    follow(options = {}) {
      const { pollIntervalMs = parts.pollIntervalMs, ...checked } = readFollowing(options)
      const signals = checked.signal === null ? [] : [checked.signal]
      const signal = AbortSignal.any([closing.signal, ...signals])
      return following({ ...parts, pollIntervalMs }, { ...checked, signal })
    },
    read: async (options = {}) => readPage(parts.database, readFollowing(options)),
    close: () => closing.abort(),
  }
}

function following(
  { database, clock, pollIntervalMs }: Parts,
  { after, signal, ...asked }: CheckedFilter & { readonly signal: AbortSignal },
): Following {
  let cursor: string | null = null
  async function* events(): AsyncGenerator<HistoryEvent, void, undefined> {
    let next = cursor ?? after
    while (!signal.aborted) {
      const page = await windowOrNone(database, { ...asked, after: next }, signal)
      for (const event of page?.events ?? []) {
        if (signal.aborted) return
        cursor = event.cursor
        yield event
      }
      if (page !== null) cursor = next = page.cursor
      if (page?.isEnd !== false) await pause(clock, pollIntervalMs, signal)
    }
  }
  return {
    get cursor() {
      return cursor
    },
    [Symbol.asyncIterator]: events,
  }
}

/** Null: the database is away and will answer again, or it is closed with us. */
async function windowOrNone(
  database: Database,
  asked: CheckedFilter,
  signal: AbortSignal,
): Promise<HistoryPage | null> {
  try {
    return pageOf(await nextPage(database, await placeOf(database, asked.after), asked))
  } catch (error) {
    if (isPassing(error) || signal.aborted) return null
    throw error
  }
}

async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = (): void => resolve()
  signal.addEventListener('abort', end, { once: true })
  const cancel = clock.schedule(delayMs, end)
  if (signal.aborted) end()
  await promise
  cancel()
  signal.removeEventListener('abort', end)
}

async function readPage(database: Database, asked: CheckedFilter): Promise<HistoryPage> {
  let place = await placeOf(database, asked.after)
  for (;;) {
    const found = await nextPage(database, place, asked)
    if (found.events.length > 0 || found.isEnd) return pageOf(found)
    place = found
  }
}

const pageOf = ({ events, isEnd, journal, position }: Found): HistoryPage => ({
  events,
  isEnd,
  cursor: writeCursor(journal, position),
})

interface Place {
  readonly journal: string
  readonly position: Position
}

async function placeOf(database: Database, after: string): Promise<Place> {
  if (after !== 'now' && after !== 'start') {
    const { journal, ...position } = readCursor(after)
    return { journal, position }
  }
  const { journal, now, removed } = await readJournalStanding(database, null)
  const from = after === 'now' ? now : removed
  return { journal, position: { from, within: null, given: 0 } }
}

/** What stands after a place in one window, and where that leaves off. */
interface Found extends Place {
  readonly events: readonly HistoryEvent[]
  readonly isEnd: boolean
}

async function nextPage(
  database: Database,
  { journal, position }: Place,
  { taskId, namespace, names, limit }: CheckedFilter,
): Promise<Found> {
  const { from, given } = position
  const standing = await readJournalStanding(database, from)
  requireReadable(position, journal, standing)
  if (position.within === null && !standing.isAhead) {
    const end = { from: standing.now, within: null, given: 0 }
    return { events: [], journal, position: end, isEnd: true }
  }
  const { until, after } = position.within ?? { until: windowEnd(from, standing), after: null }
  const { entries, removed } = await readJournalEntries(database, {
    from,
    until,
    // An entry of which some events have been given is read again.
    after: after === null || given === 0 ? after : { ...after, claimNo: after.claimNo - 1 },
    limit,
    taskId,
    namespace,
  })
  requireKept(from, removed)
  const all = entries.flatMap((entry) => {
    const placed = placedEvents(entry, { from, until }, journal)
    // It may have been pruned meanwhile: then the first is another.
    return after !== null && isSameKey(entry.key, after) ? placed.slice(given) : placed
  })
  const wanted = all.filter(({ event }) => names.has(event.name))
  const events = wanted.slice(0, limit).map(({ event }) => event)
  const cut = wanted[limit - 1]
  if (wanted.length > limit && cut !== undefined)
    return { events, journal, position: cut.position, isEnd: false }
  const last = entries.at(-1)
  if (last !== undefined && entries.length === limit) {
    const further = { from, within: { until, after: last.key }, given: 0 }
    return { events, journal, position: further, isEnd: false }
  }
  // Up to what it saw itself: what came since is for the next page.
  const done = { from: until, within: null, given: 0 }
  return { events, journal, position: done, isEnd: until === standing.now }
}

/** Where the next window ends: now, or on the way there while much lies ahead. */
const windowEnd = (from: string, { now, onTheWay }: JournalStanding): string =>
  // Snapshots of one database follow one another, so a later xmax means that all of `from` is seen.
  onTheWay !== null && xmaxOf(onTheWay) > xmaxOf(from) ? onTheWay : now

function placedEvents(
  entry: JournalEntry,
  { from, until }: { readonly from: string; readonly until: string },
  journal: string,
): readonly { readonly event: HistoryEvent; readonly position: Position }[] {
  const told = eventsOfEntry(entry)
  return told.map((event, at) => {
    const given = at === told.length - 1 ? 0 : at + 1
    const position = { from, within: { until, after: entry.key }, given }
    const { eventId } = event.payload
    const cursor = writeCursor(journal, position)
    return { event: { ...event, eventId, at: entry.at, cursor }, position }
  })
}

const isSameKey = (one: EntryKey, other: EntryKey): boolean =>
  one.taskId === other.taskId &&
  one.seq === other.seq &&
  one.stepNo === other.stepNo &&
  one.claimNo === other.claimNo

function requireReadable(
  { from, within }: Position,
  journal: string,
  standing: JournalStanding,
): void {
  const latest = xmaxOf(within?.until ?? from)
  if (journal !== standing.journal || latest > xmaxOf(standing.now))
    throw cursorInvalid('it is of another database, or of one before this was restored')
  requireKept(from, standing.removed)
}

function requireKept(from: string, removed: string): void {
  if (seesAllOf(from, removed)) return
  throw new TaskerError(
    'HISTORY_CURSOR_EXPIRED',
    'The journal of the history does not reach back to this cursor any more.',
  )
}
