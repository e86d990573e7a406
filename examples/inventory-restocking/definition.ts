// Restocking: what is low, how much of it, one order for each supplier at the same time, and what to expect when they deliver.
// There are as many steps `order_from_supplier[…]` as the context names suppliers.
import { defineTask, httpStep, type WaitOutcome } from '@tasker/engine'
import type { Addresses } from '../example.ts'
import { restockingContext } from './context.ts'
import { orderFromSupplier } from './order-from-supplier.ts'
import { identifyLowStock, ordersBySupplier, productList } from './stock.ts'
import type { RestockingSystems } from './systems.ts'

/** `addresses` are those of the systems: in production they come from the environment. */
export function defineRestocking({ STOCK_ROOM_URL, SUPPLIERS_URL }: Addresses<RestockingSystems>) {
  return defineTask({
    namespace: 'inventory',
    name: 'restocking',
    version: '1.0.0',
    description: 'Orders what is low from those who supply it',
    context: restockingContext,
  })
    .step(
      'monitor_stock_levels',
      { retry: { limit: 3 }, timeoutMs: 30_000, dependentSystem: 'inventory_system' },
      httpStep({
        baseUrl: STOCK_ROOM_URL,
        path: '/products',
        query: { limit: 100 },
        response: productList,
      }),
    )
    .step('identify_low_stock', { dependsOn: ['monitor_stock_levels'] }, ({ context, results }) =>
      identifyLowStock(results.monitor_stock_levels.products, context),
    )
    .step(
      'calculate_restock_quantities',
      { dependsOn: ['identify_low_stock'] },
      ({ context, results }) => ordersBySupplier(results.identify_low_stock, context.suppliers),
    )
    .expand(
      'order_from_supplier',
      {
        dependsOn: ['calculate_restock_quantities'],
        retry: { limit: 4 },
        timeoutMs: 30_000,
        dependentSystem: 'suppliers',
      },
      ({ suppliers }) => suppliers.map(({ id }) => ({ key: id, inputs: { supplier: id } })),
      ({ context, results, inputs, http, waitUntil }) =>
        orderFromSupplier({
          http,
          url: SUPPLIERS_URL,
          supplier: inputs.supplier,
          orders: results.calculate_restock_quantities.orders,
          lookAgain: (reason) =>
            waitUntil(new Date(Date.now() + context.look_again_seconds * 1_000), reason),
        }),
    )
    .step(
      'expect_deliveries',
      {
        dependsOn: ['identify_low_stock', 'order_from_supplier'],
        retry: { limit: 3 },
        dependentSystem: 'inventory_system',
      },
      httpStep({
        baseUrl: STOCK_ROOM_URL,
        path: ({ taskId }) => `/expected-deliveries/${taskId}`,
        method: 'PUT',
        body: ({ results }) => ({ deliveries: deliveriesOf(results.order_from_supplier) }),
        processResults: (_response, { results }) => {
          const deliveries = deliveriesOf(results.order_from_supplier)
          const stockOf = new Map(
            results.identify_low_stock.low_stock_products.map(({ id, stock }) => [id, stock]),
          )
          return {
            orders_confirmed: deliveries.length,
            updated_products: deliveries
              .flatMap(({ lines }) => lines)
              .map(({ product_id, quantity }) => {
                const previous_stock = stockOf.get(product_id) ?? 0
                return { product_id, previous_stock, expected_stock: previous_stock + quantity }
              }),
          }
        },
      }),
    )
}

type Ordered = Exclude<Awaited<ReturnType<typeof orderFromSupplier>>, WaitOutcome>

/** Null: an operator settled the step and left no result. */
const deliveriesOf = (ordered: Readonly<Record<string, Ordered | null>>) =>
  Object.values(ordered).filter((order) => order?.is_ordered === true)
