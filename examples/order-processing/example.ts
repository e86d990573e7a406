// The order process as an example: see README.md beside this file.
import { defineExample } from '../example.ts'
import { processOrder } from './definition.ts'
import context from './sample-cart.json' with { type: 'json' }

export const orderProcessing = defineExample({
  name: 'order-processing',
  shows: 'a chain of typed steps in TypeScript; a payment that fails once and recovers',
  task: 'ecommerce/process_order',
  context,
  systems: () => ({}),
  define: () => ({ processOrder }),
  faults: {},
})
