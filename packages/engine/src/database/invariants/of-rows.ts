// Each row for itself: its state is one of the tables in states.ts and agrees with the columns beside it; and the rows that
// make a task are all there, and belong to one.
import { stepStates, taskStates } from '../../states.ts'
import { openTask, satisfied, textsOf, type Invariant } from './invariant.ts'

/** Due rows and results have invariants of their own. */
const tablesOfTasks = [
  'workflow_steps',
  'task_progress',
  'task_contexts',
  'task_annotations',
  'task_transitions',
  'workflow_step_transitions',
  'step_claims',
]

export const ofRows: readonly Invariant[] = [
  {
    name: 'task-state',
    says: 'a task in no legal state, or whose times contradict it',
    of: 'tasks',
    sql: `
      select t.task_id || ' is ' || t.state as subject
      from tasker.tasks t
      where t.state not in ${textsOf(taskStates)}
        or (t.ended_at is null) <> (${openTask})
        or (t.started_at is null and t.state = 'in_progress')
        or (t.started_at is not null and t.state = 'pending')`,
  },
  {
    name: 'step-state',
    says: 'a step in no legal state, or whose worker, times or numbers contradict it',
    of: 'tasks',
    sql: `
      select s.task_id || '/' || s.step_no || ' is ' || s.state as subject
      from tasker.workflow_steps s
      where s.state not in ${textsOf(stepStates)}
        or (s.state = 'in_progress') <> (s.worker_id is not null)
        or (s.state = 'in_progress' and (s.started_at is null or s.ended_at is not null))
        or (s.state in ('complete', 'error') and (s.started_at is null or s.ended_at is null))
        or (s.claim_no > 0 and s.started_at is null)
        or s.waiting < 0 or s.attempts < 0 or s.losses < 0 or s.waits < 0
        or s.attempts > s.claim_no or s.attempts > s.retry_limit`,
  },
  {
    name: 'task-is-whole',
    says: 'a task without its progress, context, definition or deadline',
    of: 'tasks',
    sql: `
      select t.task_id::text as subject
      from tasker.tasks t
      where not exists (select 1 from tasker.task_progress /* by key */ p where p.task_id = t.task_id)
        or not exists (select 1 from tasker.task_contexts /* by key */ c where c.task_id = t.task_id)
        or not exists (select 1 from tasker.definitions d where d.definition_id = t.definition_id)
        or (t.deadline_at is not null) <> exists (
          select 1 from tasker.workflow_steps /* by key */ s where s.task_id = t.task_id and s.step_no = -1)`,
  },
  {
    name: 'steps-of-graph',
    says: 'a step that the graph of its task has not, or the other way round',
    of: 'tasks',
    sql: `
      select coalesce(n.task_id, s.task_id) || '/' || coalesce(n.step_no, s.step_no) as subject
      from (
        select t.task_id, g.step_no
        from tasker.tasks t
        join tasker.graph_steps g on g.graph_id = t.graph_id
      ) n
      full join (
        select w.task_id, w.step_no
        from tasker.workflow_steps w
        where w.step_no > 0 and exists (select 1 from tasker.tasks /* by key */ t where t.task_id = w.task_id)
      ) s on s.task_id = n.task_id and s.step_no = n.step_no
      where n.step_no is null or s.step_no is null`,
  },
  {
    name: 'no-orphan',
    says: 'a row of a task that is not there',
    of: 'tasks',
    sql: tablesOfTasks
      .map(
        (table) => `
      select distinct '${table}: ' || o.task_id as subject
      from tasker.${table} o
      where not exists (select 1 from tasker.tasks /* by key */ t where t.task_id = o.task_id)`,
      )
      .join('\n      union all'),
  },
  {
    name: 'result-of-step',
    says: 'a result that may not exist, or a completed step without one',
    of: 'tasks',
    sql: `
      select coalesce(s.task_id, r.task_id) || '/' || coalesce(s.step_no, r.step_no) as subject
      from (
        select w.* from tasker.workflow_steps w where w.step_no > 0 and w.state in ('complete', 'resolved_manually')
      ) s
      full join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
      where s.task_id is null or (s.state = 'complete' and r.task_id is null)`,
  },
  {
    name: 'result-taken-over',
    says: 'a result taken over from a task that has none of its own there',
    of: 'tasks',
    sql: `
      select r.task_id || '/' || r.step_no || ' from ' || r.source_task_id as subject
      from tasker.step_results r
      left join tasker.step_results /* by key */ o
        on o.task_id = r.source_task_id and o.step_no = r.step_no
      where r.source_task_id is not null and (o.task_id is null or o.source_task_id is not null)`,
  },
  {
    name: 'parents-missing',
    says: 'parents missing that differ from a recount',
    of: 'tasks',
    // An edge and its parent are brought together by a window and not by a join, which would be quadratic in a wide task when
    // the planner takes it for a narrow one.
    sql: `
      select e.task_id || '/' || e.child || ' waits for ' || max(e.waiting) || ', counted '
        || count(*) filter (where e.is_missing) as subject
      from (
        select n.task_id, n.child, n.waiting, n.is_edge,
          n.is_edge and bool_or(n.is_unsatisfied) over (partition by n.task_id, n.step_no) as is_missing
        from (
          select t.task_id, p.step_no, g.step_no as child, null::integer as waiting, true as is_edge,
            null::boolean as is_unsatisfied
          from tasker.tasks t
          join tasker.graph_steps g on g.graph_id = t.graph_id
          left join lateral unnest(g.parents) as p(step_no) on true
          union all
          select s.task_id, s.step_no, s.step_no, s.waiting, false, s.state not in ${satisfied}
          from tasker.workflow_steps s
        ) n
      ) e
      group by e.task_id, e.child
      having bool_or(e.is_edge) and max(e.waiting) <> count(*) filter (where e.is_missing)`,
  },
  {
    name: 'parents-first',
    says: 'a step that was claimed before its parents were done',
    of: 'tasks',
    sql: `
      select s.task_id || '/' || s.step_no || ' (' || s.state || ')' as subject
      from tasker.workflow_steps s
      where s.waiting > 0 and s.claim_no > 0`,
  },
]
