// What `tasker task why` says, as text: the one sentence first, then each reason with the steps it holds for, what happens
// next and the commands that would change it, ready to be copied.
import {
  count,
  formatAddress,
  formatDuration,
  groupReasons,
  plainText,
  type ReasonGroup,
  type Remedy,
  type WhyReport,
} from '@tasker/engine'
import { cut, formatTable, type Column } from './columns.ts'
import type { Terminal } from './terminal.ts'
import { formatTime, paintState } from './wording.ts'

interface View extends Pick<Terminal, 'paint' | 'width'> {
  /** Makes a command of the engine one that works where it is pasted. */
  readonly copyable: (command: string) => string
}

/** More groups than this are nothing to read; `--json` has every step. */
const groupsMax = 20
const namesMax = 8

export function formatWhy(report: WhyReport, view: View): string {
  const groups = groupReasons(report.steps)
  const own = groups.filter(({ first }) => first.reason !== 'parent')
  const shown = own.slice(0, groupsMax)
  const behind = groups.filter(({ first }) => first.reason === 'parent')
  const parts = [
    formatHead(report, view),
    ...shown.map((group) => formatGroup(group, report, view)),
    ...moreGroups(own.length),
    ...(behind.length === 0 ? [] : [formatBehind(behind, view)]),
    ...formatRemedies(report, shown, view),
  ]
  return parts.join('\n\n')
}

function formatHead(report: WhyReport, { paint }: View): string {
  const { deadlineAt, end, at } = report
  const deadline =
    deadlineAt === null || end !== null
      ? []
      : [
          `It ends in error at its deadline, ${formatTime(deadlineAt)} (${untilWords(deadlineAt, at)}).`,
        ]
  return [
    `${paint.bold(plainText(formatAddress(report)))}  ${paintState(report.state, report.state, paint)}`,
    `Task ${report.taskId}`,
    readable(report.summary),
    ...deadline,
  ].join('\n')
}

function formatGroup(
  { first, steps, explanation, remedies }: ReasonGroup,
  report: WhyReport,
  view: View,
) {
  const { paint, width } = view
  const { since, next, nextAt, state, reason } = first
  const lasts = since === null ? '' : ` for ${formatDuration(ageMs(since, report.at))}`
  const soon = nextAt === null ? '' : ` (${untilWords(nextAt, report.at)})`
  const name = steps.length === 1 ? plainText(first.step) : count(steps.length, 'step')
  const lines = [
    `${paint.bold(name)}  ${paintState(reason, state, paint)}${lasts}`,
    ...(steps.length === 1 ? [] : [cut(`  ${namesOf(steps)}`, width)]),
    `  ${readable(explanation)}`,
    `  ${paint.dim('next:')} ${readable(next)}${soon}`,
  ]
  return [...lines, ...remedies.map((remedy) => remedyLine(remedy, view))].join('\n')
}

function formatBehind(groups: readonly ReasonGroup[], { paint, width }: View): string {
  const columns: readonly Column<ReasonGroup>[] = [
    {
      title: 'Behind them',
      text: ({ steps, first }) => (steps.length === 1 ? first.step : count(steps.length, 'step')),
    },
    { title: 'Why', text: ({ explanation }) => explanation },
    { title: 'Steps', text: ({ steps }) => (steps.length === 1 ? '' : namesOf(steps)) },
  ]
  const table = formatTable(groups.slice(0, groupsMax), columns, {
    width,
    paintTitle: paint.dim,
  })
  return [table, ...moreGroups(groups.length)].join('\n')
}

/** What the reasons do not show: what is for the task as a whole, and what ends it. */
function formatRemedies(
  { remedies }: WhyReport,
  own: readonly ReasonGroup[],
  view: View,
): readonly string[] {
  const shown = new Set(own.flatMap((group) => group.remedies.map(({ command }) => command)))
  const rest = remedies.filter(({ command }) => !shown.has(command))
  if (rest.length === 0) return []
  return [['For the task:', ...rest.map((remedy) => remedyLine(remedy, view))].join('\n')]
}

const remedyLine = ({ command, effect }: Remedy, { paint, copyable }: View): string =>
  `  ${paint.cyan(plainText(copyable(command)))}  ${paint.dim(`# ${plainText(effect)}`)}`

const moreGroups = (amount: number): readonly string[] =>
  amount > groupsMax
    ? [`… and ${count(amount - groupsMax, 'reason')} more; --json prints every step`]
    : []

function namesOf(steps: ReasonGroup['steps']): string {
  const names = steps.slice(0, namesMax).map(({ step }) => step)
  return plainText(steps.length > namesMax ? `${names.join(', ')}, …` : names.join(', '))
}

/** One plain line, with instants as people write them. */
export const readable = (text: string): string =>
  plainText(text).replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (instant) =>
    formatTime(new Date(instant)),
  )

const ageMs = (since: Date, at: Date): number => at.getTime() - since.getTime()

function untilWords(at: Date, now: Date): string {
  const leftMs = at.getTime() - now.getTime()
  return leftMs <= 0 ? `${formatDuration(-leftMs)} ago` : `in ${formatDuration(leftMs)}`
}
