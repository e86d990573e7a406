// Reads how much work there is, by namespace, for gauges: tasks by state, steps that are due, later or held, and how long the
// oldest has been due. Costs what open tasks cost, as the health counts do.
import type { Database } from './connect.ts'
import { isLive } from './read-workers.ts'

export interface NamespaceQueue {
  readonly namespace: string
  readonly tasks: {
    readonly pending: number
    readonly in_progress: number
    readonly complete: number
    readonly error: number
    readonly cancelled: number
    readonly resolved_manually: number
  }
  /** Open, with a step that failed for good. */
  readonly blockedTasks: number
  readonly dueSteps: number
  readonly scheduledSteps: number
  /** Due but for a hold on their task or namespace. */
  readonly heldSteps: number
  /** 0 when none is due. */
  readonly oldestDueSeconds: number
}

export interface Queue {
  readonly workersLive: number
  /** Of all definitions that are stored, by name. */
  readonly namespaces: readonly NamespaceQueue[]
}

export async function readQueue(database: Database, at: Date | null): Promise<Queue> {
  const rows = await database.run('read_queue', statement(database.schema), [at])
  const [workers] = await database.run(
    'count_live_workers',
    `select count(*)::integer as live from ${database.schema}.workers w where ${isLive('w', '$1')}`,
    [at],
  )
  return {
    workersLive: Number(workers?.['live']),
    namespaces: rows.map((row) => {
      const count = (name: string): number => Number(row[name]) // bigint arrives as text
      return {
        namespace: row['namespace'] as string, // task_namespaces.name
        tasks: {
          pending: count('pending'),
          in_progress: count('in_progress'),
          complete: count('complete'),
          error: count('error'),
          cancelled: count('cancelled'),
          resolved_manually: count('resolved_manually'),
        },
        blockedTasks: count('blocked'),
        dueSteps: count('due'),
        scheduledSteps: count('scheduled'),
        heldSteps: count('held'),
        oldestDueSeconds: Math.max(0, count('oldest_due')),
      }
    }),
  }
}

// Lane 0 is that of held tasks, a negative one that of suspects; rows of hooks and deadlines are no steps.
const statement = (schema: string): string => `
  with moment as (select coalesce($1, statement_timestamp()) as at),
  counted as (
    select c.definition_id, 0 as pending, 0 as in_progress, c.tasks_complete as complete, c.tasks_error as error,
      c.tasks_cancelled as cancelled, c.tasks_resolved_manually as resolved_manually
    from ${schema}.task_counts c
    where c.span = 'all'
    union all
    select n.definition_id, n.tasks_pending, n.tasks_in_progress, n.tasks_complete, n.tasks_error, n.tasks_cancelled,
      n.tasks_resolved_manually
    from moment, ${schema}.count_tasks(${schema}.uncounted_tasks(true, null, null), null, moment.at) n
  ),
  task as (
    select c.definition_id, sum(c.pending) as pending, sum(c.in_progress) as in_progress, sum(c.complete) as complete,
      sum(c.error) as error, sum(c.cancelled) as cancelled, sum(c.resolved_manually) as resolved_manually
    from counted c
    group by c.definition_id
  ),
  blocked as (
    select t.definition_id, count(*) as blocked
    from ${schema}.tasks t
    join ${schema}.task_progress p on p.task_id = t.task_id
    where t.ended_at is null and p.errors > 0
    group by t.definition_id
  ),
  queued as (
    select case d.lane when 0 then t.definition_id else abs(d.lane) end as definition_id, d.lane, d.run_at
    from ${schema}.due d
    left join ${schema}.tasks t on d.lane = 0 and t.task_id = d.task_id
    where d.step_no > 0
  ),
  step as (
    select q.definition_id,
      count(*) filter (where q.run_at <= at and q.lane <> 0 and not f.held) as due,
      count(*) filter (where q.run_at > at) as scheduled,
      count(*) filter (where q.run_at <= at and (q.lane = 0 or f.held)) as held,
      min(q.run_at) filter (where q.run_at <= at and q.lane <> 0 and not f.held) as oldest_at
    from moment, queued q
    join ${schema}.definitions f on f.definition_id = q.definition_id
    group by q.definition_id
  )
  select n.name as namespace,
    coalesce(sum(task.pending), 0) as pending,
    coalesce(sum(task.in_progress), 0) as in_progress,
    coalesce(sum(task.complete), 0) as complete,
    coalesce(sum(task.error), 0) as error,
    coalesce(sum(task.cancelled), 0) as cancelled,
    coalesce(sum(task.resolved_manually), 0) as resolved_manually,
    coalesce(sum(blocked.blocked), 0) as blocked,
    coalesce(sum(step.due), 0) as due,
    coalesce(sum(step.scheduled), 0) as scheduled,
    coalesce(sum(step.held), 0) as held,
    coalesce(extract(epoch from max(moment.at) - min(step.oldest_at)), 0)::float8 as oldest_due
  from moment
  cross join ${schema}.definitions f
  join ${schema}.named_tasks m on m.named_task_id = f.named_task_id
  join ${schema}.task_namespaces n on n.namespace_id = m.namespace_id
  left join task on task.definition_id = f.definition_id
  left join blocked on blocked.definition_id = f.definition_id
  left join step on step.definition_id = f.definition_id
  group by n.name
  order by n.name`
