// Two teams' refunds with whole systems and with each fault: golden numbers, one refund whatever is lost, who waits for whom.
import { describe, expect, test } from 'vitest'
import { faultOf } from '../example.ts'
import { openExample } from '../open-example.ts'
import { processRefund } from './example.ts'
import { reasonOf } from './handlers/ask-payments.ts'
import sample from './sample-ticket.json' with { type: 'json' }
import { doorToken } from './task-door.ts'

const { correlation_id: _given, ...withoutCorrelation } = sample

async function ticket(changes: object = {}, context: object = sample) {
  const { kit, systems, definitions } = await openExample(processRefund)
  const request = { context: { ...context, ...changes } }
  const task = await kit.create(definitions.customerSuccess, request)
  /** The tasks of the payments team. */
  const payments = async () => {
    const { tasks } = await kit.tasker.tasks.find({ namespace: 'payments' })
    return Promise.all(tasks.map(({ taskId }) => kit.tasker.tasks.get(taskId)))
  }
  const stepOf = async (name: string) => (await task.get()).steps.find((step) => step.name === name)
  return { kit, task, payments, stepOf, definitions, systems, ...systems }
}

async function underFault(name: string) {
  const opened = await ticket()
  faultOf(processRefund, name).inject?.(opened.systems)
  return { ...opened, done: await opened.task.runToEnd() }
}

describe('a refund of 120.00', () => {
  test('is approved by a manager, made by the payments team, and the ticket says so', async () => {
    const { task, payments, helpdesk } = await ticket()
    const { state, results } = await task.runToEnd()
    expect(state).toBe('complete')
    expect(results).toMatchObject({
      validate_refund_request: {
        ticket_id: 'TICKET-98765',
        customer_id: 'CUST-54321',
        customer_tier: 'standard',
        payment_id: 'pay_987654321',
      },
      check_refund_policy: {
        policy_version: '2.1.0',
        evaluation_result: 'approved',
        requires_approval: true,
        max_refund_amount: 20_000,
      },
      get_manager_approval: {
        approval_method: 'manager_approval',
        approval_id: expect.stringMatching(/^APPR-[0-9A-F]{8}$/) as string,
        approved_by: 'MGR-001',
        approver_name: 'Jane Manager',
      },
      execute_refund_workflow: { target_namespace: 'payments', target_workflow: 'process_refund' },
    })
    const [payment, ...others] = await payments()
    expect(others).toEqual([])
    expect(payment).toMatchObject({
      namespace: 'payments',
      name: 'process_refund',
      version: '2.1.0',
      state: 'complete',
      context: {
        refund_amount: 12_000,
        refund_reason: 'customer_request',
        initiated_by: 'customer_success',
        ticket_id: 'TICKET-98765',
        correlation_id: 'cs-demo-1',
      },
      results: {
        validate_payment_eligibility: { original_amount: 15_000, gateway_provider: 'stripe' },
        process_gateway_refund: {
          refund_amount: 12_000,
          refund_status: 'completed',
          gateway_refund_id: expect.stringMatching(/^gtx_[0-9a-f]{12}$/) as string,
        },
        update_payment_records: {
          payment_status: 'partially_refunded',
          audit_trail_id: expect.stringMatching(/^audit_[0-9a-f]{16}$/) as string,
        },
        notify_customer: {
          notification_id: expect.stringMatching(/^notif_[0-9a-f]{16}$/) as string,
          customer_email: 'customer@example.com',
        },
      },
    })
    expect(helpdesk.calls('PUT /tickets/:id')).toMatchObject([
      {
        body: {
          status: 'resolved',
          resolution_data: {
            resolution_type: 'automated_refund',
            delegated_task_id: payment?.taskId,
            correlation_id: 'cs-demo-1',
            refund_id: expect.stringMatching(/^ref_[0-9a-f]{16}$/) as string,
            refund_amount: 12_000,
            refund_status: 'completed',
          },
        },
      },
    ])
  })

  test('waits for the manager without an attempt, and for the payments team too', async () => {
    const { kit, task, payments, helpdesk } = await ticket()
    helpdesk.stub('GET /approvals/:id', { body: { status: 'pending' } })
    await task.runUntil({ get_manager_approval: { state: 'pending', waits: 3 } })
    await task.expectBlocked({ get_manager_approval: 'wait' })
    await task.expectSteps({ get_manager_approval: { attempts: 0, retryLimit: 1 } })
    helpdesk.repair()
    await kit.tasker.namespaces.hold('payments', { actor: 'ops', reason: 'gateway moves' })
    await task.runUntil({ update_ticket_status: { state: 'pending', waits: 2 } })
    await task.expectSteps({ update_ticket_status: { attempts: 0 } })
    await kit.tasker.namespaces.resume('payments', { actor: 'ops', reason: 'it has moved' })
    await task.runToEnd()
    await task.expectState('complete')
    expect(await payments()).toHaveLength(1)
  })

  test('has one correlation id in every call of both teams', async () => {
    const { task, refund_gateway, payment_records, customer_mail, helpdesk, payments_api } =
      await ticket()
    await task.runToEnd()
    const systems = [refund_gateway, payment_records, customer_mail, helpdesk, payments_api]
    const ids = systems.flatMap((each) => each.calls()).map((c) => c.headers['x-correlation-id'])
    expect(new Set(ids)).toEqual(new Set(['cs-demo-1']))
  })

  test('without a correlation id gets one, the same on every attempt', async () => {
    const { task, payments, payments_api } = await ticket({}, withoutCorrelation)
    payments_api.inject('POST /tasker/tasks', { answer: { status: 500 }, times: 1 })
    const { results } = await task.runToEnd()
    const [payment] = await payments()
    const id = payment?.context['correlation_id']
    expect(id).toMatch(/^cs-[0-9a-f]{16}$/)
    expect(results).toMatchObject({ execute_refund_workflow: { correlation_id: id } })
  })
})

test('75.00 are approved by the policy, and nobody is asked', async () => {
  const { task, payments, helpdesk } = await ticket({ refund_amount: 7_500 })
  const { state, results } = await task.runToEnd()
  expect(state).toBe('complete')
  expect(results).toMatchObject({
    get_manager_approval: {
      approval_method: 'auto_approval',
      approved_by: 'system',
      approval_id: expect.stringMatching(/^auto_[0-9a-f]{16}$/) as string,
      reason: 'policy_exemption',
    },
  })
  expect(helpdesk.calls('POST /approvals')).toEqual([])
  expect(await payments()).toMatchObject([{ context: { refund_amount: 7_500 } }])
})

describe('one refund is made', () => {
  test('when the answer about the new task is lost', async () => {
    const { done, payments, payments_api, refund_gateway } =
      await underFault('creation-answer-lost')
    expect(done.state).toBe('complete')
    const calls = payments_api.calls('POST /tasker/tasks')
    expect(calls.map(({ status }) => status)).toEqual([null, 200]) // 200: found, not created
    expect(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(await payments()).toHaveLength(1)
    expect(refund_gateway.calls('POST /refunds')).toHaveLength(1)
  })

  test('when the worker dies after it created the task', async () => {
    const { kit, task, definitions, payments, refund_gateway } = await ticket()
    kit.crash(definitions.customerSuccess, 'execute_refund_workflow', 'after_handler')
    const done = await task.runToEnd()
    expect(done.state).toBe('complete')
    await task.expectSteps({ execute_refund_workflow: { losses: 1, attempts: 1 } })
    expect(await payments()).toHaveLength(1)
    expect(refund_gateway.calls('POST /refunds')).toHaveLength(1)
  })

  test('when the answer of the gateway is lost', async () => {
    const { done, payments, refund_gateway } = await underFault('refund-answer-lost')
    expect(done.state).toBe('complete')
    const calls = refund_gateway.calls('POST /refunds')
    expect(calls.map(({ status }) => status)).toEqual([null, 201])
    expect(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(await payments()).toMatchObject([{ state: 'complete' }])
  })
})

describe('no refund is made', () => {
  test.for([
    ['too-much', 'check_refund_policy', 'REFUND_DENIED'],
    ['manager-denies', 'get_manager_approval', 'APPROVAL_DENIED'],
    ['ticket-closed', 'validate_refund_request', 'TICKET_CLOSED'],
  ] as const)('%s: %s ends with %s', async ([name, step, code]) => {
    const change = faultOf(processRefund, name).change?.(sample) ?? sample
    const { task, payments, stepOf, systems } = await ticket(change)
    faultOf(processRefund, name).inject?.(systems)
    const done = await task.runToEnd()
    expect(done.state).toBe('error')
    expect(await stepOf(step)).toMatchObject({ state: 'error', attempts: 1, error: { code } })
    expect(await payments()).toEqual([])
  })

  test('when the payment is not eligible; both tasks say why', async () => {
    const { done, payments, stepOf, helpdesk } = await underFault('payment-ineligible')
    expect(done.state).toBe('error')
    expect(await stepOf('update_ticket_status')).toMatchObject({
      attempts: 1,
      error: { code: 'REFUND_NOT_MADE' },
    })
    const [payment] = await payments()
    expect(payment).toMatchObject({ state: 'error' })
    expect(payment?.steps[0]).toMatchObject({ attempts: 1, error: { code: 'PAYMENT_INELIGIBLE' } })
    expect(helpdesk.calls('PUT /tickets/:id')).toEqual([])
  })

  test('for a ticket that nobody knows', async () => {
    const { task, stepOf } = await ticket({ ticket_id: 'INVALID-TICKET' })
    await task.runToEnd()
    expect(await stepOf('validate_refund_request')).toMatchObject({
      attempts: 1,
      error: { code: 'TICKET_NOT_FOUND', message: 'Ticket not found' },
    })
  })
})

describe('the payments team’s door', () => {
  test.for([
    [400, 'error'],
    [401, 'error'],
    [403, 'error'],
    [404, 'error'],
    [429, 'complete'],
    [500, 'complete'],
    [502, 'complete'],
    [503, 'complete'],
    [504, 'complete'],
  ] as const)('answers %i once: the task is %s', async ([status, end]) => {
    const { task, stepOf, payments_api } = await ticket()
    payments_api.inject('POST /tasker/tasks', { answer: { status }, times: 1 })
    const { state } = await task.runToEnd()
    expect(state).toBe(end)
    const attempts = end === 'error' ? 1 : 2
    expect(await stepOf('execute_refund_workflow')).toMatchObject({ attempts })
  })

  test.for([
    ['created without an id', { status: 'created' }, 'RESULT_PROCESSING_FAILED'],
    ['failed', { task_id: 'x', status: 'failed' }, 'DELEGATION_FAILED'],
    ['rejected', { task_id: 'x', status: 'rejected' }, 'DELEGATION_REJECTED'],
  ] as const)('that answers %s ends the step', async ([, body, code]) => {
    const { task, stepOf, payments_api } = await ticket()
    payments_api.stub('POST /tasker/tasks', { status: 201, body })
    await task.runToEnd()
    expect(await stepOf('execute_refund_workflow')).toMatchObject({ attempts: 1, error: { code } })
  })

  test('lets nobody in who does not say who he is, and refuses what the definition refuses', async () => {
    const { payments_api, payments } = await ticket()
    const ask = async (headers: Record<string, string>, body: object) => {
      const response = await fetch(`${payments_api.url}/tasker/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return response.status
    }
    const authorization = `Bearer ${doorToken}`
    const address = { namespace: 'payments', name: 'process_refund', version: '2.1.0' }
    expect(await ask({}, { ...address, context: {} })).toBe(401)
    expect(await ask({ authorization }, address)).toBe(400)
    expect(await ask({ authorization }, { ...address, context: {} })).toBe(422)
    expect(await ask({ authorization }, { ...address, version: '9.0.0', context: {} })).toBe(404)
    expect(await payments()).toEqual([])
  })
})

describe('the teams', () => {
  test('have a process of the same name side by side, each with its steps and its version', async () => {
    const { kit, definitions } = await openExample(processRefund)
    const payment = { payment_id: 'pay_1', refund_amount: 1 }
    const both = [
      await kit.create(definitions.payments, { context: payment }),
      await kit.create(definitions.customerSuccess, { context: sample }),
    ]
    const tasks = await Promise.all(both.map((each) => each.get()))
    expect(tasks.map((task) => [task.namespace, task.name, task.version, task.state])).toEqual([
      ['payments', 'process_refund', '2.1.0', 'pending'],
      ['customer_success', 'process_refund', '1.3.0', 'pending'],
    ])
    expect(tasks.map(({ steps }) => steps.map((step) => [step.name, step.retryLimit]))).toEqual([
      [
        ['validate_payment_eligibility', 3],
        ['process_gateway_refund', 2],
        ['update_payment_records', 3],
        ['notify_customer', 5],
      ],
      [
        ['validate_refund_request', 3],
        ['check_refund_policy', 2],
        ['get_manager_approval', 1],
        ['execute_refund_workflow', 3],
        ['update_ticket_status', 3],
      ],
    ])
  })

  test.for([
    ['The product was defective', 'customer_request'],
    ['', 'customer_request'],
    ['I was charged twice', 'system_error'],
    ['system_error', 'system_error'],
    ['Unauthorised card use', 'fraud'],
    ['fraud', 'fraud'],
    ['We dispute this charge', 'chargeback'],
    ['chargeback', 'chargeback'],
  ] as const)('understand each other: "%s" is %s', ([said, reason]) => {
    expect(reasonOf(said)).toBe(reason)
  })
})

describe('the gateway', () => {
  test.for([
    ['eligible', 15_001, 'REFUND_EXCEEDS_PAYMENT'],
    ['eligible', 0, 'INVALID_REFUND_AMOUNT'],
    ['ineligible', 1, 'PAYMENT_INELIGIBLE'],
    ['insufficient_funds', 1, 'INSUFFICIENT_FUNDS'],
  ] as const)('says %s for %i cents: ends with %s', async ([status, refund_amount, code]) => {
    const { kit, systems, definitions } = await openExample(processRefund)
    systems.refund_gateway.stub('GET /payments/:id/eligibility', {
      body: { status, original_amount: 15_000, payment_method: 'c', gateway_provider: 's' },
    })
    const done = await kit.run(definitions.payments, {
      context: { payment_id: 'pay_1', refund_amount },
    })
    expect(done.steps[0]).toMatchObject({ attempts: 1, error: { code } })
  })

  test.for(['processing', 'pending', 'a new word'])(
    'says %s: it is asked again',
    async (status) => {
      const { kit, systems, definitions } = await openExample(processRefund)
      systems.refund_gateway.inject('GET /payments/:id/eligibility', {
        answer: {
          body: { status, original_amount: 15_000, payment_method: 'c', gateway_provider: 's' },
        },
        times: 1,
      })
      const done = await kit.run(definitions.payments, {
        context: { payment_id: 'pay_1', refund_amount: 1, customer_email: 'a@example.com' },
      })
      expect(done).toMatchObject({ state: 'complete' })
      expect(done.steps[0]).toMatchObject({ attempts: 2 })
    },
  )

  test('of an id that is none of ours is not asked', async () => {
    const { kit, systems, definitions } = await openExample(processRefund)
    const context = { payment_id: 'pay-1/../2', refund_amount: 1 }
    const done = await kit.run(definitions.payments, { context })
    expect(done.steps[0]).toMatchObject({ error: { code: 'INVALID_PAYMENT_ID' } })
    expect(systems.refund_gateway.calls()).toEqual([])
  })
})
