// The history replays to the present: every entry starts where the one before ended, is a move that states.ts allows, and
// the last one leads to the present state; budgets, losses and late outcomes are what it says they are.
import { stepMoves, taskMoves } from '../../states.ts'
import { textsOf, type Invariant } from './invariant.ts'

/** SQL: a move of the table, written `from>to`. */
const isMoveOf = (moves: Readonly<Record<string, readonly string[]>>): string =>
  `e.from_state || '>' || e.to_state in ${textsOf(
    Object.entries(moves).flatMap(([from, tos]) => tos.map((to) => `${from}>${to}`)),
  )}`

export const ofHistory: readonly Invariant[] = [
  {
    name: 'history-numbers',
    says: 'history numbers with a gap or twice (rule 20)',
    of: 'tasks',
    sql: `
      select p.task_id || ' ends at ' || p.seq || ', has ' || h.seqs::text as subject
      from tasker.task_progress p
      join tasker.tasks t on t.task_id = p.task_id
      cross join lateral (
        select array_agg(e.seq order by e.seq) as seqs
        from (
          select h.seq from tasker.task_transitions /* by key */ h where h.task_id = p.task_id
          union all
          select h.seq from tasker.workflow_step_transitions /* by key */ h where h.task_id = p.task_id
        ) e
      ) h
      where h.seqs is distinct from array(
        select n from generate_series(0, p.seq) n where n <> 1 or 1 = any (h.seqs))
        or (t.started_at is not null and not 1 = any (h.seqs))`,
  },
  {
    name: 'task-history',
    says: 'a task whose history does not lead to what it is',
    of: 'tasks',
    // Number 1 is kept free for the start, so what an operator noted on a pending task has a higher one.
    sql: `
      select t.task_id || ' is ' || t.state || ': after ' || coalesce(e.before, 'nothing') || ', '
        || coalesce(e.from_state, 'nothing') || ' to ' || coalesce(e.to_state, 'nothing') as subject
      from tasker.tasks t
      left join (
        select h.task_id, h.from_state, h.to_state, lag(h.to_state) over told as before,
          lead(h.seq) over told is null as is_last
        from tasker.task_transitions h
        where h.from_state is distinct from 'pending' or h.to_state <> 'pending'
        window told as (partition by h.task_id order by h.seq)
      ) e on e.task_id = t.task_id
      where e.task_id is null
        or e.from_state is distinct from e.before
        or (e.from_state is null and e.to_state <> 'pending')
        or (e.from_state <> e.to_state and not ${isMoveOf(taskMoves)})
        or (e.is_last and e.to_state <> t.state)`,
  },
  {
    name: 'step-history',
    says: 'a step whose history does not lead to what it is (deadlines apart)',
    of: 'tasks',
    // A claim stands before everything that names it, and after the last number it saw; a retry's error → pending stands in
    // the next claim's entry (rule 20). A refused outcome moved nothing, nor did a note of an operator.
    // The beginning and the present are entries too, so that nothing is joined to the history: a join would be quadratic in a
    // wide task when the planner takes it for a narrow one. What has no beginning is an orphan.
    sql: `
      select e.task_id || '/' || e.step_no || ': after ' || e.before || ' (' || e.place_before || '), '
        || e.from_state || ' to ' || e.to_state || ' (' || e.place || ')' as subject
      from (
        select k.*, lag(k.to_state) over told as before, lag(k.place) over told as place_before
        from (
          select s.task_id, s.step_no, 0 as claim_no, 0 as part, 0 as place, null as from_state,
            case
              when h.metadata -> 'bypassed' @> to_jsonb(s.step_no) then 'skipped'
              when h.metadata -> 'reused' @> to_jsonb(s.step_no) then s.state
              else 'pending'
            end as to_state
          from tasker.workflow_steps s
          left join tasker.task_transitions h on h.task_id = s.task_id and h.seq = 0
          union all
          select c.task_id, c.step_no, c.claim_no, 1, c.since_seq, c.from_state, 'in_progress'
          from tasker.step_claims c
          union all
          select h.task_id, h.step_no, h.claim_no, 2, h.seq, h.from_state, h.to_state
          from tasker.workflow_step_transitions h
          where h.reason is distinct from 'outcome_refused'
          union all
          select s.task_id, s.step_no, 2147483647, 3, 2147483647, s.state, s.state
          from tasker.workflow_steps s
        ) k
        where k.step_no >= 0
        window told as (partition by k.task_id, k.step_no order by k.claim_no, k.part, k.place)
      ) e
      where e.before is not null and (
        e.from_state <> e.before
        or e.place < e.place_before
        or (e.from_state <> e.to_state and e.from_state || '>' || e.to_state <> 'error>in_progress'
          and not ${isMoveOf(stepMoves)})
      )`,
  },
  {
    name: 'budget',
    says: 'a budget that differs from the history (rule 6)',
    of: 'tasks',
    sql: `
      select e.task_id || '/' || e.step_no || ' has ' || row(max(e.claim_no), max(e.attempts))::text
        || ', history ' || row(sum(e.claims), sum(e.claims - e.handed_back))::text as subject
      from (
        select s.task_id, s.step_no, s.claim_no, s.attempts, 0 as claims, 0 as last, 0 as handed_back
        from tasker.workflow_steps s
        union all
        select c.task_id, c.step_no, null, null, 1, c.claim_no, 0
        from tasker.step_claims c
        union all
        select h.task_id, h.step_no, null, null, 0, 0, 1
        from tasker.workflow_step_transitions h
        where h.from_state = 'in_progress'
          and (h.to_state = 'pending' or (h.to_state = 'error' and h.actor like 'rescue by worker:%'))
          and h.reason is distinct from 'outcome_refused'
      ) e
      group by e.task_id, e.step_no
      having max(e.claim_no) <> sum(e.claims) or max(e.claim_no) <> max(e.last)
        or max(e.attempts) <> sum(e.claims - e.handed_back)`,
  },
  {
    name: 'losses',
    says: 'losses or waits that differ from the history (rules 9 and 29)',
    of: 'tasks',
    // A retry by hand leaves at most two of the losses before it.
    sql: `
      select n.task_id || '/' || n.step_no || ' has ' || row(n.losses, n.waits)::text || ', history '
        || row(n.before + n.since, n.handed_back)::text as subject
      from (
        select e.task_id, e.step_no, max(e.losses) as losses, max(e.waits) as waits,
          count(*) filter (where e.is_loss and e.seq > e.retried) as since,
          least(count(*) filter (where e.is_loss and e.seq < e.retried), 2) as before,
          count(*) filter (where e.is_handed_back) as handed_back
        from (
          select s.task_id, s.step_no, s.losses, s.waits, null::integer as seq, false as is_loss,
            false as is_handed_back, null::integer as retried
          from tasker.workflow_steps s
          union all
          select h.task_id, h.step_no, null, null, h.seq,
            h.from_state = 'in_progress' and h.to_state = 'error' and h.actor like 'rescue by worker:%',
            h.from_state = 'in_progress' and h.to_state = 'pending',
            coalesce(max(h.seq) filter (where h.from_state = 'error' and h.to_state = 'pending')
              over (partition by h.task_id, h.step_no), 0)
          from tasker.workflow_step_transitions h
          where h.reason is distinct from 'outcome_refused'
        ) e
        group by e.task_id, e.step_no
      ) n
      where n.losses <> n.before + n.since or n.waits > n.handed_back`,
  },
  {
    name: 'late-outcomes',
    says: 'a late outcome that was kept twice, or of a claim that nobody made or that still runs (rule 13)',
    of: 'tasks',
    sql: `
      select h.task_id || '/' || h.step_no || ' claim ' || h.claim_no as subject
      from tasker.workflow_step_transitions h
      left join tasker.step_claims c
        on c.task_id = h.task_id and c.step_no = h.step_no and c.claim_no = h.claim_no
      left join tasker.workflow_steps s
        on s.task_id = h.task_id and s.step_no = h.step_no and s.claim_no = h.claim_no and s.state = 'in_progress'
      where h.reason = 'outcome_refused' and h.from_state = h.to_state
      group by h.task_id, h.step_no, h.claim_no
      having count(*) > 1 or count(c.task_id) = 0 or count(s.task_id) > 0`,
  },
]
