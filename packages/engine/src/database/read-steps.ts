// The read of steps: where each stands, why it may not run, its place in the graph, and what it was given and returned.
import type { TaskId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import type { StepState } from '../states.ts'
import type { Database, Row } from './connect.ts'
import { isLive } from './read-workers.ts'

export interface StepRow {
  readonly stepNo: number
  readonly name: string
  /** The declared step it comes from: its own name, or that of the step that generated it. */
  readonly handler: string
  readonly state: StepState
  readonly isReady: boolean
  /** Why it may not run now; null when it may, or when it has ended. */
  readonly blockedBy: string | null
  readonly blockedDetail: string | null
  readonly attempts: number
  readonly retryLimit: number
  readonly losses: number
  /** Lost twice with its worker: it is claimed alone, so that no other step is lost with it. */
  readonly isSuspect: boolean
  /** Whether the worker that runs it still renews its lease; null when it does not run. */
  readonly isWorkerLive: boolean | null
  readonly waits: number
  readonly totalParents: number
  readonly completedParents: number
  readonly dependenciesSatisfied: boolean
  readonly retryEligible: boolean
  readonly nextRetryAt: Date | null
  readonly lastFailureAt: Date | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly retryable: boolean
  readonly skippable: boolean
  /** What it calls, as its definition names it. */
  readonly dependentSystem: string
  /** The steps that it waits for, and those that wait for it. */
  readonly parents: readonly StepLink[]
  readonly children: readonly StepLink[]
  /** Settings beside the context: of a generated step, or given to a rerun. Null: none, or not asked for. */
  readonly inputs: Json
  /** Null when it was not asked for, too. */
  readonly result: Json
  /** The error of the last failed attempt; null once the step is satisfied, and when it was not asked for. */
  readonly error: JsonObject | null
}

export interface StepLink {
  readonly stepNo: number
  readonly name: string
}

/** What may be large, and what a reader may not be allowed to see. */
export interface PayloadsAsked {
  readonly results: boolean
  readonly errors: boolean
  readonly inputs: boolean
}

/** The steps of each task with readiness and what was asked for, in the order of declaration, in one statement. */
export async function readSteps(
  database: Database,
  taskIds: readonly TaskId[],
  at: Date | null,
  asked: PayloadsAsked,
): Promise<ReadonlyMap<TaskId, readonly StepRow[]>> {
  const { schema } = database
  const rows = await database.run(
    'read_steps',
    `select r.*, g.handler, g.retryable, g.skippable, g.dependent_system, g.parents, g.children,
       case when $5::boolean then g.inputs end as inputs, s.result, f.error, coalesce(q.is_suspect, false) as is_suspect,
       case when r.current_state = 'in_progress' then coalesce(w.is_live, false) end as is_worker_live
     from ${schema}.step_readiness($1::uuid[], $2) r
     join ${schema}.tasks t on t.task_id = r.task_id
     cross join lateral (
       select g.handler, g.retryable, g.skippable, g.dependent_system, g.parents, g.children, g.inputs
       from ${schema}.graph_steps g
       where g.graph_id = t.graph_id and g.step_no = r.step_no
       offset 0 -- see finish_steps.sql
     ) g
     left join lateral (
       select coalesce(o.result, s.result) as result from ${schema}.step_results s
       left join ${schema}.step_results o on o.task_id = s.source_task_id and o.step_no = s.step_no
       where $3::boolean and s.task_id = r.task_id and s.step_no = r.step_no
       offset 0
     ) s on true
     left join lateral (
       select d.lane < 0 as is_suspect from ${schema}.due d
       where d.task_id = r.task_id and d.step_no = r.step_no
       offset 0
     ) q on true
     left join lateral (
       select ${isLive('w', '$2')} as is_live
       from ${schema}.workflow_steps k
       join ${schema}.workers w on w.worker_id = k.worker_id
       where k.task_id = r.task_id and k.step_no = r.step_no
       offset 0
     ) w on true
     left join (
       select distinct on (h.task_id, h.step_no) h.task_id, h.step_no, h.metadata -> 'error' as error
       from ${schema}.workflow_step_transitions h
       where $4::boolean and h.task_id = any ($1) and h.to_state = 'error' and h.from_state = 'in_progress'
       order by h.task_id, h.step_no, h.seq desc
     ) f on f.task_id = r.task_id and f.step_no = r.step_no
       and r.current_state in ('error', 'pending', 'in_progress', 'cancelled')
     order by r.task_id, r.step_no`,
    [taskIds, at, asked.results, asked.errors, asked.inputs],
  )
  const byTask = Map.groupBy(rows, (row) => row['task_id'] as TaskId)
  return new Map([...byTask].map(([taskId, ofTask]) => [taskId, stepsOfTask(ofTask)]))
}

function stepsOfTask(rows: readonly Row[]): readonly StepRow[] {
  // Casts here and below: the columns named above, with the types and checks of sql/.
  const names = new Map(rows.map((row) => [row['step_no'] as number, row['name'] as string]))
  const linksOf = (stepNos: readonly number[]): readonly StepLink[] =>
    stepNos.map((stepNo) => ({ stepNo, name: names.get(stepNo) ?? '' })) // every step of the graph is there
  return rows.map((row) => readStepRow(row, linksOf))
}

const readStepRow = (
  row: Row,
  linksOf: (stepNos: readonly number[]) => readonly StepLink[],
): StepRow => ({
  stepNo: row['step_no'] as number,
  name: row['name'] as string,
  handler: row['handler'] as string,
  state: row['current_state'] as StepState,
  isReady: row['ready_for_execution'] === true,
  blockedBy: row['blocked_by'] as string | null,
  blockedDetail: row['blocked_detail'] as string | null,
  attempts: row['attempts'] as number,
  retryLimit: row['retry_limit'] as number,
  losses: row['losses'] as number,
  isSuspect: row['is_suspect'] === true,
  isWorkerLive: row['is_worker_live'] as boolean | null,
  waits: row['waits'] as number,
  totalParents: row['total_parents'] as number,
  completedParents: row['completed_parents'] as number,
  dependenciesSatisfied: row['dependencies_satisfied'] === true,
  retryEligible: row['retry_eligible'] === true,
  nextRetryAt: row['next_retry_at'] as Date | null,
  lastFailureAt: row['last_failure_at'] as Date | null,
  startedAt: row['last_attempted_at'] as Date | null,
  endedAt: row['ended_at'] as Date | null,
  retryable: row['retryable'] === true,
  skippable: row['skippable'] === true,
  dependentSystem: row['dependent_system'] as string,
  parents: linksOf(row['parents'] as readonly number[]),
  children: linksOf(row['children'] as readonly number[]),
  inputs: (row['inputs'] ?? null) as Json,
  result: (row['result'] ?? null) as Json,
  error: (row['error'] ?? null) as JsonObject | null,
})
