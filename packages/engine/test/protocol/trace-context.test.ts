// The trace and the correlation id of a task: stored with it, given with every claim, kept or not by its reruns.
import { expect, test } from 'vitest'
import { rerunTask } from '../../src/database/operate.ts'
import { newTaskId, type TaskId } from '../../src/ids.ts'
import { labsOfFile, outcomeOf, type Lab, type StepPlan } from './lab.ts'

const openLab = labsOfFile()

const chain: readonly StepPlan[] = [
  ['a', []],
  ['b', ['a']],
]
const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 vendor=value'
const correlationId = 'order-17'

async function begun(lab: Lab, request: Parameters<Lab['create']>[1]) {
  const definition = await lab.define(chain)
  const taskId = await lab.create(definition, request)
  const workerId = await lab.worker([definition])
  return { definition, taskId, workerId }
}

const carried = (claims: readonly { taskId: TaskId }[]) =>
  claims.map((claim) => ({
    traceParent: 'traceParent' in claim ? claim.traceParent : undefined,
    correlationId: 'correlationId' in claim ? claim.correlationId : undefined,
  }))

test('come with the first claim, and with that of a child', async () => {
  const lab = await openLab()
  const { definition, workerId } = await begun(lab, { traceParent, correlationId })
  const { claims } = await lab.claim(workerId, [definition])
  expect(carried(claims)).toEqual([{ traceParent, correlationId }])
  await lab.finish(
    workerId,
    claims.map((claim) => outcomeOf(claim)),
  )
  const next = await lab.claim(workerId, [definition])
  expect(carried(next.claims)).toEqual([{ traceParent, correlationId }])
})

test('belong to one task alone, also when others are claimed with it', async () => {
  const lab = await openLab()
  const { definition, taskId, workerId } = await begun(lab, { correlationId })
  await lab.create(definition)
  const { claims } = await lab.claim(workerId, [definition], 2)
  const ids = new Map(claims.map((claim) => [claim.taskId, claim.correlationId]))
  expect(ids.size).toBe(2)
  expect([...ids.values()].filter((id) => id !== null)).toEqual([correlationId])
  expect(ids.get(taskId)).toBe(correlationId)
  expect(carried(claims).map((each) => each.traceParent)).toEqual([null, null])
})

test('are not there when the request brought none', async () => {
  const lab = await openLab()
  const { definition, workerId } = await begun(lab, {})
  const { claims } = await lab.claim(workerId, [definition])
  expect(carried(claims)).toEqual([{ traceParent: null, correlationId: null }])
})

test('a rerun keeps the correlation id and has a trace of its own', async () => {
  const lab = await openLab()
  const { definition, taskId, workerId } = await begun(lab, { traceParent, correlationId })
  for (let step = 1; step <= 2; step += 1) {
    const { claims } = await lab.claim(workerId, [definition])
    await lab.finish(
      workerId,
      claims.map((claim) => outcomeOf(claim)),
    )
  }
  const own = '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01'
  for (const given of [own, null]) {
    await rerunTask(lab.eye.database, {
      taskId,
      newTaskId: newTaskId(),
      from: ['a'],
      inputs: {},
      context: null,
      actor: 'ana',
      reason: 'test',
      isTrial: false,
      now: null,
      traceParent: given,
    })
    const { claims } = await lab.claim(workerId, [definition])
    expect(carried(claims)).toEqual([{ traceParent: given, correlationId }])
  }
})
