-- Milliseconds until the next step of the given lanes falls due; null when none is waiting. 0 when one is due already.
create or replace function tasker.next_due_ms(p_lanes integer[], p_now timestamptz) returns bigint
language plpgsql
stable
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_next timestamptz;
begin
  select min(n.run_at) into v_next
  from unnest(p_lanes) as l(lane)
  cross join generate_series(0, 3) as q(priority)
  cross join lateral (
    select d.run_at
    from tasker.due d
    where d.lane = l.lane and d.priority = q.priority::smallint
    order by d.run_at
    limit 1
  ) n;
  return case when v_next is not null then greatest(0, ceil(extract(epoch from v_next - p_now) * 1000))::bigint end;
end
$$;
