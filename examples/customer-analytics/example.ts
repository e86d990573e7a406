// The customer analytics pipeline as an example: its systems, its sample and what may go wrong. See README.md.
import { defineExample } from '../example.ts'
import { defineCustomerAnalytics } from './definition.ts'
import sample from './sample-period.json' with { type: 'json' }
import { analyticsSystems } from './systems.ts'

export const customerAnalytics = defineExample({
  name: 'customer-analytics',
  shows: 'a graph of steps in YAML with class handlers; steps that overlap',
  task: 'blog_examples/customer_analytics',
  context: sample,
  systems: analyticsSystems,
  define: async (addresses) => ({ customerAnalytics: await defineCustomerAnalytics(addresses) }),
  faults: {
    'extract-times-out': {
      shows: 'the warehouse cannot reach its database: the other two extracts go on',
      inject: ({ warehouse }) =>
        warehouse.stub('GET /orders', {
          status: 504,
          body: { error: 'Database connection timeout' },
        }),
    },
    'extract-fails-once': {
      shows: 'the CRM resets the connection once',
      inject: ({ crm }) => crm.inject('GET /users', { connection: 'reset', times: 1 }),
    },
    'transform-fails': {
      shows: 'the warehouse has no memory left for the metrics of customers',
      inject: ({ warehouse }) =>
        warehouse.inject('PUT /metrics/:of/:period', {
          answer: { status: 503, body: { error: 'Out of memory during transformation' } },
          when: ({ params }) => params['of'] === 'customers',
        }),
    },
    'dashboard-refuses': {
      shows: 'the dashboard does not know us any more: no further attempt',
      inject: ({ dashboard }) =>
        dashboard.stub('PUT /dashboards/:id', {
          status: 401,
          body: { error: 'Dashboard API authentication failed' },
        }),
    },
    'notifications-limited': {
      shows: 'the chat has had enough: five attempts, each as late as it says',
      inject: ({ chat }) =>
        chat.stub('POST /messages', {
          status: 429,
          headers: { 'retry-after': '2' },
          body: { error: 'Slack API rate limit exceeded' },
        }),
    },
    'no-orders': {
      shows: 'a period without orders: nothing to make metrics of',
      change: (period) => ({
        ...period,
        date_range: { start_date: '2023-01-01', end_date: '2023-01-31' },
      }),
    },
  },
})
