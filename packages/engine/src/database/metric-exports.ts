// The schedule of exports as it is stored: what is due is claimed for a time, tried, and ended or due again. What is exported,
// and how, stands in telemetry/exports/.
import type { Database, Row } from './connect.ts'
import { afterMs, instant } from './sql-instant.ts'

export interface PlannedTarget {
  readonly target: string
  readonly format: string
  /** From now; null: not by time. */
  readonly dueInMs: number | null
}

export interface ExportClaimOrder {
  /** No other claim has it. */
  readonly holder: string
  /** Of the process. */
  readonly instance: string
  /** For a new export. */
  readonly exportId: string
  readonly targets: readonly string[]
  readonly leaseMs: number
}

export interface ClaimedExport {
  readonly key: string
  readonly holder: string
  readonly target: string
  readonly format: string
  readonly scope: 'auto' | 'process' | 'all'
  readonly isOrdered: boolean
  readonly exportId: string
  /** From 1. */
  readonly attempt: number
  /** When it was due at first. */
  readonly plannedAt: Date
  /** Since when this process, or one before it that failed, has been trying. */
  readonly startedAt: Date
  readonly claimedAt: Date
  /** Of the first try. */
  readonly instance: string
  /** The process that claimed it before has not said how it went. */
  readonly isTakenOver: boolean
}

type Held = Pick<ClaimedExport, 'key' | 'holder'>

export interface ExportEnd {
  readonly outcome: 'done' | 'skipped' | 'failed'
  readonly fault: string | null
  /** The next one is due so long after this one was, or twice so long, …; null: not by time. */
  readonly everyMs: number | null
}

export interface StoredExport {
  readonly key: string
  readonly target: string
  readonly format: string
  readonly isOrdered: boolean
  readonly dueAt: Date | null
  readonly attempts: number
  readonly isRunning: boolean
  readonly lastOutcome: 'done' | 'skipped' | 'failed' | null
  readonly lastFault: string | null
  readonly lastEndedAt: Date | null
  readonly lastSuccessAt: Date | null
}

const at = instant('$1')
const afterNow = (place: string): string => afterMs(at, place)
/** Of the export that is over. */
const nothingUnderWay = `planned_at = null, instance = null, export_id = null, attempts = 0, started_at = null,
       holder = null, lease_until = null`
const orderKeptDays = 1
const forgottenMax = 100
/** As many as the column holds: one more would break the claim, and with it every export. */
const attemptsMax = 32_767

/** Targets that are new get their first due time; one that is due later than it should be is due sooner. */
export async function planExports(
  database: Database,
  targets: readonly PlannedTarget[],
  now: Date | null,
): Promise<void> {
  await database.run(
    'plan_exports',
    `insert into ${database.schema}.metric_exports as e (export_key, target, format, scope, is_ordered, due_at)
     select t.target, t.target, t.format, 'auto', false, ${afterNow('t."dueInMs"')}
     from jsonb_to_recordset($2::jsonb) as t(target text, format text, "dueInMs" double precision)
     order by t.target
     on conflict (export_key) do update
     set format = excluded.format,
       due_at = case when e.export_id is null then least(e.due_at, excluded.due_at) else e.due_at end`,
    [now, JSON.stringify(targets)],
  )
}

/** What has been due for longest; null: nothing is. An order to write a file may be claimed by any worker. */
export async function claimExport(
  database: Database,
  order: ExportClaimOrder,
  now: Date | null,
): Promise<ClaimedExport | null> {
  const { schema } = database
  const [row] = await database.run(
    'claim_export',
    `with next as (
       select e.export_key, e.holder is not null as is_taken_over
       from ${schema}.metric_exports e
       where e.due_at <= ${at} and (e.lease_until is null or e.lease_until <= ${at})
         and (e.target = any ($2::text[]) or starts_with(e.target, 'file:'))
       order by e.due_at, e.export_key
       limit 1
       for update of e skip locked
     )
     update ${schema}.metric_exports e
     set holder = $3, lease_until = ${afterNow('$4')}, attempts = least(e.attempts + 1, ${attemptsMax}),
       export_id = coalesce(e.export_id, $5::uuid),
       planned_at = coalesce(e.planned_at, e.due_at), instance = coalesce(e.instance, $6),
       started_at = case when n.is_taken_over then ${at} else coalesce(e.started_at, ${at}) end,
       updates = case when e.export_id is null then 0 else e.updates end
     from next n
     where e.export_key = n.export_key
     returning e.export_key, e.holder, e.target, e.format, e.scope, e.is_ordered, e.export_id, e.attempts,
       e.planned_at, e.started_at, e.instance, n.is_taken_over, ${at} as claimed_at`,
    [now, order.targets, order.holder, order.leaseMs, order.exportId, order.instance],
  )
  return row === undefined ? null : readClaim(row)
}

// Orders that have ended, and those whose time has come for nobody: their target is gone, or no worker exports.
const forgettingOrders = (schema: string, keptKey: string): string => `forgotten as (
       delete from ${schema}.metric_exports o
       where o.export_key = any (array(
         select f.export_key from ${schema}.metric_exports f
         where f.is_ordered and f.export_key <> ${keptKey}
           and coalesce(f.lease_until, f.due_at, f.last_ended_at) < ${at} - ${orderKeptDays} * interval '1 day'
         limit ${forgottenMax}
         for update skip locked
       ))
     )`

/** False: it was another's meanwhile, who says how it went. */
export async function endExport(
  database: Database,
  { key, holder }: Held,
  { outcome, fault, everyMs }: ExportEnd,
  now: Date | null,
): Promise<boolean> {
  const { schema } = database
  const rows = await database.run(
    'end_export',
    `with ${forgettingOrders(schema, '$2')}
     update ${schema}.metric_exports e
     set due_at = case when e.is_ordered then null
         else e.planned_at + $6::double precision * interval '1 millisecond' *
           greatest(1, floor(extract(epoch from ${at} - e.planned_at) * 1000 / $6::double precision) + 1) end,
       last_outcome = $4, last_fault = $5, last_ended_at = ${at},
       last_success_at = case when $4 = 'done' then ${at} else e.last_success_at end,
       ${nothingUnderWay}
     where e.export_key = $2 and e.holder = $3
     returning 1`,
    [now, key, holder, outcome, fault, everyMs],
  )
  return rows.length > 0
}

/** Gives it back, to be tried after so long. Without a fault the try does not count, and its time begins anew. */
export async function delayExport(
  database: Database,
  { key, holder }: Held,
  { waitMs, fault }: { readonly waitMs: number; readonly fault: string | null },
  now: Date | null,
): Promise<Date | null> {
  const [row] = await database.run(
    'delay_export',
    `update ${database.schema}.metric_exports e
     set due_at = ${afterNow('$4')}, last_fault = coalesce($5::text, e.last_fault),
       attempts = e.attempts - case when $5::text is null then 1 else 0 end,
       started_at = case when $5::text is not null then e.started_at end,
       holder = null, lease_until = null
     where e.export_key = $2 and e.holder = $3
     returning e.due_at`,
    [now, key, holder, waitMs, fault],
  )
  return row === undefined ? null : (row['due_at'] as Date) // timestamptz
}

/** Changes of values that this process has seen; due when those of all processes are enough. */
export async function addExportUpdates(
  database: Database,
  {
    target,
    updates,
    threshold,
  }: {
    readonly target: string
    readonly updates: number
    readonly threshold: number
  },
  now: Date | null,
): Promise<void> {
  await database.run(
    'add_export_updates',
    `update ${database.schema}.metric_exports e
     set updates = e.updates + $3::bigint,
       due_at = case when e.due_at is null and e.updates + $3::bigint >= $4::bigint then ${at} else e.due_at end
     where e.export_key = $2`,
    [now, target, updates, threshold],
  )
}

export async function orderExport(
  database: Database,
  order: {
    readonly exportId: string
    readonly target: string
    readonly format: string
    readonly scope: 'auto' | 'process' | 'all'
    readonly inMs: number
  },
  now: Date | null,
): Promise<Date> {
  const { schema } = database
  const [row] = await database.run(
    'order_export',
    `with ${forgettingOrders(schema, '$2::uuid::text')}
     insert into ${schema}.metric_exports
       (export_key, target, format, scope, is_ordered, export_id, due_at)
     values ($2::uuid::text, $3, $4, $5, true, $2::uuid, ${afterNow('$6')})
     returning due_at`,
    [now, order.exportId, order.target, order.format, order.scope, order.inMs],
  )
  return row?.['due_at'] as Date // timestamptz, of the row just written
}

/** An export that somebody made at once, outside of the schedule: what status says of its target. */
export async function noteExport(
  database: Database,
  end: {
    readonly target: string
    readonly format: string
    readonly outcome: 'done' | 'skipped' | 'failed'
    readonly fault: string | null
  },
  now: Date | null,
): Promise<void> {
  await database.run(
    'note_export',
    `insert into ${database.schema}.metric_exports as e
       (export_key, target, format, scope, is_ordered, last_outcome, last_fault, last_ended_at, last_success_at)
     values ($2, $2, $3, 'auto', false, $4, $5, ${at}, case when $4 = 'done' then ${at} end)
     on conflict (export_key) do update
     set last_outcome = excluded.last_outcome, last_fault = excluded.last_fault, last_ended_at = excluded.last_ended_at,
       last_success_at = coalesce(excluded.last_success_at, e.last_success_at)`,
    [now, end.target, end.format, end.outcome, end.fault],
  )
}

/** These targets, and orders that have not ended. */
export async function readExports(
  database: Database,
  { targets, ordersMax }: { readonly targets: readonly string[]; readonly ordersMax: number },
  now: Date | null,
): Promise<readonly StoredExport[]> {
  const { schema } = database
  const columns = `e.export_key, e.target, e.format, e.is_ordered, e.due_at, e.attempts,
       coalesce(e.lease_until > ${at}, false) as is_running,
       e.last_outcome, e.last_fault, e.last_ended_at, e.last_success_at`
  const rows = await database.run(
    'read_exports',
    `(select ${columns} from ${schema}.metric_exports e where e.export_key = any ($2::text[]) and not e.is_ordered)
     union all
     (select * from (
       select ${columns} from ${schema}.metric_exports e where e.is_ordered and e.due_at is not null
       order by e.due_at desc, e.export_key desc limit $3) as newest
     order by newest.due_at, newest.export_key)`,
    [now, targets, ordersMax],
  )
  return rows.map(readStored)
}

// Casts in both: the columns named above.
const readClaim = (row: Row): ClaimedExport => ({
  key: row['export_key'] as string,
  holder: row['holder'] as string,
  target: row['target'] as string,
  format: row['format'] as string,
  scope: row['scope'] as ClaimedExport['scope'],
  isOrdered: row['is_ordered'] as boolean,
  exportId: row['export_id'] as string,
  attempt: row['attempts'] as number,
  plannedAt: row['planned_at'] as Date,
  startedAt: row['started_at'] as Date,
  claimedAt: row['claimed_at'] as Date,
  instance: row['instance'] as string,
  isTakenOver: row['is_taken_over'] as boolean,
})

const readStored = (row: Row): StoredExport => ({
  key: row['export_key'] as string,
  target: row['target'] as string,
  format: row['format'] as string,
  isOrdered: row['is_ordered'] as boolean,
  dueAt: row['due_at'] as Date | null,
  attempts: row['attempts'] as number,
  isRunning: row['is_running'] as boolean,
  lastOutcome: row['last_outcome'] as StoredExport['lastOutcome'],
  lastFault: row['last_fault'] as string | null,
  lastEndedAt: row['last_ended_at'] as Date | null,
  lastSuccessAt: row['last_success_at'] as Date | null,
})
