// The two transforms: orders by customer, orders by product. Refunded orders bring no revenue.
import { PermanentError, StepHandler, type HandledTask, type StepSequence } from '@tasker/engine'
import { asMade, dollars, type CustomerMetric, type ProductMetric } from './shapes.ts'
import type { OrderRecord, ProductRecord, UserRecord } from './warehouse.ts'

export class TransformCustomerMetrics extends StepHandler {
  override process(_task: HandledTask, sequence: StepSequence) {
    const orders = ordersIn(this.getPreviousStepData(sequence, 'extract_orders', 'orders_data'))
    const users = asMade<readonly UserRecord[]>(
      this.getPreviousStepData(sequence, 'extract_users', 'users_data'),
    )
    const customer_metrics: CustomerMetric[] = users.map(({ id, name, segment }) => ({
      user_id: id,
      name,
      segment,
      ...summarize(orders.filter((order) => order.user_id === id)),
    }))
    return { customer_metrics }
  }
}

export class TransformProductMetrics extends StepHandler {
  override process(_task: HandledTask, sequence: StepSequence) {
    const orders = ordersIn(this.getPreviousStepData(sequence, 'extract_orders', 'orders_data'))
    const products = asMade<readonly ProductRecord[]>(
      this.getPreviousStepData(sequence, 'extract_products', 'products_data'),
    )
    const product_metrics: ProductMetric[] = products.map(({ id, name, category }) => {
      const summary = summarize(orders.filter((order) => order.product_id === id))
      const share = summary.total_orders === 0 ? 0 : summary.completed_orders / summary.total_orders
      return {
        ...{ product_id: id, name, category, ...summary },
        conversion_rate: Math.round(share * 10_000) / 100,
      }
    })
    return { product_metrics }
  }
}

function ordersIn(result: Parameters<typeof asMade>[0]): readonly OrderRecord[] {
  const orders = asMade<readonly OrderRecord[]>(result)
  if (orders.length > 0) return orders
  throw new PermanentError('There are no orders in this period.', { code: 'INSUFFICIENT_DATA' })
}

function summarize(orders: readonly OrderRecord[]) {
  const completed = orders.filter(({ status }) => status === 'completed')
  return {
    total_orders: orders.length,
    completed_orders: completed.length,
    total_revenue: dollars(completed.reduce((sum, { cents }) => sum + cents, 0)),
  }
}
