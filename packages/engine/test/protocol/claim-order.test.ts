// Rules 16 and 17: what one claim takes, over lanes, priorities and due times, and who gets a slot that became free.
import { describe, expect, test } from 'vitest'
import { finishSteps, type FinishCall } from '../../src/database/steps.ts'
import type { DefinitionId, WorkerId } from '../../src/ids.ts'
import { noon, after, taskOf, due, chain } from './task-at-noon.ts'
import { finishCall, labsOfFile, outcomeOf, sorted, type Lab } from './lab.ts'

const openLab = labsOfFile()

describe('what one claim takes', () => {
  async function backlog(lab: Lab): Promise<{ lanes: DefinitionId[]; workerId: WorkerId }> {
    const lanes = [await lab.define([['a', []]]), await lab.define([['b', []]])]
    const workerId = await lab.worker(lanes)
    const plans: [number, number, number][] = [
      [0, 2, 0],
      [1, 2, -5],
      [0, 1, 0],
      [1, 0, 0],
      [1, 0, 1000], // the best of all, but not yet due
      [0, 3, -9],
    ]
    for (const [lane, priority, ms] of plans) {
      const definition = lanes[lane]
      if (definition === undefined) throw new Error('There are two lanes.')
      const taskId = await lab.create(definition, { priority })
      await lab.eye.query('update tasker.due set run_at = $2 where task_id = $1', [
        taskId,
        after(ms),
      ])
    }
    return { lanes, workerId }
  }

  const take = async (lab: Lab, want: number, parts: Partial<FinishCall> = {}) => {
    const { lanes, workerId } = await backlog(lab)
    const reply = await finishSteps(
      lab.eye.database,
      finishCall(workerId, { want, lanes, now: noon, ...parts }),
    )
    return sorted(reply.claims.map(({ priority, name }) => `${name}${priority}`))
  }

  test('is the best by priority, then by due time, over all its lanes', async () => {
    expect(await take(await openLab(), 1)).toEqual(['b0'])
    expect(await take(await openLab(), 3)).toEqual(['a1', 'b0', 'b2'])
    expect(await take(await openLab(), 9)).toEqual(['a1', 'a2', 'a3', 'b0', 'b2'])
  })

  test('is nothing of a lane it does not serve', async () => {
    expect(await take(await openLab(), 9, { lanes: [1] })).toEqual(['a1', 'a2', 'a3'])
    expect(await take(await openLab(), 9, { lanes: [] })).toEqual([])
  })

  test('is only children where the due table need not be asked, and nothing is said of what waits there', async () => {
    const lab = await openLab()
    const { definition, call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    await lab.create(definition)
    await lab.eye.query('update tasker.due set run_at = $1', [noon])
    const outcomes = claims.map((step) => outcomeOf(step))
    const reply = await call({ outcomes, want: 9, lanes: [] })
    expect(reply.claims.map(({ name }) => name)).toEqual(['b'])
    expect(reply.idle).toBeNull()
  })
})

describe('a slot that became free', () => {
  /** A normal step finishes and releases its child; a critical task is due meanwhile. */
  async function race(lab: Lab, dueFirst: boolean) {
    const { definition, call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    await lab.create(definition, { priority: 0 })
    await lab.eye.query('update tasker.due set run_at = $1', [noon])
    return call({ outcomes: claims.map((step) => outcomeOf(step)), want: 1, dueFirst })
  }

  test('goes to the released child, and the reply says that a better one waits', async () => {
    const reply = await race(await openLab(), false)
    expect(reply).toMatchObject({ claims: [{ name: 'b', priority: 2 }], isBetterWaiting: true })
  })

  test('goes through the due table when asked, where the better one wins', async () => {
    const lab = await openLab()
    const reply = await race(lab, true)
    expect(reply).toMatchObject({
      claims: [{ name: 'a', priority: 0 }],
      isBetterWaiting: false,
      queuedCount: 1,
    })
    expect((await due(lab)).map((row) => row['step_no'])).toEqual([2])
  })

  test('of a worker that stops takes nothing: the child becomes due', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, chain)
    const { claims } = await call({ want: 1 })
    const reply = await call({
      outcomes: claims.map((step) => outcomeOf(step)),
      want: 0,
      lanes: [],
    })
    expect(reply).toMatchObject({ claims: [], queuedCount: 1, idle: null })
    expect((await due(lab)).map((row) => row['step_no'])).toEqual([2])
  })

  test('takes children by priority and leaves the rest due', async () => {
    const lab = await openLab()
    const { call } = await taskOf(lab, [
      ['a', []],
      ['low', ['a'], { priority: 3 }],
      ['high', ['a'], { priority: 1 }],
      ['normal', ['a']],
    ])
    const { claims } = await call({ want: 1 })
    const reply = await call({ outcomes: claims.map((step) => outcomeOf(step)), want: 2 })
    expect(sorted(reply.claims.map(({ name }) => name))).toEqual(['high', 'normal'])
    expect(reply.queuedCount).toBe(1)
  })
})
