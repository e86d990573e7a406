// The last steps of the customer success team: has the payments team make the refund, waits for what becomes of it, and resolves
// the ticket.
import { createHash } from 'node:crypto'
import { expectOk, PermanentError, type HandledTask, type StepSequence } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { RefundStep, requireStatus } from './refund-step.ts'

const asked = z.object({
  ticket_id: z.string(),
  refund_amount: z.int(),
  refund_reason: z.string().default(''),
  correlation_id: z.string().optional(),
})

const approved = z.object({
  approval_obtained: z.literal(true),
  approval_id: z.string(),
  approval_method: z.string(),
})

const validated = z.object({
  payment_id: z.string().nullable(),
  customer_email: z.string().nullable(),
})

const created = z.object({ task_id: z.string().min(1), status: z.string() })

/**
 * Creates the task of the payments team. The step's key goes along, so a creation whose answer was lost is found again, not
 * repeated: one refund.
 */
export class ExecuteRefundWorkflow extends RefundStep {
  override async process({ taskId, context }: HandledTask, sequence: StepSequence) {
    const { ticket_id, refund_amount, refund_reason, correlation_id } = asked.parse(context)
    const { approval_id } = this.resultsOf(sequence, 'get_manager_approval', approved)
    const { payment_id, customer_email } = this.resultsOf(
      sequence,
      'validate_refund_request',
      validated,
    )
    if (payment_id === null) {
      throw new PermanentError('Nobody said which payment it is about.', {
        code: 'MISSING_PAYMENT_ID',
      })
    }
    const { url, token, target_namespace, target_workflow, target_version } = this.settings
    const correlationId = correlation_id ?? correlationIdOf(taskId)
    const response = await this.execution.http.post(
      `${url}/tasker/tasks`,
      {
        namespace: target_namespace,
        name: target_workflow,
        version: target_version,
        context: {
          payment_id,
          refund_amount,
          refund_reason: reasonOf(refund_reason),
          initiated_by: 'customer_success',
          approval_id,
          ticket_id,
          correlation_id: correlationId,
          ...(customer_email === null ? {} : { customer_email }),
        },
      },
      { headers: { authorization: `Bearer ${token}`, 'x-correlation-id': correlationId } },
    )
    const delegated = readAnswer(created, expectOk(response))
    requireStatus(delegated.status, {
      of: 'The task of the payments team',
      good: ['created', 'queued'],
      final: { failed: 'DELEGATION_FAILED', rejected: 'DELEGATION_REJECTED' },
    })
    return {
      task_delegated: true,
      target_namespace,
      target_workflow,
      delegated_task_id: delegated.task_id,
      delegated_task_status: delegated.status,
      delegation_timestamp: new Date().toISOString(),
      correlation_id: correlationId,
    }
  }
}

/** The same on every attempt. */
const correlationIdOf = (taskId: string): string =>
  `cs-${createHash('sha256').update(taskId).digest('hex').slice(0, 16)}`

/** What the customer says, in the words of the payments team. */
export function reasonOf(said: string): string {
  const words = said.toLowerCase().replaceAll('_', ' ')
  const [reason = 'customer_request'] = meanings.find(([, pattern]) => pattern.test(words)) ?? []
  return reason
}

const meanings: readonly (readonly [string, RegExp])[] = [
  ['chargeback', /charge ?back|dispute/],
  ['fraud', /fraud|unauthori[sz]ed|stolen/],
  ['system_error', /system error|duplicate|charged twice|billing|technical/],
]

const delegation = z.object({
  task_delegated: z.literal(true),
  delegated_task_id: z.string(),
  correlation_id: z.string(),
})
const checked = z.object({ policy_version: z.string() })

const paymentsTask = z.object({
  state: z.string(),
  is_ended: z.boolean(),
  failed_step: z.string().nullable(),
  results: z.looseObject({
    process_gateway_refund: z
      .object({ refund_id: z.string(), refund_status: z.string(), refund_amount: z.int() })
      .optional(),
  }),
})

const updated = z.object({ status: z.string(), updated_at: z.string() })

/** Waits until the task of the payments team has ended, then resolves the ticket with what came of it. */
export class UpdateTicketStatus extends RefundStep {
  override async process({ context }: HandledTask, sequence: StepSequence) {
    const { ticket_id } = asked.parse(context)
    const delegated = this.resultsOf(sequence, 'execute_refund_workflow', delegation)
    const { approval_method, approval_id } = this.resultsOf(
      sequence,
      'get_manager_approval',
      approved,
    )
    const { policy_version } = this.resultsOf(sequence, 'check_refund_policy', checked)
    const { delegated_task_id, correlation_id } = delegated

    const { url, payments_url, token } = this.settings
    const asking = { headers: { authorization: `Bearer ${token}` } }
    const taskUrl = `${payments_url}/tasker/tasks/${delegated_task_id}`
    const task = readAnswer(paymentsTask, expectOk(await this.execution.http.get(taskUrl, asking)))
    if (!task.is_ended) return this.lookAgain(`the refund task is ${task.state}`)
    const refund = task.results.process_gateway_refund
    if (task.state !== 'complete' || refund === undefined) {
      throw new PermanentError(
        `The payments team's task ended in ${task.state}, at ${task.failed_step ?? 'no step'}.`,
        { code: 'REFUND_NOT_MADE', context: { delegated_task_id } },
      )
    }
    const change = {
      status: 'resolved',
      resolution_data: {
        resolution_type: 'automated_refund',
        delegated_task_id,
        correlation_id,
        processed_via: 'payments_team_workflow',
        ...refund,
      },
      internal_notes: `Policy ${policy_version}; ${approval_method} ${approval_id}; refunded by the payments team.`,
      customer_message: `Your refund (${delegated_task_id}) was made. It arrives within 3–5 business days.`,
    }
    const ticketUrl = `${url}/tickets/${encodeURIComponent(ticket_id)}`
    const ticket = readAnswer(updated, expectOk(await this.execution.http.put(ticketUrl, change)))
    requireStatus(ticket.status, {
      of: 'The ticket',
      good: ['resolved', 'closed'],
      final: { error: 'TICKET_NOT_RESOLVED' },
    })
    return {
      ticket_updated: true,
      ticket_id,
      ticket_status: ticket.status,
      ...refund,
      delegated_task_id,
      correlation_id,
      updated_at: ticket.updated_at,
    }
  }
}
