// For each invariant the smallest corruption that breaks it and nothing else: SQL over the tasks of lived-in.ts, and the id that
// must be named. A list that is complete: invariants.test.ts compares it with the engine's.
import type { LivedIn } from './lived-in.ts'

export interface Corruption {
  readonly sql: readonly string[]
  /** What the report must name. */
  readonly id: string
}

const stranger = '01900000-0000-7000-8000-000000000000'

/** The next number of the task's history, given out to an entry that is made up. */
const nextSeq = (id: string): string =>
  `update tasker.task_progress set seq = seq + 1 where task_id = '${id}'`
const transition = (id: string, entry: string): string =>
  `insert into tasker.workflow_step_transitions
     (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, reason, at)
   select p.task_id, p.seq, ${entry}, now() from tasker.task_progress p where p.task_id = '${id}'`

export const corruptionsOf = (ids: LivedIn['ids']): Readonly<Record<string, Corruption>> => ({
  'task-state': {
    sql: [`update tasker.tasks set started_at = null where task_id = '${ids.running}'`],
    id: ids.running,
  },
  'step-state': {
    sql: [
      `update tasker.workflow_steps set ended_at = now() where task_id = '${ids.running}' and step_no = 1`,
    ],
    id: `${ids.running}/1`,
  },
  'task-is-whole': {
    sql: [`delete from tasker.task_contexts where task_id = '${ids.counted}'`],
    id: ids.counted,
  },
  'steps-of-graph': {
    sql: [
      `insert into tasker.workflow_steps (task_id, step_no, state, waiting, retry_limit)
       values ('${ids.running}', 9, 'pending', 1, 3)`,
      `update tasker.task_progress set not_satisfied = not_satisfied + 1 where task_id = '${ids.running}'`,
    ],
    id: `${ids.running}/9`,
  },
  'no-orphan': {
    sql: [
      `insert into tasker.workflow_steps (task_id, step_no, state, waiting, retry_limit)
       values ('${stranger}', 1, 'pending', 0, 3)`,
    ],
    id: stranger,
  },
  'result-of-step': {
    sql: [`delete from tasker.step_results where task_id = '${ids.counted}' and step_no = 2`],
    id: `${ids.counted}/2`,
  },
  'result-taken-over': {
    sql: [
      `update tasker.step_results set source_task_id = '${stranger}'
       where task_id = '${ids.rerun}' and step_no = 1`,
    ],
    id: `${ids.rerun}/1`,
  },
  'parents-missing': {
    sql: [
      `update tasker.workflow_steps set waiting = 2 where task_id = '${ids.running}' and step_no = 2`,
    ],
    id: `${ids.running}/2`,
  },
  'parents-first': {
    // Claimed and handed back, before its parent was done.
    sql: [
      `update tasker.workflow_steps set claim_no = 1, started_at = now(), ended_at = now()
       where task_id = '${ids.running}' and step_no = 2`,
      `insert into tasker.step_claims (task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at)
       values ('${ids.running}', 2, 1, 1, 'pending', 1, 1, now())`,
      nextSeq(ids.running),
      transition(ids.running, `2, 1, 'in_progress', 'pending', 1, 'worker:1', 'release'`),
    ],
    id: `${ids.running}/2`,
  },
  'due-row-allowed': {
    sql: [
      `update tasker.workflow_steps set retry_limit = attempts where task_id = '${ids.retrying}'`,
    ],
    id: `${ids.retrying}/1`,
  },
  'due-row-present': {
    sql: [
      `delete from tasker.due where task_id = '${ids.held}' and step_no = 2`,
      `update tasker.task_progress set open = 1 where task_id = '${ids.held}'`,
    ],
    id: `${ids.held}/2`,
  },
  'due-row-lane': {
    sql: [`update tasker.due set lane = lane + 1 where task_id = '${ids.retrying}'`],
    id: `${ids.retrying}/1`,
  },
  counters: {
    sql: [`update tasker.task_progress set open = open + 1 where task_id = '${ids.running}'`],
    id: ids.running,
  },
  'task-has-reason': {
    sql: [
      `delete from tasker.due where task_id = '${ids.retrying}'`,
      `update tasker.task_progress set open = 0, errors = 1 where task_id = '${ids.retrying}'`,
    ],
    id: ids.retrying,
  },
  'task-end-state': {
    sql: [
      `update tasker.tasks set state = 'error' where task_id = '${ids.cancelled}'`,
      `update tasker.task_transitions set to_state = 'error' where task_id = '${ids.cancelled}' and to_state = 'cancelled'`,
      `select tasker.recount_tasks()`,
    ],
    id: ids.cancelled,
  },
  'history-numbers': {
    sql: [nextSeq(ids.running)],
    id: ids.running,
  },
  'task-history': {
    sql: [
      `update tasker.task_transitions set from_state = 'pending' where task_id = '${ids.counted}' and to_state = 'complete'`,
    ],
    id: ids.counted,
  },
  'step-history': {
    sql: [
      `update tasker.workflow_step_transitions set to_state = 'skipped'
       where task_id = '${ids.counted}' and step_no = 2`,
    ],
    id: `${ids.counted}/2`,
  },
  budget: {
    sql: [
      `update tasker.workflow_steps set attempts = 0 where task_id = '${ids.failed}' and step_no = 1`,
    ],
    id: `${ids.failed}/1`,
  },
  losses: {
    sql: [
      `update tasker.workflow_steps set losses = 1 where task_id = '${ids.counted}' and step_no = 1`,
    ],
    id: `${ids.counted}/1`,
  },
  'late-outcomes': {
    sql: [
      nextSeq(ids.running),
      transition(
        ids.running,
        `1, 1, 'in_progress', 'in_progress', 0, 'worker:1', 'outcome_refused'`,
      ),
    ],
    id: `${ids.running}/1`,
  },
  'receipt-of-running': {
    sql: [`delete from tasker.receipts`],
    id: `${ids.running}/1`,
  },
  'receipt-of-claims': {
    sql: [
      `insert into tasker.receipts (worker_id, call_id, task_ids, step_nos, claim_nos, at)
       select min(w.worker_id), gen_random_uuid(), array['${ids.running}'::uuid], '{1}', '{7}', now()
       from tasker.workers w where w.state = 'live'`,
    ],
    id: `${ids.running}/1 claim 7`,
  },
  'receipt-of-worker': {
    sql: [
      `insert into tasker.receipts (worker_id, call_id, task_ids, step_nos, claim_nos, at)
       values (99, gen_random_uuid(), '{}', '{}', '{}', now())`,
    ],
    id: '99',
  },
  'lease-taken-over': {
    sql: [
      `insert into tasker.workers (worker_id, state, host, pid, version, serves, slots, started_at, seen_at, lease_until)
       overriding system value
       values
         (98, 'live', 'h', 1, '1', '{}', 1, now() - interval '1 day', now(), now() + interval '1 hour'),
         (99, 'live', 'h', 1, '1', '{}', 1, now() - interval '1 day', now(), now() - interval '61 minutes')`,
    ],
    id: 'worker 99',
  },
  'statistics-of-tasks': {
    sql: [
      `update tasker.task_counts set tasks_complete = tasks_complete + 1 where definition_id = 1`,
    ],
    id: '(1,',
  },
  'statistics-add-up': {
    sql: [
      `update tasker.task_counts set steps_run = steps_run + 1 where span = 'hour' and definition_id = 1`,
    ],
    id: 'definition 1',
  },
  'slow-runs': {
    sql: [
      `insert into tasker.slow_runs (kind, definition_id, starts_at, duration, created_at, task_id, step_no)
       values ('step', 1, now(), '1 s', now(), '${stranger}', 1)`,
    ],
    id: `${stranger}/1`,
  },
  'ends-noted-once': {
    sql: [`insert into tasker.task_ends (task_ids) values ('{${stranger}}')`],
    id: stranger,
  },
})

/** Rows of a task that is not there, in each table that has such rows, but for due rows and results. */
export const orphans: Readonly<Record<string, string>> = {
  workflow_steps: `(task_id, step_no, state, waiting, retry_limit) values ('${stranger}', 1, 'pending', 0, 3)`,
  task_progress: `(task_id, open, not_satisfied, errors, seq) values ('${stranger}', 0, 0, 0, 1)`,
  task_contexts: `(task_id, context) values ('${stranger}', '{}')`,
  task_annotations: `(task_id, annotation_type, digest, annotation, created_at) values ('${stranger}', 't', 'd', '{}', now())`,
  task_transitions: `(task_id, seq, to_state, actor, at) values ('${stranger}', 0, 'pending', 'a', now())`,
  workflow_step_transitions: `(task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, at)
    values ('${stranger}', 2, 1, 1, 'in_progress', 'complete', 1, 'worker:1', now())`,
  step_claims: `(task_id, step_no, claim_no, since_seq, from_state, attempt, worker_id, at)
    values ('${stranger}', 1, 1, 1, 'pending', 1, 1, now())`,
}
