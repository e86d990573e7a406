// A reason in words: what is the case, and what will happen next. Times stand as instants; whoever prints them says how
// long that is.
import type { ErrorBrief } from '../database/error-brief.ts'
import { formatAddress } from '../definitions/names.ts'
import { isEnded } from '../states.ts'
import { count } from '../wording.ts'
import type { ReasonDetail, ServingWorkers, WorkerBrief } from './reason-types.ts'
import type { Circumstances } from './why-reasons.ts'

/** What is the case. Read behind the name of the step: `charge failed for good: …`. */
export function explanationOf(detail: ReasonDetail, around: Circumstances): string {
  switch (detail.reason) {
    case 'held': {
      const what = detail.scope === 'task' ? 'the task' : `the namespace ${around.task.namespace}`
      return `may not start: ${what} is held${by(detail.by)}${because(detail.why)}`
    }
    case 'no_worker':
      return `is due, and ${nobodyServes(around)}`
    case 'exhausted':
      return exhausted(detail)
    case 'ended':
      if (around.task.state === 'error' && detail.why === 'steps_in_error_state')
        return 'did not run before the task ended'
      return detail.why === 'deadline_exceeded'
        ? 'was cancelled at the deadline of the task'
        : `was cancelled${by(detail.by)}${because(detail.why)}`
    case 'unqueued':
      return 'waits for nothing, and is missing from the due table'
    case 'worker_lost':
      return `ran its ${attempt(detail)} on ${nameOf(detail.worker)}, which stopped renewing its lease${
        detail.worker === null ? '' : ` (last seen ${instant(detail.worker.lastSeenAt)})`
      }`
    case 'suspect':
      return `is due, and runs alone because it was lost ${count(detail.losses, 'time')} with its worker`
    case 'concurrency':
      return `is due, and ${slots(detail.serving, 'all')}`
    case 'due':
      return `is due and unclaimed; ${slots(detail.serving, 'free')}`
    case 'retry': {
      const rule = detail.rule === 'ladder' ? '' : '; it asked for the time of the next one itself'
      return `failed its ${attempt(detail)}${withError(detail.error)}${rule}`
    }
    case 'wait':
      return `asked to wait${because(detail.why)}`
    case 'running':
      return `runs its ${attempt(detail)} on ${nameOf(detail.worker)}`
    case 'parent': {
      const names = detail.missing.slice(0, 3).map(({ step, state }) => `${step} (${state})`)
      const more = detail.missing.length - names.length
      return `waits for ${[...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
    }
    default:
      return detail satisfies never
  }
}

export interface Next {
  readonly next: string
  /** When; null: not by a time, or not by itself. */
  readonly nextAt: Date | null
}

/** What will happen by itself. */
export function nextOf(detail: ReasonDetail, around: Circumstances): Next {
  const isServed = around.serving.workers > 0
  const once = isServed ? '' : ', once a worker serves it'
  const unlessHeld =
    around.task.hold === null && around.task.namespaceHold === null
      ? ''
      : ', if nothing is held then'
  switch (detail.reason) {
    case 'held':
      return never(`nothing before the ${detail.scope} is resumed`)
    case 'no_worker':
      return never('nothing before a worker that serves it starts')
    case 'exhausted':
      return detail.cause === 'lost_not_retryable'
        ? never('nothing by itself: an operator finds out whether it did its work, and decides')
        : never('nothing by itself: an operator decides')
    case 'ended':
      return never('nothing')
    case 'unqueued':
      return never(
        around.liveWorkers > 0
          ? 'the sweep of a live worker puts it back'
          : 'nothing before a worker starts, whose sweep puts it back',
      )
    case 'worker_lost':
      return never(
        around.liveWorkers > 0
          ? 'the next scan of a live worker takes it over'
          : 'nothing before a worker starts, whose scan takes it over',
      )
    case 'suspect':
      return never('claimed by a worker when it runs nothing else')
    case 'concurrency':
      return never('claimed when a slot becomes free')
    case 'due':
      return never('claimed by the next worker that looks')
    case 'retry':
      return at(detail.dueAt, `tried again at ${instant(detail.dueAt)}${once}${unlessHeld}`)
    case 'wait':
      return at(detail.dueAt, `runs again at ${instant(detail.dueAt)}${once}${unlessHeld}`)
    case 'running':
      return detail.timesOutAt === null
        ? never('it ends; it has no time-out')
        : at(detail.timesOutAt, `it ends, or times out at ${instant(detail.timesOutAt)}`)
    case 'parent':
      return never(
        isEnded(around.task.state)
          ? 'nothing before what it waits for is put right'
          : 'runs when what it waits for is satisfied',
      )
    default:
      return detail satisfies never
  }
}

/** `No live worker serves …`, as a whole sentence without its first capital. */
export function nobodyServes({ task, liveWorkers, servedVersions }: Circumstances): string {
  const address = formatAddress(task)
  const others = servedVersions.filter((version) => version !== task.version)
  if (others.length > 0)
    return `no live worker serves ${address}; live workers serve ${others.join(', ')} of it`
  return liveWorkers === 0
    ? `no live worker serves ${address}: none is live at all`
    : `no live worker serves ${address}; ${count(liveWorkers, 'worker')} ${liveWorkers === 1 ? 'is' : 'are'} live and serve${liveWorkers === 1 ? 's' : ''} others`
}

/** `Error CODE: its first line`, and what was behind it. */
export function errorLine({ cause, ...error }: ErrorBrief): string {
  const [line = ''] = error.message.split('\n')
  const code = error.code === null ? '' : ` ${error.code}`
  const because = cause === undefined ? '' : `, caused by ${errorLine(cause)}`
  return `${error.class}${code}: ${line.length > lineMax ? `${line.slice(0, lineMax).toWellFormed()}…` : line}${because}`
}

export const by = (actor: string | null): string => (actor === null ? '' : ` by ${actor}`)
export const because = (why: string | null): string =>
  why === null || why === '' ? '' : `: ${why}`
export const instant = (time: Date): string => time.toISOString()

const lineMax = 160

function exhausted(detail: ReasonDetail & { readonly reason: 'exhausted' }): string {
  const { attempts, retryLimit, losses, error } = detail
  switch (detail.cause) {
    case 'attempts':
      return `failed for good after ${attempts} of ${count(retryLimit, 'attempt')}${withError(error)}`
    case 'permanent_error':
      return `failed for good at attempt ${attempts} of ${retryLimit}, with an error that no attempt can help${withError(error)}`
    case 'losses':
      return `failed for good: it was lost ${count(losses, 'time')} with its worker`
    case 'lost_not_retryable':
      return 'is parked: its worker was lost while it ran, and it is not retryable, so it is not run again by itself; whether it did its work is not known'
    default:
      return detail.cause satisfies never
  }
}

function slots({ workers, running, slots: all }: ServingWorkers, which: 'all' | 'free'): string {
  const whose =
    workers === 1
      ? 'the one live worker that serves it'
      : `the ${workers} live workers that serve it`
  if (which === 'free') return `${running} of ${count(all, 'slot')} of ${whose} in use`
  return all === 1
    ? `the one slot of ${whose} is in use`
    : `all ${all} slots of ${whose} are in use`
}

const attempt = (of: { readonly attempt: number; readonly retryLimit: number }): string =>
  `attempt ${of.attempt} of ${of.retryLimit}`

const nameOf = (worker: WorkerBrief | null): string =>
  worker === null
    ? 'a worker that is forgotten'
    : `worker ${worker.workerId} (${worker.host}, process ${worker.pid})`

const withError = (error: ErrorBrief | null): string =>
  error === null ? '' : ` (${errorLine(error)})`

const never = (next: string): Next => ({ next, nextAt: null })
const at = (nextAt: Date, next: string): Next => ({ next, nextAt })
