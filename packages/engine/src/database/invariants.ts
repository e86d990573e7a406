// What must be true of the run-time tables between any two transactions: read-only recounts, said once. `tasker doctor`
// asks them of some tasks of a live database, the tests of all tasks after each move. Repairing is not done here.
import type { TaskId } from '../ids.ts'
import type { Ask } from './connect.ts'
import { inSchema } from './sql-files.ts'

export interface Invariant {
  /** What is wrong with a row that the query returns. */
  readonly says: string
  /** One text column, `subject`; `tasker.` stands for the schema. Each table has an alias: it may become a subquery. */
  readonly sql: string
}

interface Violation {
  readonly says: string
  /** The ids concerned, and the numbers that differ. */
  readonly subject: string
}

/** The tables of a task's own rows, which `taskIds` narrows; but where another task's row is meant. */
const tablesOfTasks =
  /\btasker\.(tasks|task_progress|workflow_steps|step_results|due|task_transitions|workflow_step_transitions|step_claims)\b(?! \/\* of any task)/g

/**
 * One statement, so that everything in it is seen at one moment: true whatever runs. `$1`: the tasks to look at; they
 * are looked up by key, so the cost is theirs alone.
 */
function narrowed(invariant: Invariant): Invariant {
  return {
    says: invariant.says,
    sql: invariant.sql.replaceAll(
      tablesOfTasks,
      (table) => `(select * from ${table} where task_id = any ($1::uuid[]))`,
    ),
  }
}

/** Every violation among all tasks, or among `taskIds`, at most `limit` of each kind. */
export async function findViolations(
  ask: Ask,
  where: {
    readonly schema: string
    readonly taskIds?: readonly TaskId[]
    readonly limit?: number
    /** Default: what holds at every moment. */
    readonly of?: readonly Invariant[]
  },
): Promise<Violation[]> {
  const { schema, taskIds, limit, of = invariants } = where
  const violations: Violation[] = []
  for (const invariant of of) {
    const { says, sql } = taskIds === undefined ? invariant : narrowed(invariant)
    const limited = limit === undefined ? sql : `select * from (${sql}) v limit ${limit}`
    const rows = await ask(inSchema(limited, schema), taskIds === undefined ? [] : [taskIds])
    violations.push(...rows.map((row) => ({ says, subject: String(row['subject']) })))
  }
  return violations
}

/** SQL: the task `t` goes on. */
export const openTask = `t.state in ('pending', 'in_progress')`
const satisfied = `('complete', 'resolved_manually', 'skipped')`

/** What holds at every moment. */
export const invariants: readonly Invariant[] = [
  {
    says: 'a due row that may not exist (rule 15)',
    sql: `
      select d.task_id || '/' || d.step_no as subject
      from tasker.due d
      left join tasker.tasks t on t.task_id = d.task_id
      left join tasker.workflow_steps s on s.task_id = d.task_id and s.step_no = d.step_no
      where s.state is null
        or not case
          when d.step_no > 0 then ${openTask} and s.waiting = 0
            and (s.state = 'pending' or (s.state = 'error' and s.attempts < s.retry_limit))
          when d.step_no = 0 then t.state = 'complete' and s.state in ('pending', 'error')
          else ${openTask} and s.state in ('pending', 'error')
        end`,
  },
  {
    says: 'a step that may run and has no due row (rule 15)',
    sql: `
      select s.task_id || '/' || s.step_no as subject
      from tasker.workflow_steps s
      join tasker.tasks t on t.task_id = s.task_id and ${openTask}
      where s.step_no > 0 and s.state = 'pending' and s.waiting = 0
        and not exists (
          select 1 from tasker.due d where d.task_id = s.task_id and d.step_no = s.step_no)`,
  },
  {
    says: 'a due row in the wrong lane (rule 15: held 0; rule 9: suspects below 0)',
    sql: `
      select d.task_id || '/' || d.step_no || ' in lane ' || d.lane as subject
      from tasker.due d
      join tasker.tasks t on t.task_id = d.task_id
      join tasker.task_progress p on p.task_id = d.task_id
      join tasker.workflow_steps s on s.task_id = d.task_id and s.step_no = d.step_no
      where d.lane <> case
        when p.held and d.step_no <> 0 then 0
        when s.losses >= 2 then -t.definition_id
        else t.definition_id
      end`,
  },
  {
    says: 'counters that differ from a recount (rule 12)',
    sql: `
      select p.task_id || ' has ' || row(p.open, p.not_satisfied, p.errors)::text
        || ', counted ' || row(n.open, n.not_satisfied, n.errors)::text as subject
      from tasker.task_progress p
      cross join lateral (
        select
          count(*) filter (where s.state = 'in_progress' or d.task_id is not null) as open,
          count(*) filter (where s.state not in ${satisfied}) as not_satisfied,
          count(*) filter (where s.state = 'error' and d.task_id is null) as errors
        from tasker.workflow_steps s
        left join tasker.due d on d.task_id = s.task_id and d.step_no = s.step_no
        where s.task_id = p.task_id and s.step_no > 0
      ) n
      where row(p.open, p.not_satisfied, p.errors) <> row(n.open, n.not_satisfied, n.errors)`,
  },
  {
    says: 'parents missing that differ from a recount',
    sql: `
      select s.task_id || '/' || s.step_no || ' waits for ' || s.waiting || ', counted ' || n.missing
        as subject
      from tasker.workflow_steps s
      join tasker.tasks t on t.task_id = s.task_id
      join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
      cross join lateral (
        select count(*) as missing
        from tasker.workflow_steps m
        where m.task_id = s.task_id and m.step_no = any (g.parents) and m.state not in ${satisfied}
      ) n
      where s.waiting <> n.missing`,
  },
  {
    says: 'a step that was claimed before its parents were done',
    sql: `
      select s.task_id || '/' || s.step_no || ' (' || s.state || ')' as subject
      from tasker.workflow_steps s
      where s.waiting > 0 and s.claim_no > 0`,
  },
  {
    says: 'a task that should have ended, or ended too early (rule 12)',
    sql: `
      select t.task_id || ' is ' || t.state || ', open ' || p.open as subject
      from tasker.tasks t
      join tasker.task_progress p on p.task_id = t.task_id
      where ${openTask} <> (p.open > 0)`,
  },
  {
    says: 'a task that ended in another state than its steps say (rule 12)',
    sql: `
      select t.task_id || ' is ' || t.state as subject
      from tasker.tasks t
      join tasker.task_progress p on p.task_id = t.task_id
      where (t.state = 'complete' and p.not_satisfied > 0)
        or (t.state = 'error' and p.errors = 0 and not exists (
          select 1 from tasker.task_transitions h
          where h.task_id = t.task_id and h.to_state = 'error' and h.reason = 'deadline_exceeded'))`,
  },
  {
    says: 'a budget that differs from the history (rule 6)',
    sql: `
      select s.task_id || '/' || s.step_no || ' has ' || row(s.claim_no, s.attempts)::text
        || ', history ' || row(c.claims, c.claims - h.handed_back)::text as subject
      from tasker.workflow_steps s
      cross join lateral (
        select count(*) as claims, coalesce(max(c.claim_no), 0) as last
        from tasker.step_claims c
        where c.task_id = s.task_id and c.step_no = s.step_no
      ) c
      cross join lateral (
        select count(*) as handed_back
        from tasker.workflow_step_transitions h
        where h.task_id = s.task_id and h.step_no = s.step_no and h.from_state = 'in_progress'
          and (h.to_state = 'pending' or (h.to_state = 'error' and h.actor like 'rescue by worker:%'))
          and h.reason is distinct from 'outcome_refused'
      ) h
      where s.claim_no <> c.claims or s.claim_no <> c.last or s.attempts <> c.claims - h.handed_back
        or s.losses + s.waits > h.handed_back`,
  },
  {
    says: 'history numbers with a gap or twice (rule 20)',
    sql: `
      select p.task_id || ' ends at ' || p.seq || ', has ' || h.seqs::text as subject
      from tasker.task_progress p
      join tasker.tasks t on t.task_id = p.task_id
      cross join lateral (
        select array_agg(e.seq order by e.seq) as seqs
        from (
          select h.seq from tasker.task_transitions h where h.task_id = p.task_id
          union all
          select h.seq from tasker.workflow_step_transitions h where h.task_id = p.task_id
        ) e
      ) h
      where h.seqs <> array(
        select n from generate_series(0, p.seq) n where n <> 1 or 1 = any (h.seqs))
        or (t.started_at is not null and not 1 = any (h.seqs))`,
  },
  {
    says: 'a result that may not exist, or a completed step without one',
    sql: `
      select coalesce(s.task_id, r.task_id) || '/' || coalesce(s.step_no, r.step_no) as subject
      from (
        select w.* from tasker.workflow_steps w where w.step_no > 0 and w.state in ('complete', 'resolved_manually')
      ) s
      full join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
      where s.task_id is null or (s.state = 'complete' and r.task_id is null)`,
  },
  {
    says: 'a result taken over from a task that has none of its own there',
    sql: `
      select r.task_id || '/' || r.step_no || ' from ' || r.source_task_id as subject
      from tasker.step_results r
      left join tasker.step_results /* of any task */ o
        on o.task_id = r.source_task_id and o.step_no = r.step_no
      where r.source_task_id is not null and (o.task_id is null or o.source_task_id is not null)`,
  },
  {
    says: 'a step in progress that no receipt names (rule 7)',
    sql: `
      select s.task_id || '/' || s.step_no || ' claim ' || s.claim_no as subject
      from tasker.workflow_steps s
      where s.state = 'in_progress' and not exists (
        select 1
        from tasker.receipts r
        cross join lateral unnest(r.task_ids, r.step_nos, r.claim_nos) c(task_id, step_no, claim_no)
        where c.task_id = s.task_id and c.step_no = s.step_no and c.claim_no = s.claim_no
          and r.worker_id = s.worker_id)`,
  },
]
