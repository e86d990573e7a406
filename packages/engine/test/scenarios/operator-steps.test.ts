// Operator actions on steps, case by case: what happens to the step, to what depends on it, to joins, and to the task.
import { afterEach, describe, expect, test } from 'vitest'
import { PermanentError } from '../../src/errors.ts'
import type { Operation } from '../../src/tasks/operate-in-bulk.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, failsTimes, gate, statesOf } from './handlers.ts'
import { diamond, expectWellKept } from './operated.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
afterEach(() => expectWellKept(database.url))

const permanent = async (): Promise<never> => {
  throw new PermanentError('as scripted')
}
const moved = (operation: Operation): readonly string[] =>
  operation.steps.map(({ step, from, to, by }) => `${step} ${from} → ${to} (${by})`)

/** A handler that is in the middle until the test opens it. */
function inTheMiddle() {
  const door = gate()
  const handler = async ({ signal }: { signal: AbortSignal }) => {
    const called = new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('called off'))),
    )
    await Promise.race([door.opened, called])
    return { late: true }
  }
  return { handler, open: () => door.open() }
}

describe('resolve', () => {
  test('a step in error is done with the given result; the task is revived and its children get the result', async () => {
    const seen: unknown[] = []
    const definition = diamond('resolve_error', {
      left: permanent,
      join: async ({ results }) => {
        seen.push(results)
        return null
      },
    })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect((await run(taskId)).state).toBe('error')
    const operation = await tasker.tasks.resolve(taskId, {
      step: 'left',
      result: { by: 'hand' },
      actor: 'ana',
      reason: 'done in the other system',
    })
    expect(operation).toMatchObject({ from: 'error', state: 'in_progress', isChanged: true })
    expect(moved(operation)).toEqual([
      'left error → resolved_manually (asked)',
      'join pending → pending (release)',
    ])
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(statesOf(task)['left']).toBe('resolved_manually')
    expect(seen).toEqual([{ left: { by: 'hand' }, right: { ok: true } }])
    expect(task.results['left']).toEqual({ by: 'hand' })
    expect(events.of('task.retry_requested')).toHaveLength(1)
    expect(events.of('step.resolved_manually')).toMatchObject([
      { stepName: 'left', from: 'error', actor: 'ana', reason: 'done in the other system' },
    ])
    const entries = (await tasker.tasks.history(taskId)).filter(({ actor }) => actor === 'ana')
    expect(
      entries.map(({ step, from, to, reason, metadata }) => [
        step,
        from,
        to,
        reason,
        metadata?.['action'],
      ]),
    ).toEqual([
      [null, 'error', 'in_progress', 'done in the other system', 'resolve'],
      ['left', 'error', 'resolved_manually', 'done in the other system', 'resolve'],
    ])
  })

  test('a running step is settled and called off; what it returns late is refused and kept', async () => {
    const door = gate()
    const reasons: unknown[] = []
    const definition = diamond('resolve_running', {
      left: async ({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        await door.opened
        return { charged: 12 }
      },
    })
    const { tasker, events } = await stage(database.url, { definitions: [definition], slots: 2 })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'left')
    await events.until('step.completed', ({ stepName }) => stepName === 'right')
    await tasker.tasks.resolve(taskId, { step: 'left', result: 1 })
    await events.until('task.completed')
    const task = await tasker.tasks.get(taskId)
    expect(task.results).toMatchObject({ left: 1 })
    expect(reasons).toEqual([expect.objectContaining({ abortCause: 'cancelled' })])
    door.open()
    await events.until('step.outcome_refused', ({ stepName }) => stepName === 'left')
    const kept = (await tasker.tasks.history(taskId)).find(
      ({ reason }) => reason === 'outcome_refused',
    )
    expect(kept).toMatchObject({ step: 'left', metadata: { result: { charged: 12 } } })
  })

  test('a step that still waits for parents stays resolved when they complete, and counts once in a join', async () => {
    const middle = inTheMiddle()
    const ran: string[] = []
    const definition = diamond('resolve_waiting', {
      start: middle.handler,
      left: async () => {
        ran.push('left')
        return null
      },
    })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.execution_requested')
    const operation = await tasker.tasks.resolve(taskId, { step: ['left', 'join'] })
    expect(moved(operation)).toEqual([
      'left pending → resolved_manually (asked)',
      'join pending → resolved_manually (asked)',
      'end pending → pending (release)',
    ])
    middle.open()
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(ran).toEqual([])
    expect(attemptsOf(task)).toEqual({ start: 1, left: 0, right: 1, join: 0, end: 1 })
  })

  test('the last open step ends the task, also one that never started', async () => {
    const definition = diamond('resolve_all')
    const { tasker, events } = await stage(database.url, {
      definitions: [definition],
      isWorking: false,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const operation = await tasker.tasks.resolve(taskId, {
      step: ['start', 'left', 'right', 'join', 'end'],
    })
    expect(operation).toMatchObject({ from: 'pending', state: 'complete' })
    expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
    expect(events.of('task.completed')).toHaveLength(1)
  })

  test('a whole task in error is taken for done; steps that never ran are cancelled', async () => {
    const definition = diamond('resolve_task', { left: permanent })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const operation = await tasker.tasks.resolve(taskId, { actor: 'ana' })
    expect(operation).toMatchObject({ from: 'error', state: 'resolved_manually' })
    expect(statesOf(await tasker.tasks.get(taskId))).toEqual({
      start: 'complete',
      left: 'error',
      right: 'complete',
      join: 'cancelled',
      end: 'cancelled',
    })
    expect(events.of('task.resolved_manually')).toHaveLength(1)
    await expect(tasker.tasks.retry(taskId)).rejects.toMatchObject({
      code: 'MOVE_NOT_ALLOWED',
      details: { state: 'resolved_manually', allowed: ['rerun'] },
    })
  })
})

describe('skip', () => {
  test('a failed step is satisfied without a result, and the rest runs', async () => {
    const definition = diamond('skip_failed', { right: permanent })
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    expect(moved(await tasker.tasks.skip(taskId, { step: 'right' }))).toEqual([
      'right error → skipped (asked)',
      'join pending → pending (release)',
    ])
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(task.results).not.toHaveProperty('right.ok')
  })

  test('a step in backoff is not tried again', async () => {
    const definition = diamond('skip_backoff', { start: failsTimes(5) })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await tasker.tasks.setRetryLimit(taskId, { step: 'start', limit: 3 }).catch(() => undefined)
    await events.until('step.failed')
    await tasker.worker.settled()
    await tasker.tasks.skip(taskId, { step: 'start' })
    expect((await run(taskId)).state).toBe('complete')
    expect(
      events.of('step.execution_requested').filter((e) => e.stepName === 'start'),
    ).toHaveLength(1)
  })
})

describe('cancel a step', () => {
  test('what depends on it is cancelled, other branches go on, and the task ends cancelled', async () => {
    const middle = inTheMiddle()
    const definition = diamond('cancel_branch', { left: middle.handler })
    const { tasker, events, run } = await stage(database.url, {
      definitions: [definition],
      slots: 2,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await events.until('step.execution_requested', ({ stepName }) => stepName === 'left')
    await events.until('step.completed', ({ stepName }) => stepName === 'right')
    const operation = await tasker.tasks.cancel(taskId, { step: 'left', reason: 'not wanted' })
    expect(moved(operation)).toEqual([
      'left in_progress → cancelled (asked)',
      'join pending → cancelled (descent)',
      'end pending → cancelled (descent)',
    ])
    expect(operation.state).toBe('cancelled')
    const task = await run(taskId)
    expect(task.state).toBe('cancelled')
    expect(events.of('task.cancelled')).toHaveLength(1)
    expect(events.of('step.cancelled').map(({ stepName }) => stepName)).toEqual([
      'left',
      'join',
      'end',
    ])
  })

  test('a step that failed for good may be cancelled; the task is then cancelled, no longer in error', async () => {
    const definition = diamond('cancel_failed', { left: permanent })
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const operation = await tasker.tasks.cancel(taskId, { step: 'left' })
    expect(operation).toMatchObject({ from: 'error', state: 'cancelled' })
    const history = await tasker.tasks.history(taskId)
    expect(history.filter(({ step }) => step === null).map(({ from, to }) => [from, to])).toEqual([
      [null, 'pending'],
      ['pending', 'in_progress'],
      ['in_progress', 'error'],
      ['error', 'in_progress'],
      ['in_progress', 'cancelled'],
    ])
  })

  test('a failed step elsewhere decides: error before cancelled', async () => {
    const definition = diamond('cancel_and_error', { left: permanent })
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const operation = await tasker.tasks.cancel(taskId, { step: 'join' })
    expect(operation).toMatchObject({ from: 'error', state: 'error', isChanged: true })
    expect(moved(operation)).toEqual([
      'join pending → cancelled (asked)',
      'end pending → cancelled (descent)',
    ])
    await tasker.tasks.retry(taskId, { step: 'left' })
    expect((await run(taskId)).state).toBe('error')
  })

  test('a child that was satisfied by hand stops the cascade', async () => {
    const definition = diamond('cancel_stops')
    const { tasker, run } = await stage(database.url, {
      definitions: [definition],
      isWorking: false,
    })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await tasker.tasks.resolve(taskId, { step: 'join' })
    expect(moved(await tasker.tasks.cancel(taskId, { step: 'left' }))).toEqual([
      'left pending → cancelled (asked)',
    ])
    await tasker.worker.start()
    const task = await run(taskId)
    expect(statesOf(task)).toEqual({
      start: 'complete',
      left: 'cancelled',
      right: 'complete',
      join: 'resolved_manually',
      end: 'complete',
    })
    expect(task.state).toBe('cancelled')
  })
})

describe('retry', () => {
  test('a step that failed for good gets one attempt more, and the task goes on', async () => {
    const definition = diamond('retry_one', { left: failsTimes(1) })
    const { tasker, events, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    expect((await run(taskId)).state).toBe('error')
    const operation = await tasker.tasks.retry(taskId, { step: 'left' })
    expect(moved(operation)).toEqual(['left error → pending (asked)'])
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(task.steps.find(({ name }) => name === 'left')).toMatchObject({
      attempts: 2,
      retryLimit: 2,
    })
    expect(events.of('task.failed')).toHaveLength(1)
    expect(events.of('task.completed')).toHaveLength(1)
  })

  test('without a step, all that failed for good are tried again; attempts may be more than one', async () => {
    const definition = diamond('retry_all', { left: failsTimes(3), right: failsTimes(1) })
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    const operation = await tasker.tasks.retry(taskId, { attempts: 3 })
    expect(moved(operation)).toEqual([
      'left error → pending (asked)',
      'right error → pending (asked)',
    ])
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toMatchObject({ left: 4, right: 2 })
  })

  test('a deadline still to come guards the revived task again', async () => {
    const middle = inTheMiddle()
    let isFirst = true
    const definition = diamond('retry_deadline', {
      left: async (execution) => {
        if (!isFirst) return middle.handler(execution)
        isFirst = false
        throw new PermanentError('as scripted')
      },
    })
    const { tasker, clock, events, run } = await stage(database.url, {
      definitions: [definition],
      slots: 2,
      execution: { stepTimeoutMs: null },
    })
    const { taskId } = await tasker.tasks.create(definition, {
      context: {},
      deadlineMs: 3_600_000,
    })
    await run(taskId)
    await tasker.tasks.retry(taskId)
    await events.until(
      'step.execution_requested',
      ({ stepName, attempt }) => stepName === 'left' && attempt === 2,
    )
    await clock.advance(3_600_000)
    tasker.worker.wake()
    await events.until('task.failed', () => events.of('task.failed').length === 2)
    const task = await tasker.tasks.get(taskId)
    expect(task.state).toBe('error')
    const ends = (await tasker.tasks.history(taskId)).filter(
      ({ step, to }) => step === null && to === 'error',
    )
    expect(ends.map(({ reason }) => reason)).toEqual(['steps_in_error_state', 'deadline_exceeded'])
  })

  test('is refused where nothing failed for good, with what is allowed', async () => {
    const definition = diamond('retry_refused', { start: failsTimes(1) })
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await run(taskId)
    await expect(tasker.tasks.retry(taskId, { step: 'left' })).rejects.toMatchObject({
      code: 'MOVE_NOT_ALLOWED',
      message: expect.stringContaining(
        `Step "left" of task ${taskId} is pending; it cannot be retried. Allowed now: resolve, skip, cancel, set_retry_limit.`,
      ) as unknown,
    })
    await expect(tasker.tasks.retry(taskId, { step: ['start', 'left'] })).rejects.toMatchObject({
      code: 'MOVE_NOT_ALLOWED',
    })
    expect((await tasker.tasks.get(taskId)).state, 'nothing was done').toBe('error')
    await expect(tasker.tasks.retry(taskId, { step: 'strat' })).rejects.toMatchObject({
      code: 'STEP_NOT_FOUND',
      message: expect.stringContaining('no step "strat"; did you mean "start"?') as unknown,
    })
  })
})
