// A registration across four services: golden results, what overlaps, how refusals are named, how limits are kept to.
import { describe, expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { userRegistration } from './example.ts'
import sample from './sample-registration.json' with { type: 'json' }

async function services() {
  const { kit, systems, definitions } = await openExample(userRegistration)
  const register = (changes: object = {}) =>
    kit.create(definitions.userRegistration, { context: { ...sample, ...changes } })
  return { kit, systems, register }
}

async function underFault(name: string) {
  const { kit, systems, register } = await services()
  const fault = faultOf(userRegistration, name)
  fault.inject?.(systems)
  const task = await register(fault.change?.(sample) ?? {})
  return { kit, systems, task }
}

const names = [
  'create_user_account',
  'setup_billing_profile',
  'initialize_preferences',
  'send_welcome_sequence',
  'update_user_status',
] as const

describe('the sample', () => {
  test('is registered in five steps, as user 1 in every result', async () => {
    const { systems, register } = await services()
    const task = await register()
    const { state, results, context } = await task.runToEnd()
    expect(state).toBe('complete')
    for (const name of names) expect(results[name]).toMatchObject({ user_id: 1 })
    expect(results['create_user_account']).toMatchObject({
      email: 'newuser@example.com',
      status: 'created',
      service_response_time: '12ms',
    })
    expect(results['setup_billing_profile']).toMatchObject({ plan: 'pro', status: 'created' })
    expect(results['initialize_preferences']).toMatchObject({
      preferences: {
        theme: 'light',
        language: 'en',
        timezone: 'UTC',
        marketing_consent: true,
        newsletter_frequency: 'never',
        notification_settings: { email: true, sms: false, push: true },
      },
    })
    expect(results['send_welcome_sequence']).toMatchObject({
      plan: 'pro',
      emails_sent: 3,
      email_ids: [expect.any(String), expect.any(String), expect.any(String)] as string[],
    })
    expect(results['update_user_status']).toMatchObject({
      status: 'registration_complete',
      registration_complete: true,
    })
    expect(context).toMatchObject({
      correlation_id: expect.stringMatching(/^reg_\d+_[0-9a-f]{8}$/) as string,
      registration_source: 'web',
      plan_type: 'pro',
    })
    expect(systems.notification_service.calls()).toMatchObject([
      { body: { features: ['analytics', 'priority_support', 'integrations'] } },
    ])
    const { annotations } = await task.get()
    const noted = annotations.map(({ type, annotation }) => [type, annotation] as const)
    expect(Object.fromEntries(noted)).toEqual({
      service_performance: {
        service_timings: Object.fromEntries(names.map((name) => [name, 12])),
        total_duration: 48,
        parallel_execution_saved: 12,
      },
      registration_outcome: {
        user_id: 1,
        plan: 'pro',
        source: 'web',
        completed_at: expect.any(String) as string,
      },
    })
  })

  test('is set up with billing and preferences at the same time, and welcomed after both', async () => {
    const { kit, systems, register } = await services()
    const task = await register()
    await task.runUntil({ create_user_account: 'complete' })
    const billing = systems.billing_service.hold('POST /profiles')
    const preferences = systems.preferences_service.hold('POST /preferences')
    const running = kit.runNext()
    await Promise.all([billing.arrived, preferences.arrived]) // never, if one waited for the other
    expect(systems.notification_service.calls()).toEqual([])
    billing.release()
    preferences.release()
    await running
    await task.expectReady('send_welcome_sequence')
  })

  test('carries one correlation id into every request and every result', async () => {
    const { systems, register } = await services()
    const task = await register({ correlation_id: 'form-4711' })
    const { results, context } = await task.runToEnd()
    expect(context['correlation_id']).toBe('form-4711')
    for (const name of names) expect(results[name]).toMatchObject({ correlation_id: 'form-4711' })
    const sent = Object.values(systems).flatMap((system) => system.calls())
    expect(sent).toHaveLength(5)
    expect(new Set(sent.map(({ headers }) => headers['x-correlation-id']))).toEqual(
      new Set(['form-4711']),
    )
    const traces = sent.map(({ headers }) => headers['traceparent']?.split('-')[1])
    expect(new Set(traces).size).toBe(1)
  })
})

describe('a plan', () => {
  test('that is free needs no billing information', async () => {
    const { register } = await services()
    const free = { email: 'free@example.com', name: 'Fred Free' }
    const task = await register({ user_info: free, billing_info: {} })
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results['send_welcome_sequence']).toMatchObject({ plan: 'free', emails_sent: 2 })
  })

  test('of an enterprise without a payment method ends at billing, and goes on with one', async () => {
    const { kit, systems, task } = await underFault('no-payment-method')
    const { state, context } = await task.runToEnd()
    expect(state).toBe('error')
    await task.expectSteps({
      create_user_account: 'complete',
      setup_billing_profile: { state: 'error', attempts: 1 },
      initialize_preferences: 'complete',
      send_welcome_sequence: 'pending',
    })
    const { taskId } = await kit.tasker.tasks.rerun(task.taskId, {
      context: { ...context, billing_info: { payment_method: 'invoice' } },
      actor: 'support',
      reason: 'the customer sent one',
    })
    const again = await kit.task(String(taskId)).runToEnd()
    expect(again.state).toBe('complete')
    expect(again.context['correlation_id']).toBe(context['correlation_id'])
    expect(systems.user_service.calls('POST /users')).toHaveLength(1)
  })
})

describe('a person', () => {
  test('who is registered again is the same user', async () => {
    const { register } = await services()
    await (await register()).runToEnd()
    const again = await register()
    const { state, results } = await again.runToEnd()
    expect(state).toBe('complete')
    const status = 'already_exists'
    expect(results['create_user_account']).toMatchObject({ user_id: 1, status })
    expect(results['setup_billing_profile']).toMatchObject({
      profile_id: 'existing_profile_1',
      status,
    })
    expect(results['initialize_preferences']).toMatchObject({
      preferences_id: 'existing_prefs_1',
      status,
    })
  })

  test('with the email of somebody else is a conflict', async () => {
    const { register } = await services()
    await (await register()).runToEnd()
    const other = await register({ user_info: { ...sample.user_info, name: 'John Smith' } })
    const { steps } = await other.runToEnd()
    expect(steps[0]).toMatchObject({ attempts: 1, error: { code: 'USER_CONFLICT' } })
  })

  test('with an email that is none is refused before anything is stored', async () => {
    const { register } = await services()
    const created = register({ user_info: { email: 'nowhere', name: 'N' } })
    await expect(created).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      details: { faults: [{ path: 'context/user_info/email' }] },
    })
  })
})

describe('a user service', () => {
  test('that fails twice is asked three times', async () => {
    const { task, systems } = await underFault('user-service-fails-twice')
    await task.runToEnd()
    await task.expectState('complete')
    await task.expectSteps({ create_user_account: { attempts: 3 } })
    const keys = systems.user_service.calls('POST /users').map(({ headers }) => headers)
    expect(new Set(keys.map((headers) => headers['idempotency-key'])).size).toBe(1)
  })

  test('that is down costs three attempts, and nothing else is begun', async () => {
    const { task, systems } = await underFault('user-service-down')
    await task.runToEnd()
    await task.expectState('error')
    await task.expectSteps({ create_user_account: { state: 'error', attempts: 3 } })
    expect(systems.billing_service.calls()).toEqual([])
  })

  test('whose answer is lost makes one account', async () => {
    const { task } = await underFault('answer-lost')
    const { results } = await task.runToEnd()
    expect(results['create_user_account']).toMatchObject({ user_id: 1, status: 'created' })
    await task.expectSteps({ create_user_account: { state: 'complete', attempts: 2 } })
  })

  test.for([
    [400, 'CLIENT_VALIDATION_ERROR'],
    [422, 'CLIENT_VALIDATION_ERROR'],
    [401, 'AUTH_ERROR'],
    [403, 'AUTH_ERROR'],
    [404, 'RESOURCE_NOT_FOUND'],
  ] as const)('that answers %i ends the step for good: %s', async ([status, code]) => {
    const { systems, register } = await services()
    systems.user_service.stub('POST /users', { status })
    const { steps } = await (await register()).runToEnd()
    expect(steps[0]).toMatchObject({ state: 'error', attempts: 1, error: { code } })
  })

  test('that does not know the user any more at the end says so', async () => {
    const { systems, register } = await services()
    systems.user_service.stub('PATCH /users/:id/status', { status: 404 })
    const { steps } = await (await register()).runToEnd()
    expect(steps.at(-1)).toMatchObject({ attempts: 1, error: { code: 'USER_NOT_FOUND' } })
  })
})

describe('a service that has had enough', () => {
  test.for([
    ['60', 60_000],
    [null, 30_000],
  ] as const)('with retry-after %s is asked again after %i ms', async ([retryAfter, ms]) => {
    const { kit, systems, register } = await services()
    const headers = retryAfter === null ? {} : { 'retry-after': retryAfter }
    const answer = { status: 429, headers }
    systems.notification_service.inject('POST /sequences', { answer, times: 1 })
    const task = await register()
    await task.runUntil({ send_welcome_sequence: 'error' })
    await kit.clock.advance(ms - 1)
    expect(await kit.runNext()).toEqual([])
    await kit.clock.advance(1)
    expect(await kit.runNext()).toEqual(['send_welcome_sequence'])
    const history = await kit.tasker.tasks.history(task.taskId)
    expect(history.map(({ reason }) => reason)).toContain('retry_after')
  })

  test('of a circuit that is open, no attempts are spent and the reason is told', async () => {
    const { kit, systems, task } = await underFault('billing-breaker')
    // Two attempts fail and open the circuit; then the step waits for it.
    await task.runUntil({ setup_billing_profile: { state: 'error', attempts: 2 } })
    const waiting = await task.runUntil(({ steps }) =>
      steps.some(({ name, waits }) => name === 'setup_billing_profile' && waits > 0),
    )
    expect(waiting.steps.find(({ name }) => name === 'setup_billing_profile')).toMatchObject({
      state: 'pending',
      attempts: 2,
      blockedBy: 'wait',
    })
    const { steps } = await kit.tasker.tasks.why(task.taskId)
    const why = steps.find(({ step }) => step === 'setup_billing_profile')
    expect(JSON.stringify(why)).toContain('circuit_open: billing_service until')
    expect(systems.billing_service.calls()).toHaveLength(2)
    await task.runToEnd()
    await task.expectState('complete')
    await task.expectSteps({ setup_billing_profile: { attempts: 3 } })
    expect(systems.billing_service.calls()).toHaveLength(3)
  })
})
