// Stands for a payment gateway. It takes the money at the first call, and its answer gets lost; the
// second call with the same idempotency key gets the answer of the first, and nobody pays twice.
import { callTakes, idFor, type Attempt } from './attempt.ts'

export interface ChargeRequest extends Attempt {
  readonly amountCents: number
  readonly token: string
  readonly attempt: number
}

export interface Charge {
  readonly paymentId: string
  readonly transactionId: string
  readonly amountCents: number
}

export class GatewayTimeout extends Error {
  override readonly name = 'GatewayTimeout'
}

const answersFromAttempt = 2

export async function charge({ amountCents, attempt, ...call }: ChargeRequest): Promise<Charge> {
  await callTakes(150, call.signal)
  if (attempt < answersFromAttempt) {
    throw new GatewayTimeout('the payment gateway did not answer within 150 ms')
  }
  return {
    paymentId: idFor('pay', call.idempotencyKey),
    transactionId: idFor('txn', call.idempotencyKey),
    amountCents,
  }
}
