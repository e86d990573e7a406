// Many tasks at once, written by set-based SQL as the engine would leave them: complete ones that are retained, with their
// history, keys and statistics, and a backlog of due, later and waiting steps. invariants.ts finds nothing wrong with them.
import type { DefinitionId } from '../../src/ids.ts'
import type { Connection } from '../protocol/lab.ts'
import { rollUp } from '../statistics/rolling-up.ts'

/** Of a definition of two steps, one after the other. */
interface Rows {
  readonly definition: DefinitionId
  readonly count: number
  /** Tasks were created before it, one each 10 ms. */
  readonly before: Date
}

/** Every tenth has a graph of its own, and every one had a key. */
export async function retainTasks(on: Connection, rows: Rows): Promise<void> {
  await nameTasks(on, rows)
  await on.query(
    `insert into tasker.graph_steps
     select m.task_id, g.step_no, g.name, g.handler, g.parents, g.children, g.retryable, g.retry_limit, g.skippable,
       g.priority, g.timeout_ms, g.dependent_system, g.inputs
     from made m
     join tasker.definitions d on d.definition_id = $1
     join tasker.graph_steps g on g.graph_id = d.graph_id
     where m.n % 10 = 0`,
    [rows.definition],
  )
  await addTasks(on, rows, {
    state: 'complete',
    graph: 'case when m.n % 10 = 0 then m.task_id else d.graph_id end',
    started: `m.at + interval '1 s'`,
    ended: `m.at + interval '5 s'`,
    progress: '0, 0, 0, 4',
  })
  for (const statement of [
    `insert into tasker.workflow_steps (task_id, step_no, state, waiting, claim_no, attempts, retry_limit, started_at, ended_at)
     select m.task_id, s, 'complete', 0, 1, 1, 3, m.at + s * interval '1 s', m.at + (s + 1) * interval '1 s'
     from made m cross join generate_series(1, 2) s`,
    `insert into tasker.step_results (task_id, step_no, result)
     select m.task_id, s, to_jsonb(repeat('x', 80)) from made m cross join generate_series(1, 2) s`,
    `insert into tasker.step_claims (task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at)
     select m.task_id, s, 1, s, 'pending', 1, 1, m.at from made m cross join generate_series(1, 2) s`,
    `insert into tasker.workflow_step_transitions
       (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, at)
     select m.task_id, s + 1, s, 1, 'in_progress', 'complete', 1, 'worker:1', 'complete', m.at
     from made m cross join generate_series(1, 2) s`,
    `insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
     select m.task_id, e.seq, e.from_state, e.to_state, 'worker:1', 'test', m.at
     from made m
     cross join (values (0, null, 'pending'), (1, 'pending', 'in_progress'), (4, 'in_progress', 'complete'))
       as e(seq, from_state, to_state)`,
    `insert into tasker.idempotency_keys (named_task_id, key, task_id, digest, expires_at)
     select d.named_task_id, 'kept ' || m.task_id, m.task_id, 'd', 'infinity'
     from made m join tasker.definitions d on d.definition_id = m.definition`,
    `insert into tasker.task_ends (task_ids)
     select array_agg(m.task_id) from made m group by m.n / 200`,
  ]) {
    await on.query(statement)
  }
  await addUp(on)
}

/** Tasks whose first step is due at once, and whose second waits for it. */
export async function queueTasks(on: Connection, rows: Rows): Promise<void> {
  await nameTasks(on, rows)
  await addTasks(on, rows, {
    state: 'pending',
    graph: 'd.graph_id',
    started: 'null',
    ended: 'null',
    progress: '1, 2, 0, 1',
  })
  await addBacklog(on, { state: 'pending', claims: 0, runAt: 'm.at', priority: 2 })
  await on.query(
    `insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
     select m.task_id, 0, null, 'pending', 'test', 'test', m.at from made m`,
  )
}

/** Tasks whose first step failed and is tried again in some days; the best priority there is. */
export async function postponeTasks(on: Connection, rows: Rows): Promise<void> {
  await nameTasks(on, rows)
  await addTasks(on, rows, {
    state: 'in_progress',
    graph: 'd.graph_id',
    started: 'm.at',
    ended: 'null',
    progress: '1, 2, 0, 2',
    priority: 0,
  })
  await addBacklog(on, {
    state: 'error',
    claims: 1,
    runAt: `m.at + interval '9 days'`,
    priority: 0,
  })
  for (const statement of [
    `insert into tasker.step_claims (task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at)
     select m.task_id, 1, 1, 1, 'pending', 1, 1, m.at from made m`,
    `insert into tasker.workflow_step_transitions
       (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, at)
     select m.task_id, 2, 1, 1, 'in_progress', 'error', 1, 'worker:1', 'failed', m.at from made m`,
    `insert into tasker.task_transitions (task_id, seq, from_state, to_state, actor, reason, at)
     select m.task_id, e.seq, e.from_state, e.to_state, 'worker:1', 'test', m.at
     from made m
     cross join (values (0, null, 'pending'), (1, 'pending', 'in_progress')) as e(seq, from_state, to_state)`,
  ]) {
    await on.query(statement)
  }
}

// Ids that sort by their time, as the engine makes them.
async function nameTasks(on: Connection, { definition, count, before }: Rows): Promise<void> {
  await on.query('drop table if exists made')
  await on.query(
    `create temp table made as
     select n.n, n.at, $1::integer as definition, (lpad(to_hex((extract(epoch from n.at) * 1000)::bigint), 12, '0')
       || '7' || lpad(to_hex(n.n % 4096), 3, '0') || '8' || right(md5(n.n || ' ' || $1::integer), 15))::uuid as task_id
     from (
       select n, $3::timestamptz + (n - $2::integer) * interval '10 ms' as at from generate_series(1, $2::integer) n
     ) n`,
    [definition, count, before],
  )
}

interface TaskColumns {
  readonly state: string
  readonly graph: string
  readonly started: string
  readonly ended: string
  /** open, not_satisfied, errors, seq. */
  readonly progress: string
  readonly priority?: number
}

async function addTasks(on: Connection, { definition }: Rows, task: TaskColumns): Promise<void> {
  await on.query(
    `insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system, reason,
       requested_at, created_at, started_at, ended_at)
     select m.task_id, d.definition_id, ${task.graph}, '${task.state}', ${task.priority ?? 2}, '{}', 'test', 'test', 'test',
       m.at, m.at, (${task.started})::timestamptz, (${task.ended})::timestamptz
     from made m join tasker.definitions d on d.definition_id = $1`,
    [definition],
  )
  await on.query(
    `insert into tasker.task_progress (task_id, open, not_satisfied, errors, seq)
     select m.task_id, ${task.progress} from made m`,
  )
  await on.query(
    `insert into tasker.task_contexts (task_id, context) select m.task_id, '{"order": 1}' from made m`,
  )
}

async function addBacklog(
  on: Connection,
  first: {
    readonly state: string
    readonly claims: number
    readonly runAt: string
    readonly priority: number
  },
): Promise<void> {
  const time = first.claims > 0 ? 'm.at' : 'null::timestamptz'
  await on.query(
    `insert into tasker.workflow_steps (task_id, step_no, state, waiting, claim_no, attempts, retry_limit, started_at, ended_at)
     select m.task_id, 1, '${first.state}', 0, ${first.claims}, ${first.claims}, 3, ${time}, ${time} from made m
     union all
     select m.task_id, 2, 'pending', 1, 0, 0, 3, null, null from made m`,
  )
  await on.query(
    `insert into tasker.due (lane, priority, run_at, task_id, step_no)
     select m.definition, ${first.priority}, ${first.runAt}, m.task_id, 1 from made m`,
  )
}

/** All that is noted, by a worker that stops then. */
async function addUp(on: Connection): Promise<void> {
  while ((await rollUp(on, 20_000)) > 0);
  await on.query(`update tasker.workers set state = 'stopped' where state = 'live'`)
}

/** Entries of the cache in the database, live until then. */
export async function keepEntries(
  on: Connection,
  entries: { readonly prefix: string; readonly count: number; readonly until: Date },
): Promise<void> {
  await on.query(
    `insert into tasker.cache_entries (key, text, expires_at)
     select $1 || ' ' || n, repeat('x', 80), $3::timestamptz - n * interval '1 ms' from generate_series(1, $2::integer) n`,
    [entries.prefix, entries.count, entries.until],
  )
}
