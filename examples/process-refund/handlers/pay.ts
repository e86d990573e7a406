// The steps of the payments team: is the payment eligible, give the money back, write it down, tell the customer.
import { expectOk, PermanentError, type HandledTask, type StepSequence } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { RefundStep, requireStatus } from './refund-step.ts'

const namespace = 'payments'
const asked = z.object({
  payment_id: z.string(),
  refund_amount: z.int(),
  refund_reason: z.string(),
  customer_email: z.string().optional(),
})

const eligibility = z.object({
  status: z.string(),
  original_amount: z.int(),
  payment_method: z.string(),
  gateway_provider: z.string(),
})

export class ValidatePaymentEligibility extends RefundStep {
  override async process({ context }: HandledTask) {
    const { payment_id, refund_amount } = asked.parse(context)
    if (refund_amount <= 0) {
      throw new PermanentError(`A refund of ${refund_amount} cents is none.`, {
        code: 'INVALID_REFUND_AMOUNT',
      })
    }
    if (!/^pay_[a-zA-Z0-9]+$/.test(payment_id)) {
      throw new PermanentError('The id of the payment is not one of ours.', {
        code: 'INVALID_PAYMENT_ID',
      })
    }
    const url = `${this.settings.url}/payments/${payment_id}/eligibility`
    const response = await this.execution.http.get(url, { query: { amount: refund_amount } })
    const found = readAnswer(eligibility, expectOk(response))
    requireStatus(found.status, {
      of: 'The payment',
      good: ['eligible'],
      final: { ineligible: 'PAYMENT_INELIGIBLE', insufficient_funds: 'INSUFFICIENT_FUNDS' },
    })
    const { original_amount, payment_method, gateway_provider, status } = found
    if (refund_amount > original_amount) {
      throw new PermanentError(`${refund_amount} cents are more than were paid.`, {
        code: 'REFUND_EXCEEDS_PAYMENT',
      })
    }
    return {
      payment_validated: true,
      payment_id,
      original_amount,
      refund_amount,
      payment_method,
      gateway_provider,
      eligibility_status: status,
      validation_timestamp: new Date().toISOString(),
      namespace,
    }
  }
}

const validated = z.object({
  payment_validated: z.literal(true),
  payment_id: z.string(),
  refund_amount: z.int(),
})

const refunded = z.object({
  refund_id: z.string(),
  status: z.string(),
  gateway_provider: z.string(),
  gateway_transaction_id: z.string(),
  processed_at: z.string(),
  estimated_arrival: z.string(),
})

export class ProcessGatewayRefund extends RefundStep {
  override async process({ context }: HandledTask, sequence: StepSequence) {
    const { refund_amount, refund_reason } = asked.parse(context)
    const payment = this.resultsOf(sequence, 'validate_payment_eligibility', validated)
    if (payment.refund_amount !== refund_amount) {
      throw new PermanentError('The amount is another one than was validated.', {
        code: 'AMOUNT_MISMATCH',
      })
    }
    const { payment_id } = payment
    // Asked again after a lost answer, the gateway knows the key and refunds once.
    const request = { payment_id, amount: refund_amount, reason: refund_reason }
    const response = await this.execution.http.post(`${this.settings.url}/refunds`, request)
    const refund = readAnswer(refunded, expectOk(response))
    requireStatus(refund.status, {
      of: 'The refund',
      good: ['processed', 'completed'],
      final: { failed: 'REFUND_FAILED' },
    })
    return {
      refund_processed: true,
      refund_id: refund.refund_id,
      payment_id,
      refund_amount,
      gateway_provider: refund.gateway_provider,
      gateway_refund_id: refund.gateway_transaction_id,
      refund_status: refund.status,
      estimated_arrival: refund.estimated_arrival,
      processing_time_seconds: Math.round(response.durationMs) / 1_000,
      processed_at: refund.processed_at,
      namespace,
    }
  }
}

const processed = z.object({
  refund_processed: z.literal(true),
  refund_id: z.string(),
  payment_id: z.string(),
  refund_amount: z.int(),
})

const recorded = z.object({
  payment_status: z.string(),
  audit_trail_id: z.string(),
  updated_at: z.string(),
})

export class UpdatePaymentRecords extends RefundStep {
  override async process(_task: HandledTask, sequence: StepSequence) {
    const { payment_id, refund_id, refund_amount } = this.resultsOf(
      sequence,
      'process_gateway_refund',
      processed,
    )
    const url = `${this.settings.url}/payments/records`
    const entry = { payment_id, refund_id, refund_amount }
    const record = readAnswer(recorded, expectOk(await this.execution.http.post(url, entry)))
    return {
      records_updated: true,
      payment_id,
      refund_id,
      payment_status: record.payment_status,
      audit_trail_id: record.audit_trail_id,
      updated_timestamp: record.updated_at,
      namespace,
    }
  }
}

const written = z.object({
  records_updated: z.literal(true),
  payment_id: z.string(),
  refund_id: z.string(),
})

const notified = z.object({ notification_id: z.string(), sent_at: z.string() })

export class NotifyCustomer extends RefundStep {
  override async process({ context }: HandledTask, sequence: StepSequence) {
    const { customer_email, refund_amount } = asked.parse(context)
    const { payment_id, refund_id } = this.resultsOf(sequence, 'update_payment_records', written)
    if (customer_email === undefined) {
      throw new PermanentError('Nobody said where the customer can be reached.', {
        code: 'MISSING_CUSTOMER_EMAIL',
      })
    }
    const template = this.config?.['notification_type'] ?? null
    const mail = { template, to: customer_email, payment_id, refund_id, refund_amount }
    const response = await this.execution.http.post(`${this.settings.url}/notifications`, mail)
    const { notification_id, sent_at } = readAnswer(notified, expectOk(response))
    return {
      customer_notified: true,
      notification_id,
      notification_channel: 'email',
      customer_email,
      sent_timestamp: sent_at,
      namespace,
    }
  }
}
