// The first steps of the customer success team: is the ticket one to work on, what does the policy say, who approves.
import { createHash } from 'node:crypto'
import { expectOk, PermanentError, type HandledTask, type StepSequence } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { RefundStep, requireStatus } from './refund-step.ts'

const asked = z.object({
  ticket_id: z.string(),
  customer_id: z.string(),
  refund_amount: z.int(),
  refund_reason: z.string().default(''),
  payment_id: z.string().nullable().default(null),
  customer_email: z.string().nullable().default(null),
})

const ticket = z.object({
  status: z.string(),
  customer_tier: z.string(),
  original_purchase_date: z.string(),
  payment_id: z.string().nullable().default(null),
  customer_email: z.string().nullable().default(null),
})

export class ValidateRefundRequest extends RefundStep {
  override async process({ context }: HandledTask) {
    const { ticket_id, customer_id, payment_id, customer_email } = asked.parse(context)
    const url = `${this.settings.url}/tickets/${encodeURIComponent(ticket_id)}`
    const response = await this.execution.http.get(url)
    if (response.status === 404) {
      throw new PermanentError('Ticket not found', { code: 'TICKET_NOT_FOUND' })
    }
    const found = readAnswer(ticket, expectOk(response))
    requireStatus(found.status, {
      of: 'The ticket',
      good: ['open', 'in_progress'],
      final: {
        closed: 'TICKET_CLOSED',
        cancelled: 'TICKET_CANCELLED',
        duplicate: 'TICKET_DUPLICATE',
      },
    })
    return {
      request_validated: true,
      ticket_id,
      customer_id,
      ticket_status: found.status,
      customer_tier: found.customer_tier,
      original_purchase_date: found.original_purchase_date,
      payment_id: payment_id ?? found.payment_id,
      customer_email: customer_email ?? found.customer_email,
      validation_timestamp: new Date().toISOString(),
    }
  }
}

const validated = z.object({ request_validated: z.literal(true), customer_tier: z.string() })

const policy = z.object({
  policy_version: z.string(),
  status: z.string(),
  requires_approval: z.boolean(),
  max_refund_amount: z.int(),
})

export class CheckRefundPolicy extends RefundStep {
  override async process({ context }: HandledTask, sequence: StepSequence) {
    const { refund_amount } = asked.parse(context)
    const { customer_tier } = this.resultsOf(sequence, 'validate_refund_request', validated)
    const query = { tier: customer_tier, amount: refund_amount }
    const url = `${this.settings.url}/policies/refund`
    const found = readAnswer(policy, expectOk(await this.execution.http.get(url, { query })))
    requireStatus(found.status, {
      of: `A refund of ${refund_amount} cents (at most ${found.max_refund_amount})`,
      good: ['approved', 'conditional_approval'],
      final: { denied: 'REFUND_DENIED' },
    })
    return {
      policy_compliant: true,
      policy_version: found.policy_version,
      evaluation_result: found.status,
      requires_approval: found.requires_approval,
      max_refund_amount: found.max_refund_amount,
    }
  }
}

const evaluated = z.object({ policy_compliant: z.literal(true), requires_approval: z.boolean() })
const requested = z.object({ approval_id: z.string() })
const decision = z.object({
  status: z.string(),
  approver_id: z.string().nullable().default(null),
  approver_name: z.string().nullable().default(null),
})

/** Asks once, then looks now and then whether a manager has decided. Waiting spends no attempt and holds no slot. */
export class GetManagerApproval extends RefundStep {
  override async process({ taskId, context }: HandledTask, sequence: StepSequence) {
    const { refund_amount, ticket_id } = asked.parse(context)
    const { requires_approval } = this.resultsOf(sequence, 'check_refund_policy', evaluated)
    if (!requires_approval) return autoApproval(taskId)
    const { url } = this.settings
    // The same key each time: the helpdesk makes one request of it, however often we look.
    const request = await this.execution.http.post(`${url}/approvals`, { ticket_id, refund_amount })
    const { approval_id } = readAnswer(requested, expectOk(request))
    const response = await this.execution.http.get(`${url}/approvals/${approval_id}`)
    const { status, approver_id, approver_name } = readAnswer(decision, expectOk(response))
    if (status === 'pending') return this.lookAgain(`no manager has decided on ${approval_id} yet`)
    requireStatus(status, {
      of: `The approval ${approval_id}`,
      good: ['approved'],
      final: { denied: 'APPROVAL_DENIED', expired: 'APPROVAL_EXPIRED' },
    })
    return {
      approval_obtained: true,
      approval_method: 'manager_approval',
      approval_id,
      approved_by: approver_id,
      approver_name,
      approved_at: new Date().toISOString(),
    }
  }
}

const autoApproval = (taskId: string) => ({
  approval_obtained: true,
  approval_method: 'auto_approval',
  approval_id: `auto_${createHash('sha256').update(taskId).digest('hex').slice(0, 16)}`,
  approved_by: 'system',
  approver_name: null,
  reason: 'policy_exemption',
  approved_at: new Date().toISOString(),
})
