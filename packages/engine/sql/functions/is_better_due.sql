-- Whether a step of a better priority than p_best is due in one of the lanes: whoever took children in passing looks there next.
create or replace function tasker.is_better_due(p_lanes integer[], p_best smallint, p_now timestamptz) returns boolean
language plpgsql
stable
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return exists (
    select 1
    from unnest(p_lanes) as l(lane)
    cross join generate_series(0, p_best - 1) as q(priority)
    cross join lateral (
      select 1
      from tasker.due d
      where d.lane = l.lane and d.priority = q.priority::smallint and d.run_at <= p_now
      limit 1
    ) w
  );
end
$$;
