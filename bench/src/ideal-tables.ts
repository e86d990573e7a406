// The tables and statements of the physical limit: the facts of a task as Tasker stores them, written as cheaply as
// PostgreSQL can write them. When they are written is subjects/ideal.ts.

/**
 * The columns are Tasker's; the context and the result stand in their rows, and only keys are indexed. The fill factors leave
 * room for all versions of a row, so that nearly every update is heap-only: of those tried (45, 25, 15; 80, 33) the fastest.
 */
export const tables = `
  create table tasks (
    task_id uuid primary key, definition_id integer not null, graph_id uuid not null, state text not null,
    priority smallint not null, tags text[] not null, initiator text not null, source_system text not null,
    reason text not null, requested_at timestamptz not null, created_at timestamptz not null,
    started_at timestamptz, ended_at timestamptz, deadline_at timestamptz, rerun_of uuid, context jsonb not null
  ) with (fillfactor = 33);
  create table steps (
    task_id uuid not null, step_no integer not null, state text not null, waiting integer not null,
    claim_no integer not null, attempts smallint not null, losses smallint not null, waits integer not null,
    retry_limit smallint not null, worker_id integer, started_at timestamptz, ended_at timestamptz, result jsonb,
    primary key (task_id, step_no)
  ) with (fillfactor = 25);
  create table task_transitions (
    task_id uuid not null, seq integer not null, from_state text, to_state text not null, actor text not null,
    reason text, metadata jsonb, at timestamptz not null, primary key (task_id, seq)
  );
  create table step_transitions (
    task_id uuid not null, seq integer not null, step_no integer not null, claim_no integer not null,
    from_state text not null, to_state text not null, attempt smallint not null, actor text not null, reason text,
    metadata jsonb, at timestamptz not null, primary key (task_id, seq)
  );
  create table step_claims (
    task_id uuid not null, step_no integer not null, claim_no integer not null, since_seq integer not null,
    from_state text not null, attempt smallint not null, worker_id integer not null, at timestamptz not null,
    primary key (task_id, step_no, claim_no)
  );`

/** Rows are found by their keys, however many there are and whether or not the tables have been analysed. */
export const sessionSettings =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off'

/** $1 the tasks, $2 how many steps each has. */
export const createTasks = `
  with task as (
    insert into tasks
    select id, 1, '00000000-0000-7000-8000-000000000000', 'pending', 2, '{}', 'bench', 'bench', 'bench',
      statement_timestamp(), statement_timestamp(), null, null, null, null, '{}'
    from unnest($1::uuid[]) as id
  ),
  step as (
    insert into steps
    select id, step_no, 'pending', 0, 0, 0, 0, 0, 3, null, null, null, null
    from unnest($1::uuid[]) as id, generate_series(1, $2::integer) as step_no
  )
  insert into task_transitions
  select id, 0, null, 'pending', 'bench', 'bench', jsonb_build_object('steps', $2::integer), statement_timestamp()
  from unnest($1::uuid[]) as id`

/**
 * One hop of many tasks. $1, $2, $3: steps that end, by task and number, with their results. $4, $5: steps that begin.
 * $6: tasks that start. $7: tasks that end, $8 how many steps each has. Steps and tasks change in place, and each change
 * is written into the history.
 */
export const hop = `
  with ended as (
    select task_id, step_no, result
    from unnest($1::uuid[], $2::integer[], $3::jsonb[]) as e(task_id, step_no, result)
  ),
  begun as (
    select task_id, step_no
    from unnest($4::uuid[], $5::integer[]) as b(task_id, step_no)
  ),
  changed as (
    update steps s set
      state = c.state,
      claim_no = 1,
      attempts = 1,
      worker_id = case when c.state = 'in_progress' then 1 end,
      started_at = coalesce(s.started_at, statement_timestamp()),
      ended_at = case when c.state = 'complete' then statement_timestamp() end,
      result = c.result
    from (
      select task_id, step_no, 'complete' as state, result from ended
      union all
      select task_id, step_no, 'in_progress', null from begun
    ) c
    where s.task_id = c.task_id and s.step_no = c.step_no
  ),
  logged as (
    insert into step_transitions
    select task_id, 1 + step_no, step_no, 1, 'in_progress', 'complete', 1, 'worker:1', 'complete', null,
      statement_timestamp()
    from ended
  ),
  claimed as (
    insert into step_claims
    select task_id, step_no, 1, step_no, 'pending', 1, 1, statement_timestamp()
    from begun
  ),
  started as (
    update tasks set state = 'in_progress', started_at = statement_timestamp()
    where task_id = any ($6::uuid[])
  ),
  closed as (
    update tasks set state = 'complete', ended_at = statement_timestamp()
    where task_id = any ($7::uuid[])
  )
  insert into task_transitions
  select id, 1, 'pending', 'in_progress', 'worker:1', 'first_step_claimed', null::jsonb, statement_timestamp()
  from unnest($6::uuid[]) as id
  union all
  select id, 2 + $8::integer, 'in_progress', 'complete', 'worker:1', 'all_steps_satisfied', null, statement_timestamp()
  from unnest($7::uuid[]) as id`
