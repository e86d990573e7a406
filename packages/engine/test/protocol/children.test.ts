// Children whose every parent is in the call: a worker that remembers the parents and knows the graph is told no more than
// their numbers. All others, and all of a call that is sent again, come with what their handlers need.
import { expect, test } from 'vitest'
import { finishSteps, type FinishReply } from '../../src/database/steps.ts'
import { checkInvariants } from './invariants.ts'
import { newGraphId, type GraphId } from '../../src/ids.ts'
import {
  finishCall,
  graphOf,
  labsOfFile,
  named,
  outcomeOf,
  sorted,
  type Lab,
  type StepPlan,
} from './lab.ts'
import { taskOf } from './task-at-noon.ts'

const openLab = labsOfFile()

const twoRoots: readonly StepPlan[] = [
  ['a', []],
  ['b', []],
  ['c', ['a'], { priority: 1 }],
  ['d', ['a', 'b']],
]

const graphsIn = async (lab: Lab): Promise<readonly GraphId[]> =>
  (await lab.eye.query('select graph_id from tasker.definitions')).map(
    (row) => row['graph_id'] as GraphId, // its column
  )

const claimsOf = (reply: FinishReply) => ({
  children: sorted(reply.children.map(({ stepNo }) => stepNo)),
  described: sorted(reply.claims.map(({ stepNo }) => stepNo)),
})

test('of a parent in the call come as numbers, without their names, contexts and results', async () => {
  const lab = await openLab()
  const { call, taskId } = await taskOf(lab, twoRoots)
  const knownGraphs = await graphsIn(lab)
  const { claims } = await call({ want: 2 })
  const outcomes = [outcomeOf(named(claims, 'a'), { result: '"ra"' })]
  const { children } = await call({ outcomes, want: 9, knownGraphs })
  expect(children).toEqual([
    {
      taskId,
      stepNo: 3,
      claimNo: 1,
      attempts: 1,
      losses: 0,
      retryLimit: 3,
      priority: 1,
      startedAt: new Date('2030-01-01T12:00:00Z'),
    },
  ])
})

test('come whole when a parent was recorded by another call', async () => {
  const lab = await openLab()
  const { call } = await taskOf(lab, twoRoots)
  const knownGraphs = await graphsIn(lab)
  const { claims } = await call({ want: 2 })
  const a = [outcomeOf(named(claims, 'a'), { result: '"ra"' })]
  expect(claimsOf(await call({ outcomes: a, want: 9, knownGraphs }))).toEqual({
    children: [3],
    described: [],
  })
  const b = [outcomeOf(named(claims, 'b'), { result: '"rb"' })]
  const reply = await call({ outcomes: b, want: 9, knownGraphs })
  expect(claimsOf(reply)).toEqual({ children: [], described: [4] })
  expect(reply.claims[0]).toMatchObject({ name: 'd', results: { a: 'ra', b: 'rb' } })
})

test('come as numbers when both parents are in the call, and whole beside them what was due', async () => {
  const lab = await openLab()
  const { call, definition } = await taskOf(lab, twoRoots)
  const knownGraphs = await graphsIn(lab)
  const { claims } = await call({ want: 2 })
  await lab.create(definition)
  await lab.eye.query(`update tasker.due set run_at = '2030-01-01T12:00:00Z'`)
  const outcomes = claims.map((step) => outcomeOf(step))
  expect(claimsOf(await call({ outcomes, want: 3, knownGraphs }))).toEqual({
    children: [3, 4],
    described: [1],
  })
})

test('come whole where the steps are of this task alone: no definition tells them', async () => {
  const lab = await openLab()
  const definition = await lab.define([['unused', []]])
  const knownGraphs = await graphsIn(lab)
  await lab.create(definition, {
    graph: graphOf([
      ['a', []],
      ['b', ['a']],
    ]),
  })
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition])
  const outcomes = claims.map((step) => outcomeOf(step))
  const parts = { outcomes, want: 9, lanes: [definition], knownGraphs }
  const reply = await finishSteps(lab.eye.database, finishCall(workerId, parts))
  expect(reply.claims).toMatchObject([{ name: 'b' }])
  expect(reply.children).toEqual([])
})

test('come whole when the call is sent again, because its first reply was lost', async () => {
  const lab = await openLab()
  const { workerId, definition, call } = await taskOf(lab, twoRoots)
  const knownGraphs = await graphsIn(lab)
  const { claims } = await call({ want: 2 })
  const outcomes = claims.map((step) => outcomeOf(step))
  const parts = { outcomes, want: 9, lanes: [definition], knownGraphs }
  const sent = finishCall(workerId, parts)
  expect(claimsOf(await finishSteps(lab.eye.database, sent))).toEqual({
    children: [3, 4],
    described: [],
  })
  expect(claimsOf(await finishSteps(lab.eye.database, sent))).toEqual({
    children: [],
    described: [3, 4],
  })
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('come whole where the graph is not the one that the worker knows', async () => {
  const { call } = await taskOf(await openLab(), twoRoots)
  const { claims } = await call({ want: 2 })
  const outcomes = claims.map((step) => outcomeOf(step))
  const reply = await call({ outcomes, want: 9, knownGraphs: [newGraphId()] })
  expect(claimsOf(reply)).toEqual({ children: [], described: [3, 4] })
})
