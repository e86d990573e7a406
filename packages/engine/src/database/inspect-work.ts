// Readings of workers and of work that does not progress, for `tasker doctor`. Counts stop where more would change
// nothing. Judging them is reports/doctor/.
import type { Inspection } from './inspection.ts'
import { isLive } from './read-workers.ts'
import type { SlotsReason } from './workers.ts'

export interface WorkersReading {
  readonly live: number
  /** Whose lease is over and whose steps nobody has taken over yet. */
  readonly overdue: number
  /** Given up within the last day. */
  readonly lost: number
  /** Of the live ones, like what follows. */
  readonly versions: readonly string[]
  /** As of the last heartbeats: what runs, and what may run at once. */
  readonly slotsInUse: number
  readonly slots: number
  /** Those that may run half as many steps as they could, or fewer. */
  readonly heldBack: readonly HeldBackWorker[]
}

export interface HeldBackWorker {
  readonly workerId: number
  readonly slots: number
  readonly slotsMax: number
  readonly reason: SlotsReason
}

/** Steps of one definition version that should have been claimed by now. */
export interface LateLane {
  /** `namespace/name@version` */
  readonly definition: string
  readonly stepCount: number
  readonly lateSeconds: number
  readonly isServed: boolean
  /** Lost twice: each runs alone. */
  readonly isOfSuspects: boolean
}

export interface StuckWork {
  readonly openTaskCount: number
  readonly late: readonly LateLane[]
  /** Of held tasks, with a step that would be due. */
  readonly heldTaskCount: number
  readonly heldNamespaces: readonly { readonly name: string; readonly by: string }[]
  /** Tasks that ended in error, which may be revived. */
  readonly errorTaskCount: number
  /** Tasks that go on and have a step that failed for good. */
  readonly failingTaskCount: number
  readonly pastDeadlineTaskCount: number
}

export interface StoredVersion {
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly digest: string
  readonly hasOpenTasks: boolean
  /** Whether any task was ever made of it; until then it may be replaced. */
  readonly isUsed: boolean
}

/** No count goes further. */
export const countMax = 10_000

export async function readWorkerStates({ ask, schema }: Inspection): Promise<WorkersReading> {
  const live = isLive('w', 'null')
  const [row] = await ask(
    `select count(*) filter (where ${live})::integer as live,
       count(*) filter (where w.state = 'live' and not ${live})::integer as overdue,
       count(*) filter (where w.state = 'lost' and w.seen_at > clock_timestamp() - interval '1 day')::integer as lost,
       coalesce(array_agg(distinct w.version) filter (where ${live}), '{}') as versions,
       coalesce(sum(w.slots_in_use) filter (where ${live}), 0)::integer as slots_in_use,
       coalesce(sum(w.slots) filter (where ${live}), 0)::integer as slots,
       coalesce(json_agg(json_build_object('workerId', w.worker_id, 'slots', w.slots, 'slotsMax', w.slots_max,
         'reason', w.slots_reason) order by w.worker_id)
         filter (where ${live} and w.slots_reason is not null and w.slots * 2 <= w.slots_max), '[]') as held_back
     from ${schema}.workers w`,
    [],
  )
  return {
    live: Number(row?.['live']),
    overdue: Number(row?.['overdue']),
    lost: Number(row?.['lost']),
    versions: row?.['versions'] as string[], // text column
    slotsInUse: Number(row?.['slots_in_use']),
    slots: Number(row?.['slots']),
    heldBack: row?.['held_back'] as HeldBackWorker[], // as built above
  }
}

export async function readStuckWork(
  inspection: Inspection,
  lateAfterSeconds: number,
): Promise<StuckWork> {
  const { ask, schema } = inspection
  const [row] = await ask(
    `select
       (select count(*)::integer from (
         select 1 from ${schema}.tasks t where t.ended_at is null limit $1) c) as open,
       (select count(distinct d.task_id)::integer from ${schema}.due d where d.lane = 0) as held,
       (select count(*)::integer from (
         select 1 from ${schema}.tasks t where t.end_state = 'error' limit $1) c) as errors,
       (select count(*)::integer from (
         select 1
         from ${schema}.tasks t
         join ${schema}.task_progress p on p.task_id = t.task_id
         where t.ended_at is null and p.errors > 0
         limit $1) c) as failing,
       (select count(*)::integer from (
         select 1
         from ${schema}.tasks t
         join ${schema}.task_progress p on p.task_id = t.task_id and not p.held
         join ${schema}.definitions d on d.definition_id = t.definition_id and not d.held
         where t.ended_at is null
           and t.deadline_at < clock_timestamp() - $2 * interval '1 second'
         limit $1) c) as past_deadline`,
    [countMax, lateAfterSeconds],
  )
  return {
    openTaskCount: Number(row?.['open']),
    late: await readLateLanes(inspection, lateAfterSeconds),
    heldTaskCount: Number(row?.['held']),
    heldNamespaces: await readHeldNamespaces(inspection),
    errorTaskCount: Number(row?.['errors']),
    failingTaskCount: Number(row?.['failing']),
    pastDeadlineTaskCount: Number(row?.['past_deadline']),
  }
}

// Lanes of held namespaces are refused by every claim: what waits there is not late.
async function readLateLanes(
  { ask, schema }: Inspection,
  lateAfterSeconds: number,
): Promise<LateLane[]> {
  const rows = await ask(
    `select n.name || '/' || m.name || '@' || f.version as definition, l.lane < 0 as is_of_suspects,
       l.steps, extract(epoch from clock_timestamp() - l.oldest)::float8 as late,
       exists (select 1 from ${schema}.workers w where ${isLive('w', 'null')} and abs(l.lane) = any (w.serves))
         as is_served
     from (
       select d.lane, count(*)::integer as steps, min(d.run_at) as oldest
       from ${schema}.due d
       where d.lane <> 0 and d.run_at < clock_timestamp() - $1 * interval '1 second'
       group by d.lane
     ) l
     join ${schema}.definitions f on f.definition_id = abs(l.lane) and not f.held
     join ${schema}.named_tasks m on m.named_task_id = f.named_task_id
     join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
     order by l.oldest`,
    [lateAfterSeconds],
  )
  return rows.map((row) => ({
    definition: String(row['definition']),
    stepCount: Number(row['steps']),
    lateSeconds: Number(row['late']),
    isServed: row['is_served'] === true,
    isOfSuspects: row['is_of_suspects'] === true,
  }))
}

async function readHeldNamespaces({
  ask,
  schema,
}: Inspection): Promise<StuckWork['heldNamespaces']> {
  const rows = await ask(
    `select n.name, coalesce(n.held_by, 'somebody') as by
     from ${schema}.task_namespaces n
     where n.held_at is not null
     order by n.name`,
    [],
  )
  return rows.map((row) => ({ name: String(row['name']), by: String(row['by']) }))
}

export async function readStoredVersions({ ask, schema }: Inspection): Promise<StoredVersion[]> {
  const rows = await ask(
    `select n.name as namespace, m.name, d.version, d.digest,
       exists (select 1 from ${schema}.tasks t where t.definition_id = d.definition_id) as is_used,
       exists (select 1 from ${schema}.tasks t where t.definition_id = d.definition_id
         and t.ended_at is null) as has_open
     from ${schema}.definitions d
     join ${schema}.named_tasks m on m.named_task_id = d.named_task_id
     join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
     order by n.name, m.name, d.definition_id`,
    [],
  )
  return rows.map((row) => ({
    namespace: String(row['namespace']),
    name: String(row['name']),
    version: String(row['version']),
    digest: String(row['digest']),
    hasOpenTasks: row['has_open'] === true,
    isUsed: row['is_used'] === true,
  }))
}
