-- Who asked the server to change what, and the tokens that programs ask with.

-- One row for each attempt to change something: written before it is made, completed by what became of it. An entry without
-- an outcome is of an attempt that is under way, or of a process that died in it. No contexts and no results stand here.
create table tasker.audit_entries (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  operation text not null,
  permission text,
  transport text not null,
  task_id uuid,
  addressed jsonb not null,
  reason text,
  correlation_id text,
  address text,
  before jsonb,
  after jsonb,
  outcome text check (outcome in ('done', 'denied', 'refused', 'failed')),
  code text,
  ended_at timestamptz
) with (fillfactor = 60);

create index audit_entries_at_idx on tasker.audit_entries (at);
create index audit_entries_actor_idx on tasker.audit_entries (actor, audit_id);
create index audit_entries_task_idx on tasker.audit_entries (task_id, audit_id) where task_id is not null;

-- A token is known by token_id, which stands in it in clear; of its secret only the SHA-256 is kept (it is random, 256 bits:
-- a slow hash would protect nothing more). After a rotation the secret before may hold for a while longer. A name is given
-- once: it stands in the history and in the audit log.
create table tasker.api_tokens (
  token_id text primary key check (token_id ~ '^[0-9a-f]{16}$'),
  name text not null unique check (char_length(name) between 1 and 100),
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  previous_hash bytea check (octet_length(previous_hash) = 32),
  previous_until timestamptz,
  scopes text[] not null,
  namespaces text[],
  created_at timestamptz not null,
  created_by text not null,
  rotated_at timestamptz,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  check ((previous_hash is null) = (previous_until is null))
) with (fillfactor = 60);
