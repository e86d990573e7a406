// The step of one supplier: places the order, then looks now and then whether the supplier can deliver. Both in one step, so
// that one who is slow, or says no, keeps none of the others.
import { expectOk, PermanentError, type HttpClient, type WaitOutcome } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../answers.ts'
import type { RestockOrders } from './stock.ts'

const placed = z.object({ order_id: z.string() })
const standing = z.object({
  status: z.enum(['received', 'confirmed', 'rejected']),
  delivery_date: z.string().nullable().default(null),
  reason: z.string().default('no reason was given'),
})

interface Ordering {
  readonly http: HttpClient
  /** Of the portal where all suppliers are. */
  readonly url: string
  readonly supplier: string
  readonly orders: RestockOrders['orders']
  readonly lookAgain: (reason: string) => WaitOutcome
}

export async function orderFromSupplier({ http, url, supplier, orders, lookAgain }: Ordering) {
  const order = orders.find((each) => each.supplier === supplier)
  if (order === undefined) return { supplier, is_ordered: false as const }
  const portal = `${url}/suppliers/${supplier}/purchase-orders`
  // The same key each time: one order, however often the step runs.
  const { order_id } = readAnswer(placed, expectOk(await http.post(portal, { lines: order.lines })))
  const { status, delivery_date, reason } = readAnswer(
    standing,
    expectOk(await http.get(`${portal}/${order_id}`)),
  )
  switch (status) {
    case 'received':
      return lookAgain(`${supplier} has not confirmed ${order_id} yet`)
    case 'rejected':
      throw new PermanentError(`${supplier} does not deliver: ${reason}.`, {
        code: 'SUPPLIER_REJECTED',
        context: { order_id },
      })
    case 'confirmed':
      return {
        supplier,
        is_ordered: true as const,
        order_id,
        delivery_date,
        lines: order.lines,
        estimated_cost: order.estimated_cost,
      }
    default:
      return status satisfies never
  }
}
