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
          select h.seq from tasker.task_transitions h where h.task_id = p.task_id
          union all
          select h.seq from tasker.workflow_step_transitions h where h.task_id = p.task_id
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
    sql: `
      select s.task_id || '/' || s.step_no || ' is ' || s.state || ': after '
        || coalesce(e.before, b.first) || coalesce(' (' || e.place_before || ')', '') || ', '
        || coalesce(e.from_state || ' to ' || e.to_state || ' (' || e.place || ')', 'nothing') as subject
      from tasker.workflow_steps s
      cross join lateral (
        select coalesce((
          select case
            when h.metadata -> 'bypassed' @> to_jsonb(s.step_no) then 'skipped'
            when h.metadata -> 'reused' @> to_jsonb(s.step_no) then s.state
          end
          from tasker.task_transitions h
          where h.task_id = s.task_id and h.seq = 0
        ), 'pending') as first
      ) b
      left join (
        select k.*, lag(k.to_state) over told as before, lag(k.place) over told as place_before,
          lead(k.to_state) over told is null as is_last
        from (
          select c.task_id, c.step_no, c.claim_no, 0 as is_end, c.since_seq as place, c.from_state,
            'in_progress' as to_state
          from tasker.step_claims c
          union all
          select h.task_id, h.step_no, h.claim_no, 1, h.seq, h.from_state, h.to_state
          from tasker.workflow_step_transitions h
          where h.reason is distinct from 'outcome_refused'
        ) k
        window told as (partition by k.task_id, k.step_no order by k.claim_no, k.is_end, k.place)
      ) e on e.task_id = s.task_id and e.step_no = s.step_no
      where s.step_no >= 0 and case
        when e.task_id is null then s.state <> b.first
        else e.from_state <> coalesce(e.before, b.first)
          or e.place < e.place_before
          or (e.is_last and e.to_state <> s.state)
          or (e.from_state <> e.to_state and e.from_state || '>' || e.to_state <> 'error>in_progress'
            and not ${isMoveOf(stepMoves)})
      end`,
  },
  {
    name: 'budget',
    says: 'a budget that differs from the history (rule 6)',
    of: 'tasks',
    sql: `
      select s.task_id || '/' || s.step_no || ' has ' || row(s.claim_no, s.attempts)::text
        || ', history ' || row(n.claims, n.claims - n.handed_back)::text as subject
      from tasker.workflow_steps s
      left join (
        select c.task_id, c.step_no, count(*) as claims, max(c.claim_no) as last
        from tasker.step_claims c
        group by c.task_id, c.step_no
      ) c on c.task_id = s.task_id and c.step_no = s.step_no
      left join (
        select h.task_id, h.step_no, count(*) as handed_back
        from tasker.workflow_step_transitions h
        where h.from_state = 'in_progress'
          and (h.to_state = 'pending' or (h.to_state = 'error' and h.actor like 'rescue by worker:%'))
          and h.reason is distinct from 'outcome_refused'
        group by h.task_id, h.step_no
      ) h on h.task_id = s.task_id and h.step_no = s.step_no
      cross join lateral (
        select coalesce(c.claims, 0) as claims, coalesce(c.last, 0) as last, coalesce(h.handed_back, 0) as handed_back
      ) n
      where s.claim_no <> n.claims or s.claim_no <> n.last or s.attempts <> n.claims - n.handed_back`,
  },
  {
    name: 'losses',
    says: 'losses or waits that differ from the history (rules 9 and 29)',
    of: 'tasks',
    // A retry by hand leaves at most two of the losses before it.
    sql: `
      select s.task_id || '/' || s.step_no || ' has ' || row(s.losses, s.waits)::text || ', history '
        || row(n.losses, n.handed_back)::text as subject
      from tasker.workflow_steps s
      left join (
        select e.task_id, e.step_no,
          count(*) filter (where e.is_loss and e.seq > e.retried)
            + least(count(*) filter (where e.is_loss and e.seq < e.retried), 2) as losses,
          count(*) filter (where e.from_state = 'in_progress' and e.to_state = 'pending') as handed_back
        from (
          select h.task_id, h.step_no, h.seq, h.from_state, h.to_state,
            h.from_state = 'in_progress' and h.to_state = 'error' and h.actor like 'rescue by worker:%' as is_loss,
            coalesce(max(h.seq) filter (where h.from_state = 'error' and h.to_state = 'pending')
              over (partition by h.task_id, h.step_no), 0) as retried
          from tasker.workflow_step_transitions h
          where h.reason is distinct from 'outcome_refused'
        ) e
        group by e.task_id, e.step_no
      ) h on h.task_id = s.task_id and h.step_no = s.step_no
      cross join lateral (
        select coalesce(h.losses, 0) as losses, coalesce(h.handed_back, 0) as handed_back
      ) n
      where s.losses <> n.losses or s.waits > n.handed_back`,
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
