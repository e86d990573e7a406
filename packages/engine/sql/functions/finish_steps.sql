-- Records outcomes of any number of steps and claims the next ones, in one transaction and one round trip.
-- A call without outcomes is a plain claim. Stops 6 to 9 of a task's life (ARCHITECTURE.md).
--
-- p_outcomes: [{task_id, step_no, claim_no, kind, result, delay_ms, run_at, reason, error}], kind one of
--   complete   the result is stored, children are released
--   failed     tried again after delay_ms while attempts < retry_limit; without delay_ms, or beyond the limit, final
--   wait       the attempt is handed back; runs again at run_at
--   release    the attempt is handed back; due at once
--   lost       the worker died: handed back, losses + 1; due at run_at, or at once; final at p_lost_limit or not retryable
-- p_waits: wait for tasks that another call holds, instead of answering `busy`.
-- p_want: free slots. p_lanes: what this worker serves now; those of held namespaces are refused.
-- p_due_first: released children compete in the due table. p_settled: receipts to forget. p_now: for tests.
--
-- Returns rows of json, told apart by `kind`: recorded (all that this call recorded, and how many released steps it left
-- in the due table), outcome (each of the others: already_recorded, busy, refused), started, ended, claim, idle (the claim
-- was not filled; ms to the next due step), better_waiting, worker_lost.
--
-- Locks: task_progress by id, then due rows (skip locked), steps, tasks, then only appends. A claim waits for nothing
-- but a step whose due row it holds. Every statement after the lock has a snapshot taken after it, so nothing is
-- decided on rows read before. Plan settings are pinned: a generic plan made on empty tables must stay right on full ones.
-- For the same reason a step is looked up in a lateral subquery with `offset 0`: joined plainly, its task_id equals that of
-- other tables too, and a plan that looks it up by task_id alone is quadratic in a wide task (10,000 steps: 37 s against 2).
create or replace function tasker.finish_steps(
  p_worker_id integer,
  p_call_id uuid,
  p_outcomes jsonb,
  p_waits boolean,
  p_want integer,
  p_lanes integer[],
  p_due_first boolean,
  p_settled uuid[],
  p_actor text,
  p_lost_limit integer,
  p_results_max_bytes integer,
  p_now timestamptz default null
) returns setof json
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_now timestamptz := coalesce(p_now, statement_timestamp());
  v_live boolean;
  v_barred integer[];
  v_lanes integer[];
  v_is_resend boolean := false;
  v_locked uuid[] := '{}';
  v_recorded jsonb := '{}';
  v_slots integer := 0;
  v_tasks uuid[] := '{}';
  v_steps integer[] := '{}';
  v_claims integer[] := '{}';
  v_started uuid[] := '{}';
  v_ended uuid[] := '{}';
  v_due tasker.claimed_steps;
  v_best smallint;
  v_queued integer := 0;
begin
  perform tasker.require_read_committed();

  select r.task_ids, r.step_nos, r.claim_nos into v_tasks, v_steps, v_claims
  from tasker.receipts r
  where r.worker_id = p_worker_id and r.call_id = p_call_id;
  if found then
    v_is_resend := true;
  else
    v_tasks := '{}'; v_steps := '{}'; v_claims := '{}';
  end if;

  if not v_is_resend and jsonb_array_length(p_outcomes) > 0 then
    -- 1. The lock, by id. A busy task is left out; on its second try it is waited for.
    if p_waits then
      v_locked := array(
        select p.task_id
        from tasker.task_progress p
        where p.task_id in (select (o ->> 'task_id')::uuid from jsonb_array_elements(p_outcomes) o)
        order by p.task_id
        for no key update
      );
    else
      v_locked := array(
        select p.task_id
        from tasker.task_progress p
        where p.task_id in (select (o ->> 'task_id')::uuid from jsonb_array_elements(p_outcomes) o)
        order by p.task_id
        for no key update skip locked
      );
    end if;
  end if;

  -- The worker and held namespaces, as they are after the lock was waited for: a takeover may have been what held it.
  select w.state = 'live' into v_live from tasker.workers w where w.worker_id = p_worker_id;
  if v_live is not true then
    v_live := false;
    return next json_build_object('kind', 'worker_lost');
  end if;
  v_barred := array(select d.definition_id from tasker.definitions d where d.held);
  v_lanes := array(select l from unnest(p_lanes) as l where not abs(l) = any (v_barred));

  if v_locked <> '{}' then
    -- 2. A claim that met a locked task row left the start to us.
    v_started := tasker.start_tasks(v_locked, p_actor, v_now);

    if v_live and not p_due_first then
      v_slots := p_want;
    end if;

    -- 3. The work. `change` is the fold: one row per step that ends and one per child, decided by reading under the
    -- lock; then one update per table. Rows carry their task's counters, so that no set is joined to another.
    with sent as materialized (
      select distinct on (o.task_id, o.step_no) o.*
      from jsonb_to_recordset(p_outcomes) as o(
        task_id uuid, step_no integer, claim_no integer, kind text, result jsonb,
        delay_ms bigint, run_at timestamptz, reason text, error jsonb)
      where o.task_id = any (v_locked)
      order by o.task_id, o.step_no, o.claim_no desc
    ),
    ending as materialized (
      select
        s.task_id, s.step_no, s.claim_no, s.attempts, s.losses, o.kind, o.result, o.delay_ms, o.reason, o.error,
        t.state as task_state, t.definition_id, coalesce(g.priority, t.priority) as priority, g.children,
        p.held, p.seq, p.open, p.not_satisfied, p.errors,
        case
          when s.step_no = -1 and t.state not in ('pending', 'in_progress') then null -- a deadline dies with its task
          when o.kind = 'failed' and o.delay_ms is not null and s.attempts < s.retry_limit
            then v_now + o.delay_ms * interval '1 millisecond'
          when o.kind = 'lost' and coalesce(g.retryable, true) and s.losses + 1 < p_lost_limit then least(o.run_at, v_now)
          when o.kind = 'wait' then coalesce(o.run_at, v_now)
          when o.kind = 'release' then v_now
        end as due_at
      from sent o
      cross join lateral (
        select *
        from tasker.workflow_steps s
        where s.task_id = o.task_id and s.step_no = o.step_no
        offset 0
      ) s
      join tasker.task_progress p on p.task_id = o.task_id
      join tasker.tasks t on t.task_id = o.task_id
      left join lateral (
        select *
        from tasker.graph_steps g
        where g.graph_id = t.graph_id and g.step_no = o.step_no
        offset 0
      ) g on true
      where s.state = 'in_progress'
        and s.claim_no = o.claim_no
        and (t.state in ('pending', 'in_progress') or s.step_no <= 0)
    ),
    child as materialized (
      select
        s.task_id, s.step_no, s.claim_no, s.attempts, f.satisfied,
        s.state = 'pending' and s.waiting = f.satisfied as is_released,
        t.state as task_state, t.definition_id, coalesce(g.priority, t.priority) as priority,
        p.held, p.seq, p.open, p.not_satisfied, p.errors
      from (
        select e.task_id, c.step_no, count(*)::integer as satisfied
        from ending e
        cross join lateral unnest(e.children) as c(step_no)
        where e.kind = 'complete'
        group by e.task_id, c.step_no
      ) f
      cross join lateral (
        select *
        from tasker.workflow_steps s
        where s.task_id = f.task_id and s.step_no = f.step_no
        offset 0
      ) s
      join tasker.task_progress p on p.task_id = f.task_id
      join tasker.tasks t on t.task_id = f.task_id
      cross join lateral (
        select *
        from tasker.graph_steps g
        where g.graph_id = t.graph_id and g.step_no = f.step_no
        offset 0
      ) g
    ),
    change as materialized (
      select
        e.task_id, e.step_no, e.claim_no, 'in_progress' as from_state,
        case when e.kind = 'complete' then 'complete' when e.kind in ('wait', 'release') then 'pending' else 'error'
        end as to_state,
        true as is_ending, false as is_released, false as is_claimed, 0 as satisfied,
        case when e.kind in ('wait', 'release', 'lost') then 1 else 0 end as handed_back,
        case when e.kind = 'lost' then 1 else 0 end as lost,
        case when e.kind = 'wait' then 1 else 0 end as waited,
        e.attempts, e.kind, e.result, e.delay_ms, e.reason, e.error, e.due_at,
        case
          when e.held and e.step_no <> 0 then 0 -- the hook of a task that has ended
          when e.losses + case when e.kind = 'lost' then 1 else 0 end >= 2 then -e.definition_id
          else e.definition_id
        end as lane,
        e.priority, e.task_state, e.definition_id, e.seq, e.open, e.not_satisfied, e.errors
      from ending e
      union all
      select
        c.task_id, c.step_no, c.claim_no, 'pending',
        case when c.is_claimed then 'in_progress' else 'pending' end,
        false, c.is_released, c.is_claimed, c.satisfied,
        0, 0, 0,
        c.attempts, null, null, null, null, null,
        case when c.is_released and not c.is_claimed then v_now end,
        case when c.held then 0 else c.definition_id end,
        c.priority, c.task_state, c.definition_id, c.seq, c.open, c.not_satisfied, c.errors
      from (
        select
          c.*,
          c.is_free and row_number() over (
            partition by c.is_free
            order by c.priority, c.task_id, c.step_no
          ) <= v_slots as is_claimed
        from (select *, is_released and not held and not definition_id = any (v_barred) as is_free from child) c
      ) c
    ),
    changed as (
      -- A child that was satisfied by hand (skipped, resolved) is counted down too and stays as it is.
      update tasker.workflow_steps s set
        state = case when n.is_ending or s.state = 'pending' then n.to_state else s.state end,
        waiting = s.waiting - n.satisfied,
        claim_no = s.claim_no + n.is_claimed::integer,
        attempts = s.attempts + n.is_claimed::integer - n.handed_back,
        losses = s.losses + n.lost,
        waits = s.waits + n.waited,
        worker_id = case when n.is_claimed then p_worker_id when n.is_ending then null else s.worker_id end,
        started_at = case when n.is_claimed then v_now else s.started_at end,
        ended_at = case when n.is_ending then v_now else s.ended_at end
      from change n
      where s.task_id = n.task_id
        and s.step_no = n.step_no
        and s.claim_no = n.claim_no
        and (s.state = n.from_state or (not n.is_ending and not n.is_claimed))
      returning n.*
    ),
    effect as materialized (
      -- What each row means for its task.
      select
        c.*,
        c.is_ending and c.due_at is null and c.step_no > 0 as closes,
        row_number() over (partition by c.task_id, c.is_ending order by c.step_no) as entry_no,
        count(*) filter (where c.is_ending) over (partition by c.task_id) as entries
      from changed c
    ),
    stored as (
      insert into tasker.step_results (task_id, step_no, result)
      select e.task_id, e.step_no, e.result
      from effect e
      where e.is_ending and e.kind = 'complete' and e.step_no > 0
    ),
    queued as (
      insert into tasker.due (lane, priority, run_at, task_id, step_no)
      select e.lane, e.priority, e.due_at, e.task_id, e.step_no
      from effect e
      where e.due_at is not null
    ),
    logged as (
      insert into tasker.workflow_step_transitions
        (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
      select
        e.task_id, e.seq + e.entry_no, e.step_no, e.claim_no, e.from_state, e.to_state, e.attempts, p_actor,
        coalesce(e.reason, e.kind),
        case when e.error is not null or e.due_at is not null then
          jsonb_strip_nulls(jsonb_build_object('error', e.error, 'delay_ms', e.delay_ms, 'run_at', e.due_at))
        end,
        v_now
      from effect e
      where e.is_ending
    ),
    claimed as (
      insert into tasker.step_claims (task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at)
      select e.task_id, e.step_no, e.claim_no + 1, e.seq + e.entries, 'pending', e.attempts + 1, p_worker_id, v_now
      from effect e
      where e.is_claimed
    ),
    task as materialized (
      select
        e.task_id, e.seq, e.task_state, max(e.entries) as entries,
        e.open + count(*) filter (where e.is_released) - count(*) filter (where e.closes) as open,
        e.not_satisfied - count(*) filter (where e.closes and e.to_state = 'complete') as not_satisfied,
        e.errors + count(*) filter (where e.closes and e.to_state = 'error') as errors
      from effect e
      group by e.task_id, e.seq, e.task_state, e.open, e.not_satisfied, e.errors
    ),
    ended as materialized (
      select
        n.*,
        case when n.task_state = 'in_progress' and n.open = 0 then
          case when n.errors > 0 then 'error' when n.not_satisfied > 0 then 'cancelled' else 'complete' end
        end as end_state
      from task n
    ),
    progressed as (
      update tasker.task_progress p set
        open = n.open,
        not_satisfied = n.not_satisfied,
        errors = n.errors,
        seq = n.seq + n.entries + (n.end_state is not null)::integer
      from ended n
      where p.task_id = n.task_id and p.seq = n.seq
    ),
    closed as (
      update tasker.tasks t set state = n.end_state, ended_at = v_now
      from ended n
      where t.task_id = n.task_id and t.state = 'in_progress' and n.end_state is not null
      returning t.task_id, t.state, n.seq + n.entries + 1 as seq
    ),
    closed_logged as (
      insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
      select c.task_id, c.seq, 'in_progress', c.state, p_actor,
        case c.state when 'error' then 'steps_in_error_state' when 'cancelled' then 'steps_cancelled'
          else 'all_steps_satisfied' end,
        v_now
      from closed c
    )
    select
      coalesce((
        select jsonb_object_agg(e.task_id || '/' || e.step_no,
          jsonb_build_object('claim_no', e.claim_no, 'to', e.to_state, 'run_at', e.due_at))
        from effect e where e.is_ending), '{}'),
      coalesce((select array_agg(e.task_id order by e.task_id, e.step_no) from effect e where e.is_claimed), '{}'),
      coalesce((select array_agg(e.step_no order by e.task_id, e.step_no) from effect e where e.is_claimed), '{}'),
      coalesce((select array_agg(e.claim_no + 1 order by e.task_id, e.step_no) from effect e where e.is_claimed), '{}'),
      (select min(e.priority) from effect e where e.is_claimed),
      coalesce((select array_agg(c.task_id) from closed c), '{}'),
      (select count(*) from effect e where e.is_released and not e.is_claimed)
    into v_recorded, v_tasks, v_steps, v_claims, v_best, v_ended, v_queued;

    if v_ended <> '{}' then
      perform tasker.after_tasks_ended(v_ended, v_now);
    end if;
  end if;

  -- 4. The answer to each outcome. One that could not be recorded is kept in the history: its work was done.
  if jsonb_array_length(p_outcomes) > 0 then
    return next json_build_object('kind', 'recorded', 'steps', v_recorded, 'queued', v_queued);
    return query select * from tasker.answer_outcomes(p_outcomes, v_locked, v_recorded, v_is_resend, p_actor, v_now);
    return query
      select json_build_object('kind', 'ended', 'task_id', t.task_id, 'state', t.state,
        'definition_id', t.definition_id, 'created_at', t.created_at, 'ended_at', t.ended_at, 'seq', p.seq)
      from tasker.tasks t
      join tasker.task_progress p on p.task_id = t.task_id
      where t.task_id = any (v_ended);
  end if;

  -- 5. The slots that children did not take are filled from the due table.
  if v_live and not v_is_resend and p_want > cardinality(v_tasks) then
    v_due := tasker.claim_due(p_worker_id, p_want - cardinality(v_tasks), v_lanes, p_actor, v_now);
    v_due.run_ats := array_fill(null::timestamptz, array[cardinality(v_tasks)]) || v_due.run_ats;
    v_tasks := v_tasks || v_due.task_ids;
    v_steps := v_steps || v_due.step_nos;
    v_claims := v_claims || v_due.claim_nos;
    v_started := v_started || v_due.started;
  end if;
  if v_started <> '{}' then
    return query
      select json_build_object('kind', 'started', 'task_id', t.task_id, 'definition_id', t.definition_id)
      from tasker.tasks t
      where t.task_id = any (v_started);
  end if;

  -- 6. The receipt, in the same transaction: a lost reply is asked for again, a dead worker's steps are found here.
  if not v_is_resend and v_tasks <> '{}' then
    insert into tasker.receipts (worker_id, call_id, task_ids, step_nos, claim_nos, run_ats, at)
    values (p_worker_id, p_call_id, v_tasks, v_steps, v_claims, v_due.run_ats, v_now)
    on conflict (worker_id, call_id) do nothing;
    -- The first sending of this call has just committed, after its connection broke. What was claimed here is given up;
    -- repeated, the call finds that receipt.
    if not found then
      raise exception 'call % was sent again before its first sending had ended', p_call_id using errcode = '40001';
    end if;
  end if;
  if p_settled <> '{}' then
    delete from tasker.receipts r where r.worker_id = p_worker_id and r.call_id = any (p_settled);
  end if;

  -- 7. Everything a handler needs.
  if v_tasks <> '{}' then
    return query select * from tasker.describe_claims(v_tasks, v_steps, v_claims, p_results_max_bytes);
  end if;
  if v_live and cardinality(v_tasks) < p_want then
    return next json_build_object('kind', 'idle', 'next_due_ms', tasker.next_due_ms(v_lanes, v_now));
  elsif v_best > 0 and exists (
    select 1
    from unnest(v_lanes) as l(lane)
    cross join generate_series(0, v_best - 1) as q(priority)
    cross join lateral (
      select 1
      from tasker.due d
      where d.lane = l.lane and d.priority = q.priority::smallint and d.run_at <= v_now
      limit 1
    ) w
  ) then
    return next json_build_object('kind', 'better_waiting');
  end if;
end
$$;
