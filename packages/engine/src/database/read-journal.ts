// Reads the history in the order in which it came to be seen. What was appended between two snapshots of the database is a
// window: nothing is in two windows, and nothing in none. Which snapshot is visible to whom is PostgreSQL's own answer.
import { correlationIdOf } from '../correlation.ts'
import type { TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import type { StepState, TaskState } from '../states.ts'
import type { Database, Row } from './connect.ts'

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
  /** Of the table: another database has another. */
  readonly journal: string
  /** The last transaction whose rows are gone. */
  readonly removed: bigint
  readonly now: Snapshot
  /** Whether anything was appended that `from` does not see. */
  readonly isAhead: boolean
  /** Set when much was: a snapshot taken when some of it had been. */
  readonly onTheWay: Snapshot | null
}

/** Rows of the journal in one window, more or less, while much lies ahead: each is a statement's appending. */
const rowsPerWindow = 32

/** Where the journal stands, and how to go on after `from`; null: not asked. */
export async function readJournalStanding(
  database: Database,
  from: Snapshot | null,
): Promise<JournalStanding> {
  const { schema } = database
  const rows = await database.run(
    'read_journal_standing',
    `select '${schema}.history_journal'::regclass::oid::text as journal, v.history_removed::text as removed,
       pg_current_snapshot()::text as now, coalesce(a.count, 0)::integer as count, a.xid::text as xid,
       a.snapshot::text as snapshot
     from ${schema}.schema_version v
     left join lateral (
       select n.xid, n.snapshot, count(*) over () as count
       from (
         select j.xid, j.snapshot
         from (
           (select j.xid, j.snapshot
            from ${schema}.history_journal j
            where j.xid = any (array(select pg_snapshot_xip($1::pg_snapshot)))
            order by j.xid
            limit $2)
           union all
           (select j.xid, j.snapshot
            from ${schema}.history_journal j
            where j.xid >= pg_snapshot_xmax($1::pg_snapshot)
            order by j.xid
            limit $2)
         ) j
         order by j.xid
         limit $2
       ) n
       order by pg_snapshot_xmax(n.snapshot) desc
       limit 1
     ) a on true`,
    [from, rowsPerWindow],
  )
  const row = rows[0]
  const count = (row?.['count'] ?? 0) as number
  return {
    journal: row?.['journal'] as string,
    removed: BigInt(row?.['removed'] as string),
    now: row?.['now'] as Snapshot,
    isAhead: count > 0,
    onTheWay:
      count < rowsPerWindow
        ? null
        : committedIn(row?.['snapshot'] as Snapshot, BigInt(row?.['xid'] as string)),
  }
}

/**
 * What had been committed when a transaction took this snapshot: the transaction's own number does not stand among those
 * that run, but it had not been.
 */
function committedIn(snapshot: Snapshot, own: bigint): Snapshot {
  const [xmin = '', xmax = '', running = ''] = snapshot.split(':')
  if (own >= BigInt(xmax)) return snapshot
  const all = [...new Set([...running.split(',').filter(Boolean).map(BigInt), own])]
  const ordered = all.toSorted((a, b) => (a < b ? -1 : 1))
  return `${own < BigInt(xmin) ? own : xmin}:${xmax}:${ordered.join(',')}`
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
): Promise<{ readonly entries: readonly JournalEntry[]; readonly removed: bigint }> {
  const rows = await database.run('read_journal_entries', entriesSql(database.schema), [
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
  ])
  return {
    entries: rows.flatMap((row) => (row['task_id'] === null ? [] : [readEntry(row)])),
    removed: BigInt(rows[0]?.['removed'] as string),
  }
}

// A fused claim follows the entry that its call gave the number `since_seq`. The entries of a task are looked up by their
// keys, and only those of the page are told with names.
const entriesSql = (schema: string): string => `
  with appended as materialized (
    select k.*, j.at
    from (
      select * from ${schema}.history_journal j
      where j.xid = any (array(select pg_snapshot_xip($1::pg_snapshot)))
      union all
      select * from ${schema}.history_journal j
      where j.xid >= pg_snapshot_xmax($1::pg_snapshot) and j.xid < pg_snapshot_xmax($2::pg_snapshot)
    ) j
    cross join lateral unnest(j.task_ids, j.first_seqs, j.last_seqs, j.step_nos, j.claim_nos)
      as k(task_id, first_seq, last_seq, step_no, claim_no)
    where pg_visible_in_snapshot(j.xid, $2::pg_snapshot) and ($4::uuid is null or k.task_id = $4)
  ),
  placed as (
    select p.*
    from (
      select a.*, (extract(epoch from min(a.at) over (partition by a.task_id)) * 1000000)::bigint as first_at
      from appended a
    ) p
    where ($6::bigint is null or (p.first_at, p.task_id) >= ($6, $7::uuid))
      and ($5::text is null or exists (
        select 1
        from ${schema}.tasks t
        join ${schema}.definitions d on d.definition_id = t.definition_id
        join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
        join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
        where t.task_id = p.task_id and n.name = $5))
    order by p.first_at, p.task_id
  ),
  page as (
    select p.first_at, p.task_id, e.*
    from placed p
    cross join lateral (
      select h.seq, 0 as place, 0 as claim_place, 'task' as kind, 0 as step_no, 0 as claim_no, h.from_state, h.to_state,
        0 as attempt, h.actor, h.reason, h.metadata, h.at
      from ${schema}.task_transitions h
      where h.task_id = p.task_id and h.seq between p.first_seq and p.last_seq
      union all
      select h.seq, 0, 0, 'step', h.step_no, h.claim_no, h.from_state, h.to_state, h.attempt, h.actor, h.reason, h.metadata,
        h.at
      from ${schema}.workflow_step_transitions h
      where h.task_id = p.task_id and h.seq between p.first_seq and p.last_seq
      union all
      select c.since_seq, c.step_no, c.claim_no, 'claim', c.step_no, c.claim_no, c.from_state, 'in_progress', c.attempt,
        'worker:' || c.worker_id, null, null, c.at
      from ${schema}.step_claims c
      where c.task_id = p.task_id
        and (c.is_fused and c.since_seq between p.first_seq and p.last_seq
          or not c.is_fused and c.step_no = p.step_no and c.claim_no = p.claim_no)
    ) e
    where e.kind = 'task' or e.step_no > 0 -- deadlines and hooks are no steps
  )
  select v.history_removed::text as removed, e.*
  from ${schema}.schema_version v
  left join lateral (
    select g.first_at::text as first_at, g.task_id, g.seq, g.place, g.claim_place, g.kind, g.step_no, g.claim_no,
      g.from_state, g.to_state, coalesce(c.attempt, g.attempt) as attempt, g.actor, g.reason, g.metadata, g.at,
      n.name as namespace, m.name as task_name, d.version, t.created_at, s.name as step_name, w.retry_limit,
      c.at as started_at, x.correlation_id, x.correlation_id_in_context
    from (
      select *
      from page g
      where $6::bigint is null
        or (g.first_at, g.task_id, g.seq, g.place, g.claim_place) > ($6, $7::uuid, $8::integer, $9::integer, $10::integer)
      order by g.first_at, g.task_id, g.seq, g.place, g.claim_place
      limit $3
    ) g
    join ${schema}.tasks t on t.task_id = g.task_id
    join ${schema}.definitions d on d.definition_id = t.definition_id
    join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
    join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
    left join lateral (
      select x.correlation_id, x.context -> 'correlation_id' as correlation_id_in_context
      from ${schema}.task_contexts x
      where x.task_id = g.task_id
      offset 0
    ) x on true
    left join lateral (
      select s.name from ${schema}.graph_steps s where s.graph_id = t.graph_id and s.step_no = g.step_no offset 0
    ) s on g.step_no > 0
    left join lateral (
      select w.retry_limit from ${schema}.workflow_steps w where w.task_id = g.task_id and w.step_no = g.step_no offset 0
    ) w on g.step_no > 0
    left join lateral (
      select c.at, c.attempt
      from ${schema}.step_claims c
      where c.task_id = g.task_id and c.step_no = g.step_no and c.claim_no = g.claim_no
      offset 0
    ) c on g.step_no > 0
    order by g.first_at, g.task_id, g.seq, g.place, g.claim_place
  ) e on true
  order by e.first_at::bigint, e.task_id, e.seq, e.place, e.claim_place`

function readEntry(row: Row): JournalEntry {
  // The columns of entriesSql; states are held by check constraints of the tables that moves start from.
  const about = {
    key: {
      firstAt: row['first_at'] as string,
      taskId: row['task_id'] as TaskId,
      seq: row['seq'] as number,
      stepNo: row['place'] as number,
      claimNo: row['claim_place'] as number,
    },
    taskId: row['task_id'] as TaskId,
    correlationId: correlationIdOf({
      taskId: row['task_id'] as TaskId,
      correlationId: row['correlation_id'] as string | null,
      context: { correlation_id: row['correlation_id_in_context'] },
    }),
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
