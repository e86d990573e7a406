// Tasks in random states, written straight into the tables as the engine would leave them: open ones with retries to come,
// ended ones of every kind, reruns with steps taken over, created over some days.
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { StepState, TaskState } from '../../src/states.ts'
import { graphOf, type Connection } from '../protocol/lab.ts'

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface Making {
  readonly count: number
  readonly random: () => number
  /** Creations lie at most this long before it. */
  readonly at: Date
  readonly spreadMs: number
  readonly definitions: readonly number[]
}

const names = ['start', 'left', 'right', 'join', 'end'] as const

/** Five definitions in two namespaces: one name has two versions. */
export async function defineFive(on: Connection): Promise<readonly number[]> {
  const addresses = [
    ['sales', 'order', '1.0.0'],
    ['sales', 'order', '1.1.0'],
    ['sales', 'refund', '1.0.0'],
    ['stock', 'order', '1.0.0'],
    ['stock', 'count', '1.0.0'],
  ]
  const ids: number[] = []
  for (const [namespace, name, version] of addresses) {
    const steps = graphOf([
      ['start', []],
      ['left', ['start']],
      ['right', ['start'], { retryable: false }],
      ['join', ['left', 'right']],
      ['end', ['join']],
    ])
    const [row] = await on.query('select stored_id from tasker.register_definition($1)', [
      JSON.stringify({
        namespace,
        name,
        version,
        namespace_description: '',
        description: '',
        digest: 'd',
        graph_id: randomUUID(),
        settings: {},
        annotates: false,
        steps,
      }),
    ])
    ids.push(Number(row?.['stored_id']))
  }
  return ids
}

/** Ids of the tasks made. Nothing is noted for the statistics yet. */
export async function makeTasks(on: Connection, making: Making): Promise<readonly string[]> {
  const made = Array.from({ length: making.count }, () => makeTask(making))
  await on.query(
    `insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system,
       reason, requested_at, created_at, started_at, ended_at)
     select t.task_id, t.definition_id, d.graph_id, t.state, 2, '{}', t.initiator, 'test', 'test', t.created_at,
       t.created_at, t.created_at, t.ended_at
     from jsonb_to_recordset($1) as t(
       task_id uuid, definition_id integer, state text, initiator text, created_at timestamptz, ended_at timestamptz)
     join tasker.definitions d on d.definition_id = t.definition_id`,
    [JSON.stringify(made.map(({ task }) => task))],
  )
  await on.query(
    `insert into tasker.workflow_steps (task_id, step_no, state, waiting, attempts, retry_limit, started_at, ended_at)
     select s.task_id, s.step_no, s.state, 0, s.attempts, 3, s.started_at, s.ended_at
     from jsonb_to_recordset($1) as s(
       task_id uuid, step_no integer, state text, attempts smallint, started_at timestamptz, ended_at timestamptz)`,
    [JSON.stringify(made.flatMap(({ steps }) => steps))],
  )
  await on.query(
    `insert into tasker.task_progress (task_id, open, not_satisfied, errors, seq)
     select t.id, 0, 0, 0, 1 from unnest($1::uuid[]) as t(id)`,
    [made.map(({ task }) => task.task_id)],
  )
  await on.query(
    `insert into tasker.due (lane, priority, run_at, task_id, step_no)
     select d.lane, 2, d.run_at, d.task_id, d.step_no
     from jsonb_to_recordset($1) as d(lane integer, run_at timestamptz, task_id uuid, step_no integer)`,
    [JSON.stringify(made.flatMap(({ due }) => due))],
  )
  return made.map(({ task }) => task.task_id)
}

function makeTask({ random, at, spreadMs, definitions }: Making) {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T // not empty
  const createdMs = at.getTime() - Math.floor(random() * spreadMs)
  const state = pick<TaskState>([
    'pending',
    'in_progress',
    'in_progress',
    'complete',
    'complete',
    'complete',
    'error',
    'error',
    'cancelled',
    'resolved_manually',
  ])
  const isOpen = state === 'pending' || state === 'in_progress'
  const endedMs = createdMs + Math.floor(random() ** 4 * 200_000_000)
  const task = {
    task_id: uuidv7({ msecs: createdMs }),
    definition_id: pick(definitions),
    state,
    initiator: pick(['web', 'cron']),
    created_at: new Date(createdMs),
    ended_at: isOpen ? null : new Date(endedMs),
  }
  const lane = { task_id: task.task_id, lane: task.definition_id }
  const steps = names.map((_, index) => {
    const stepState = pick(statesWithin[state])
    // Now and then a step of an older task, taken over; now and then one that took no time.
    const startedMs = createdMs + Math.floor(random() * 100_000) - (random() < 0.1 ? 1_000_000 : 0)
    const durationMs = Math.floor(random() ** 4 * 100_000)
    const hasStarted = !['pending', 'skipped'].includes(stepState)
    const hasEnded = !['pending', 'in_progress'].includes(stepState)
    return {
      task_id: task.task_id,
      step_no: index + 1,
      state: stepState,
      attempts: hasStarted ? 1 + Math.floor(random() * 3) : 0,
      started_at: hasStarted ? new Date(startedMs) : null,
      ended_at: hasEnded ? new Date(startedMs + durationMs) : null,
    }
  })
  // In an open task: a retry to come, due or not yet, or held; else the step failed for good.
  const due = steps
    .filter((step) => isOpen && step.state === 'error' && random() < 0.7)
    .map(({ step_no }) => ({
      ...lane,
      step_no,
      lane: random() < 0.2 ? 0 : lane.lane,
      run_at: new Date(at.getTime() + Math.floor((random() - 0.5) * 100_000)),
    }))
  const waiting = steps
    .filter((step) => isOpen && step.state === 'pending' && random() < 0.3)
    .map(({ step_no }) => ({ ...lane, step_no, run_at: new Date(at.getTime() + 1000) }))
  return { task, steps, due: [...due, ...waiting] }
}

/** States that a step may have in a task of a state. */
const statesWithin: Readonly<Record<TaskState, readonly StepState[]>> = {
  pending: ['pending', 'pending', 'skipped'],
  in_progress: ['pending', 'in_progress', 'complete', 'error', 'error', 'skipped', 'cancelled'],
  complete: ['complete', 'complete', 'complete', 'skipped', 'resolved_manually'],
  error: ['complete', 'error', 'pending', 'cancelled'],
  cancelled: ['complete', 'cancelled', 'error', 'skipped'],
  resolved_manually: ['complete', 'error', 'cancelled', 'resolved_manually'],
}
