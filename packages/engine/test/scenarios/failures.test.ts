// Failure, retry and exhaustion: the rows of engine specification §9.4, each run to its unattended end.
import { describe, expect, test } from 'vitest'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import type { HistoryRow } from '../../src/database/read-tasks.ts'
import type { TaskView } from '../../src/reports/task-view.ts'
import { defineShape, shapes, type Shape } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, attemptsOf, failsTimes, recordCalls, scripted, statesOf } from './handlers.ts'
import { stage, type Stage } from './stage.ts'

const database = databaseForFile()

type Script = Readonly<Record<string, RunStep>>

/** Runs one task of the shape, unattended, to its end. */
async function runShape(
  shape: Shape,
  script: Script,
): Promise<
  Stage & {
    readonly task: TaskView
    readonly history: readonly HistoryRow[]
    readonly started: readonly string[]
  }
> {
  const calls = recordCalls(scripted(script))
  const definition = defineShape(shape, calls.handlerOf)
  const set = await stage(database.url, { definitions: [definition] })
  const { taskId } = await set.tasker.tasks.create(definition, { context: {} })
  const task = await set.run(taskId)
  return { ...set, task, history: await set.tasker.tasks.history(taskId), started: calls.started }
}

/** Every step once, but for those named. */
const attempts = (
  shape: Shape,
  others: Readonly<Record<string, number>> = {},
): Record<string, number> => ({
  ...Object.fromEntries(shape.steps.map(({ name }) => [name, 1])),
  ...others,
})

const blocked = {
  executionStatus: 'blocked_by_failures',
  recommendedAction: 'handle_failures',
  healthStatus: 'blocked',
}

describe('a step that fails and recovers', () => {
  test('row 1: A, process_data once: complete on the second attempt, not before the first backoff', async () => {
    const { task, history } = await runShape(shapes.A, { process_data: failsTimes(1) })
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual(attempts(shapes.A, { process_data: 2 }))
    const claims = history.filter(({ step, to }) => step === 'process_data' && to === 'in_progress')
    expect(claims.map(({ at }) => at.getTime() - (claims[0]?.at.getTime() ?? 0))).toEqual([0, 1000])
  })

  test('row 1, between the attempts: waiting for the retry, not blocked, later steps untouched', async () => {
    const definition = defineShape(
      { ...shapes.A, name: 'linear_paused' },
      scripted({ process_data: failsTimes(1) }),
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await tasker.worker.idle()
    const task = await tasker.tasks.get(taskId)
    expect(task.state).toBe('in_progress')
    expect(task.execution).toMatchObject({
      executionStatus: 'waiting_for_dependencies',
      healthStatus: 'recovering',
      failedSteps: 1,
      permanentlyBlockedSteps: 0,
    })
    expect(task.steps.find(({ name }) => name === 'process_data')).toMatchObject({
      state: 'error',
      attempts: 1,
      blockedBy: 'retry',
      retryEligible: true,
      nextRetryAt: new Date('2030-01-01T00:00:01Z'),
    })
    expect(attemptsOf(task)).toMatchObject({
      transform_results: 0,
      validate_output: 0,
      finalize_workflow: 0,
    })
    expect((await run(taskId)).state).toBe('complete')
  })

  test('row 2: A, process_data twice: complete on the last attempt allowed', async () => {
    const { task } = await runShape(shapes.A, { process_data: failsTimes(2) })
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual(attempts(shapes.A, { process_data: 3 }))
  })

  test('row 4: B, both branches fail once: merge runs once, after both', async () => {
    const { task, started } = await runShape(shapes.B, {
      branch_one_process: failsTimes(1),
      branch_two_process: failsTimes(1),
    })
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual(
      attempts(shapes.B, { branch_one_process: 2, branch_two_process: 2 }),
    )
    const merge = started.indexOf('merge_branches')
    expect(started.filter((name) => name === 'merge_branches')).toHaveLength(1)
    expect(merge).toBeGreaterThan(started.lastIndexOf('branch_one_validate'))
    expect(merge).toBeGreaterThan(started.lastIndexOf('branch_two_validate'))
  })

  test('row 5: B, merge fails once: complete, merge in two attempts', async () => {
    const { task } = await runShape(shapes.B, { merge_branches: failsTimes(1) })
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual(attempts(shapes.B, { merge_branches: 2 }))
  })

  test.each([
    ['C', { fetch_order_data: 1, fetch_inventory_data: 1, merge_all_data: 1 }],
    ['D', { branch_b_setup: 1, a_task_two: 1, b_task_two: 1 }],
  ] as const)(
    'row 7: %s as built: each step needs one attempt more than it fails',
    async (id, failures) => {
      const script = Object.fromEntries(
        Object.entries(failures).map(([name, times]) => [name, failsTimes(times)]),
      )
      const { task } = await runShape(shapes[id], script)
      expect(task.state).toBe('complete')
      const expected = Object.fromEntries(
        Object.entries(failures).map(([name, times]) => [name, times + 1]),
      )
      expect(attemptsOf(task)).toEqual(attempts(shapes[id], expected))
    },
  )

  test('row 8: E as built: the optional step does not wait for the failing one, finalize runs once', async () => {
    const { task, started } = await runShape(shapes.E, {
      validate_permissions: failsTimes(1),
      setup_environment: failsTimes(1),
      process_critical_data: failsTimes(2),
    })
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual(
      attempts(shapes.E, {
        validate_permissions: 2,
        setup_environment: 2,
        process_critical_data: 3,
      }),
    )
    expect(started.indexOf('process_optional_data')).toBeLessThan(
      started.lastIndexOf('process_critical_data'),
    )
    expect(started.filter((name) => name === 'finalize_and_report')).toHaveLength(1)
  })

  test('row 9: F as built: flaky in 3, timeout in 2 attempts; the idempotent step sees one key in every attempt', async () => {
    const keys: string[] = []
    const { task } = await runShape(shapes.F, {
      flaky: failsTimes(2),
      timeout: failsTimes(1),
      idempotent: async ({ idempotencyKey, attempt }) => {
        keys.push(idempotencyKey)
        if (attempt === 1) throw new Error('the answer was lost')
        return { checksum: idempotencyKey }
      },
    })
    expect(task.state).toBe('complete')
    expect(attemptsOf(task)).toEqual({ reliable: 1, flaky: 3, timeout: 2, idempotent: 2 })
    expect(new Set(keys)).toEqual(new Set([`${task.taskId}:idempotent`]))
    expect(task.results['idempotent']).toEqual({ checksum: `${task.taskId}:idempotent` })
  })

  test('row 10: L, the payment fails once: charged in the second call', async () => {
    const { task, started } = await runShape(shapes.L, { process_payment: failsTimes(1) })
    expect(task.state).toBe('complete')
    expect(started.filter((name) => name === 'process_payment')).toHaveLength(2)
  })
})

describe('a step that exhausts its attempts', () => {
  test('row 3: A, process_data five times: in error after exactly three attempts, one task.failed', async () => {
    const { task, events } = await runShape(shapes.A, { process_data: failsTimes(5) })
    expect(task.state).toBe('error')
    expect(task.execution).toMatchObject({ ...blocked, failedSteps: 1, permanentlyBlockedSteps: 1 })
    expect(attemptsOf(task)).toEqual({
      initialize_data: 1,
      validate_input: 1,
      process_data: 3,
      transform_results: 0,
      validate_output: 0,
      finalize_workflow: 0,
    })
    expect(statesOf(task)).toMatchObject({ process_data: 'error', transform_results: 'pending' })
    expect(events.of('task.failed')).toHaveLength(1)
    expect(events.of('task.completed')).toHaveLength(0)
  })

  test('row 6: B, one branch fails for good: the other completes, what joins both stays pending', async () => {
    const { task } = await runShape(shapes.B, { branch_one_process: failsTimes(5) })
    expect(task.state).toBe('error')
    expect(statesOf(task)).toEqual({
      start_workflow: 'complete',
      branch_one_process: 'error',
      branch_two_process: 'complete',
      branch_one_validate: 'pending',
      branch_two_validate: 'complete',
      merge_branches: 'pending',
      end_workflow: 'pending',
    })
    expect(task.steps.find(({ name }) => name === 'merge_branches')).toMatchObject({
      blockedBy: 'ended',
      attempts: 0,
    })
  })

  test('row 11: M, extract_orders never works: the other extractions complete, nothing else starts', async () => {
    const message = 'Database connection timeout'
    const { task } = await runShape(shapes.M, { extract_orders: alwaysFails(message) })
    expect(task.state).toBe('error')
    expect(attemptsOf(task)).toEqual({
      extract_orders: 3,
      extract_users: 1,
      extract_products: 1,
      transform_customer_metrics: 0,
      transform_product_metrics: 0,
      generate_insights: 0,
      update_dashboard: 0,
      send_notifications: 0,
    })
    expect(task.steps[0]?.error).toMatchObject({ class: 'Error', message })
  })

  test('row 12: M, update_dashboard never works: in error after its three attempts', async () => {
    const { task } = await runShape(shapes.M, { update_dashboard: alwaysFails('no dashboard') })
    expect(task.state).toBe('error')
    expect(task.execution).toMatchObject({ completedSteps: 6, failedSteps: 1, pendingSteps: 1 })
    expect(attemptsOf(task)).toMatchObject({ update_dashboard: 3, send_notifications: 0 })
  })

  test('row 13: M, send_notifications never works: in error after its five attempts', async () => {
    const { task } = await runShape(shapes.M, {
      send_notifications: alwaysFails('Slack API rate limit exceeded'),
    })
    expect(task.state).toBe('error')
    expect(task.execution).toMatchObject({ completedSteps: 7, failedSteps: 1 })
    expect(attemptsOf(task)).toMatchObject({ send_notifications: 5 })
  })

  test.each([
    ['fails for good: in error after its two attempts', 2, 'error'],
    ['recovers: complete', 1, 'complete'],
  ] as const)(
    'row 14: N, the last step %s; the user id travels through the results',
    async (_what, times, state) => {
      const passOn: RunStep = async ({ results }) => Object.values(results)[0]
      const { task } = await runShape(shapes.N, {
        create_user_account: async () => ({ user_id: 12_345 }),
        setup_billing_profile: passOn,
        initialize_preferences: passOn,
        send_welcome_sequence: passOn,
        update_user_status: failsTimes(times),
      })
      expect(task.state).toBe(state)
      expect(attemptsOf(task)).toEqual(attempts(shapes.N, { update_user_status: 2 }))
      expect(task.results['send_welcome_sequence']).toEqual({ user_id: 12_345 })
    },
  )

  test('row 15: G, the isolated step is exhausted: the chain completes, the task is in error', async () => {
    const { task } = await runShape(shapes.G, { 'step-one': alwaysFails('no') })
    expect(task.state).toBe('error')
    expect(statesOf(task)).toEqual({
      'step-one': 'error',
      'step-two': 'complete',
      'step-three': 'complete',
      'step-four': 'complete',
    })
  })

  test('row 15: the task does not end before the retries of the failing step are spent', async () => {
    const { history } = await runShape(shapes.G, { 'step-one': alwaysFails('no') })
    const last = history.at(-1)
    expect(last).toMatchObject({ step: null, to: 'error', reason: 'steps_in_error_state' })
    expect(last?.at).toEqual(new Date('2030-01-01T00:00:03Z')) // after waits of 1 s and 2 s
  })
})

describe('what a handler may say about retrying', () => {
  test('row 17: a PermanentError ends the step at its first attempt, whatever its limit', async () => {
    const { task, events } = await runShape(shapes.I, {
      step_1: async () => {
        throw new PermanentError('the card does not exist', {
          code: 'CARD_UNKNOWN',
          context: { field: 'card' },
        })
      },
    })
    expect(task.state).toBe('error')
    expect(attemptsOf(task)).toEqual({ step_1: 1, step_2: 0, step_3: 0 })
    expect(task.steps[0]?.error).toMatchObject({
      class: 'PermanentError',
      code: 'CARD_UNKNOWN',
      context: { field: 'card' },
    })
    expect(events.of('step.failed').map(({ retryAt }) => retryAt)).toEqual([null])
    expect(events.of('step.retry_requested')).toEqual([])
  })

  test('row 18: a RetryableError that asks for 30 s is not ready at 29.999 s and runs at 30 s', async () => {
    const definition = defineShape(
      { ...shapes.I, name: 'server_said_30' },
      (name) =>
        async ({ attempt }) => {
          if (name === 'step_1' && attempt === 1)
            throw new RetryableError('busy', { afterMs: 30_000 })
        },
    )
    const { tasker, clock } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    await tasker.worker.idle()
    const attemptsAt = async (instant: string): Promise<number | undefined> => {
      await clock.advanceTo(new Date(instant))
      tasker.worker.wake()
      await tasker.worker.idle()
      return (await tasker.tasks.get(taskId)).steps[0]?.attempts
    }
    expect(await attemptsAt('2030-01-01T00:00:29.999Z')).toBe(1)
    expect(await attemptsAt('2030-01-01T00:00:30Z')).toBe(2)
  })

  test('a wait asked for is capped at backoff.maxBackoffSeconds', async () => {
    const { history } = await runShape(shapes.I, {
      step_1: async ({ attempt }) => {
        if (attempt === 1) throw new RetryableError('in a year', { afterMs: 31_536_000_000 })
      },
    })
    const retried = history.find(
      ({ step, claimNo, to }) => step === 'step_1' && claimNo === 2 && to === 'in_progress',
    )
    expect(retried?.at).toEqual(new Date('2030-01-01T00:05:00Z'))
  })

  test('row 19: a step that is not retryable gets exactly one attempt, whatever its limit', async () => {
    const definition = defineTask({ name: 'one_shot' }).step(
      'only',
      { retry: { limit: 5, retryable: false } },
      async () => {
        throw new Error('no')
      },
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const task = await run(taskId)
    expect(task.state).toBe('error')
    expect(attemptsOf(task)).toEqual({ only: 1 })
  })
})

test('of two failed steps the one that waits less is tried first: the wake-up is the earliest', async () => {
  const { started, history } = await runShape(
    { ...shapes.K, name: 'two_waits' },
    {
      'step-one': async ({ attempt }) => {
        if (attempt === 1) throw new RetryableError('later', { afterMs: 180_000 })
      },
      'step-two': async ({ attempt }) => {
        if (attempt === 1) throw new RetryableError('soon', { afterMs: 60_000 })
      },
    },
  )
  expect(started.slice(2)).toEqual(['step-two', 'step-one', 'step-three'])
  const second = history.filter(({ claimNo, to }) => claimNo === 2 && to === 'in_progress')
  expect(second.map(({ step, at }) => [step, at.toISOString()])).toEqual([
    ['step-two', '2030-01-01T00:01:00.000Z'],
    ['step-one', '2030-01-01T00:03:00.000Z'],
  ])
})

test('after any end: complete has a result, pending has spent nothing, and the history ends in the present state', async () => {
  const { task, history } = await runShape(shapes.E, { process_critical_data: failsTimes(3) })
  for (const step of task.steps) {
    const moves = history.filter((entry) => entry.step === step.name)
    expect(moves.at(-1)?.to ?? 'pending').toBe(step.state)
    expect(step.attempts === 0 && step.endedAt === null).toBe(step.state === 'pending')
    expect(step.name in task.results).toBe(step.state === 'complete')
  }
})
