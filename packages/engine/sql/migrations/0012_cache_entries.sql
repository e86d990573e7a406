-- Short-lived texts that processes share, and their locks: the store `postgres` (database/postgres-store.ts).

-- A lock is an entry as well: its text is its owner. Logged, so that a lock lives through a crash of the server. An entry whose
-- time is over is none; a worker removes it (functions/prune_cache_entries.sql). Keys are compared byte by byte, whatever the
-- locale of the database is or becomes. Rows are replaced often, so they are cleared away early, and sums find room in their page.
create table tasker.cache_entries (
  key text collate "C" primary key,
  text text not null,
  expires_at timestamptz not null
) with (
  fillfactor = 70,
  autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_scale_factor = 0.05,
  toast.autovacuum_vacuum_threshold = 500,
  toast.autovacuum_vacuum_scale_factor = 0.05
);

create index cache_entries_expires_idx on tasker.cache_entries (expires_at);
