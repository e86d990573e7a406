// The end of the pipeline: the dashboard, then the people who asked for it.
import { PermanentError, StepHandler, type HandledTask, type StepSequence } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'
import { dateRange, insightsOf, type CustomerMetric } from '../shapes.ts'
import { askSystem } from './ask-system.ts'

const dashboard = z.object({
  dashboard_id: z.string(),
  url: z.string(),
  sections: z.array(z.string()),
})

export class UpdateDashboard extends StepHandler {
  override async process({ context }: HandledTask, sequence: StepSequence) {
    const insights = insightsOf.parse(
      this.getPreviousStepData(sequence, 'generate_insights', 'insights'),
    )
    const url = z.string().parse(this.config?.['url'])
    const month = dateRange.parse(context['date_range']).end_date.slice(0, 7).replace('-', '_')
    const sections = {
      customer_metrics: insights.top_customers,
      product_performance: insights.top_products,
      revenue_insights: insights.category_performance,
      segment_analysis: insights.segment_analysis,
    }
    const asking = { what: 'Dashboard update', refusedAs: 'DASHBOARD_AUTH_FAILED' }
    const response = await askSystem(asking, () =>
      this.execution.http.put(`${url}/dashboards/executive_dashboard_${month}`, { sections }),
    )
    return {
      dashboard_update: readAnswer(dashboard, response),
      dashboard_metadata: { sections_updated: Object.keys(sections).length },
      updated_at: new Date().toISOString(),
    }
  }
}

const messages = z.object({
  messages: z.array(
    z.object({
      channel: z.string(),
      message_id: z.string(),
      status: z.literal('delivered'),
      sent_at: z.string(),
    }),
  ),
})

export class SendNotifications extends StepHandler {
  override async process({ context }: HandledTask, sequence: StepSequence) {
    const shown = dashboard.parse(
      this.getPreviousStepData(sequence, 'update_dashboard', 'dashboard_update'),
    )
    const { top_customers } = insightsOf
      .pick({ top_customers: true })
      .parse(this.getPreviousStepData(sequence, 'generate_insights', 'insights'))
    const channels = channelsIn(context['notification_channels'])
    const summary = `${sentenceOf(top_customers)} All of it: ${shown.url}`
    const url = z.string().parse(this.config?.['url'])
    const asking = { what: 'Notification sending', refusedAs: 'NOTIFICATION_AUTH_FAILED' }
    const response = await askSystem(asking, () =>
      this.execution.http.post(`${url}/messages`, { channels, text: summary }),
    )
    const { messages: notifications_sent } = readAnswer(messages, response)
    return {
      notifications_sent,
      notification_metadata: { channels_notified: notifications_sent.length, summary },
      sent_at: new Date().toISOString(),
    }
  }
}

function channelsIn(asked: unknown): string[] {
  const channels = z.array(z.string().startsWith('#')).safeParse(asked)
  if (!channels.success) {
    throw new PermanentError('A channel begins with "#".', {
      code: 'INVALID_NOTIFICATION_CHANNELS',
    })
  }
  if (channels.data.length > 0) return channels.data
  throw new PermanentError('There is nobody to tell.', { code: 'MISSING_NOTIFICATION_CHANNELS' })
}

function sentenceOf([best]: readonly CustomerMetric[]): string {
  return best === undefined
    ? 'Nobody ordered anything.'
    : `The best customer was ${best.name} with $${best.total_revenue}.`
}
