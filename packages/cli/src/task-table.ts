// The table of a task's steps: state, attempt, wait, duration. The same while the task runs and
// afterwards.
import { formatDuration, plainText, systemClock, type StepRow, type TaskView } from '@tasker/engine'
import { cut, formatTable, type Column } from './columns.ts'
import type { Paint } from './terminal.ts'
import { paintState } from './wording.ts'

export interface TableView {
  readonly paint: Paint
  readonly width: number
  /** Put marks before the names; for a screen. */
  readonly hasMarks: boolean
}

export function formatSteps(task: TaskView, view: TableView): string {
  const nowMs = systemClock.nowMs()
  const { paint, width, hasMarks } = view
  const columns: readonly Column<StepRow>[] = [
    {
      title: hasMarks ? '  Step' : 'Step',
      text: (step) => (hasMarks ? `${markOf(step)} ${step.name}` : step.name),
      paint: (text, step) =>
        hasMarks ? paintState(text.slice(0, 1), step.state, paint) + text.slice(1) : text,
    },
    {
      title: 'State',
      text: (step) => step.state,
      paint: (text, step) => paintState(text, step.state, paint),
    },
    { title: 'Attempt', text: (step) => `${step.attempts}/${step.retryLimit}`, align: 'right' },
    { title: 'Duration', text: (step) => durationOf(step, nowMs), align: 'right' },
    { title: 'Wait', text: (step) => waitOf(step, nowMs), paint: paint.yellow },
  ]
  const table = formatTable(task.steps, columns, { width, paintTitle: paint.dim })
  const errors = task.steps.flatMap((step) => {
    const message = step.error?.['message']
    if (typeof message !== 'string') return []
    const [first = ''] = message.split('\n')
    const line = `  ${plainText(`${step.name}: ${first}`)}`
    return [paint.red(hasMarks ? cut(line, width) : line)]
  })
  return errors.length === 0 ? table : [table, '', ...errors].join('\n')
}

function markOf(step: StepRow): string {
  switch (step.state) {
    case 'complete':
    case 'resolved_manually':
      return '✔'
    case 'in_progress':
      return '▶'
    case 'error':
      return step.nextRetryAt === null ? '✖' : '↻'
    case 'pending':
      return '·'
    case 'cancelled':
    case 'skipped':
      return '–'
    default:
      return step.state satisfies never
  }
}

/** Of the last attempt; while it runs, so far. */
function durationOf(step: StepRow, nowMs: number): string {
  if (step.startedAt === null) return ''
  const endMs = step.state === 'in_progress' ? nowMs : step.endedAt?.getTime()
  return endMs === undefined ? '' : formatDuration(endMs - step.startedAt.getTime())
}

function waitOf(step: StepRow, nowMs: number): string {
  switch (step.blockedBy) {
    case 'retry':
    case 'wait': {
      const leftMs = (step.nextRetryAt?.getTime() ?? nowMs) - nowMs
      const what = step.blockedBy === 'retry' ? 'retry' : 'again'
      if (leftMs <= 0) return `${what} now`
      // The same unit down to the end, where somebody watches it.
      const left = leftMs < 60_000 ? `${(leftMs / 1_000).toFixed(1)} s` : formatDuration(leftMs)
      return `${what} in ${left}`
    }
    case 'parent':
      return `after ${step.blockedDetail?.replaceAll(/ \([a-z_]+\)/g, '') ?? 'its parents'}`
    case 'held':
      return 'held'
    default:
      return ''
  }
}
