// The order process as an example: its systems, its sample and what may go wrong. See README.md beside this file.
import type { JsonObject } from '@tasker/engine'
import { defineExample } from '../example.ts'
import { defineProcessOrder } from './definition.ts'
import sample from './sample-cart.json' with { type: 'json' }
import { checkoutSystems } from './systems.ts'

export const orderProcessing = defineExample({
  name: 'order-processing',
  shows: 'a chain of typed steps in TypeScript; a payment that fails once and recovers',
  task: 'ecommerce/process_order',
  context: sample,
  systems: checkoutSystems,
  define: (addresses) => ({ processOrder: defineProcessOrder(addresses) }),
  usualFault: 'payment-answer-lost',
  faults: {
    'payment-answer-lost': {
      shows: 'the gateway takes the money, and its answer is lost; asked again, it answers',
      inject: ({ payments }) =>
        payments.inject('POST /charges', {
          connection: 'reset',
          isActedOn: true,
          times: 1,
          timesOf: 'key',
        }),
    },
    'payment-fails-once': {
      shows: 'the gateway is out of service for one call',
      inject: ({ payments }) =>
        payments.inject('POST /charges', { answer: { status: 503 }, times: 1 }),
    },
    'payment-times-out': {
      shows: 'the gateway does not answer the first call at all',
      inject: ({ payments }) => payments.inject('POST /charges', { connection: 'hang', times: 1 }),
    },
    'payment-rate-limited': {
      shows: 'the gateway wants to be asked again in 5 s',
      inject: ({ payments }) =>
        payments.inject('POST /charges', {
          answer: { status: 429, headers: { 'retry-after': '5' } },
          times: 1,
        }),
    },
    'payment-declined': {
      shows: 'the card is declined: no further attempt',
      inject: ({ payments }) =>
        payments.stub('POST /charges', { status: 402, body: { status: 'card_declined' } }),
    },
    'amount-mismatch': {
      shows: 'the payment is for 100.00, the cart costs 124.76: nothing is charged',
      change: (order) => changePayment(order, { amount: 100 }),
    },
    'missing-token': {
      shows: 'the payment has no token: nothing is charged',
      change: (order) => changePayment(order, { token: '' }),
    },
    'inventory-short': {
      shows: 'somebody else was quicker: two attempts, then an operator is needed',
      inject: ({ inventory }) =>
        inventory.stub('PUT /reservations/:order/:line', {
          status: 409,
          body: { status: 'insufficient_stock' },
        }),
    },
    'mail-down': {
      shows: 'the mail service is out of service: five attempts in about 15 s',
      inject: ({ mail }) => mail.stub('POST /mails', { status: 503 }),
    },
  },
})

function changePayment(order: JsonObject, changes: JsonObject): JsonObject {
  const { payment_info } = order
  return { ...order, payment_info: { ...(payment_info as JsonObject), ...changes } } // of the sample
}
