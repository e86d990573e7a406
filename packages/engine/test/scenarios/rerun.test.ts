// Rerun: part of an ended task is done again as a new task that takes over what was satisfied, by reference.
import { afterEach, expect, test } from 'vitest'
import { PermanentError } from '../../src/errors.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { z } from 'zod'
import { databaseForFile } from '../support/database.ts'
import { recordCalls, statesOf } from './handlers.ts'
import { diamond, expectWellKept } from './operated.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
afterEach(() => expectWellKept(database.url))

test('from a step: it and all that depends on it run again, the rest is taken over with its results', async () => {
  const calls = recordCalls((name) => async ({ results }) => ({ name, of: Object.keys(results) }))
  const definition = diamond('rerun_from', {
    start: calls.handlerOf('start'),
    left: calls.handlerOf('left'),
    right: calls.handlerOf('right'),
    join: calls.handlerOf('join'),
    end: calls.handlerOf('end'),
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: { a: 1 }, tags: ['x'] })
  await run(taskId)
  calls.started.length = 0

  const planned = await tasker.tasks.rerun(taskId, { from: 'left', dryRun: true })
  expect(planned.taskId).toBeNull()
  expect(planned.steps.filter(({ runs }) => runs).map(({ step }) => step)).toEqual([
    'left',
    'join',
    'end',
  ])
  expect(
    (await tasker.tasks.find({})).tasks.filter(({ name }) => name === 'rerun_from'),
  ).toHaveLength(1)

  const rerun = await tasker.tasks.rerun(taskId, {
    from: 'left',
    actor: 'ana',
    reason: 'wrong price',
  })
  expect(rerun.steps).toEqual(planned.steps)
  const task = await run(rerun.taskId ?? '')
  expect(task).toMatchObject({ state: 'complete', tags: ['x'], context: { a: 1 }, rerunOf: taskId })
  expect(calls.started.toSorted()).toEqual(['end', 'join', 'left'])
  expect(task.results).toMatchObject({
    start: { name: 'start' },
    right: { name: 'right' },
    join: { name: 'join', of: ['left', 'right'] },
  })
  const before = await tasker.tasks.get(taskId)
  expect(before.state, 'the old one is what it was').toBe('complete')
  const note = (await tasker.tasks.history(taskId)).at(-1)
  expect(note).toMatchObject({
    actor: 'ana',
    metadata: { action: 'rerun', rerun_as: rerun.taskId },
  })

  const reruns = await tasker.tasks.find({ rerunOf: taskId })
  expect(reruns.tasks.map(({ taskId: id }) => id)).toEqual([rerun.taskId])
  const again = await tasker.tasks.rerun(rerun.taskId ?? '', { from: 'end' })
  const third = await run(again.taskId ?? '')
  expect(third.results, 'a rerun of a rerun').toMatchObject({
    start: { name: 'start' },
    left: { name: 'left' },
  })
})

test('without a step: what was not satisfied runs, with a new context if given', async () => {
  const definition = defineTask({
    namespace: 'operated',
    name: 'rerun_failed',
    version: '1.0.0',
    context: z.object({ price: z.number() }),
  })
    .step('load', async () => ({ loaded: true }))
    .step('charge', { dependsOn: ['load'] }, async ({ context }) => {
      if (context.price < 0) throw new PermanentError('negative')
      return { charged: context.price }
    })
    .step('receipt', { dependsOn: ['charge'] }, async () => null)
  const { tasker, run, events } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: { price: -1 } })
  expect((await run(taskId)).state).toBe('error')
  await expect(tasker.tasks.rerun(taskId, { context: { price: 'free' } })).rejects.toMatchObject({
    code: 'CONTEXT_INVALID',
  })
  const rerun = await tasker.tasks.rerun(taskId, { context: { price: 5 } })
  const task = await run(rerun.taskId ?? '')
  expect(statesOf(task)).toEqual({ load: 'complete', charge: 'complete', receipt: 'complete' })
  expect(task.results).toMatchObject({ load: { loaded: true }, charge: { charged: 5 } })
  expect(
    events.of('step.execution_requested').filter(({ stepName }) => stepName === 'load'),
  ).toHaveLength(1)
})

test('new inputs make a step run again, in a graph of the new task alone', async () => {
  const inputs: unknown[] = []
  const definition = diamond('rerun_inputs', {
    right: async (execution) => {
      inputs.push(execution.inputs)
      return null
    },
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const rerun = await tasker.tasks.rerun(taskId, { inputs: { right: { fast: true } } })
  expect(rerun.steps.filter(({ runs }) => runs).map(({ step }) => step)).toEqual([
    'right',
    'join',
    'end',
  ])
  await run(rerun.taskId ?? '')
  expect(inputs).toEqual([null, { fast: true }])
})

test('is refused for a task that has not ended, for unknown steps, and when nothing would run', async () => {
  const definition = diamond('rerun_refused')
  const { tasker, run } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await expect(tasker.tasks.rerun(taskId, { from: 'left' })).rejects.toMatchObject({
    code: 'MOVE_NOT_ALLOWED',
    details: { state: 'pending', allowed: ['cancel', 'wake', 'hold', 'resume'] },
  })
  await tasker.worker.start()
  await run(taskId)
  await expect(tasker.tasks.rerun(taskId, { from: 'lft' })).rejects.toMatchObject({
    code: 'STEP_NOT_FOUND',
  })
  await expect(tasker.tasks.rerun(taskId)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})
