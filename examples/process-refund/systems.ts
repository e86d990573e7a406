// Stands for what the two teams call: the gateway and the records of the payments team, the mail to customers, the helpdesk
// with its tickets, its policy and its managers, and the payments team's own Tasker behind HTTP (task-door.ts).
import { z } from 'zod'
import { idFor, StubSystem, type StubAnswer, type StubCall } from '../stub-system.ts'
import { TaskDoor } from './task-door.ts'

const dayMs = 86_400_000
/** In cents. Above it, a manager decides. */
const approvalAbove = 10_000
const maxByTier: Readonly<Record<string, number>> = { premium: 50_000, standard: 20_000 }
const maxOfOthers = 10_000
/** A manager has decided when asked for the so-manieth time. */
const decidesAtLook = 2

/** Fresh ones, not yet started. */
export function refundSystems() {
  return {
    refund_gateway: new StubSystem('refund_gateway', {
      'GET /payments/:id/eligibility': () => ({
        body: {
          status: 'eligible',
          original_amount: 15_000,
          payment_method: 'credit_card',
          gateway_provider: 'stripe',
        },
      }),
      'POST /refunds': refund,
    }),
    payment_records: new StubSystem('payment_records', {
      'POST /payments/records': (call) => ({
        status: 201,
        body: {
          payment_status: 'partially_refunded',
          audit_trail_id: idFor('audit', call),
          updated_at: call.at.toISOString(),
        },
      }),
    }),
    customer_mail: new StubSystem('customer_mail', {
      'POST /notifications': (call) => ({
        status: 202,
        body: { notification_id: idFor('notif', call), sent_at: call.at.toISOString() },
      }),
    }),
    helpdesk: helpdesk(),
    payments_api: new TaskDoor('payments_api'),
  }
}

export type RefundSystems = ReturnType<typeof refundSystems>

const refundRequest = z.object({ payment_id: z.string(), amount: z.int(), reason: z.string() })

function refund(call: StubCall): StubAnswer {
  const { payment_id, amount } = refundRequest.parse(call.body)
  return {
    status: 201,
    body: {
      refund_id: idFor('ref', call),
      payment_id,
      amount,
      currency: 'usd',
      status: 'completed',
      gateway_provider: 'stripe',
      gateway_transaction_id: idFor('gtx', call).slice(0, 'gtx_'.length + 12),
      processed_at: call.at.toISOString(),
      estimated_arrival: new Date(call.at.getTime() + 3 * dayMs).toISOString(),
    },
  }
}

function helpdesk(): StubSystem {
  const looks = new Map<string, number>()
  return new StubSystem('helpdesk', {
    'GET /tickets/:id': ({ params: { id = '' } }) => {
      if (id === 'INVALID-TICKET') return { status: 404, body: { error: 'Ticket not found' } }
      const body = {
        status: 'open',
        customer_tier: 'standard',
        original_purchase_date: '2024-01-15',
        payment_id: 'pay_987654321',
        customer_email: 'customer@example.com',
      }
      return { body }
    },
    'GET /policies/refund': ({ query }) => {
      const { tier = '', amount = '' } = query
      const max_refund_amount = maxByTier[tier] ?? maxOfOthers
      const isWithin = Number(amount) <= max_refund_amount
      const requires_approval = Number(amount) > approvalAbove
      const status = isWithin ? 'approved' : 'denied'
      return { body: { policy_version: '2.1.0', status, requires_approval, max_refund_amount } }
    },
    'POST /approvals': (call) => {
      const approval_id = `APPR-${idFor('', call).slice(-8).toUpperCase()}`
      return { status: 201, body: { approval_id } }
    },
    'GET /approvals/:id': ({ params: { id = '' } }) => {
      const look = (looks.get(id) ?? 0) + 1
      looks.set(id, look)
      if (look < decidesAtLook) return { body: { status: 'pending' } }
      return { body: { status: 'approved', approver_id: 'MGR-001', approver_name: 'Jane Manager' } }
    },
    'PUT /tickets/:id': ({ body, at }) => ({
      body: { ...z.looseObject({}).parse(body), updated_at: at.toISOString() },
    }),
  })
}
