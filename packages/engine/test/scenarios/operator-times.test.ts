// Operator actions on times and limits: retry now, wake, the retry limit; hold and resume of tasks and namespaces.
import { afterEach, describe, expect, test } from 'vitest'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { defineShape } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, failsTimes, gate, scripted, statesOf } from './handlers.ts'
import { diamond, expectWellKept } from './operated.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
afterEach(() => expectWellKept(database.url))

const single = (name: string, run: Parameters<typeof scripted>[0][string], retryLimit = 3) =>
  defineShape(
    {
      namespace: 'operated',
      version: '1.0.0',
      name,
      steps: [{ name: 'only', dependsOn: [], retryLimit }],
    },
    scripted({ only: run }),
  )

describe('retry now', () => {
  test('brings a retry forward, also through a long Retry-After, and spends no more than its attempt', async () => {
    const definition = single('retry_now', async ({ attempt }) => {
      if (attempt === 1) throw new RetryableError('too many requests', { afterMs: 200_000 })
      return null
    })
    const { tasker, events, clock } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.failed')
    await tasker.worker.settled()
    const before = clock.nowMs()
    const operation = await tasker.tasks.retryNow(taskId, { step: 'only', actor: 'ana' })
    expect(operation).toMatchObject({ isChanged: true, from: 'in_progress', state: 'in_progress' })
    await events.until('task.completed')
    expect(clock.nowMs(), 'no time had to pass').toBe(before)
    const note = (await tasker.tasks.history(taskId)).find(({ actor }) => actor === 'ana')
    expect(note).toMatchObject({
      step: 'only',
      from: 'error',
      to: 'error',
      metadata: { action: 'retry_now', run_at_before: expect.any(String) as unknown },
    })
  })

  test('is refused where no retry is to come', async () => {
    const definition = single('retry_now_refused', alwaysFails('no'), 1)
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    await expect(tasker.tasks.retryNow(taskId, { step: 'only' })).rejects.toMatchObject({
      code: 'MOVE_NOT_ALLOWED',
      details: {
        state: 'error',
        steps: [
          {
            step: 'only',
            state: 'error',
            allowed: ['retry', 'resolve', 'skip', 'cancel', 'set_retry_limit'],
          },
        ],
      },
    })
  })
})

describe('wake', () => {
  test('makes a step that waits for a time run now', async () => {
    const definition = single('woken', async (execution) =>
      execution.claimNo === 1
        ? execution.waitUntil(new Date('2099-01-01T00:00:00Z'), 'approval')
        : { approved: true },
    )
    const { tasker, events } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.waiting')
    await tasker.worker.settled()
    await tasker.tasks.wake(taskId)
    await events.until('task.completed')
    await expect(tasker.tasks.wake(taskId)).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' })
  })
})

describe('the retry limit', () => {
  test('raised, a step in backoff is tried as often; lowered below what was spent, it is refused', async () => {
    const definition = single('limit', alwaysFails('no'), 2)
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.failed')
    await tasker.worker.settled()
    await expect(
      tasker.tasks.setRetryLimit(taskId, { step: 'only', limit: 1 }),
    ).rejects.toMatchObject({
      code: 'MOVE_NOT_ALLOWED',
      message: expect.stringContaining(
        'with 1 attempt spent; a limit of 1 leaves it none to come',
      ) as unknown,
    })
    await tasker.tasks.setRetryLimit(taskId, { step: 'only', limit: 4 })
    const task = await run(taskId)
    expect(task.state).toBe('error')
    expect(task.steps[0]).toMatchObject({ attempts: 4, retryLimit: 4 })
  })

  test('is not lowered to what a pending step has spent: its next attempt would be one too many', async () => {
    const definition = single('limit_pending', failsTimes(1), 1)
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    await tasker.tasks.hold(taskId).catch(() => undefined)
    await tasker.worker.stop()
    await tasker.tasks.retry(taskId)
    await expect(
      tasker.tasks.setRetryLimit(taskId, { step: 'only', limit: 1 }),
    ).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' })
  })

  test('nobody signs as Tasker or as a worker', async () => {
    const definition = single('signed', failsTimes(0))
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    for (const actor of ['worker:1', 'tasker', 'rescue by worker:1']) {
      await expect(tasker.tasks.hold(taskId, { actor })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining('is how Tasker and its workers sign') as unknown,
      })
    }
  })

  test('a fault in the options names every one', async () => {
    const definition = single('limit_faults', failsTimes(0))
    const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const asked = { step: [], limit: 0, reson: 'x' } as never
    await expect(tasker.tasks.setRetryLimit(taskId, asked)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringMatching(/3 faults:[\s\S]*did you mean "reason"/) as unknown,
    })
  })
})

describe('hold and resume', () => {
  test('a held task starts nothing; what runs goes on, and its children wait; resumed, it finishes', async () => {
    const door = gate()
    const definition = diamond('held', {
      left: async () => {
        await door.opened
        return null
      },
    })
    const { tasker, events, run } = await stage(database.url, {
      definitions: [definition],
      slots: 2,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'left')
    await events.until('step.completed', ({ stepName }) => stepName === 'right')
    const operation = await tasker.tasks.hold(taskId, { actor: 'ana', reason: 'audit' })
    expect(operation).toMatchObject({ isHeld: true, isChanged: true })
    expect(await tasker.tasks.hold(taskId)).toMatchObject({ isHeld: true, isChanged: false })
    door.open()
    await events.until('step.completed', ({ stepName }) => stepName === 'left')
    tasker.worker.wake()
    await tasker.worker.idle()
    const held = await tasker.tasks.get(taskId)
    expect(statesOf(held)).toMatchObject({ left: 'complete', join: 'pending' })
    expect(held.steps.find(({ name }) => name === 'join')).toMatchObject({
      isReady: false,
      blockedBy: 'held',
      blockedDetail: 'task',
    })
    expect(await tasker.tasks.resume(taskId)).toMatchObject({ isHeld: false, isChanged: true })
    expect((await run(taskId)).state).toBe('complete')
    await expect(tasker.tasks.hold(taskId)).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' })
  })

  test('a retry and a child of a resolved step of a held task wait too', async () => {
    const door = gate()
    const definition = diamond('held_retry', {
      left: failsTimes(1),
      right: async () => {
        await door.opened
        return null
      },
    })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'right')
    await events.until('step.failed', ({ stepName }) => stepName === 'left')
    await tasker.tasks.hold(taskId)
    await tasker.tasks.retry(taskId, { step: 'left' })
    await tasker.tasks.resolve(taskId, { step: 'join' })
    await tasker.worker.settled()
    const held = (await tasker.tasks.get(taskId)).steps.filter(
      ({ blockedBy }) => blockedBy === 'held',
    )
    expect(held.map(({ name }) => name)).toEqual(['left', 'end'])
    await tasker.tasks.resume(taskId)
    door.open()
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(statesOf(task)).toMatchObject({
      left: 'complete',
      join: 'resolved_manually',
      end: 'complete',
    })
  })

  test('a task that ends in error while it is held is found as held, and stays so when it is revived', async () => {
    const door = gate()
    const definition = diamond('held_error', {
      start: async ({ attempt }) => {
        await door.opened
        if (attempt === 1) throw new PermanentError('as scripted')
        return null
      },
    })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.execution_requested')
    await tasker.tasks.hold(taskId)
    door.open()
    await events.until('task.failed')
    const filter = { name: 'held_error', held: true }
    expect((await tasker.tasks.find(filter)).tasks.map(({ taskId: id }) => id)).toEqual([taskId])
    expect(await tasker.tasks.retry(taskId)).toMatchObject({ state: 'in_progress', isHeld: true })
    await tasker.tasks.operate({ action: 'resume', filter })
    expect((await run(taskId)).state).toBe('complete')
  })

  test('a held namespace starts nothing, not even children of what runs, nor a version registered meanwhile', async () => {
    const door = gate()
    const shape = (version: string) =>
      defineShape(
        {
          namespace: 'held_space',
          version,
          name: 'chain',
          steps: [
            { name: 'first', dependsOn: [] },
            { name: 'second', dependsOn: ['first'] },
          ],
        },
        scripted({
          first: async () => {
            await door.opened
            return null
          },
        }),
      )
    const old = shape('1.0.0')
    const { tasker, events, run } = await stage(database.url, { definitions: [old] })
    const { taskId } = await tasker.tasks.create(old, { context: {} })
    await events.until('step.execution_requested')
    expect(await tasker.namespaces.hold('held_space', { actor: 'ana', reason: 'release' })).toBe(
      true,
    )
    expect(await tasker.namespaces.hold('held_space')).toBe(false)
    door.open()
    await events.until('step.completed')
    tasker.worker.wake()
    await tasker.worker.idle()
    expect(events.of('step.execution_requested')).toHaveLength(1)
    const held = await tasker.tasks.get(taskId)
    expect(held.steps[1]).toMatchObject({
      blockedBy: 'held',
      blockedDetail: 'namespace held_space',
    })

    const next = shape('1.1.0')
    const second = await stage(database.url, { definitions: [next] })
    const later = await second.tasker.tasks.create(next, { context: {} })
    second.tasker.worker.wake()
    await second.tasker.worker.idle()
    expect(second.events.of('step.execution_requested')).toEqual([])

    expect(await tasker.namespaces.resume('held_space', { actor: 'ana' })).toBe(true)
    second.tasker.worker.wake()
    expect((await run(taskId)).state).toBe('complete')
    expect((await second.run(later.taskId)).state).toBe('complete')
    const changes = await tasker.namespaces.history('held_space')
    expect(changes.map(({ to, actor, reason }) => [to, actor, reason])).toEqual([
      ['held', 'ana', 'release'],
      ['running', 'ana', 'resume'],
    ])
    await expect(tasker.namespaces.hold('held_spce')).rejects.toMatchObject({
      code: 'NAMESPACE_NOT_FOUND',
      message: expect.stringContaining('did you mean "held_space"?') as unknown,
    })
  })
})
