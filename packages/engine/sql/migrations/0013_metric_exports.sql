-- When metrics are exported, and what became of it: processes share the schedule, and whichever worker is free does what is due.

-- One row for each target of a configuration, by its name, and one for each export that was ordered for once, by its id. What
-- stands between the due time and the holder is of the export that is under way, over all its tries: a process that claims it
-- holds it until the lease ends, and one that died is followed by another. An order that has ended is kept for a day.
create table tasker.metric_exports (
  export_key text collate "C" primary key,
  target text collate "C" not null,
  format text not null,
  scope text not null check (scope in ('auto', 'process', 'all')),
  is_ordered boolean not null,
  -- Of the next try; null: of none, until a threshold is reached or for good.
  due_at timestamptz,
  -- When it was due at first, and which process tried first: they name what is written, so that who repeats it replaces it.
  planned_at timestamptz,
  instance text,
  export_id uuid,
  attempts smallint not null default 0 check (attempts >= 0),
  -- Since when the present process, or the one before it that failed, has been trying.
  started_at timestamptz,
  holder text,
  lease_until timestamptz,
  -- Changes of values since the last export, where that is what makes it due.
  updates bigint not null default 0,
  last_outcome text check (last_outcome in ('done', 'skipped', 'failed')),
  last_fault text,
  last_ended_at timestamptz,
  last_success_at timestamptz,
  check ((holder is null) = (lease_until is null)),
  check (holder is null or export_id is not null)
) with (fillfactor = 60);
