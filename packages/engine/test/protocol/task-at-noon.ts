// A task whose roots are due at noon, and calls at noon after each of which the invariants are checked.
import { expect } from 'vitest'
import { finishSteps, type FinishCall, type FinishReply } from '../../src/database/steps.ts'
import { checkInvariants } from './invariants.ts'
import { finishCall, type Lab, type StepPlan } from './lab.ts'

export const noon = new Date('2030-01-01T12:00:00Z')
export const after = (ms: number): Date => new Date(noon.getTime() + ms)

/** A task of these steps, created at noon, and a call that checks the invariants afterwards. */
export async function taskOf(lab: Lab, steps: readonly StepPlan[]) {
  const definition = await lab.define(steps)
  const taskId = await lab.create(definition)
  await lab.eye.query('update tasker.due set run_at = $1', [noon])
  const workerId = await lab.worker([definition])
  const call = async (parts: Partial<FinishCall>): Promise<FinishReply> => {
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { lanes: [definition], now: noon, ...parts }),
    )
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
    return reply
  }
  return { definition, taskId, workerId, call }
}

export const due = (lab: Lab) =>
  lab.eye.query('select step_no, lane, priority, run_at from tasker.due order by step_no')

export const chain: readonly StepPlan[] = [
  ['a', []],
  ['b', ['a']],
]
