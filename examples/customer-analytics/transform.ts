// The two transforms: orders by customer, orders by product. Refunded orders bring no revenue.
import {
  PermanentError,
  StepHandler,
  type HandledTask,
  type Json,
  type StepSequence,
} from '@tasker/engine'
import {
  dollars,
  orderRecords,
  productRecords,
  userRecords,
  type CustomerMetric,
  type OrderRecord,
  type ProductMetric,
} from './shapes.ts'

export class TransformCustomerMetrics extends StepHandler {
  override process(_task: HandledTask, sequence: StepSequence) {
    const orders = ordersIn(this.getPreviousStepData(sequence, 'extract_orders', 'orders_data'))
    const users = userRecords.parse(
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
    const products = productRecords.parse(
      this.getPreviousStepData(sequence, 'extract_products', 'products_data'),
    )
    const product_metrics: ProductMetric[] = products.map(({ id, name, category }) => {
      const summary = summarize(orders.filter((order) => order.product_id === id))
      const share = summary.total_orders === 0 ? 0 : summary.completed_orders / summary.total_orders
      return {
        product_id: id,
        name,
        category,
        ...summary,
        conversion_rate: Math.round(share * 10_000) / 100,
      }
    })
    return { product_metrics }
  }
}

function ordersIn(result: Json): readonly OrderRecord[] {
  const orders = orderRecords.parse(result)
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
