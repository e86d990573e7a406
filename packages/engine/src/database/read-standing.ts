// Reads where a task stands, in one statement and so at one instant. What it means is said by reports/why.ts.
import type { TaskId } from '../ids.ts'
import type { Database } from './connect.ts'
import { isLive } from './read-workers.ts'
import {
  readStep,
  readTask,
  readWorker,
  type ChangeJson,
  type FailureJson,
  type StepJson,
  type TaskJson,
  type WorkerJson,
} from './standing-rows.ts'
import type { Standing } from './standing.ts'

/** Null: there is no such task. Rows are told apart by `kind`, and put together by step number here: never joined. */
export async function readStanding(
  database: Database,
  taskId: TaskId,
  at: Date | null,
): Promise<Standing | null> {
  const rows = await database.run('read_standing', statement(database.schema), [taskId, at])
  const task = ofKind<TaskJson>(rows, 'task')[0]
  if (task === undefined) return null
  const changes = byStep(ofKind<ChangeJson>(rows, 'change'))
  const failures = byStep(ofKind<FailureJson>(rows, 'failure'))
  const steps = ofKind<StepJson>(rows, 'step')
  return {
    task: readTask(task),
    steps: steps.map((step) =>
      readStep(step, changes.get(step.step_no), failures.get(step.step_no)),
    ),
    workers: ofKind<WorkerJson>(rows, 'worker').map(readWorker),
    liveWorkers: task.live_workers,
    servedVersions: task.served_versions,
  }
}

/** Steps that run now on each of the given workers, from the receipts of their claims. */
export async function readRunningCounts(
  database: Database,
  workerIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { schema } = database
  const rows = await database.run(
    'read_running_counts',
    `select r.worker_id, count(*)::integer as running
     from ${schema}.receipts r
     cross join lateral unnest(r.task_ids, r.step_nos, r.claim_nos) as c(task_id, step_no, claim_no)
     cross join lateral (
       select 1 from ${schema}.workflow_steps s
       where s.task_id = c.task_id and s.step_no = c.step_no and s.claim_no = c.claim_no and s.state = 'in_progress'
       offset 0 -- see finish_steps.sql
     ) s
     where r.worker_id = any ($1::integer[])
     group by r.worker_id`,
    [workerIds],
  )
  return new Map(rows.map((row) => [row['worker_id'] as number, row['running'] as number]))
}

const statement = (schema: string): string => `
  select 'task' as kind, to_jsonb(x) as row from (
    select t.task_id, t.definition_id, n.name as namespace, nt.name, d.version, t.state, t.created_at, t.ended_at,
      t.deadline_at, coalesce($2::timestamptz, statement_timestamp()) as at,
      (select count(*) from ${schema}.workflow_steps s where s.task_id = t.task_id and s.step_no > 0) as total_steps,
      p.held as is_held, h.actor as held_by, h.reason as held_why, h.at as held_since,
      n.held_at as namespace_held_since, n.held_by as namespace_held_by, n.held_reason as namespace_held_why,
      e.to_state as last_to, e.actor as last_actor, e.reason as last_reason, e.at as last_at,
      (select count(*) from ${schema}.workers w where ${isLive('w', '$2')}) as live_workers,
      array(
        select o.version from ${schema}.definitions o
        where o.named_task_id = d.named_task_id and exists (
          select 1 from ${schema}.workers w where ${isLive('w', '$2')} and o.definition_id = any (w.serves))
        order by o.definition_id
      ) as served_versions
    from ${schema}.tasks t
    join ${schema}.definitions d on d.definition_id = t.definition_id
    join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
    join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
    join ${schema}.task_progress p on p.task_id = t.task_id
    left join lateral (
      select h.actor, h.reason, h.at from ${schema}.task_transitions h
      where h.task_id = t.task_id and h.metadata ->> 'action' = 'hold'
      order by h.seq desc limit 1
    ) h on p.held
    left join lateral (
      select h.to_state, h.actor, h.reason, h.at from ${schema}.task_transitions h
      where h.task_id = t.task_id and h.from_state is distinct from h.to_state
      order by h.seq desc limit 1
    ) e on true
    where t.task_id = $1
  ) x
  union all
  select 'step', to_jsonb(x) from (
    select r.step_no, r.name, r.current_state as state, r.blocked_by, r.total_parents - r.completed_parents as missing,
      r.attempts, r.retry_limit, r.losses, r.next_retry_at as due_at, r.last_attempted_at as started_at,
      g.parents, g.skippable, g.retryable, g.timeout_ms, s.worker_id, coalesce(q.is_suspect, false) as is_suspect
    from ${schema}.step_readiness(array[$1::uuid], $2) r
    join ${schema}.tasks t on t.task_id = r.task_id
    cross join lateral (
      select g.parents, g.skippable, g.retryable, g.timeout_ms from ${schema}.graph_steps g
      where g.graph_id = t.graph_id and g.step_no = r.step_no
      offset 0 -- see finish_steps.sql
    ) g
    cross join lateral (
      select s.worker_id from ${schema}.workflow_steps s
      where s.task_id = r.task_id and s.step_no = r.step_no
      offset 0
    ) s
    left join lateral (
      select d.lane < 0 as is_suspect from ${schema}.due d
      where d.task_id = r.task_id and d.step_no = r.step_no
      offset 0
    ) q on true
    where r.current_state not in ('complete', 'resolved_manually', 'skipped')
    order by r.step_no
  ) x
  union all
  select 'change', to_jsonb(x) from (
    select distinct on (h.step_no) h.step_no, h.to_state, h.actor, h.reason, h.at
    from ${schema}.workflow_step_transitions h
    where h.task_id = $1 and h.step_no > 0 and h.from_state <> h.to_state
      and h.to_state not in ('complete', 'resolved_manually', 'skipped')
    order by h.step_no, h.seq desc
  ) x
  union all
  select 'failure', to_jsonb(x) from (
    select distinct on (h.step_no) h.step_no, h.reason, h.at, 
      (h.metadata -> 'error') - '{stack,context,http,errors}'::text[] as error
    from ${schema}.workflow_step_transitions h
    where h.task_id = $1 and h.step_no > 0 and h.from_state = 'in_progress' and h.to_state = 'error'
    order by h.step_no, h.seq desc
  ) x
  union all
  select 'worker', to_jsonb(x) from (
    select w.worker_id, w.host, w.pid, w.slots, w.seen_at, ${isLive('w', '$2')} as is_live,
      t.definition_id = any (w.serves) as is_serving
    from ${schema}.tasks t
    join ${schema}.workers w on t.definition_id = any (w.serves) and ${isLive('w', '$2')}
      or w.worker_id in (
        select s.worker_id from ${schema}.workflow_steps s where s.task_id = t.task_id and s.state = 'in_progress')
    where t.task_id = $1
    order by w.worker_id
  ) x`

type Rows = readonly Readonly<Record<string, unknown>>[]

// The columns of the statement above, as JSON: each kind has one shape.
const ofKind = <Shape>(rows: Rows, kind: string): Shape[] =>
  rows.filter((row) => row['kind'] === kind).map((row) => row['row'] as Shape)

const byStep = <Json extends { readonly step_no: number }>(
  rows: readonly Json[],
): ReadonlyMap<number, Json> => new Map(rows.map((row) => [row.step_no, row]))
