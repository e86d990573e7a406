// The tables in the words of the model, so that both are compared whole after every call.
import assert from 'node:assert/strict'
import type { Lab } from '../../protocol/lab.ts'
import { countersOf, waitingOf, type TaskNow, type World } from './world.ts'

/** Throws where they differ. */
export async function compare(lab: Lab, world: World): Promise<void> {
  const [row] = await lab.eye.query(statement, [world.tasks.map(({ taskId }) => taskId)])
  const stored = row?.['stored'] as Stored // as built there
  for (const task of world.tasks) {
    const { state } = stored.tasks.find(({ taskId }) => taskId === task.taskId) ?? {}
    task.mayBeUnstarted &&= state === 'pending'
  }
  const refused = stored.refused.toSorted()
  assert.deepEqual(
    { ...stored, refused },
    {
      tasks: world.tasks.map(taskSeen),
      workers: [...world.workers].map(([workerId, { isLive }]) => ({ workerId, isLive })),
      refused: [...world.refused].toSorted(),
    },
  )
}

interface Stored {
  readonly tasks: readonly { readonly taskId: string; readonly state: string }[]
  readonly refused: readonly string[]
}

const taskSeen = (task: TaskNow) => ({
  taskId: task.taskId,
  state: task.mayBeUnstarted ? 'pending' : task.state,
  isHeld: task.isHeld,
  ...countersOf(task),
  steps: task.steps
    .map((step) => ({
      stepNo: step.stepNo,
      state: step.state,
      waiting: waitingOf(task, step),
      claimNo: step.claimNo,
      attempts: step.attempts,
      losses: step.losses,
      waits: step.waits,
      limit: step.limit,
      workerId: step.workerId,
      dueMs: step.dueMs,
      lane:
        step.dueMs === null
          ? null
          : task.isHeld
            ? 0
            : task.definitionId * (step.losses >= 2 ? -1 : 1),
      result: step.result ?? null,
    }))
    .toSorted((a, b) => a.stepNo - b.stepNo),
})

const statement = `
  select json_build_object(
    'tasks', (
      select json_agg(json_build_object(
        'taskId', t.task_id, 'state', t.state, 'isHeld', p.held, 'open', p.open, 'notSatisfied', p.not_satisfied,
        'errors', p.errors,
        'steps', (
          select json_agg(json_build_object(
            'stepNo', s.step_no, 'state', s.state, 'waiting', s.waiting, 'claimNo', s.claim_no, 'attempts', s.attempts,
            'losses', s.losses, 'waits', s.waits, 'limit', s.retry_limit, 'workerId', s.worker_id,
            'dueMs', extract(epoch from d.run_at) * 1000, 'lane', d.lane, 'result', r.result) order by s.step_no)
          from tasker.workflow_steps s
          left join tasker.due d on d.task_id = s.task_id and d.step_no = s.step_no
          left join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
          where s.task_id = t.task_id)) order by k.place)
      from unnest($1::uuid[]) with ordinality as k(task_id, place)
      join tasker.tasks t on t.task_id = k.task_id
      join tasker.task_progress p on p.task_id = k.task_id),
    'workers', (
      select json_agg(json_build_object('workerId', w.worker_id, 'isLive', w.state = 'live') order by w.worker_id)
      from tasker.workers w),
    'refused', (
      select coalesce(json_agg(h.task_id || '/' || h.step_no || '/' || h.claim_no), '[]')
      from tasker.workflow_step_transitions h
      where h.reason = 'outcome_refused')) as stored`
