// A task as text: what it is, the results of its steps, its history. The table is task-table.ts.
import {
  formatAddress,
  formatDuration,
  plainText,
  type HistoryRow,
  type Json,
  type TaskView,
} from '@tasker/engine'
import { formatTable, wrapParts, type Column } from './columns.ts'
import type { Paint, Terminal } from './terminal.ts'
import { formatElapsed, formatTime, paintState } from './wording.ts'

export function formatHead(task: TaskView, { paint }: Terminal): string {
  const ended =
    task.endedAt === null
      ? ''
      : ` after ${formatDuration(task.endedAt.getTime() - task.createdAt.getTime())}`
  const held = task.isHeld ? `, ${paint.yellow('held')}` : ''
  return [
    `${paint.bold(plainText(formatAddress(task)))}  ${paintState(task.state, task.state, paint)}${held}${ended}`,
    `Task ${task.taskId}, created ${formatTime(task.createdAt)}`,
    ...(task.rerunOf === null ? [] : [`Rerun of ${task.rerunOf}`]),
    ...(task.correlationId === null ? [] : [`Correlation id ${plainText(task.correlationId)}`]),
  ].join('\n')
}

/** The fields of each result on as few lines as they need; what is nested is only counted. */
export function formatResults(task: TaskView, { paint, width }: Terminal): string {
  const results = Object.entries(task.results).map(
    ([name, result]) => [plainText(name), result] as const,
  )
  if (results.length === 0) return '  (none yet)'
  const indent = Math.max(...results.map(([name]) => name.length)) + 4
  return results
    .flatMap(([name, result]) => {
      const lines = wrapParts(
        fieldsOf(result),
        Math.max(20, Math.min(width, textWidthMax) - indent),
      )
      return lines.map((line, index) => {
        const label = index === 0 ? `  ${name}`.padEnd(indent) : ' '.repeat(indent)
        return label + paintFields(line, paint)
      })
    })
    .join('\n')
}

function fieldsOf(result: Json): readonly string[] {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return [brief(result)]
  const fields = Object.entries(result).map(
    ([key, value]: [string, Json]) => `${plainText(key)} ${brief(value)}`,
  )
  return fields.length === 0 ? ['{}'] : fields
}

const textMax = 60
/** Longer lines are hard to read, on however wide a screen. */
const textWidthMax = 120

function brief(value: Json): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`
  if (typeof value === 'object' && value !== null)
    return Object.keys(value).length === 0 ? '{}' : '{…}'
  const text = typeof value === 'string' ? plainText(value.replaceAll(/\s+/g, ' ')) : String(value)
  return text.length > textMax ? `${text.slice(0, textMax)}…` : text
}

/** `key value, key value`: the keys step back behind the values. */
function paintFields(line: string, paint: Paint): string {
  return line
    .split(', ')
    .map((part) => part.replace(/^([\w-]+)(?= )/, (key) => paint.dim(key)))
    .join(', ')
}

export function formatHistory(
  task: TaskView,
  history: readonly HistoryRow[],
  terminal: Terminal,
): string {
  const { paint, width } = terminal
  const columns: readonly Column<HistoryRow>[] = [
    {
      title: 'Time',
      text: (row) => formatElapsed(task.createdAt, row.at),
      paint: paint.dim,
      align: 'right',
    },
    { title: 'What', text: (row) => row.step ?? '(task)' },
    {
      title: 'From',
      text: (row) => row.from ?? '',
      paint: paint.dim,
    },
    { title: 'To', text: (row) => row.to, paint: (text) => paintWord(text, paint) },
    {
      title: 'Attempt',
      text: (row) => (row.attempt === null ? '' : String(row.attempt)),
      align: 'right',
    },
    { title: 'By', text: (row) => row.actor, paint: paint.dim },
    { title: 'Reason', text: (row) => reasonOf(row) },
  ]
  return formatTable(history, columns, { width, paintTitle: paint.dim })
}

function paintWord(state: string, paint: Paint): string {
  if (state === 'complete') return paint.green(state)
  return state === 'error' ? paint.red(state) : state
}

function reasonOf(row: HistoryRow): string {
  const delayMs = retryDelayMs(row.metadata)
  const retry = delayMs === null ? '' : `, again in ${formatDuration(delayMs)}`
  return `${row.reason ?? ''}${retry}`
}

/** Milliseconds from a failure to the attempt that follows it; null: none does, whatever was asked for. */
export function retryDelayMs(metadata: HistoryRow['metadata']): number | null {
  const { delay_ms: delayMs, run_at: runAt } = metadata ?? {}
  return typeof delayMs === 'number' && runAt !== undefined ? delayMs : null
}
