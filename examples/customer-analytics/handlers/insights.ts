// What the period was like, from both metrics. No system is asked.
import { StepHandler, type HandledTask, type StepSequence } from '@tasker/engine'
import {
  cents,
  customerMetrics,
  dollars,
  productMetrics,
  type CustomerMetric,
  type ProductMetric,
} from '../shapes.ts'

export class GenerateInsights extends StepHandler {
  override process(_task: HandledTask, sequence: StepSequence) {
    const customers = customerMetrics.parse(
      this.getPreviousStepData(sequence, 'transform_customer_metrics', 'customer_metrics'),
    )
    const products = productMetrics.parse(
      this.getPreviousStepData(sequence, 'transform_product_metrics', 'product_metrics'),
    )
    const insights = {
      top_customers: topThree(customers),
      top_products: topThree(products),
      segment_analysis: {
        premium_customers: countOf(customers, 'premium'),
        standard_customers: countOf(customers, 'standard'),
      },
      category_performance: revenueByCategory(products),
    }
    return {
      insights,
      insights_metadata: { insights_count: Object.keys(insights).length },
      generated_at: new Date().toISOString(),
    }
  }
}

function topThree<Metric extends { readonly total_revenue: number }>(metrics: readonly Metric[]) {
  return metrics.toSorted((a, b) => b.total_revenue - a.total_revenue).slice(0, 3)
}

function countOf(customers: readonly CustomerMetric[], segment: CustomerMetric['segment']): number {
  return customers.filter((customer) => customer.segment === segment).length
}

function revenueByCategory(products: readonly ProductMetric[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { category, total_revenue } of products) {
    sums[category] = (sums[category] ?? 0) + cents(total_revenue)
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, dollars(sum)]))
}
