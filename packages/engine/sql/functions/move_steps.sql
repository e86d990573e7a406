-- Moves steps by hand, for operate_tasks. What happens to children, joins and counters is the same fold as in finish_steps:
--   cancel   pending, in_progress, error → cancelled; what depends on it can never run and is cancelled too
--   resolve  pending, in_progress, error → resolved_manually, with the given result; releases its children
--   skip     pending, in_progress, error → skipped; releases its children
--   retry    error, and no retry to come → pending and due at once, with p_more_attempts; losses stay those of a suspect
-- A running step is settled at once and its late outcome refused. A child that was satisfied by hand before its parents is
-- counted down by them and stays as it is. A task in error is revived when something of it can go on, and ends anew by the
-- rule of every task: nothing open → error if a step is in error, else cancelled if one is not satisfied, else complete.
-- p_steps: names; null, for retry only: every step that failed for good.
-- Per task: what it was and is, the steps moved ({step, step_no, claim_no, from, to, by: asked | descent | release}) and
-- refused ({step, from: its state, or null where there is no such step; is_scheduled: a retry is to come}).
--
-- Locks: task_progress by id, due, tasks, steps. Due rows go first and steps are read in a later statement: its snapshot
-- shows what a claim that was waited for has done.
create or replace function tasker.move_steps(
  p_action text,
  p_task_ids uuid[],
  p_steps text[],
  p_result jsonb,
  p_more_attempts integer,
  p_actor text,
  p_reason text,
  p_now timestamptz
) returns table (moved_id uuid, from_state text, to_state text, last_seq integer, steps jsonb, refused jsonb)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_locked uuid[];
  v_tasks uuid[];
  v_step_nos integer[];
  v_names text[];
  v_due jsonb := '{}';
  v_reply jsonb;
  v_ended uuid[];
  v_failed uuid[];
begin
  select coalesce(array_agg(k.task_id), '{}') into v_locked
  from (
    select p.task_id
    from tasker.task_progress p
    where p.task_id = any (p_task_ids)
    order by p.task_id
    for no key update
  ) k;

  -- What has ended is in the statistics: out of them before it changes, back into them where it stays in error.
  v_failed := tasker.count_tasks_left(
    array(select t.task_id from tasker.tasks t where t.task_id = any (v_locked) and t.state = 'error'));

  -- 1. Which steps are meant. A graph never changes, so names may be looked up before anything else.
  select coalesce(array_agg(n.task_id), '{}'), coalesce(array_agg(n.step_no), '{}'), coalesce(array_agg(n.name), '{}')
  into v_tasks, v_step_nos, v_names
  from (
    select t.task_id, g.step_no, a.name
    from tasker.tasks t
    cross join unnest(p_steps) as a(name)
    cross join lateral (
      select g.step_no
      from tasker.graph_steps g
      where g.graph_id = t.graph_id and g.name = a.name
      offset 0 -- see finish_steps
    ) g
    where t.task_id = any (v_locked)
    union
    select s.task_id, s.step_no, null
    from tasker.workflow_steps s
    where p_steps is null and s.task_id = any (v_locked) and s.state = 'error' and s.step_no > 0
      and not exists (select 1 from tasker.due d where d.task_id = s.task_id and d.step_no = s.step_no)
  ) n;

  -- 2. Their due rows. A step that has one leaves it in each of these moves, whatever its state is by then.
  if p_action <> 'retry' then
    with gone as (
      delete from tasker.due d
      using unnest(v_tasks, v_step_nos) as k(task_id, step_no)
      where d.task_id = k.task_id and d.step_no = k.step_no
      returning d.task_id, d.step_no
    )
    select coalesce(jsonb_object_agg(g.task_id || '/' || g.step_no, true), '{}') into v_due from gone g;
  end if;

  -- A claim that is starting one of the tasks is waited for: the state that is read next is the one that is left.
  perform 1
  from tasker.tasks t
  where t.task_id = any (v_locked)
  for no key update;

  -- 3. The fold: one row per step, decided by reading under the lock; then one update per table.
  with recursive asked as materialized (
    select
      s.task_id, s.step_no, k.name, s.state,
      case
        when t.state not in ('pending', 'in_progress', 'error') then false
        when p_action = 'retry' then s.state = 'error' and not q.is_scheduled
        else s.state in ('pending', 'in_progress', 'error')
      end as is_legal,
      q.is_scheduled or v_due ? (s.task_id || '/' || s.step_no) as is_scheduled
    from unnest(v_tasks, v_step_nos, v_names) as k(task_id, step_no, name)
    cross join lateral (
      select * from tasker.workflow_steps s where s.task_id = k.task_id and s.step_no = k.step_no offset 0
    ) s
    cross join lateral (
      select exists (select 1 from tasker.due d where d.task_id = k.task_id and d.step_no = k.step_no) as is_scheduled
    ) q
    join tasker.tasks t on t.task_id = k.task_id
  ),
  descent as (
    select a.task_id, a.step_no, 'asked' as because, a.is_scheduled
    from asked a
    where a.is_legal
    union
    select d.task_id, c.step_no, 'descent', false
    from descent d
    join tasker.tasks t on t.task_id = d.task_id
    cross join lateral (
      select g.children from tasker.graph_steps g where g.graph_id = t.graph_id and g.step_no = d.step_no offset 0
    ) g
    cross join lateral unnest(g.children) as c(step_no)
    cross join lateral (
      select s.state from tasker.workflow_steps s where s.task_id = d.task_id and s.step_no = c.step_no offset 0
    ) s
    where p_action = 'cancel' and s.state = 'pending'
  ),
  satisfied as (
    select d.task_id, c.step_no, count(*)::integer as parents
    from descent d
    join tasker.tasks t on t.task_id = d.task_id
    cross join lateral (
      select g.children from tasker.graph_steps g where g.graph_id = t.graph_id and g.step_no = d.step_no offset 0
    ) g
    cross join lateral unnest(g.children) as c(step_no)
    where p_action in ('resolve', 'skip')
    group by d.task_id, c.step_no
  ),
  folded as (
    select n.task_id, n.step_no, min(n.because) as because, -- asked sorts before descent
      bool_or(n.is_scheduled) as is_scheduled, max(n.parents) as parents
    from (
      select d.task_id, d.step_no, d.because, d.is_scheduled, 0 as parents from descent d
      union all
      select s.task_id, s.step_no, null, false, s.parents from satisfied s
    ) n
    group by n.task_id, n.step_no
  ),
  change as materialized (
    select
      f.task_id, f.step_no, f.because, f.is_scheduled, f.parents, s.state as from_state, s.claim_no, s.attempts,
      case
        when f.because is null then s.state
        when p_action = 'cancel' then 'cancelled'
        when p_action = 'resolve' then 'resolved_manually'
        when p_action = 'skip' then 'skipped'
        else 'pending'
      end as to_state,
      (f.because is null and s.state = 'pending' and s.waiting = f.parents) as is_released,
      case when p.held then 0 when s.losses >= 2 then -t.definition_id else t.definition_id end as lane,
      coalesce(g.priority, t.priority) as priority, g.name
    from folded f
    cross join lateral (
      select * from tasker.workflow_steps s where s.task_id = f.task_id and s.step_no = f.step_no offset 0
    ) s
    join tasker.tasks t on t.task_id = f.task_id
    join tasker.task_progress p on p.task_id = f.task_id
    cross join lateral (
      select g.name, g.priority from tasker.graph_steps g where g.graph_id = t.graph_id and g.step_no = f.step_no offset 0
    ) g
  ),
  changed as materialized (
    update tasker.workflow_steps s set
      state = n.to_state,
      waiting = s.waiting - n.parents,
      retry_limit = case when p_action = 'retry' then greatest(s.retry_limit, least(s.attempts + p_more_attempts, 32767))
        else s.retry_limit end,
      losses = case when p_action = 'retry' then least(s.losses, 2) else s.losses end,
      worker_id = case when n.because is null then s.worker_id end,
      ended_at = case when n.because is null then s.ended_at when p_action <> 'retry' then p_now end
    from change n
    where s.task_id = n.task_id and s.step_no = n.step_no and s.state = n.from_state and s.claim_no = n.claim_no
    returning n.*
  ),
  effect as materialized (
    select c.*, row_number() over (partition by c.task_id, c.because is null order by c.step_no) as entry_no
    from changed c
  ),
  stored as (
    insert into tasker.step_results (task_id, step_no, result)
    select e.task_id, e.step_no, p_result
    from effect e
    where p_action = 'resolve' and e.because = 'asked'
  ),
  queued as (
    insert into tasker.due (lane, priority, run_at, task_id, step_no)
    select e.lane, e.priority, p_now, e.task_id, e.step_no
    from effect e
    where e.is_released or (e.because is not null and p_action = 'retry')
  ),
  task as materialized (
    select
      e.task_id, t.state, p.seq, count(*) filter (where e.because is not null) as entries,
      p.open + count(*) filter (where e.is_released or e.to_state = 'pending' and e.because is not null)
        - count(*) filter (where e.because is not null and (e.from_state = 'in_progress' or e.is_scheduled)) as open,
      p.not_satisfied - count(*) filter (where e.because is not null and e.to_state in ('resolved_manually', 'skipped'))
        as not_satisfied,
      p.errors - count(*) filter (where e.because is not null and e.from_state = 'error' and not e.is_scheduled) as errors
    from effect e
    join tasker.tasks t on t.task_id = e.task_id
    join tasker.task_progress p on p.task_id = e.task_id
    group by e.task_id, t.state, p.seq, p.open, p.not_satisfied, p.errors
  ),
  judged as materialized (
    select
      k.*,
      (k.state = 'error' and (k.open > 0 or k.errors = 0))::integer as revived,
      case when k.open = 0 and (k.state <> 'error' or k.errors = 0) then
        case when k.errors > 0 then 'error' when k.not_satisfied > 0 then 'cancelled' else 'complete' end
      end as end_state
    from task k
  ),
  progressed as (
    update tasker.task_progress p set
      open = j.open,
      not_satisfied = j.not_satisfied,
      errors = j.errors,
      seq = j.seq + j.entries + j.revived + (j.end_state is not null)::integer
    from judged j
    where p.task_id = j.task_id and p.seq = j.seq
  ),
  closed as (
    update tasker.tasks t set
      state = coalesce(j.end_state, 'in_progress'),
      ended_at = case when j.end_state is not null then p_now end
    from judged j
    where t.task_id = j.task_id and t.state = j.state and (j.revived = 1 or j.end_state is not null)
  ),
  logged as (
    insert into tasker.workflow_step_transitions
      (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
    select e.task_id, j.seq + j.revived + e.entry_no, e.step_no, e.claim_no, e.from_state, e.to_state, e.attempts, p_actor,
      p_reason, jsonb_build_object('action', p_action)
        || case when e.because = 'descent' then jsonb_build_object('because', 'a step it depends on was cancelled')
          else '{}'::jsonb end,
      p_now
    from effect e
    join judged j on j.task_id = e.task_id
    where e.because is not null
  ),
  task_logged as (
    insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, metadata, at)
    select j.task_id, j.seq + 1, 'error', 'in_progress', p_actor, p_reason, jsonb_build_object('action', p_action), p_now
    from judged j
    where j.revived = 1
    union all
    select j.task_id, j.seq + j.revived + j.entries + 1, case when j.revived = 1 then 'in_progress' else j.state end,
      j.end_state, p_actor,
      case j.end_state when 'error' then 'steps_in_error_state' when 'cancelled' then 'steps_cancelled'
        else 'all_steps_satisfied' end,
      jsonb_build_object('action', p_action), p_now
    from judged j
    where j.end_state is not null
  ),
  moved as materialized (
    select e.task_id, jsonb_agg(jsonb_build_object('step', e.name, 'step_no', e.step_no, 'claim_no', e.claim_no,
      'from', e.from_state, 'to', e.to_state, 'by', coalesce(e.because, 'release')) order by e.because, e.step_no) as steps
    from effect e
    where e.because is not null or e.is_released
    group by e.task_id
  ),
  refused as materialized (
    select n.task_id, jsonb_agg(jsonb_build_object('step', n.name, 'from', n.state, 'is_scheduled', n.is_scheduled)
      order by n.name) as steps
    from (
      select a.task_id, a.name, a.state, a.is_scheduled
      from asked a
      where a.name is not null and not a.is_legal
      union all
      select t.task_id, a.name, null, false
      from tasker.tasks t
      cross join unnest(p_steps) as a(name)
      where t.task_id = any (v_locked)
        and not exists (select 1 from tasker.graph_steps g where g.graph_id = t.graph_id and g.name = a.name offset 0)
    ) n
    group by n.task_id
  ),
  said as (
    select t.task_id,
      jsonb_build_object(
        'from', t.state,
        'to', coalesce(j.end_state, case when j.revived = 1 then 'in_progress' end, t.state),
        'revived', coalesce(j.revived = 1 and j.end_state is null, false),
        'seq', coalesce(j.seq + j.revived + j.entries + (j.end_state is not null)::integer, p.seq),
        'steps', coalesce(m.steps, '[]'),
        'refused', coalesce(r.steps, '[]')
      ) as reply,
      j.end_state is not null as is_ended
    from tasker.tasks t
    join tasker.task_progress p on p.task_id = t.task_id
    left join judged j on j.task_id = t.task_id
    left join moved m on m.task_id = t.task_id
    left join refused r on r.task_id = t.task_id
    where t.task_id = any (v_locked)
  )
  select coalesce(jsonb_object_agg(s.task_id, s.reply), '{}'), coalesce(array_agg(s.task_id) filter (where s.is_ended), '{}')
  into v_reply, v_ended
  from said s;

  -- 4. What an end leaves behind, and what a revival brings back: a deadline still to come.
  if v_ended <> '{}' then
    perform tasker.after_tasks_ended(v_ended, p_now);
  end if;
  perform tasker.count_tasks_ended(array(select unnest(v_failed) except select unnest(v_ended)));
  insert into tasker.due (lane, priority, run_at, task_id, step_no)
  select case when p.held then 0 else t.definition_id end, 0, t.deadline_at, t.task_id, -1
  from tasker.tasks t
  join tasker.task_progress p on p.task_id = t.task_id
  join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no = -1 and s.state = 'pending'
  where t.task_id = any (v_locked) and (v_reply -> t.task_id::text ->> 'revived')::boolean and t.deadline_at > p_now;

  return query
  select k.id, r.reply ->> 'from', r.reply ->> 'to', (r.reply ->> 'seq')::integer, r.reply -> 'steps', r.reply -> 'refused'
  from unnest(v_locked) as k(id)
  cross join lateral (select v_reply -> k.id::text as reply) r;
end
$$;
