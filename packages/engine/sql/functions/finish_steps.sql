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
-- p_want: free slots. p_lanes: what this worker serves now; those of held namespaces are refused. Empty: only children.
-- p_due_first: released children compete in the due table. p_settled: receipts to forget. p_now: for tests.
-- p_known_graphs: graphs that whoever calls knows. It remembers what those steps were given whose outcomes are here, so
-- children of these alone come without it.
--
-- Returns rows of json, told apart by `kind`: recorded (all that this call recorded, as parallel arrays, and how many
-- released steps it left in the due table), outcome (each of the others: already_recorded, busy, refused), started, ended,
-- children (claims without what their handlers need), claims (some dozens in a row), idle (the claim was not filled; ms to
-- the next due step), better_waiting, worker_lost.
--
-- Locks: task_progress by id, then due rows (skip locked), steps, tasks, then only appends. A claim waits for nothing
-- but a step whose due row it holds. Every statement after the lock has a snapshot taken after it, so nothing is
-- decided on rows read before. Plan settings are pinned: a generic plan made on empty tables must stay right on full ones.
-- For the same reason a step is looked up in a lateral subquery with `offset 0`: joined plainly, its task_id equals that of
-- other tables too, and a plan that looks it up by task_id alone is quadratic in a wide task (10,000 steps: 37 s against 2).
drop function if exists tasker.finish_steps(integer, uuid, jsonb, boolean, integer, integer[], boolean, uuid[], text,
  integer, integer, timestamptz);

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
  p_now timestamptz default null,
  p_known_graphs uuid[] default '{}'
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
  v_lanes integer[] := p_lanes;
  v_is_resend boolean;
  v_locked uuid[] := '{}';
  v_recorded tasker.recorded_steps;
  v_slots integer := case when p_due_first then 0 else p_want end;
  v_tasks uuid[] := '{}';
  v_steps integer[] := '{}';
  v_claims integer[] := '{}';
  v_unstarted uuid[];
  v_started uuid[] := '{}';
  v_ended uuid[] := '{}';
  v_ends text[];
  v_end_seqs integer[];
  v_due tasker.claimed_steps;
  v_best smallint;
  v_queued tasker.claimed_steps;
  v_children json;
  v_child_count integer := 0;
begin
  perform tasker.require_read_committed();

  -- 1. The lock.
  if jsonb_array_length(p_outcomes) > 0 then
    v_locked := tasker.lock_tasks_of(p_outcomes, p_waits);
  end if;

  -- Only now: what held the lock may have been the first sending of this call.
  select r.task_ids, r.step_nos, r.claim_nos into v_tasks, v_steps, v_claims
  from tasker.receipts r
  where r.worker_id = p_worker_id and r.call_id = p_call_id;
  v_is_resend := found;
  if v_is_resend then
    v_locked := '{}';
  else
    v_tasks := '{}'; v_steps := '{}'; v_claims := '{}';
  end if;

  -- The worker and held namespaces, as they are after the lock was waited for: a takeover may have been what held it.
  v_live := coalesce((select w.state = 'live' from tasker.workers w where w.worker_id = p_worker_id), false);
  if not v_live then
    v_slots := 0;
    return next json_build_object('kind', 'worker_lost');
  end if;
  v_barred := array(select d.definition_id from tasker.definitions d where d.held);
  if v_barred <> '{}' then
    v_lanes := array(select l from unnest(p_lanes) as l where not abs(l) = any (v_barred));
  end if;

  if v_locked <> '{}' then
    -- 2. The work: decided by reading under the lock, in rows as narrow as may be, because each is copied from one part to
    -- the next. `place` finds what else an outcome carries. Rows carry what they need of their task, so that no set is
    -- joined to another; and where a row was read, `at`, so that its update need not look for it again.
    with sent as materialized (
      select distinct on (o.task_id, o.step_no) o.*
      from rows from (jsonb_to_recordset(p_outcomes) as (
        task_id uuid, step_no integer, claim_no integer, kind text, delay_ms bigint, run_at timestamptz, reason text
      )) with ordinality as o(task_id, step_no, claim_no, kind, delay_ms, run_at, reason, place)
      -- The list is not looked through when each outcome has a task of its own.
      where cardinality(v_locked) = jsonb_array_length(p_outcomes) or o.task_id = any (v_locked)
      order by o.task_id, o.step_no, o.claim_no desc
    ),
    ending as materialized (
      select
        s.at, s.task_id, s.step_no, s.claim_no, s.attempts, s.losses, o.kind, o.delay_ms, o.reason,
        o.place::integer - 1 as place,
        case o.kind when 'complete' then 'complete' when 'wait' then 'pending' when 'release' then 'pending'
          else 'error' end as to_state,
        case
          when s.step_no = -1 and t.state not in ('pending', 'in_progress') then null -- a deadline dies with its task
          when o.kind = 'failed' and o.delay_ms is not null and s.attempts < s.retry_limit
            then v_now + o.delay_ms * interval '1 millisecond'
          when o.kind = 'lost' and coalesce(g.retryable, true) and s.losses + 1 < p_lost_limit then least(o.run_at, v_now)
          when o.kind = 'wait' then coalesce(o.run_at, v_now)
          when o.kind = 'release' then v_now
        end as due_at,
        g.children, coalesce(g.priority, t.priority) as priority,
        t.definition_id, t.graph_id, t.priority as task_priority, t.state as task_state, p.held, p.seq,
        row_number() over of_task as entry_no,
        count(*) over of_task as entries
      from sent o
      cross join lateral (
        select s.*, s.ctid as at
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
      window of_task as (
        partition by o.task_id order by o.step_no rows between unbounded preceding and unbounded following
      )
    ),
    child as materialized (
      select
        s.at, s.task_id, s.step_no, s.claim_no, s.attempts, f.satisfied,
        s.state = 'pending' and s.waiting = f.satisfied as is_released,
        f.graph_id = any (p_known_graphs) and f.satisfied = s.waiting and f.satisfied = cardinality(g.parents) as is_known,
        coalesce(g.priority, f.task_priority) as priority, f.definition_id, f.held, f.seq, f.entries
      from (
        select
          e.task_id, c.step_no, count(*)::integer as satisfied,
          e.definition_id, e.graph_id, e.task_priority, e.held, e.seq, e.entries
        from ending e
        cross join lateral unnest(e.children) as c(step_no)
        where e.kind = 'complete'
        group by e.task_id, c.step_no, e.definition_id, e.graph_id, e.task_priority, e.held, e.seq, e.entries
      ) f
      cross join lateral (
        select s.*, s.ctid as at
        from tasker.workflow_steps s
        where s.task_id = f.task_id and s.step_no = f.step_no
        offset 0
      ) s
      cross join lateral (
        select *
        from tasker.graph_steps g
        where g.graph_id = f.graph_id and g.step_no = f.step_no
        offset 0
      ) g
    ),
    recorded as (
      update tasker.workflow_steps s set
        state = e.to_state,
        attempts = s.attempts - (e.kind in ('wait', 'release', 'lost'))::integer,
        losses = s.losses + (e.kind = 'lost')::integer,
        waits = s.waits + (e.kind = 'wait')::integer,
        worker_id = null,
        ended_at = v_now
      from ending e
      where s.ctid = e.at
        and s.state = 'in_progress'
        and s.claim_no = e.claim_no
      returning
        e.task_id, e.step_no, e.claim_no, e.attempts, e.kind, e.delay_ms, e.reason, e.place, e.to_state, e.due_at,
        case
          when e.held and e.step_no <> 0 then 0 -- the hook of a task that has ended
          when e.losses + (e.kind = 'lost')::integer >= 2 then -e.definition_id
          else e.definition_id
        end as lane,
        e.priority, e.task_state, e.seq, e.entry_no, e.entries,
        e.due_at is null and e.step_no > 0 as closes
    ),
    moved as (
      -- A child that was satisfied by hand (skipped, resolved) is counted down too and stays as it is.
      update tasker.workflow_steps s set
        state = case when c.is_claimed then 'in_progress' else s.state end,
        waiting = s.waiting - c.satisfied,
        claim_no = s.claim_no + c.is_claimed::integer,
        attempts = s.attempts + c.is_claimed::integer,
        worker_id = case when c.is_claimed then p_worker_id else s.worker_id end,
        started_at = case when c.is_claimed then v_now else s.started_at end
      from (
        select
          c.*,
          c.is_free and row_number() over (
            partition by c.is_free
            order by c.priority, c.task_id, c.step_no
          ) <= v_slots as is_claimed
        from (select *, is_released and not held and not definition_id = any (v_barred) as is_free from child) c
      ) c
      where s.ctid = c.at
        and s.claim_no = c.claim_no
        and (s.state = 'pending' or not c.is_claimed)
      returning
        c.task_id, c.step_no, c.claim_no + 1 as claim_no, c.attempts + 1 as attempt, c.is_claimed,
        c.is_released and not c.is_claimed as is_queued, c.is_released, c.is_claimed and c.is_known as is_known,
        s.losses, s.retry_limit,
        case when c.held then 0 else c.definition_id end as lane, c.priority, c.seq, c.entries
    ),
    stored as (
      insert into tasker.step_results (task_id, step_no, result)
      select r.task_id, r.step_no, nullif(p_outcomes -> r.place -> 'result', 'null')
      from recorded r
      where r.kind = 'complete' and r.step_no > 0
    ),
    queued as (
      insert into tasker.due (lane, priority, run_at, task_id, step_no)
      select r.lane, r.priority, r.due_at, r.task_id, r.step_no
      from recorded r
      where r.due_at is not null
      union all
      select m.lane, m.priority, v_now, m.task_id, m.step_no
      from moved m
      where m.is_queued
    ),
    logged as (
      insert into tasker.workflow_step_transitions
        (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, metadata, at)
      select
        r.task_id, r.seq + r.entry_no, r.step_no, r.claim_no, 'in_progress', r.to_state, r.attempts, p_actor,
        coalesce(r.reason, r.kind),
        case when r.kind <> 'complete' then
          nullif(jsonb_strip_nulls(jsonb_build_object(
            'error', p_outcomes -> r.place -> 'error', 'delay_ms', r.delay_ms, 'run_at', r.due_at)), '{}')
        end,
        v_now
      from recorded r
    ),
    claimed as (
      insert into tasker.step_claims (task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at, is_fused)
      select m.task_id, m.step_no, m.claim_no, m.seq + m.entries, 'pending', m.attempt, p_worker_id, v_now, true
      from moved m
      where m.is_claimed
    ),
    progressed as (
      -- What each row means for its task. One that goes on and has nothing open has ended.
      update tasker.task_progress p set
        open = p.open + n.opened - n.closed,
        not_satisfied = p.not_satisfied - n.satisfied,
        errors = p.errors + n.closed - n.satisfied,
        seq = n.seq + n.entries + (n.goes_on and p.open + n.opened = n.closed)::integer
      from (
        select
          c.task_id, max(c.seq) as seq, max(c.entries)::integer as entries, bool_or(c.goes_on) as goes_on,
          sum(c.opened)::integer as opened, sum(c.closed)::integer as closed, sum(c.satisfied)::integer as satisfied
        from (
          select
            r.task_id, r.seq, r.entries, r.task_state in ('pending', 'in_progress') as goes_on,
            0 as opened, r.closes::integer as closed, (r.closes and r.kind = 'complete')::integer as satisfied
          from recorded r
          union all
          select m.task_id, m.seq, m.entries, null, m.is_released::integer, 0, 0
          from moved m
        ) c
        group by c.task_id
      ) n
      where p.task_id = n.task_id and p.seq = n.seq
      returning p.task_id, p.seq, p.not_satisfied, p.errors, n.goes_on and p.open = 0 as is_end
    )
    select r.*, m.*, e.* into
      v_recorded.task_ids, v_recorded.step_nos, v_recorded.claim_nos, v_recorded.to_states, v_recorded.run_ats, v_unstarted,
      v_tasks, v_steps, v_claims, v_best, v_queued.task_ids, v_queued.step_nos, v_child_count, v_children,
      v_ended, v_ends, v_end_seqs
    from (
      select
        array_agg(r.task_id), array_agg(r.step_no), array_agg(r.claim_no), array_agg(r.to_state), array_agg(r.due_at),
        coalesce(array_agg(distinct r.task_id) filter (where r.task_state = 'pending'), '{}')
      from recorded r
    ) r
    cross join (
      select
        coalesce(array_agg(m.task_id) filter (where m.is_claimed), '{}'),
        coalesce(array_agg(m.step_no) filter (where m.is_claimed), '{}'),
        coalesce(array_agg(m.claim_no) filter (where m.is_claimed), '{}'),
        min(m.priority) filter (where m.is_claimed),
        array_agg(m.task_id) filter (where m.is_queued), array_agg(m.step_no) filter (where m.is_queued),
        count(*) filter (where m.is_known),
        json_build_object('kind', 'children', 'started_at', v_now,
          'task_ids', json_agg(m.task_id) filter (where m.is_known),
          'step_nos', json_agg(m.step_no) filter (where m.is_known),
          'claim_nos', json_agg(m.claim_no) filter (where m.is_known),
          'attempts', json_agg(m.attempt) filter (where m.is_known),
          'losses', json_agg(m.losses) filter (where m.is_known),
          'retry_limits', json_agg(m.retry_limit) filter (where m.is_known),
          'priorities', json_agg(m.priority) filter (where m.is_known))
      from (select * from moved order by is_known desc, task_id, step_no) m
    ) m
    cross join (
      select
        coalesce(array_agg(n.task_id), '{}'),
        array_agg(case when n.errors > 0 then 'error' when n.not_satisfied > 0 then 'cancelled' else 'complete' end),
        array_agg(n.seq)
      from progressed n where n.is_end
    ) e;

    -- 3. Starts that a claim left to us, because it met a locked task row; and ends.
    if v_unstarted <> '{}' then
      v_started := tasker.start_tasks(v_unstarted, p_actor, v_now);
    end if;
    if v_ended <> '{}' then
      return query select * from tasker.close_tasks(v_ended, v_ends, v_end_seqs, p_actor, v_now);
    end if;
  end if;

  -- 4. The answer to each outcome. One that could not be recorded is kept in the history: its work was done.
  if jsonb_array_length(p_outcomes) > coalesce(cardinality(v_recorded.step_nos), 0) then
    return query select * from tasker.answer_outcomes(p_outcomes, v_locked, v_recorded, v_is_resend, p_actor, v_now);
  end if;

  -- 5. The slots that children did not take are filled from the due table.
  if v_live and not v_is_resend and p_want > cardinality(v_tasks) and p_lanes <> '{}' then
    v_due := tasker.claim_due(p_worker_id, p_want - cardinality(v_tasks), v_lanes, p_actor, v_now);
    v_due.run_ats := array_fill(null::timestamptz, array[cardinality(v_tasks)]) || v_due.run_ats;
    v_tasks := v_tasks || v_due.task_ids;
    v_steps := v_steps || v_due.step_nos;
    v_claims := v_claims || v_due.claim_nos;
    v_started := v_started || v_due.started;
  end if;
  if jsonb_array_length(p_outcomes) > 0 then
    -- What became due in this call and was claimed in it again, nobody else need look for.
    return next json_build_object('kind', 'recorded', 'steps', v_recorded, 'queued', (
      select count(*)
      from unnest(v_queued.task_ids, v_queued.step_nos) as q(task_id, step_no)
      cross join lateral (
        select 1 from tasker.due d where d.task_id = q.task_id and d.step_no = q.step_no offset 0
      ) d));
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

  -- 7. Everything a handler needs. Known children stand first in the receipt.
  if v_child_count > 0 then
    return next v_children;
  end if;
  if cardinality(v_tasks) > v_child_count then
    return query
      select *
      from tasker.describe_claims(
        v_tasks[v_child_count + 1:], v_steps[v_child_count + 1:], v_claims[v_child_count + 1:], p_results_max_bytes
      );
  end if;
  if v_live and cardinality(v_tasks) < p_want and p_lanes <> '{}' then
    return next json_build_object('kind', 'idle', 'next_due_ms', tasker.next_due_ms(v_lanes, v_now));
  elsif v_best > 0 and v_lanes <> '{}' and tasker.is_better_due(v_lanes, v_best, v_now) then
    return next json_build_object('kind', 'better_waiting');
  end if;
end
$$;
