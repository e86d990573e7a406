// Restocking as an example: its systems, its sample and what may go wrong. See README.md beside this file.
import { defineExample } from '../example.ts'
import { defineRestocking } from './definition.ts'
import sample from './sample-run.json' with { type: 'json' }
import { restockingSystems } from './systems.ts'

const place = 'POST /suppliers/:supplier/purchase-orders'
const look = 'GET /suppliers/:supplier/purchase-orders/:id'
const of =
  (supplier: string) =>
  ({ params }: { readonly params: Readonly<Record<string, string>> }): boolean =>
    params['supplier'] === supplier

export const inventoryRestocking = defineExample({
  name: 'inventory-restocking',
  shows: 'as many steps as the request names suppliers, side by side; waiting for each of them',
  task: 'inventory/restocking',
  context: sample,
  systems: restockingSystems,
  define: (addresses) => ({ restocking: defineRestocking(addresses) }),
  faults: {
    'order-answer-lost': {
      shows: 'a supplier takes the order and the answer is lost: asked again, one order',
      inject: ({ suppliers }) =>
        suppliers.inject(place, {
          connection: 'reset',
          isActedOn: true,
          times: 1,
          when: of('glow'),
        }),
    },
    'supplier-down': {
      shows: 'a supplier is not there for two calls; the others go on',
      inject: ({ suppliers }) =>
        suppliers.inject(place, { answer: { status: 503 }, times: 2, when: of('nordhaus') }),
    },
    'supplier-rejects': {
      shows: 'a supplier does not deliver: the others do, and an operator decides',
      inject: ({ suppliers }) =>
        suppliers.inject(look, {
          answer: { body: { status: 'rejected', reason: 'sold out' } },
          when: of('voltline'),
        }),
    },
    'supplier-slow': {
      shows: 'a supplier takes its time to confirm',
      inject: ({ suppliers }) =>
        suppliers.inject(look, {
          answer: { body: { status: 'received' } },
          times: 3,
          when: of('fresh-fields'),
        }),
    },
    'stock-room-limits': {
      shows: 'the stock room wants to be asked again in 3 s',
      inject: ({ stock_room }) =>
        stock_room.inject('GET /products', {
          answer: { status: 429, headers: { 'retry-after': '3' } },
          times: 1,
        }),
    },
    'stock-makes-no-sense': {
      shows: 'the stock room answers with something else: tried again, then an operator is needed',
      inject: ({ stock_room }) =>
        stock_room.stub('GET /products', { body: { products: [{ id: 'one' }] } }),
    },
    'only-groceries': {
      shows: 'a category alone: four of the suppliers have nothing to do',
      change: (run) => ({ ...run, category: 'groceries' }),
    },
  },
})
