// The events that an entry of the history stands for: the same names, payloads and ids as the process that recorded it told. Pure.
import type { JournalEntry } from '../database/read-journal.ts'
import type {
  EventPayloads,
  StepEnded,
  StepFailed,
  StepHappened,
  TaskHappened,
} from '../events/catalogue.ts'
import {
  attemptEventId,
  cachedReason,
  moveEventId,
  stepFailureNames,
  stepMoveNames,
  taskEndNames,
  taskEventId,
} from '../events/which-event.ts'
import { asJsonObject, type Json } from '../json.ts'

/** Events that stand for an entry of the history, in the order of a task's life. */
export const historyEventNames = [
  'task.initialize_requested',
  'task.start_requested',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.resolved_manually',
  'task.retry_requested',
  'step.execution_requested',
  'step.completed',
  'step.failed',
  'step.retry_requested',
  'observability.step.max_retries_reached',
  'step.waiting',
  'step.outcome_refused',
  'step.cancelled',
  'step.resolved_manually',
  'step.skipped',
] as const

export type HistoryEventName = (typeof historyEventNames)[number]

export interface EventOf<Name extends HistoryEventName> {
  readonly name: Name
  readonly payload: EventPayloads[Name]
}

export type EntryEvent = { [Name in HistoryEventName]: EventOf<Name> }[HistoryEventName]

type TaskEntry = Extract<JournalEntry, { kind: 'task' }>
type StepEntry = Exclude<JournalEntry, { kind: 'task' }>

/** None for what is a note only: a hold, a changed limit, the retry that a claim tells. */
export function eventsOfEntry(entry: JournalEntry): readonly EntryEvent[] {
  return entry.kind === 'task' ? eventsOfTask(entry) : eventsOfStep(entry)
}

function eventsOfTask(entry: TaskEntry): readonly EntryEvent[] {
  const { taskId, from, to, createdAt } = entry
  if (from === to) return []
  const ended = taskEndNames[to]
  const about = { ...aboutOf(entry), eventId: taskEventId(taskId, entry.seq), state: to }
  const payload: TaskHappened = { ...about, createdAt, endedAt: ended === null ? null : entry.at }
  if (ended !== null) return [{ name: ended, payload }]
  if (from === null) return [{ name: 'task.initialize_requested', payload }]
  if (from === 'error') return [{ name: 'task.retry_requested', payload }]
  return [{ name: 'task.start_requested', payload: about }]
}

function eventsOfStep(entry: StepEntry): readonly EntryEvent[] {
  const { from, to, reason } = entry
  if (entry.kind === 'claim') return [{ name: 'step.execution_requested', payload: attempt(entry) }]
  if (reason === 'outcome_refused')
    return [{ name: 'step.outcome_refused', payload: attempt(entry) }]
  if (from === to) return []
  const moved = stepMoveNames[to]
  if (moved !== null) return [{ name: moved, payload: moveOf(entry) }]
  if (from !== 'in_progress') return [] // made pending by an operator; the claim will tell
  switch (to) {
    case 'complete': {
      const payload = { ...endOf(entry), isCached: reason === cachedReason }
      return [{ name: 'step.completed', payload }]
    }
    case 'error':
      return failuresOf(entry)
    case 'pending': {
      const payload = { ...endOf(entry), runAt: timeOf(entry, 'run_at'), reason: reason ?? '' }
      return [{ name: 'step.waiting', payload }]
    }
    default:
      return []
  }
}

function failuresOf(entry: StepEntry): readonly EntryEvent[] {
  const retryAt = timeOf(entry, 'run_at')
  const error = asJsonObject(entry.metadata['error']) ?? {}
  const payload: StepFailed = { ...endOf(entry), error, retryAt }
  const wantedRetry = entry.metadata['delay_ms'] !== undefined
  return stepFailureNames({ retryAt, wantedRetry }).map((name) => ({ name, payload }))
}

const aboutOf = ({ taskId, correlationId, namespace, taskName, version }: JournalEntry) => ({
  taskId,
  correlationId,
  namespace,
  taskName,
  version,
})

const attempt = (entry: StepEntry): StepHappened => ({
  ...aboutOf(entry),
  eventId: attemptEventId(entry.taskId, entry.stepNo, entry.claimNo),
  stepName: entry.stepName,
  attempt: entry.attempt,
  retryLimit: entry.retryLimit,
  claimNo: entry.claimNo,
  startedAt: entry.startedAt ?? entry.at,
})

/** How long it took is told by the database's clock, from claim to record. */
function endOf(entry: StepEntry): StepEnded {
  const happened = attempt(entry)
  const durationMs = Math.max(0, entry.at.getTime() - happened.startedAt.getTime())
  return { ...happened, durationMs }
}

const moveOf = (entry: StepEntry): EventPayloads['step.cancelled'] => ({
  ...aboutOf(entry),
  eventId: moveEventId(entry.taskId, entry),
  stepName: entry.stepName,
  from: entry.from,
  actor: entry.actor,
  reason: entry.reason ?? '',
})

function timeOf({ metadata }: StepEntry, field: string): Date | null {
  const value: Json | undefined = metadata[field]
  return typeof value === 'string' ? new Date(value) : null
}
