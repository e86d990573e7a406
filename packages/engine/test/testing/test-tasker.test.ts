// The Tasker of the kit: a database and a clock of its own, tasks that run only when the test says so, scripted steps.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import { kitFor } from './kit.ts'

const dayMs = 86_400_000

const order = defineTask({
  name: 'process_order',
  context: z.object({ orderId: z.number() }),
})
  .step('fetch', async ({ context }) => ({ total: context.orderId * 2 }))
  .step('charge', { dependsOn: ['fetch'], timeoutMs: 30_000 }, async ({ results }) => ({
    paid: results.fetch.total,
  }))
  .step('ship', { dependsOn: ['charge'] }, async () => ({ parcel: 'p-1' }))
  .step('thank', { dependsOn: ['charge'] }, async () => null)
const orderOne = { context: { orderId: 1 } }

const withOrder = () => kitFor({ definitions: [order] })

describe('running', () => {
  test('a task runs to its end, with typed results', async () => {
    const kit = await withOrder()
    const done = await kit.run(order, orderOne)
    expect(done.state).toBe('complete')
    expect(done.results.charge).toEqual({ paid: 2 })
    expect(kit.clock.monotonicMs()).toBe(0)
  })

  test('nothing runs before the test says so; each wave runs exactly what is due', async () => {
    const kit = await withOrder()
    const task = await kit.create(order, orderOne)
    await task.expectState('pending')
    await task.expectReady('fetch')
    expect(await kit.runNext()).toEqual(['fetch'])
    await task.expectReady('charge')
    expect(await kit.runNext()).toEqual(['charge'])
    await task.expectReady('ship', 'thank')
    expect((await kit.runNext()).toSorted()).toEqual(['ship', 'thank'])
    await task.expectState('complete')
    expect(await kit.runNext()).toEqual([])
  })

  test('runUntil stops at its goal, before the next level starts', async () => {
    const kit = await withOrder()
    const task = await kit.create(order, orderOne)
    const at = await task.runUntil({ charge: 'complete' })
    expect(at.results.charge).toEqual({ paid: 2 })
    await task.expectSteps({ ship: { state: 'pending', isReady: true }, thank: 'pending' })
    await task.runUntil(({ execution }) => execution.completedSteps === 4)
    await task.expectState('complete')
  })

  test('a goal that the task never reaches is told with where it stands', async () => {
    const kit = await withOrder()
    const task = await kit.create(order, orderOne)
    await expect(task.runUntil({ charge: 'skipped' })).rejects.toThrow(
      /^The task ended before the goal was reached\. .*complete/,
    )
  })

  test('time moves to the next retry and the next wait, and no further', async () => {
    const approval = defineTask({ name: 'approval' })
      .step('ask', async ({ waitUntil, claimNo }) =>
        claimNo === 1 ? waitUntil(new Date(kit.clock.nowMs() + 30 * dayMs), 'approval') : 'yes',
      )
      .step('act', { dependsOn: ['ask'] }, async ({ attempt }) => {
        if (attempt === 1) throw new Error('not yet')
        return null
      })
    const kit = await kitFor({ definitions: [approval] })
    const done = await kit.run(approval, { context: {} })
    expect(done.state).toBe('complete')
    expect(kit.clock.monotonicMs()).toBe(30 * dayMs + 1_000)
  })

  test('a deadline ends what would wait beyond it', async () => {
    const late = defineTask({ name: 'late', maxExecutionMs: 60_000 }).step(
      'ask',
      async ({ waitUntil }) => waitUntil(new Date(kit.clock.nowMs() + dayMs), 'approval'),
    )
    const kit = await kitFor({ definitions: [late] })
    const done = await kit.run(late, { context: {} })
    expect([done.state, kit.clock.monotonicMs()]).toEqual(['error', 60_000])
  })

  test('a task that cannot go on is told with the reason', async () => {
    const kit = await withOrder()
    const task = await kit.create(order, orderOne)
    await kit.tasker.tasks.hold(task.taskId, { reason: 'audit' })
    await expect(task.runToEnd()).rejects.toThrow(
      /^Nothing of the task can happen any more\..*\n {2}fetch \(pending\): .*held/s,
    )
  })

  test('a task that goes round in circles is given up', async () => {
    const polling = defineTask({ name: 'polling' }).step('look', async ({ waitUntil }) =>
      waitUntil(new Date(kit.clock.nowMs() + 1_000), 'not there yet'),
    )
    const kit = await kitFor({ definitions: [polling] })
    const task = await kit.create(polling, { context: {} })
    await expect(task.runToEnd({ turnsMax: 5 })).rejects.toThrow(
      /^The task has not come to an end after 5 turns\..*\n {2}look \(pending\): /s,
    )
  })

  test('one run at a time', async () => {
    const kit = await withOrder()
    const task = await kit.create(order, orderOne)
    const running = task.runToEnd()
    await expect(kit.runNext()).rejects.toThrow('await one run before the next')
    await running
  })

  test('a task that the code under test creates and cancels while it runs', async () => {
    const slow = defineTask({ name: 'slow' }).step('wait', async ({ taskId, signal }) => {
      await kit.tasker.tasks.cancel(taskId)
      signal.throwIfAborted()
    })
    const kit = await kitFor({ definitions: [slow] })
    const { taskId } = await kit.tasker.tasks.create(slow, { context: {} })
    expect((await kit.task(taskId, slow).runToEnd()).state).toBe('cancelled')
    expect(await kit.nextEvent('task.cancelled')).toMatchObject({ taskId })
  })

  test('the annotations of a task belong to its end', async () => {
    const noted = defineTask({ name: 'noted' })
      .step('work', async () => 1)
      .annotate(async () => [{ type: 'note', annotation: { ok: true } }])
    const kit = await kitFor({ definitions: [noted] })
    const done = await kit.run(noted, { context: {} })
    expect(done.annotations).toMatchObject([{ type: 'note' }])
  })
})

describe('scripted steps', () => {
  test('a stub stands in for the handler: a result, or a function', async () => {
    const kit = await withOrder()
    kit.stub(order, 'fetch', { total: 100 })
    kit.stub(order, 'ship', ({ context }) => ({ parcel: `for ${context.orderId}` }))
    const { results } = await kit.run(order, orderOne)
    expect(results).toEqual({
      fetch: { total: 100 },
      charge: { paid: 100 },
      ship: { parcel: 'for 1' },
      thank: null,
    })
  })

  test('a step fails on the attempt that the test names, and is retried', async () => {
    const kit = await withOrder()
    kit.failStep(order, 'charge', { attempt: 2, error: 'declined' })
    kit.failStep(order, 'charge', { times: 1 })
    const task = await kit.create(order, orderOne)
    expect((await task.runToEnd()).state).toBe('complete')
    await task.expectSteps({ charge: { attempts: 3 }, ship: { attempts: 1 } })
    const failed = kit.events.of('step.failed').map(({ error }) => error['message'])
    expect(failed).toEqual(['charge fails, as the test wants it', 'declined'])
  })

  test('a step that always fails ends the task in error; another error than any other ends it at once', async () => {
    const kit = await withOrder()
    kit.failStep(order, 'ship')
    kit.failStep(order, 'thank', { error: new PermanentError('no address') })
    const task = await kit.create(order, orderOne)
    expect((await task.runToEnd()).state).toBe('error')
    await task.expectSteps({
      charge: 'complete',
      ship: { state: 'error', attempts: 3 },
      thank: { state: 'error', attempts: 1 },
    })
  })

  test('a step that hangs is run into its time limit, and tried again', async () => {
    const kit = await withOrder()
    kit.hangStep(order, 'charge', { times: 1 })
    const task = await kit.create(order, orderOne)
    expect((await task.runToEnd()).state).toBe('complete')
    await task.expectHistory({ charge: ['in_progress', 'error', 'in_progress', 'complete'] })
    expect(kit.clock.monotonicMs()).toBe(31_000) // its limit, and the first retry
    expect(kit.events.of('step.failed')).toMatchObject([{ error: { code: 'STEP_TIMEOUT' } }])
  })

  test('a step that hangs beside the annotations of another task is run into its limit as well', async () => {
    const noted = defineTask({ name: 'noted_beside' })
      .step('work', async () => 1)
      .annotate(async () => [{ type: 'note', annotation: { ok: true } }])
    const kit = await kitFor({ definitions: [order, noted] })
    kit.hangStep(order, 'fetch', { attempt: 1 })
    const task = await kit.create(order, orderOne)
    const other = await kit.create(noted, { context: {} })
    expect((await task.runToEnd()).state).toBe('complete')
    expect((await other.get()).annotations).toMatchObject([{ type: 'note' }])
  })

  test('a step that hangs without a limit is a fault of the test', async () => {
    const kit = await kitFor({ definitions: [order], execution: { stepTimeoutMs: null } })
    kit.hangStep(order, 'fetch')
    await expect(kit.run(order, orderOne)).rejects.toThrow('fetch hangs and has no time limit')
  })

  test('of steps generated from the context, all are meant, or one', async () => {
    const chunks = defineTask({ name: 'chunks' }).expand(
      'process',
      {},
      () => [
        { key: 'a', inputs: 1 },
        { key: 'b', inputs: 2 },
      ],
      async ({ inputs }) => ({ size: inputs }),
    )
    const kit = await kitFor({ definitions: [chunks] })
    kit.stub(chunks, 'process', { size: 0 })
    kit.stub(chunks, 'process[b]', { size: 7 })
    const { results } = await kit.run(chunks, { context: {} })
    expect(results.process).toEqual({ a: { size: 0 }, b: { size: 7 } })
  })

  test('a definition is named by its address as well', async () => {
    const kit = await withOrder()
    kit.stub('process_order', 'ship', { parcel: 'p-2' })
    const done = await kit.run('process_order', orderOne)
    expect(done.results['ship']).toEqual({ parcel: 'p-2' })
  })

  test('a step that the definition has not is refused with the near one', async () => {
    const kit = await withOrder()
    expect(() => kit.failStep('process_order', 'chrage')).toThrow(
      'default/process_order@0.1.0 has no step "chrage"; did you mean "charge"?',
    )
  })
})

describe('expectations', () => {
  test('what is not so is told step by step, with both sides', async () => {
    const kit = await withOrder()
    const task = await kit.create(order, orderOne)
    await task.expectBlocked({ charge: 'parent', ship: 'parent' })
    const fault = await task
      .expectSteps({ fetch: 'complete', charge: { state: 'pending', attempts: 2 } })
      .catch((error: unknown) => error)
    expect(fault).toMatchObject({
      name: 'AssertionError',
      message:
        'Steps differ:\n  fetch.state is "pending", expected "complete"\n  charge.attempts is 0, expected 2',
      actual: { 'fetch.state': 'pending', 'charge.state': 'pending', 'charge.attempts': 0 },
      expected: { 'fetch.state': 'complete', 'charge.state': 'pending', 'charge.attempts': 2 },
    })
  })

  test('each expectation can fail', async () => {
    const kit = await withOrder()
    kit.failStep(order, 'charge', { error: new PermanentError('declined') })
    const task = await kit.create(order, orderOne)
    await task.runToEnd()
    await expect(task.expectState('complete')).rejects.toThrow(
      'The task is error, expected complete.\n  charge: "declined"',
    )
    await expect(task.expectReady('ship')).rejects.toThrow('Ready are no steps, expected "ship".')
    await expect(task.expectBlocked({ fetch: 'parent' })).rejects.toThrow(
      'fetch.blockedBy is null, expected "parent"',
    )
    await expect(task.expectHistory({ fetch: ['complete'] })).rejects.toThrow(
      'fetch is in_progress → complete, expected complete',
    )
  })

  test('a name that the task has not is refused, never passed over', async () => {
    const kit = await withOrder()
    const { taskId } = await kit.create(order, orderOne)
    await expect(kit.task(taskId).expectSteps({ chrage: 'complete' })).rejects.toThrow(
      'The task has no "chrage"; its steps are "fetch", "charge", "ship", "thank".',
    )
  })
})

describe('events', () => {
  test('an event that has happened or will is found by its fields or a test of it', async () => {
    const kit = await withOrder()
    const charged = { stepName: 'charge' } as const
    const coming = kit.nextEvent('step.completed', charged, { timeoutMs: 300_000 })
    await kit.run(order, orderOne)
    expect(await coming).toMatchObject({ stepName: 'charge', attempt: 1 })
    expect(await kit.nextEvent('task.completed')).toMatchObject({ taskName: 'process_order' })
    expect(
      await kit.nextEvent('step.completed', ({ stepName }) => stepName.startsWith('s')),
    ).toMatchObject({ stepName: 'ship' })
  })

  test('one that does not come is told with those that did', async () => {
    const kit = await withOrder()
    const { taskId } = await kit.create(order, orderOne)
    await expect(
      kit.nextEvent('step.failed', { stepName: 'charge' }, { timeoutMs: 1 }),
    ).rejects.toThrow(
      `No step.failed with {"stepName":"charge"} within 1 ms. Occurred:\n  task.initialize_requested (process_order ${taskId})`,
    )
  })
})
