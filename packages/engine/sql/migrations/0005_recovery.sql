-- What recovery needs to know of a claim, of a worker and of a process that starts.

-- When each step of a receipt was due before it was claimed, so that one that is lost keeps its place. Null: the call
-- that released the step claimed it too, or the receipt is older than this column; then it counts from the claim.
alter table tasker.receipts add column run_ats timestamptz[];
alter type tasker.claimed_steps add attribute run_ats timestamptz[];

-- Since when a worker has renewed its lease without a gap, by the clock that leases are counted by.
alter table tasker.workers add column renewed_since timestamptz;

-- The living among all the workers there ever were. A heartbeat changes neither column, so it stays heap-only.
create index workers_live_idx on tasker.workers (worker_id) where state = 'live';

-- A process runs on a schema that is newer than itself when it knows at least this migration. A migration that old
-- processes could not bear raises it to its own number.
alter table tasker.schema_version add column runs_from integer not null default 5;
