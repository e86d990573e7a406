// What the period was like, from both metrics; then the dashboard and the people who asked for it.
import { PermanentError, StepHandler, type HandledTask, type StepSequence } from '@tasker/engine'
import { z } from 'zod'
import { customerMetrics, dollars, productMetrics, type ProductMetric } from './shapes.ts'

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
      customers_by_segment: countBy(customers.map(({ segment }) => segment)),
      revenue_by_category: revenueByCategory(products),
    }
    return { insights, insights_count: Object.keys(insights).length }
  }
}

export class UpdateDashboard extends StepHandler {
  override process(_task: HandledTask, sequence: StepSequence) {
    const count = this.getPreviousStepData(sequence, 'generate_insights', 'insights_count')
    const url = this.config?.['url']
    if (typeof url !== 'string') {
      throw new PermanentError('The dashboard has no url.', { code: 'DASHBOARD_NOT_CONFIGURED' })
    }
    return { dashboard_url: `${url}/executive`, insights_shown: count }
  }
}

export class SendNotifications extends StepHandler {
  override process({ context }: HandledTask, sequence: StepSequence) {
    const url = z
      .url()
      .parse(this.getPreviousStepData(sequence, 'update_dashboard', 'dashboard_url'))
    const channels = z.array(z.string()).parse(context['notification_channels'])
    return {
      notifications_sent: channels.map((channel) => ({ channel, status: 'delivered' })),
      summary: `The metrics of the period are on ${url}.`,
    }
  }
}

function topThree(metrics: readonly { readonly name: string; readonly total_revenue: number }[]) {
  const sorted = metrics.toSorted((a, b) => b.total_revenue - a.total_revenue)
  return sorted.slice(0, 3).map(({ name, total_revenue }) => ({ name, total_revenue }))
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

function revenueByCategory(products: readonly ProductMetric[]): Record<string, number> {
  const cents: Record<string, number> = {}
  for (const { category, total_revenue } of products) {
    cents[category] = (cents[category] ?? 0) + Math.round(total_revenue * 100)
  }
  return Object.fromEntries(Object.entries(cents).map(([name, sum]) => [name, dollars(sum)]))
}
