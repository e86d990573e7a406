// Nothing waits without a reason, and nothing that waits is lost: due rows, counters and the task's own state, against the
// steps. Together they say why each open task has not ended: something of it runs, is due, is held, or is to come.
import { openTask, satisfied, type Invariant } from './invariant.ts'

export const ofWaiting: readonly Invariant[] = [
  {
    name: 'due-row-allowed',
    says: 'a due row that may not exist (rule 15)',
    of: 'tasks',
    sql: `
      select d.task_id || '/' || d.step_no as subject
      from tasker.due d
      left join tasker.tasks t on t.task_id = d.task_id
      left join tasker.workflow_steps s on s.task_id = d.task_id and s.step_no = d.step_no
      where t.state is null or s.state is null
        or not case
          when d.step_no > 0 then ${openTask} and s.waiting = 0
            and (s.state = 'pending' or (s.state = 'error' and s.attempts < s.retry_limit))
          when d.step_no = 0 then t.state = 'complete' and s.state in ('pending', 'error')
          else ${openTask} and s.state in ('pending', 'error')
        end`,
  },
  {
    name: 'due-row-present',
    says: 'a step that may run and has no due row (rule 15)',
    of: 'tasks',
    // A deadline that had passed when its task was revived is not due again.
    sql: `
      select s.task_id || '/' || s.step_no as subject
      from tasker.workflow_steps s
      join tasker.tasks /* by key */ t on t.task_id = s.task_id
      where s.state = 'pending' and s.waiting = 0
        and case s.step_no
          when 0 then t.state = 'complete'
          when -1 then ${openTask} and not exists (
            select 1 from tasker.task_transitions /* by key */ h where h.task_id = t.task_id and h.from_state = 'error')
          else ${openTask}
        end
        and not exists (
          select 1 from tasker.due /* by key */ d where d.task_id = s.task_id and d.step_no = s.step_no)`,
  },
  {
    name: 'due-row-lane',
    says: 'a due row in the wrong lane (rule 15: held 0; rule 9: suspects below 0) or of the wrong priority',
    of: 'tasks',
    sql: `
      select d.task_id || '/' || d.step_no || ' in lane ' || d.lane || ' of priority ' || d.priority as subject
      from tasker.due d
      join tasker.tasks t on t.task_id = d.task_id
      join tasker.task_progress p on p.task_id = d.task_id
      join tasker.workflow_steps s on s.task_id = d.task_id and s.step_no = d.step_no
      left join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = d.step_no
      where d.lane <> case
          when p.held and d.step_no <> 0 then 0
          when s.losses >= 2 then -t.definition_id
          else t.definition_id
        end
        or (d.step_no > 0 and d.priority <> coalesce(g.priority, t.priority))`,
  },
  {
    name: 'counters',
    says: 'counters that differ from a recount (rule 12)',
    of: 'tasks',
    sql: `
      select p.task_id || ' has ' || row(p.open, p.not_satisfied, p.errors)::text
        || ', counted ' || row(n.open, n.not_satisfied, n.errors)::text as subject
      from tasker.task_progress p
      cross join lateral (
        select
          count(*) filter (where s.state = 'in_progress' or d.task_id is not null) as open,
          count(*) filter (where s.state not in ${satisfied}) as not_satisfied,
          count(*) filter (where s.state = 'error' and d.task_id is null) as errors
        from tasker.workflow_steps /* by key */ s
        left join tasker.due /* by key */ d on d.task_id = s.task_id and d.step_no = s.step_no
        where s.task_id = p.task_id and s.step_no > 0
      ) n
      where row(p.open, p.not_satisfied, p.errors) <> row(n.open, n.not_satisfied, n.errors)
        and exists (select 1 from tasker.tasks /* by key */ t where t.task_id = p.task_id)`,
  },
  {
    name: 'task-has-reason',
    says: 'a task that should have ended, or ended too early: open exactly while a step of it runs or is due (rule 12)',
    of: 'tasks',
    sql: `
      select t.task_id || ' is ' || t.state || ', steps that run or are due: ' || n.moving as subject
      from tasker.tasks t
      cross join lateral (
        select count(*) as moving
        from tasker.workflow_steps /* by key */ s
        left join tasker.due /* by key */ d on d.task_id = s.task_id and d.step_no = s.step_no
        where s.task_id = t.task_id and s.step_no > 0 and (s.state = 'in_progress' or d.task_id is not null)
      ) n
      where (${openTask}) <> (n.moving > 0)`,
  },
  {
    name: 'task-end-state',
    says: 'a task that ended in another state than its steps say (rule 12)',
    of: 'tasks',
    sql: `
      select t.task_id || ' is ' || t.state as subject
      from tasker.tasks t
      join tasker.task_progress p on p.task_id = t.task_id
      where (t.state = 'complete' and p.not_satisfied > 0)
        or (t.state = 'error' and p.errors = 0 and not exists (
          select 1 from tasker.task_transitions /* by key */ h
          where h.task_id = t.task_id and h.to_state = 'error' and h.reason = 'deadline_exceeded'))`,
  },
]
