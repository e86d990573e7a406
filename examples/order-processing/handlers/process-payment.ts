// Step 2: charges what the cart costs. A gateway that does not answer is asked again, with the same idempotency key, so that
// nobody pays twice; what no further attempt can cure ends the step at once.
import {
  expectOk,
  HttpError,
  PermanentError,
  RetryableError,
  type HttpResponse,
} from '@tasker/engine'
import { z } from 'zod'
import { readAnswer, type Service } from '../../answers.ts'
import type { Order } from '../context.ts'
import type { ValidatedCart } from './validate-cart.ts'

const charge = z.object({
  payment_id: z.string(),
  status: z.literal('succeeded'),
  amount_charged: z.number(),
  currency: z.string(),
  payment_method_type: z.string(),
  transaction_id: z.string(),
  processed_at: z.string(),
})

const refusal = z.object({ status: z.string() }).catch({ status: 'declined' })

export async function processPayment(
  { payment_info }: Order,
  { total }: ValidatedCart,
  gateway: Service,
) {
  const { method, amount, currency, token } = payment_info
  if (token === undefined || token === '') {
    throw new PermanentError('The payment has no token.', { code: 'MISSING_PAYMENT_TOKEN' })
  }
  if (Math.round(amount * 100) !== Math.round(total * 100)) {
    throw new PermanentError(`The cart costs ${total}, the payment is for ${amount}.`, {
      code: 'PAYMENT_AMOUNT_MISMATCH',
    })
  }
  const response = await ask(gateway, { amount: total, currency, method, token })
  if (response.status === 402) {
    const { status } = refusal.parse(response.body)
    throw new PermanentError(`The payment was refused: ${status}.`, { code: 'PAYMENT_DECLINED' })
  }
  const paid = readAnswer(charge, expectOk(response))
  return { ...paid, status: 'completed' }
}

export type Payment = Awaited<ReturnType<typeof processPayment>>

async function ask(
  { http, url }: Service,
  request: Readonly<Record<string, string | number>>,
): Promise<HttpResponse> {
  try {
    return await http.post(`${url}/charges`, request)
  } catch (error) {
    if (!(error instanceof HttpError && error.isSent)) throw error
    throw new RetryableError('No answer about the charge: it may have been made, or not.', {
      cause: error,
    })
  }
}
