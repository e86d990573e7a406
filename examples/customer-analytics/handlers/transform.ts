// The two transforms: orders by customer, orders by product. Refunded orders bring no revenue. The metrics are kept in the
// warehouse too.
import {
  PermanentError,
  StepHandler,
  type HandledTask,
  type Json,
  type StepSequence,
} from '@tasker/engine'
import { z } from 'zod'
import {
  cents,
  dollars,
  orderRecords,
  productRecords,
  userRecords,
  type CustomerMetric,
  type OrderRecord,
  type ProductMetric,
} from '../shapes.ts'
import { askSystem } from './ask-system.ts'

/** Asked for in the context; what is not, is not demanded. */
const thresholds = z
  .object({
    min_customer_records: z.int().default(0),
    min_order_records: z.int().default(1),
    max_null_percentage: z.number().default(1),
  })
  .prefault({})

abstract class Transform extends StepHandler {
  protected async keep(of: string, { context }: HandledTask, metrics: Json[]) {
    const url = z.string().parse(this.config?.['url'])
    const { start_date, end_date } = z
      .object({ start_date: z.string(), end_date: z.string() })
      .parse(context['date_range'])
    const asking = { what: `Transformation of ${of}`, refusedAs: 'WAREHOUSE_AUTH_FAILED' }
    const address = `${url}/metrics/${of}/${start_date}_${end_date}`
    await askSystem(asking, () => this.execution.http.put(address, metrics))
    return { records_produced: metrics.length }
  }
}

export class TransformCustomerMetrics extends Transform {
  override async process(task: HandledTask, sequence: StepSequence) {
    const users = userRecords.parse(
      this.getPreviousStepData(sequence, 'extract_users', 'users_data'),
    )
    const { min_customer_records } = thresholds.parse(task.context['quality_thresholds'])
    demand(users.length, min_customer_records, 'customers')
    const known = new Set(users.map(({ id }) => id))
    const orders = ordersIn(
      this.getPreviousStepData(sequence, 'extract_orders', 'orders_data'),
      task,
      ({ user_id }) => known.has(user_id),
    )
    const customer_metrics: CustomerMetric[] = users.map(({ id, name, email, segment }) => {
      const summary = summarize(orders.filter((order) => order.user_id === id))
      const { completed_orders: count, total_revenue } = summary
      const avg_order_value = count === 0 ? 0 : dollars(Math.round(cents(total_revenue) / count))
      return { user_id: id, name, email, segment, ...summary, avg_order_value }
    })
    return {
      customer_metrics,
      transformation_metadata: await this.keep('customers', task, customer_metrics),
      transformed_at: new Date().toISOString(),
    }
  }
}

export class TransformProductMetrics extends Transform {
  override async process(task: HandledTask, sequence: StepSequence) {
    const products = productRecords.parse(
      this.getPreviousStepData(sequence, 'extract_products', 'products_data'),
    )
    const known = new Set(products.map(({ id }) => id))
    const orders = ordersIn(
      this.getPreviousStepData(sequence, 'extract_orders', 'orders_data'),
      task,
      ({ product_id }) => known.has(product_id),
    )
    const product_metrics: ProductMetric[] = products.map(({ id, name, category }) => {
      const summary = summarize(orders.filter((order) => order.product_id === id))
      const share = summary.total_orders === 0 ? 0 : summary.completed_orders / summary.total_orders
      const conversion_rate = Math.round(share * 10_000) / 100
      return { product_id: id, name, category, ...summary, conversion_rate }
    })
    return {
      product_metrics,
      transformation_metadata: await this.keep('products', task, product_metrics),
      transformed_at: new Date().toISOString(),
    }
  }
}

function ordersIn(
  result: Json,
  { context }: HandledTask,
  isKnown: (order: OrderRecord) => boolean,
): readonly OrderRecord[] {
  const orders = orderRecords.parse(result)
  const wanted = thresholds.parse(context['quality_thresholds'])
  demand(orders.length, wanted.min_order_records, 'orders')
  const unknown = orders.filter((order) => !isKnown(order)).length / orders.length
  if (unknown <= wanted.max_null_percentage) return orders
  throw new PermanentError(
    `${Math.round(unknown * 100)} % of the orders belong to nothing known.`,
    {
      code: 'INSUFFICIENT_DATA',
    },
  )
}

function demand(found: number, wanted: number, what: string): void {
  if (found >= wanted) return
  throw new PermanentError(`There are ${found} ${what} in this period, ${wanted} are needed.`, {
    code: 'INSUFFICIENT_DATA',
  })
}

function summarize(orders: readonly OrderRecord[]) {
  const completed = orders.filter(({ status }) => status === 'completed')
  return {
    total_orders: orders.length,
    completed_orders: completed.length,
    total_revenue: dollars(completed.reduce((sum, { amount }) => sum + cents(amount), 0)),
  }
}
