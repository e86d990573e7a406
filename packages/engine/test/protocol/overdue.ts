// A worker whose lease is over and the rescue of its steps.
import { rescueSteps, type FinishReply } from '../../src/database/steps.ts'
import { renewWorker } from '../../src/database/workers.ts'
import type { DefinitionId, TaskId, WorkerId } from '../../src/ids.ts'
import { named, type Connection, type Lab, type StepRef } from './lab.ts'

/** Longer than this server has been up. */
export const twentyDaysMs = 20 * 86_400_000
/** A worker with this lease is overdue from the start. */
export const overMs = -1

interface RescueParts {
  readonly on?: Connection
  readonly leaseMs?: number
  readonly mayTakeOver?: boolean
  readonly receiptsMax?: number
}

export function rescue(
  lab: Lab,
  workerId: WorkerId,
  parts: RescueParts = {},
): Promise<FinishReply> {
  const { on = lab.eye, leaseMs = 0, mayTakeOver = true, receiptsMax = 100 } = parts
  return rescueSteps(on.database, {
    workerId,
    leaseMs,
    mayTakeOver,
    lostLimit: 5,
    receiptsMax,
    now: null,
  })
}

export function renew(on: Connection, workerId: WorkerId, holding: readonly StepRef[] = []) {
  const parts = { leaseMs: 60_000, slots: 1, holding, calls: [], now: null }
  return renewWorker(on.database, { workerId, ...parts })
}

export const workerState = async (lab: Lab, workerId: WorkerId): Promise<unknown> => {
  const sql = 'select state from tasker.workers where worker_id = $1'
  return (await lab.eye.query(sql, [workerId]))[0]?.['state']
}

/** One step, claimed by a worker whose lease is over; a rescuer that is alive. */
export async function overdue(lab: Lab, retryable = true) {
  const definition = await lab.define([['a', [], { retryable, retry_limit: retryable ? 3 : 1 }]])
  const taskId = await lab.create(definition)
  const dead = await lab.worker([definition], overMs)
  const rescuer = await lab.worker([definition])
  const { claims } = await lab.claim(dead, [definition])
  return { definition, taskId, dead, rescuer, a: named(claims, 'a') }
}

/** Claims with a worker that then dies, and rescues. */
export async function loseOnce(
  lab: Lab,
  lanes: readonly number[],
  definition: DefinitionId,
  rescuer: WorkerId,
) {
  const dead = await lab.worker([definition], overMs)
  const { claims } = await lab.claim(dead, lanes, 10)
  await rescue(lab, rescuer)
  return claims
}

export async function stepOf(lab: Lab, taskId: TaskId) {
  const [row] = await lab.eye.query(
    `select s.state, s.attempts, s.losses, s.claim_no, d.lane
     from tasker.workflow_steps s
     left join tasker.due d on d.task_id = s.task_id and d.step_no = s.step_no
     where s.task_id = $1 and s.step_no = 1`,
    [taskId],
  )
  return row
}
