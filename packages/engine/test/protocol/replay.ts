// Replays the stored history of every task and step (deadlines apart, which are no steps) from its creation: each entry starts where the one before ended, is a
// move that states.ts allows, and the last one leads to the present state.
import type pg from 'pg'
import {
  stepMoves,
  stepStates,
  taskMoves,
  taskStates,
  type StepState,
  type TaskState,
} from '../../src/states.ts'

interface Entry {
  readonly from_state: string
  readonly to_state: string
}

interface TaskRow {
  readonly task_id: string
  readonly state: string
  readonly history: readonly { readonly from_state: string | null; readonly to_state: string }[]
}

interface StepRow {
  readonly step: string
  readonly state: string
  /** Pending, but for a step bypassed at creation or taken over by a rerun. */
  readonly first: string
  readonly history: readonly (Entry & { readonly claim_no: number; readonly after: number })[]
}

/** Sentences, one per contradiction. */
export async function replayHistory(client: pg.ClientBase, schema: string): Promise<string[]> {
  const tasks = await client.query<TaskRow>(taskHistories(schema))
  const steps = await client.query<StepRow>(stepHistories(schema))
  return [...tasks.rows.flatMap(replayTask), ...steps.rows.flatMap(replayStep)]
}

function replayTask(task: TaskRow): string[] {
  const [creation, ...entries] = task.history
  if (creation?.from_state !== null || creation.to_state !== 'pending') {
    return [`history of task ${task.task_id} does not begin with its creation`]
  }
  return replay({
    subject: `task ${task.task_id}`,
    first: 'pending',
    last: task.state,
    // Number 1 is kept free for the start, so what an operator noted before it has a higher one.
    entries: entries.filter(
      ({ from_state: from, to_state: to }) => from !== to || to !== 'pending',
    ),
    isMove: (from, to) => isState(taskStates, from) && includes(taskMoves[from], to),
  })
}

function replayStep(step: StepRow): string[] {
  const faults = replay({
    subject: `step ${step.step}`,
    first: step.first,
    last: step.state,
    entries: step.history.flatMap(throughPending),
    isMove: (from, to) => isState(stepStates, from) && includes(stepMoves[from], to),
  })
  const places = step.history.map(({ after }) => after)
  const isOrdered = places.every((place, index) => place >= (places[index - 1] ?? 0))
  return isOrdered ? faults : [...faults, `history of step ${step.step}: numbers ${places.join()}`]
}

/** A retry's error → pending stands in the next claim's entry (rule 20). */
function throughPending(entry: Entry): Entry[] {
  return entry.from_state === 'error' && entry.to_state === 'in_progress'
    ? [
        { from_state: 'error', to_state: 'pending' },
        { from_state: 'pending', to_state: 'in_progress' },
      ]
    : [entry]
}

function replay(history: {
  readonly subject: string
  readonly first: string
  readonly last: string
  readonly entries: readonly { readonly from_state: string | null; readonly to_state: string }[]
  readonly isMove: (from: string, to: string) => boolean
}): string[] {
  const faults: string[] = []
  let state = history.first
  for (const { from_state: from, to_state: to } of history.entries) {
    if (from !== state)
      faults.push(`history of ${history.subject}: in ${state}, then ${from} to ${to}`)
    else if (from !== to && !history.isMove(from, to))
      // a note of an operator moves nothing
      faults.push(`history of ${history.subject}: ${from} to ${to}`)
    state = to
  }
  if (state !== history.last) {
    faults.push(`history of ${history.subject} leads to ${state}; it is ${history.last}`)
  }
  return faults
}

const isState = <State extends TaskState | StepState>(
  states: readonly State[],
  text: string,
): text is State => includes(states, text)

const includes = (list: readonly string[], text: string): boolean => list.includes(text)

const taskHistories = (schema: string): string => `
  select t.task_id, t.state,
    (select json_agg(h order by h.seq) from ${schema}.task_transitions h where h.task_id = t.task_id)
      as history
  from ${schema}.tasks t`

// A claim stands before everything that names it, and after the last number it saw. A refused outcome moved nothing.
const stepHistories = (schema: string): string => `
  select s.task_id || '/' || s.step_no as step, s.state,
    coalesce((
      select case
        when h.metadata -> 'bypassed' @> to_jsonb(s.step_no) then 'skipped'
        when h.metadata -> 'reused' @> to_jsonb(s.step_no) then s.state
      end
      from ${schema}.task_transitions h
      where h.task_id = s.task_id and h.seq = 0
    ), 'pending') as first,
    coalesce((
      select json_agg(e order by e.claim_no, e.is_end, e.after)
      from (
        select c.claim_no, 0 as is_end, c.since_seq as after, c.from_state, 'in_progress' as to_state
        from ${schema}.step_claims c
        where c.task_id = s.task_id and c.step_no = s.step_no
        union all
        select h.claim_no, 1, h.seq, h.from_state, h.to_state
        from ${schema}.workflow_step_transitions h
        where h.task_id = s.task_id and h.step_no = s.step_no
          and h.reason is distinct from 'outcome_refused'
      ) e
    ), '[]') as history
  from ${schema}.workflow_steps s
  where s.step_no >= 0`
