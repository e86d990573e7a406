// Step 2: charges what the cart costs. A gateway that does not answer is asked again; what no further
// attempt can cure ends the step at once.
import { PermanentError, RetryableError } from '@tasker/engine'
import type { Attempt } from '../attempt.ts'
import type { Order } from '../context.ts'
import { charge, GatewayTimeout, type Charge, type ChargeRequest } from '../payment-gateway.ts'
import type { ValidatedCart } from './validate-cart.ts'

export async function processPayment(
  { payment_info }: Order,
  cart: ValidatedCart,
  call: Attempt & { readonly attempt: number },
) {
  const { method, amount, currency, token } = payment_info
  if (token === undefined || token === '') {
    throw new PermanentError('The payment has no token.', { code: 'MISSING_PAYMENT_TOKEN' })
  }
  const amountCents = Math.round(cart.total * 100)
  if (Math.round(amount * 100) !== amountCents) {
    throw new PermanentError(`The cart costs ${cart.total}, the payment is for ${amount}.`, {
      code: 'PAYMENT_AMOUNT_MISMATCH',
    })
  }
  const { paymentId, transactionId } = await chargeOrRetry({ ...call, amountCents, token })
  return {
    payment_id: paymentId,
    transaction_id: transactionId,
    amount_charged: amountCents / 100,
    currency,
    payment_method_type: method,
    status: 'completed',
    paid_items: cart.validated_items,
    processed_at: new Date().toISOString(),
  }
}

export type Payment = Awaited<ReturnType<typeof processPayment>>

async function chargeOrRetry(request: ChargeRequest): Promise<Charge> {
  try {
    return await charge(request)
  } catch (error) {
    if (!(error instanceof GatewayTimeout)) throw error
    throw new RetryableError(`No answer about the charge: ${error.message}`, { cause: error })
  }
}
