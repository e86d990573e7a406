// The callers of journal_standing and journal_entries: the history in the order in which it came to be seen. What one snapshot
// of the database sees and another does not is a window: each entry is in one, and in one only.
import type { TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Database, Row } from './connect.ts'
import { correlationOf } from './read-traces.ts'

/** `<xmin>:<xmax>:<xid,…>`, as PostgreSQL writes it. */
export type Snapshot = string

/** Where an entry stands in its window: tasks as they come, and each task's entries in their order. */
export interface EntryKey {
  /** Microseconds since 1970: when the first entry of the task in this window was appended. */
  readonly firstAt: string
  readonly taskId: TaskId
  readonly seq: number
  /** 0 for what is no claim: a claim stands after the entry that it saw. */
  readonly stepNo: number
  readonly claimNo: number
}

interface EntryOfTask {
  readonly kind: 'task'
  readonly from: TaskState | null
  readonly to: TaskState
}

interface EntryOfStep {
  readonly kind: 'step' | 'claim'
  readonly from: StepState
  readonly to: StepState
  readonly stepNo: number
  readonly stepName: string
  readonly claimNo: number
  readonly attempt: number
  readonly retryLimit: number
  /** When the attempt was claimed; null: it never was. */
  readonly startedAt: Date | null
}

/** An entry of the history, and what its event says beside. */
export type JournalEntry = (EntryOfTask | EntryOfStep) & {
  readonly key: EntryKey
  readonly taskId: TaskId
  readonly correlationId: string
  readonly seq: number
  readonly namespace: string
  readonly taskName: string
  readonly version: string
  readonly createdAt: Date
  readonly at: Date
  readonly actor: string
  readonly reason: string | null
  readonly metadata: JsonObject
}

export interface JournalStanding {
  /** Which one it is: another database has another. */
  readonly journal: string
  /** What has been seen of rows that are gone. */
  readonly removed: Snapshot
  readonly now: Snapshot
  /** Whether anything was appended that `from` does not see. */
  readonly isAhead: boolean
  /** Set when much was: a snapshot taken when some of it had been. */
  readonly onTheWay: Snapshot | null
}

/** Rows of the journal in one window, more or less, while much lies ahead: each is a statement's appending. */
const rowsPerWindow = 32

/** Where the journal stands, and how to go on after `from`; null: not asked. Begun anew when it came out of a dump. */
export async function readJournalStanding(
  database: Database,
  from: Snapshot | null,
): Promise<JournalStanding> {
  const rows = await database.run(
    'read_journal_standing',
    `select journal::text, removed::text, now::text, ahead, between_them::text
     from ${database.schema}.journal_standing($1, $2)`,
    [from, rowsPerWindow],
  )
  const row = rows[0] ?? {}
  if (row['removed'] === null) {
    await database.run(
      'begin_history_journal',
      `select ${database.schema}.begin_history_journal()`,
      [],
    )
    return readJournalStanding(database, from)
  }
  return {
    journal: row['journal'] as string,
    removed: row['removed'] as Snapshot,
    now: row['now'] as Snapshot,
    isAhead: row['ahead'] !== 0,
    onTheWay: row['between_them'] as Snapshot | null,
  }
}

export interface EntriesAsked {
  readonly from: Snapshot
  readonly until: Snapshot
  /** Null: from the beginning of the window. */
  readonly after: EntryKey | null
  readonly limit: number
  readonly taskId: TaskId | null
  readonly namespace: string | null
}

/** A page of a window: entries after `after`, in order. `removed` is of the same moment as they are. */
export async function readJournalEntries(
  database: Database,
  { from, until, after, limit, taskId, namespace }: EntriesAsked,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly removed: Snapshot }> {
  const rows = await database.run(
    'read_journal_entries',
    `select *, removed::text as removed, first_at::text as first_at
     from ${database.schema}.journal_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      from,
      until,
      limit,
      taskId,
      namespace,
      after?.firstAt ?? null,
      after?.taskId ?? null,
      after?.seq ?? null,
      after?.stepNo ?? null,
      after?.claimNo ?? null,
    ],
  )
  return {
    entries: rows.flatMap((row) => (row['task_id'] === null ? [] : [readEntry(row)])),
    removed: rows[0]?.['removed'] as Snapshot,
  }
}

function readEntry(row: Row): JournalEntry {
  // The columns of journal_entries.sql; states are held by check constraints of the tables that moves start from.
  const about = {
    key: {
      firstAt: row['first_at'] as string,
      taskId: row['task_id'] as TaskId,
      seq: row['seq'] as number,
      stepNo: row['place'] as number,
      claimNo: row['claim'] as number,
    },
    taskId: row['task_id'] as TaskId,
    correlationId: correlationOf(row),
    seq: row['seq'] as number,
    namespace: row['namespace'] as string,
    taskName: row['task_name'] as string,
    version: row['version'] as string,
    createdAt: row['created_at'] as Date,
    at: row['at'] as Date,
    actor: row['actor'] as string,
    reason: row['reason'] as string | null,
    metadata: (row['metadata'] ?? {}) as JsonObject,
  }
  if (row['kind'] === 'task') {
    const from = row['from_state'] as TaskState | null
    return { ...about, kind: 'task', from, to: row['to_state'] as TaskState }
  }
  return {
    ...about,
    kind: row['kind'] as 'step' | 'claim',
    from: row['from_state'] as StepState,
    to: row['to_state'] as StepState,
    stepNo: row['step_no'] as number,
    stepName: row['step_name'] as string,
    claimNo: row['claim_no'] as number,
    attempt: row['attempt'] as number,
    retryLimit: row['retry_limit'] as number,
    startedAt: row['started_at'] as Date | null,
  }
}
