// The end of a race: its workers go, one that stays runs whatever is left of its tasks, and nothing may be stuck.
import type { Database } from '../../packages/engine/src/database/connect.ts'
import { holdNamespace, operateTasks } from '../../packages/engine/src/database/operate.ts'
import { rollUpTasks } from '../../packages/engine/src/database/roll-up.ts'
import { finishSteps } from '../../packages/engine/src/database/steps.ts'
import { renewWorker, stopWorker } from '../../packages/engine/src/database/workers.ts'
import { finishCall, outcomeOf } from '../../packages/engine/test/protocol/calls.ts'
import { orderOf, raceNamespace, rescue, type Scene } from './race-scene.ts'

/** More than the steps of all tasks of a scene, with an attempt to spare. */
const roundsMax = 20

/** What is wrong: tasks that cannot be brought to an end. */
export async function playOut(on: Database, scene: Scene): Promise<readonly string[]> {
  const { definitionId, workers } = scene
  const taskIds = [scene.taskId, ...Object.values(scene.spareIds)]
  const lanes = [definitionId, -definitionId]
  const { keeper, ...gone } = workers
  await on.run('', 'select tasker.stop_worker(w) from unnest($1::integer[]) w', [
    Object.values(gone),
  ])
  await holdNamespace(on, {
    namespace: raceNamespace,
    isHeld: false,
    actor: 'ana',
    reason: 'the race is over',
    now: null,
  })
  await rescue(on, keeper)
  for (const action of ['resume', 'retry_now', 'wake'])
    await operateTasks(on, orderOf(taskIds, action))
  for (let round = 0; round < roundsMax; round += 1) {
    const { claims } = await finishSteps(on, finishCall(keeper, { lanes, want: 10 }))
    if (claims.length === 0) break
    const outcomes = claims.map((step) => outcomeOf(step))
    await finishSteps(on, finishCall(keeper, { outcomes }))
  }
  await rollUpTasks(on, keeper)
  await renewWorker(on, {
    workerId: keeper,
    leaseMs: 1,
    slots: 1,
    holding: [],
    calls: [],
    now: null,
  })
  await stopWorker(on, keeper, null)
  const left = await on.run('', leftSql, [taskIds, Object.values(workers)])
  return left.map(({ left: what }) => `left over at the end: ${String(what)}`)
}

const leftSql = `
  select 'task in ' || t.state as left from tasker.tasks t where t.task_id = any ($1::uuid[]) and t.ended_at is null
  union all
  select 'step ' || s.step_no || ' in progress' from tasker.workflow_steps s
  where s.task_id = any ($1) and s.state = 'in_progress'
  union all
  select 'due row of step ' || d.step_no from tasker.due d where d.task_id = any ($1)
  union all
  select 'receipt of steps ' || r.step_nos::text from tasker.receipts r where r.worker_id = any ($2::integer[])`
