// The history of a task as two tables: every entry in order, and where the time of each step went.
import {
  errorLine,
  formatDuration,
  type PhaseTimes,
  type StepTimes,
  type Timeline,
  type TimelineEntry,
} from '@tasker/engine'
import { formatTable, type Column } from './columns.ts'
import type { Paint, Terminal } from './terminal.ts'
import { formatElapsed, formatTime, paintState } from './wording.ts'

type View = Pick<Terminal, 'paint' | 'width'>

export function formatEntries({ entries, createdAt }: Timeline, { paint, width }: View): string {
  const columns: readonly Column<TimelineEntry>[] = [
    {
      title: 'Time',
      text: ({ at }) => formatElapsed(createdAt, at),
      paint: paint.dim,
      align: 'right',
    },
    { title: 'Step', text: ({ step }) => step ?? '(task)' },
    { title: 'What', text: whatOf, paint: (text, entry) => paintWhat(text, entry, paint) },
    {
      title: 'Attempt',
      text: ({ attempt }) => (attempt === null || attempt === 0 ? '' : String(attempt)),
      align: 'right',
    },
    { title: 'Took', text: tookOf },
    { title: 'By', text: byOf, paint: paint.dim },
    { title: 'Why', text: (entry) => whyOf(entry, createdAt) },
  ]
  return formatTable(entries, columns, { width, paintTitle: paint.dim })
}

export function formatStepTimes(
  { steps }: Pick<Timeline, 'steps'>,
  { paint, width }: View,
): string {
  const phases = phaseNames.filter(
    (phase) => isAlwaysShown.includes(phase) || steps.some((step) => step[phase] > 0),
  )
  const columns: readonly Column<StepTimes>[] = [
    { title: 'Step', text: ({ step }) => step },
    {
      title: 'State',
      text: ({ state }) => state,
      paint: (text, { state }) => paintState(text, state, paint),
    },
    { title: 'Claims', text: ({ claims }) => String(claims), align: 'right' },
    ...phases.map((phase): Column<StepTimes> => ({
      title: capitalized(phaseWords[phase]),
      text: (step) => (step[phase] === 0 ? '' : formatDuration(step[phase])),
      align: 'right',
    })),
    { title: 'In all', text: ({ totalMs }) => formatDuration(totalMs), align: 'right' },
  ]
  return formatTable(steps, columns, { width, paintTitle: paint.dim })
}

/** What the phases are called, in the order in which they come. */
const phaseWords: Readonly<Record<keyof PhaseTimes, string>> = {
  blockedMs: 'blocked',
  backedOffMs: 'backed off',
  pausedMs: 'paused',
  stoppedMs: 'stopped',
  waitedMs: 'waited',
  ranMs: 'ran',
  lostMs: 'lost',
}
const phaseNames = Object.keys(phaseWords) as (keyof PhaseTimes)[] // the keys of the table
const isAlwaysShown: readonly (keyof PhaseTimes)[] = ['waitedMs', 'ranMs']

/** Of the task, the state it came to says more than the word. */
const whatOf = ({ kind, to }: TimelineEntry): string =>
  kind === 'ended' ? to : kind.replaceAll('_', ' ')

function paintWhat(text: string, { kind, to }: TimelineEntry, paint: Paint): string {
  if (kind === 'completed' || kind === 'resolved' || (kind === 'ended' && to === 'complete'))
    return paint.green(text)
  const isBad = ['failed', 'lost', 'outcome_refused'].includes(kind) || to === 'error'
  if (isBad && kind !== 'will_retry') return paint.red(text)
  return kind === 'will_retry' || kind === 'waits' ? paint.yellow(text) : text
}

function tookOf({ took }: TimelineEntry): string {
  return phaseNames
    .flatMap((phase) => {
      const ms = took[phase]
      return ms === undefined || (ms === 0 && phase !== 'ranMs')
        ? []
        : [`${phaseWords[phase]} ${formatDuration(ms)}`]
    })
    .join(', ')
}

const byOf = ({ who }: TimelineEntry): string =>
  who.host === null ? who.name : `${who.name} ${who.host}/${who.pid}`

function whyOf({ kind, why, error, dueAt, metadata, at }: TimelineEntry, createdAt: Date): string {
  const words: string[] = []
  if (error === null) {
    if (why !== null && !isTold.includes(why)) words.push(oneLine(why))
  } else {
    words.push(errorLine(error))
  }
  if (kind === 'retry_limit_changed')
    words.push(`from ${numberIn(metadata, 'limit_before')} to ${numberIn(metadata, 'limit')}`)
  if (dueAt !== null && dueAt > at) words.push(`due at ${formatElapsed(createdAt, dueAt)}`)
  return words.join('; ')
}

const numberIn = (metadata: TimelineEntry['metadata'], key: string): string => {
  const value = metadata?.[key]
  return typeof value === 'number' ? String(value) : '?'
}

/** Reasons that the column before says already. */
const isTold: readonly string[] = ['claimed', 'complete', 'failed', 'first_step_claimed']

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

export const formatSpan = ({ createdAt, endedAt, at }: Timeline): string =>
  `created ${formatTime(createdAt)}, ${endedAt === null ? 'open for' : 'ended after'} ${formatDuration(
    (endedAt ?? at).getTime() - createdAt.getTime(),
  )}`
