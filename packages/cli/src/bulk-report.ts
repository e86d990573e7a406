// What an operator action did, or would do, to many tasks, as text: counts, examples, the first refusals.
import { count, plainText, type BulkReport, type Operation } from '@tasker/engine'
import { actionCommands, commandOf } from './action-commands.ts'
import { formatTable, type Column } from './columns.ts'
import type { Terminal } from './terminal.ts'
import { paintState } from './wording.ts'

type View = Pick<Terminal, 'paint' | 'width'>

/** Of each list. */
const shownMax = 10

/** `steps`: those that were named; null: none. */
export function formatBulk(
  report: BulkReport,
  steps: readonly string[] | null,
  view: View,
): string {
  const { dryRun, isStopped, failure, changedTasks, changed } = report
  const parts = [
    ...(dryRun && changed > 0 ? [formatExamples(changedTasks, changed, view)] : []),
    formatCounts(report, steps),
    ...formatRefusals(report, view),
    ...(failure === null ? [] : [`The database refused a batch: ${plainText(failure)}`]),
    ...(isStopped
      ? [
          'It was stopped before the end; what was done stays done, and the same command does the rest.',
        ]
      : []),
  ]
  return parts.join('\n')
}

/** `3 tasks`, `step charge of 3 tasks` */
export function subjectOf(tasks: number, steps: readonly string[] | null): string {
  const many = count(tasks, 'task')
  if (steps === null) return many
  return `${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')} of ${many}`
}

function formatCounts(
  { action, dryRun, matched, changed, unchanged, refused }: BulkReport,
  steps: readonly string[] | null,
): string {
  const { participle } = commandOf(action)
  const what = dryRun ? `Would be ${participle}` : participle.replace(/^./, (c) => c.toUpperCase())
  return [
    `${what}: ${subjectOf(changed, steps)}, of ${matched} looked at.`,
    ...(unchanged === 0 ? [] : [`Nothing to do in ${unchanged}.`]),
    ...(refused === 0 ? [] : [`Refused: ${refused}.`]),
  ].join(' ')
}

function formatExamples(operations: readonly Operation[], total: number, view: View): string {
  const { paint, width } = view
  const columns: readonly Column<Operation>[] = [
    { title: 'Task', text: ({ taskId }) => taskId },
    { title: 'Is', text: ({ from }) => from, paint: paint.dim },
    {
      title: 'Would be',
      text: ({ state, isHeld }) => (isHeld ? `${state}, held` : state),
      paint: (text, { state }) => paintState(text, state, paint),
    },
    { title: 'Steps', text: stepsOf },
  ]
  const shown = operations.slice(0, shownMax)
  const table = formatTable(shown, columns, { width, paintTitle: paint.dim })
  return `${table}${more(total - shown.length)}\n`
}

const stepsOf = ({ steps }: Operation): string =>
  steps.map(({ step, by }) => (by === 'asked' ? step : `${step} (${by})`)).join(', ')

function formatRefusals({ refusedTasks, refused }: BulkReport, { paint }: View): string[] {
  if (refused === 0) return []
  const shown = refusedTasks.slice(0, shownMax)
  const lines = shown.map(({ why }) => `  ${paint.yellow('refused')}  ${plainText(inWords(why))}`)
  return [lines.join('\n') + more(refused - shown.length)]
}

const more = (amount: number): string => (amount === 0 ? '' : `\n  … and ${amount} more`)

/** The moves that a refusal lists in the end, as they are typed here. */
const inWords = (text: string): string =>
  text.replaceAll(/(?<=\bAllowed now: )[a-z_, ]+/g, (moves) =>
    moves.split(', ').map(wordOf).join(', '),
  )

const wordOf = (move: string): string =>
  actionCommands.find(({ action }) => action === move)?.word ?? move
