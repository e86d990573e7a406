// Prunes on a connection of the lab, and tasks that have run to their end, for the tests of rule 27.
import { beforeAllTasks, pruneBatch, type PruneBatch } from '../../src/database/prune.ts'
import type { DefinitionId, TaskId } from '../../src/ids.ts'
import type { TaskState } from '../../src/states.ts'
import { outcomeOf, taskStateOf, type Connection, type Lab } from './lab.ts'
import { chain } from './task-at-noon.ts'

const soon = () => new Date('2090-01-01T00:00:00Z')
const all: readonly TaskState[] = ['complete', 'cancelled', 'resolved_manually', 'error']

export const prune = (on: Connection, parts: Partial<PruneBatch> = {}) =>
  pruneBatch(on.database, {
    states: all,
    endedBefore: soon(),
    namespace: null,
    after: beforeAllTasks,
    tasksMax: 500,
    isTrial: false,
    ...parts,
  })

export const prunedCount = async (on: Connection, parts?: Partial<PruneBatch>) =>
  (await prune(on, parts)).groups.reduce((sum, { count }) => sum + count, 0)

/** Runs all that is due: each step completes, or fails for good. */
export async function runAll(lab: Lab, definition: DefinitionId, kind: 'complete' | 'failed') {
  const workerId = await lab.worker([definition])
  for (;;) {
    const { claims } = await lab.claim(workerId, [definition], 50)
    if (claims.length === 0) return workerId
    await lab.finish(
      workerId,
      claims.map((step) => outcomeOf(step, { kind })),
    )
  }
}

export async function ended(lab: Lab, kind: 'complete' | 'failed' = 'complete') {
  const definition = await lab.define(chain)
  const taskId = await lab.create(definition)
  await runAll(lab, definition, kind)
  await lab.eye.query('delete from tasker.receipts') // the worker forgets them with its next call
  return { definition, taskId }
}

export const isThere = async (lab: Lab, taskId: TaskId) =>
  (await taskStateOf(lab, taskId)) !== undefined
