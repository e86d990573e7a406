// The checkout that is watched, as an example: the systems of order-processing. See README.md beside this file.
import { defineExample } from '../example.ts'
import { checkoutSystems } from '../order-processing/systems.ts'
import { defineMonitoredCheckout } from './definition.ts'
import sample from './sample-checkout.json' with { type: 'json' }

export const monitoredCheckout = defineExample({
  name: 'monitored-checkout',
  shows: 'API steps as functions; subscribers that turn events into business metrics',
  task: 'blog_examples/monitored_checkout',
  context: sample,
  systems: checkoutSystems,
  define: (addresses) => ({ monitoredCheckout: defineMonitoredCheckout(addresses) }),
  faults: {
    'inventory-conflict': {
      shows: 'what was paid for is sold out: no further attempt, and revenue is lost',
      inject: ({ inventory }) => inventory.stub('PUT /reservations/:order/:line', { status: 409 }),
    },
    'payment-slow': {
      shows: 'the gateway takes 2 s',
      inject: ({ payments }) => payments.inject('POST /charges', { delayMs: 2_000 }),
    },
    'mail-down': {
      shows: 'the mail service is out of service: three attempts',
      inject: ({ mail }) => mail.stub('POST /mails', { status: 503 }),
    },
  },
})
