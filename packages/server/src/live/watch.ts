// Events as one caller may see them, from a place in the history on, for as long as it wants to. The caller is asked again
// from time to time who it is; whoever may not see them any more is told so by the error. SSE and subscriptions read this.
import { errorCatalogue, TaskerError, type HistoryEvent, type Tasker } from '@tasker/engine'
import type { Access } from '../auth/access.ts'
import type { Permission } from '../auth/permissions.ts'
import { createSight, type Sight } from './sight.ts'
import { showEvent, type ShownEvent } from './show-event.ts'
import type { Concern, Feed } from './feed.ts'

/** Its signal ends it, and has to fire in the end. */
export interface WatchOrder {
  /** What it takes to see these events. */
  readonly permission: Permission
  readonly access: Access
  /** The same request, decided anew. */
  readonly renewAccess: () => Promise<Access>
  /** A cursor, `now` or `start`. */
  readonly after: string
  /** Null: of all tasks that the caller may see. */
  readonly taskId?: string | null
  readonly namespaces?: readonly string[] | null
  /** Of tasks. */
  readonly names?: readonly string[] | null
  /** Names of events and patterns. */
  readonly events?: readonly string[] | null
  readonly signal: AbortSignal
}

/** `event` is null when there is none: the place has moved, or nothing happened for as long as a heartbeat. */
export interface Told {
  readonly event: ShownEvent | null
  /** Goes on after it. */
  readonly cursor: string
}

/** Most events held for one stream. */
const pageLimit = 100

/**
 * The first page is read before this resolves: a wrong or expired cursor is an error of the call.
 * @throws {TaskerError} HISTORY_CURSOR_INVALID, HISTORY_CURSOR_EXPIRED; while iterating also what refuses the caller
 */
export async function watchEvents(
  { tasker, feed, turn }: { readonly tasker: Tasker; readonly feed: Feed; readonly turn: Turn },
  order: WatchOrder,
): Promise<AsyncGenerator<Told, void, undefined>> {
  const { permission, signal, taskId = null } = order
  const { streamHeartbeatMs } = tasker.config.server
  const watcher = await feed.watch(concernOf(order))
  signal.addEventListener('abort', () => watcher.end(), { once: true })
  if (signal.aborted) watcher.end()
  const read = async (after: string) =>
    turn(() => tasker.history.read({ ...filterOf(order), after, limit: pageLimit }))
  const first = await read(order.after)
  const renewSight = async (): Promise<Sight> => {
    const access = await order.renewAccess()
    await access.require(permission, { taskId })
    return createSight(tasker, access, permission)
  }
  /** Without an event: it is none for this caller. */
  const look = async (event: HistoryEvent, sight: Sight): Promise<Told> => {
    const { cursor } = event
    if (!isAsked(event, order) || !(await sight.sees(event))) return { event: null, cursor }
    return { event: showEvent(event, await sight.showsPayload(event)), cursor }
  }

  async function* told(): AsyncGenerator<Told, void, undefined> {
    let page: typeof first | null = first
    let cursor = order.after
    let sight = await createSight(tasker, order.access, permission)
    let checkedMs = tasker.clock.monotonicMs()
    while (!signal.aborted) {
      for (const event of page?.events ?? []) {
        if (signal.aborted) return
        const seen = await look(event, sight).catch(noneWhileAway)
        if (seen === null) {
          page = null
          break
        }
        cursor = event.cursor
        if (seen.event !== null) yield seen
      }
      if (page !== null) cursor = page.cursor
      if (page?.isEnd !== false) {
        yield { event: null, cursor }
        await watcher.next(streamHeartbeatMs, signal)
        if (signal.aborted) return
      }
      if (tasker.clock.monotonicMs() - checkedMs >= streamHeartbeatMs) {
        const renewed = await renewSight().catch(noneWhileAway)
        page = null
        if (renewed === null) continue // nothing is told to whom nobody could ask for
        sight = renewed
        checkedMs = tasker.clock.monotonicMs()
      }
      page = await read(cursor).catch(noneWhileAway)
    }
  }
  return told()
}

/** The database was away for a moment: the stream waits for it. */
function noneWhileAway(error: unknown): null {
  const isAway =
    error instanceof TaskerError &&
    error.code !== 'TASKER_CLOSED' &&
    errorCatalogue[error.code].category === 'unavailable'
  if (isAway) return null
  throw error
}

function filterOf({ taskId = null, namespaces = null, events = null }: WatchOrder) {
  const [namespace] = namespaces?.length === 1 ? namespaces : []
  return {
    ...(taskId === null ? {} : { taskId }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(events === null ? {} : { events }),
  }
}

/** What the history itself does not leave out. */
const isAsked = ({ payload }: HistoryEvent, { namespaces, names }: WatchOrder): boolean =>
  (namespaces?.includes(payload.namespace) ?? true) && (names?.includes(payload.taskName) ?? true)

const concernOf = (order: WatchOrder): Concern => ({
  taskId: order.taskId?.toLowerCase() ?? null,
  isAbout: (event) => isAsked(event, order),
})

/** Runs what it is given when it is its turn. */
export type Turn = <Result>(run: () => Promise<Result>) => Promise<Result>

/** At most so many at one time, in the order of their coming. */
export function takeTurns(most: number): Turn {
  let free = most
  const waiting: (() => void)[] = []
  return async (run) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
