-- Offers the runs of the given tasks to slow_runs, which keeps the 30 longest of each definition and hour of creation;
-- for the roll-up. What is left out is remembered by its longest, so that readers know how far the list is complete.
create or replace function tasker.keep_slow_runs(p_kind text, p_task_ids uuid[]) returns void
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_kept_max constant integer := 30;
begin
  -- A run shorter than one that was left out already is none of the longest.
  with ranked as materialized (
    select r.*, h.starts_at,
      row_number() over (partition by r.definition_id, h.starts_at order by r.duration desc) as place
    from tasker.task_runs(p_kind, p_task_ids) r
    cross join lateral (select date_bin('1 hour', r.created_at, '2000-01-01 00:00:00Z') as starts_at) h
    left join tasker.slow_hours b
      on b.kind = p_kind and b.starts_at = h.starts_at and b.definition_id = r.definition_id
    where b.left_out is null or r.duration > b.left_out
  ),
  hours as (
    insert into tasker.slow_hours as b (kind, starts_at, definition_id, longest, left_out)
    select p_kind, r.starts_at, r.definition_id, max(r.duration), max(r.duration) filter (where r.place > v_kept_max)
    from ranked r
    group by r.starts_at, r.definition_id
    order by r.starts_at, r.definition_id
    on conflict (kind, starts_at, definition_id) do update set
      longest = greatest(b.longest, excluded.longest),
      left_out = greatest(b.left_out, excluded.left_out)
  )
  insert into tasker.slow_runs (kind, definition_id, starts_at, duration, created_at, task_id, step_no)
  select p_kind, r.definition_id, r.starts_at, r.duration, r.created_at, r.task_id, r.step_no
  from ranked r
  where r.place <= v_kept_max
  on conflict do nothing;

  with hour as (
    select distinct t.definition_id, date_bin('1 hour', t.created_at, '2000-01-01 00:00:00Z') as starts_at
    from unnest(p_task_ids) as k(task_id)
    join tasker.tasks t on t.task_id = k.task_id
  ),
  too_many as (
    delete from tasker.slow_runs r
    using hour h
    cross join lateral (
      select o.task_id, o.step_no
      from tasker.slow_runs o
      where o.kind = p_kind and o.definition_id = h.definition_id and o.starts_at = h.starts_at
      order by o.duration desc
      offset v_kept_max
    ) o
    where r.kind = p_kind and r.starts_at = h.starts_at and r.definition_id = h.definition_id
      and r.task_id = o.task_id and r.step_no = o.step_no
    returning r.definition_id, r.starts_at, r.duration
  )
  insert into tasker.slow_hours as b (kind, starts_at, definition_id, left_out)
  select p_kind, m.starts_at, m.definition_id, max(m.duration)
  from too_many m
  group by m.starts_at, m.definition_id
  order by m.starts_at, m.definition_id
  on conflict (kind, starts_at, definition_id) do update set left_out = greatest(b.left_out, excluded.left_out);
end
$$;
