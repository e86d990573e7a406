// What holds for a task before anything of it has run (engine specification §9.2), for every shape.
import { describe, expect, test } from 'vitest'
import { defineShape, shapes, type ShapeId } from '../../src/testing/index.ts'
import { shapeFacts } from '../definitions/shape-facts.ts'
import { databaseForFile } from '../support/database.ts'
import { gate, readyIn } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const ids = Object.keys(shapes) as ShapeId[] // the keys of a record of ShapeId

describe('a fresh task', () => {
  test.each(ids)('of shape %s has every step pending and only its roots ready', async (id) => {
    const shape = shapes[id]
    const definition = defineShape(shape)
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    const { taskId } = await tasker.tasks.create(definition, { context: { id } })
    const task = await tasker.tasks.get(taskId)

    const roots = shape.steps.filter((step) => step.dependsOn.length === 0)
    expect(task.state).toBe('pending')
    expect(task.results).toEqual({})
    expect(
      task.steps.map(({ name, state, attempts, retryLimit, result, isReady }) => ({
        name,
        state,
        attempts,
        retryLimit,
        result,
        isReady,
      })),
    ).toEqual(
      shape.steps.map((step) => ({
        name: step.name,
        state: 'pending',
        attempts: 0,
        retryLimit: step.retryLimit ?? 3,
        result: null,
        isReady: roots.includes(step),
      })),
    )
    expect(task.steps.map((step) => step.dependenciesSatisfied)).toEqual(
      shape.steps.map((step) => roots.includes(step)),
    )
    expect(task.execution).toMatchObject({
      status: 'pending',
      totalSteps: shapeFacts[id].steps,
      pendingSteps: shapeFacts[id].steps,
      inProgressSteps: 0,
      completedSteps: 0,
      failedSteps: 0,
      readySteps: shapeFacts[id].roots,
      executionStatus: 'has_ready_steps',
      recommendedAction: 'execute_ready_steps',
      healthStatus: 'healthy',
      completionPercentage: 0,
    })
  })
})

describe('readiness of shape G', () => {
  test('moves along the chain as steps complete: {one, two}, {three}, {four}', async () => {
    const gates = {
      'step-one': gate(),
      'step-two': gate(),
      'step-three': gate(),
      'step-four': gate(),
    }
    const definition = defineShape({ ...shapes.G, name: 'dummy_gated' }, (name) => async () => {
      await gates[name as keyof typeof gates].opened // the names of shape G
    })
    const { tasker, events } = await stage(database.url, {
      definitions: [definition],
      slots: 2,
      isWorking: false,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect(readyIn(await tasker.tasks.get(taskId))).toEqual(['step-one', 'step-two'])

    await tasker.worker.start()
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'step-two')
    const claimed = await tasker.tasks.get(taskId)
    expect(readyIn(claimed)).toEqual([])
    expect(claimed.execution).toMatchObject({ inProgressSteps: 2, executionStatus: 'processing' })

    gates['step-one'].open()
    gates['step-two'].open()
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'step-three')
    const halfway = await tasker.tasks.get(taskId)
    expect(halfway.execution).toMatchObject({ completedSteps: 2, completionPercentage: 50 })
    expect(halfway.steps.map((step) => step.dependenciesSatisfied)).toEqual([
      true,
      true,
      true,
      false,
    ])

    gates['step-three'].open()
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'step-four')
    gates['step-four'].open()
    expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
  })

  test('leaves out a step that waits for a time, until that time', async () => {
    const definition = defineShape(
      { ...shapes.G, name: 'dummy_waiting' },
      (name) => async (step) =>
        name === 'step-one' && step.claimNo === 1
          ? step.waitUntil(new Date(Date.parse('2030-01-01T00:00:30Z')), 'not yet')
          : { ok: true },
    )
    const { tasker, clock } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await tasker.worker.idle()
    await tasker.worker.stop()
    const at = async (instant: string) => {
      await clock.advanceTo(new Date(instant))
      return (await tasker.tasks.get(taskId)).steps.find(({ name }) => name === 'step-one')
    }
    expect(await at('2030-01-01T00:00:29Z')).toMatchObject({
      isReady: false,
      blockedBy: 'wait',
      attempts: 0,
      waits: 1,
    })
    expect(await at('2030-01-01T00:00:30Z')).toMatchObject({ isReady: true, blockedBy: null })
  })
})
