// How a followed task is shown while it runs: a table redrawn in place on a screen, a line per event
// elsewhere.
import {
  formatDuration,
  plainText,
  systemClock,
  type HistoryRow,
  type TaskView,
} from '@tasker/engine'
import { retryDelayMs } from './task-report.ts'
import { formatSteps } from './task-table.ts'
import type { Terminal } from './terminal.ts'
import { formatElapsed, paintState } from './wording.ts'

export interface Progress {
  /** Whether `show` needs the history. */
  readonly readsHistory: boolean
  show(task: TaskView, history: readonly HistoryRow[]): void
  /** Leaves the last state on the screen. */
  end(): void
}

export async function openProgress(terminal: Terminal): Promise<Progress> {
  return terminal.isLive ? openLiveTable(terminal) : openEventLines(terminal)
}

const redrawIntervalMs = 100

async function openLiveTable(terminal: Terminal): Promise<Progress> {
  const { createLogUpdate } = await import('log-update')
  const region = createLogUpdate(process.stdout)
  let shown: TaskView | null = null
  const draw = (): void => {
    const { paint, width } = terminal
    if (shown !== null) region(`${formatSteps(shown, { paint, width, hasMarks: true })}\n`)
  }
  let cancelRedraw: () => void = () => undefined
  const redrawLater = (): void => {
    cancelRedraw = systemClock.schedule(redrawIntervalMs, () => {
      draw()
      redrawLater()
    })
  }
  terminal.logThrough((text) => region.persist(text))
  redrawLater()
  return {
    readsHistory: false,
    show(task) {
      shown = task
      draw()
    },
    end() {
      cancelRedraw()
      terminal.logThrough(null)
      region.done()
    },
  }
}

function openEventLines(terminal: Terminal): Progress {
  const printed = new Set<string>()
  return {
    readsHistory: true,
    show(task, history) {
      for (const row of history) {
        // By key: a claim stands beside what it saw, which may be above lines printed already.
        const key = [row.seq, row.step, row.claimNo, row.to].join('/')
        if (!printed.has(key)) terminal.print(eventLine(task, row, history, terminal))
        printed.add(key)
      }
    },
    end() {},
  }
}

/** `+0.084 s  validate_cart      attempt 1 of 3 started` */
function eventLine(
  task: TaskView,
  row: HistoryRow,
  history: readonly HistoryRow[],
  { paint }: Terminal,
): string {
  const time = paint.dim(formatElapsed(task.createdAt, row.at).padStart(10))
  const names = task.steps.map((step) => plainText(step.name).length)
  const name = plainText(row.step ?? 'task').padEnd(Math.max(4, ...names))
  return `  ${time}  ${name}  ${whatHappened(task, row, history, paint)}`
}

function whatHappened(
  task: TaskView,
  row: HistoryRow,
  history: readonly HistoryRow[],
  paint: Terminal['paint'],
): string {
  if (row.step === null) {
    const words: Readonly<Record<string, string>> = { pending: 'created', in_progress: 'started' }
    return words[row.to] ?? `is ${row.to}`
  }
  const limit = task.steps.find((step) => step.name === row.step)?.retryLimit
  const attempt = `attempt ${row.attempt ?? '?'}${limit === undefined ? '' : ` of ${limit}`}`
  switch (row.to) {
    case 'in_progress':
      return `${attempt} started`
    case 'complete': {
      const claim = history.find(
        (other) =>
          other.step === row.step && other.claimNo === row.claimNo && other.to === 'in_progress',
      )
      const ms = claim === undefined ? null : row.at.getTime() - claim.at.getTime()
      const time = ms === null ? '' : ` after ${formatDuration(ms)}`
      const cached = row.reason === 'cached' ? ' (cached)' : ''
      return paintState('complete', 'complete', paint) + time + cached
    }
    case 'error':
      return `${attempt} ${paint.red('failed')}: ${failureIn(row)}`
    default:
      return `is ${row.to}${row.reason === null ? '' : ` (${plainText(row.reason)})`}`
  }
}

function failureIn({ metadata }: HistoryRow): string {
  const error = metadata?.['error'] ?? null
  const message: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : null
  const delayMs = retryDelayMs(metadata)
  const next = delayMs === null ? ' (not tried again)' : ` (again in ${formatDuration(delayMs)})`
  return (
    (typeof message === 'string' ? plainText(message.replaceAll(/\s+/g, ' ')) : 'no message') + next
  )
}
