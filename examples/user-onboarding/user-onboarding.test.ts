// Onboarding with whole systems and with each fault: who decides, who waits, what is left when nobody says yes.
import { describe, expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { userOnboarding } from './example.ts'
import sample from './sample-user.json' with { type: 'json' }

async function onboarding(changes: object = {}, options: { readonly deadlineMs?: number } = {}) {
  const { kit, systems, definitions } = await openExample(userOnboarding)
  const context = { ...sample, ...changes }
  const task = await kit.create(definitions.userOnboarding, { context, ...options })
  const stepOf = async (name: string) => (await task.get()).steps.find((step) => step.name === name)
  return { kit, task, stepOf, systems, ...systems }
}

async function underFault(name: string) {
  const fault = faultOf(userOnboarding, name)
  const opened = await onboarding(fault.change?.(sample) ?? {})
  fault.inject?.(opened.systems)
  return { ...opened, done: await opened.task.runToEnd() }
}

const pending = { body: { approval_id: 'approval_1', status: 'pending' } }

describe('an onboarding', () => {
  test('opens the account when somebody has approved, and says welcome', async () => {
    const { task, accounts, signup_approvals, welcome_mail } = await onboarding()
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results).toMatchObject({
      check_duplicate_user: { is_new: true },
      create_account: { id: 3, email: 'ada@example.com', is_active: false },
      await_approval: { approved_by: 'dana', note: 'known to sales' },
      activate_account: { id: 3, is_active: true, approved_by: 'dana' },
      send_welcome: { delivery_status: 'sent' },
    })
    await task.expectSteps({ await_approval: { attempts: 1, waits: 2 } })
    const counts = [accounts, signup_approvals, welcome_mail].map((each) => each.calls().length)
    expect(counts).toEqual([4, 4, 1])
    expect(welcome_mail.calls()).toMatchObject([
      { body: { to: 'ada@example.com', subject: 'Welcome to our platform!' } },
    ])
  })

  test('waits for the approval without an attempt and without a slot', async () => {
    const { kit, task, accounts, signup_approvals } = await onboarding()
    signup_approvals.stub('GET /approvals/:id', pending)
    await task.runUntil({ await_approval: { state: 'pending', waits: 5 } })
    await task.expectBlocked({ await_approval: 'wait', activate_account: 'parent' })
    await task.expectSteps({ await_approval: { attempts: 0 } })
    expect(await kit.runNext()).toEqual([])
    const why = await kit.tasker.tasks.why(task.taskId)
    expect(JSON.stringify(why)).toContain('nobody has decided on approval_1 yet')
    expect(accounts.calls('PUT /users/:id/activation')).toEqual([])
  })

  test('goes on at once when an operator wakes it after the decision', async () => {
    const { kit, task, signup_approvals } = await onboarding()
    signup_approvals.stub('GET /approvals/:id', pending)
    await task.runUntil({ await_approval: { state: 'pending', waits: 1 } })
    signup_approvals.stub('GET /approvals/:id', {
      body: { approval_id: 'approval_1', status: 'approved', decided_by: 'dana' },
    })
    await kit.tasker.tasks.wake(task.taskId, { actor: 'dana', reason: 'decided' })
    expect(await kit.runNext()).toEqual(['await_approval'])
    await task.runToEnd()
    await task.expectState('complete')
  })

  test('is approved by an operator by hand, whatever the desk says', async () => {
    const { kit, task, signup_approvals } = await onboarding()
    signup_approvals.stub('GET /approvals/:id', pending)
    await task.runUntil({ await_approval: { state: 'pending', waits: 1 } })
    await kit.tasker.tasks.resolve(task.taskId, {
      step: 'await_approval',
      actor: 'ops',
      reason: 'approved by telephone',
      result: { approved_by: 'ops' },
    })
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results).toMatchObject({ activate_account: { is_active: true, approved_by: 'ops' } })
    await task.expectSteps({ await_approval: 'resolved_manually' })
  })

  test('ends at its deadline when nobody ever decides', async () => {
    const { kit, task, accounts, signup_approvals } = await onboarding({}, { deadlineMs: 20_000 })
    signup_approvals.stub('GET /approvals/:id', pending)
    const done = await task.runToEnd()
    expect(done.state).toBe('error')
    const history = await kit.tasker.tasks.history(task.taskId)
    expect(history.map(({ reason }) => reason)).toContain('deadline_exceeded')
    expect(accounts.calls('PUT /users/:id/activation')).toEqual([])
  })
})

describe('no account is opened', () => {
  test.for([
    ['rejected', 'ONBOARDING_REJECTED', 'Rejected by dana: not a company'],
    ['expired', 'APPROVAL_EXPIRED', 'approval_1 expired.'],
  ] as const)('when the approval is %s', async ([name, code, message]) => {
    const { done, stepOf, accounts, welcome_mail } = await underFault(name)
    expect(done.state).toBe('error')
    expect(await stepOf('await_approval')).toMatchObject({ attempts: 1, error: { code, message } })
    expect(accounts.calls('PUT /users/:id/activation')).toEqual([])
    expect(welcome_mail.calls()).toEqual([])
  })

  test.for([
    ['email-taken', 'email_conflict'],
    ['username-taken', 'username_conflict'],
  ] as const)('or even made: %s', async ([name, conflict_type]) => {
    const { stepOf, accounts } = await underFault(name)
    expect(await stepOf('check_duplicate_user')).toMatchObject({
      attempts: 1,
      error: { code: 'USER_EXISTS', context: { conflict_type } },
    })
    expect(accounts.calls('POST /users/add')).toEqual([])
  })

  test.for([
    [{ email: 'nowhere' }, 'context/email'],
    [{ username: 'ab' }, 'context/username'],
  ] as const)('for a registration that is none', async ([changes, path]) => {
    await expect(onboarding(changes)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      details: { faults: [{ path }] },
    })
  })
})

describe('when', () => {
  test('the answer about the account is lost, there is one account', async () => {
    const { done, accounts } = await underFault('account-answer-lost')
    expect(done).toMatchObject({ state: 'complete', results: { create_account: { id: 3 } } })
    const calls = accounts.calls('POST /users/add')
    expect(calls.map(({ status }) => status)).toEqual([null, 201])
    expect(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  })

  test('the desk is down, looking costs attempts; waiting does not', async () => {
    const { done, stepOf } = await underFault('approvals-down')
    expect(done.state).toBe('complete')
    expect(await stepOf('await_approval')).toMatchObject({ attempts: 3, waits: 2 })
  })

  test('the mail fails, the account is open all the same', async () => {
    const { done, stepOf } = await underFault('mail-fails-twice')
    expect(done.state).toBe('complete')
    expect(await stepOf('send_welcome')).toMatchObject({ attempts: 3, retryLimit: 5 })
  })
})
