// Two teams' process_refund as an example: its systems, its sample and what may go wrong. See README.md beside this file.
import { defineExample } from '../example.ts'
import { defineRefunds } from './definition.ts'
import sample from './sample-ticket.json' with { type: 'json' }
import { refundSystems } from './systems.ts'

export const processRefund = defineExample({
  name: 'process-refund',
  shows:
    'two teams, one name, two namespaces and versions; one team’s task creates the other’s over HTTP',
  task: 'customer_success/process_refund',
  context: sample,
  systems: refundSystems,
  define: defineRefunds,
  connect: ({ payments_api }, open) => payments_api.connect(open),
  faults: {
    'creation-answer-lost': {
      shows: 'the payments team’s task is created and the answer is lost: asked again, one refund',
      inject: ({ payments_api }) =>
        payments_api.inject('POST /tasker/tasks', {
          connection: 'reset',
          isActedOn: true,
          times: 1,
        }),
    },
    'refund-answer-lost': {
      shows: 'the gateway refunds and its answer is lost: asked again, it refunds once',
      inject: ({ refund_gateway }) =>
        refund_gateway.inject('POST /refunds', { connection: 'reset', isActedOn: true, times: 1 }),
    },
    'small-amount': {
      shows: '75.00 need no manager: approved by the policy',
      change: (ticket) => ({ ...ticket, refund_amount: 7_500 }),
    },
    'too-much': {
      shows: '250.00 are more than a standard customer gets back: denied',
      change: (ticket) => ({ ...ticket, refund_amount: 25_000 }),
    },
    'manager-denies': {
      shows: 'the manager says no: nothing is refunded',
      inject: ({ helpdesk }) =>
        helpdesk.stub('GET /approvals/:id', { body: { status: 'denied', approver_id: 'MGR-001' } }),
    },
    'ticket-closed': {
      shows: 'the ticket is closed already',
      inject: ({ helpdesk }) =>
        helpdesk.stub('GET /tickets/:id', {
          body: {
            status: 'closed',
            customer_tier: 'standard',
            original_purchase_date: '2024-01-15',
          },
        }),
    },
    'payments-api-down': {
      shows: 'the payments team’s instance is restarted: two calls are refused',
      inject: ({ payments_api }) =>
        payments_api.inject('POST /tasker/tasks', { answer: { status: 503 }, times: 2 }),
    },
    'payment-ineligible': {
      shows:
        'the gateway does not refund this payment: both tasks end in error, each with its reason',
      inject: ({ refund_gateway }) =>
        refund_gateway.stub('GET /payments/:id/eligibility', {
          body: {
            status: 'ineligible',
            original_amount: 15_000,
            payment_method: 'credit_card',
            gateway_provider: 'stripe',
          },
        }),
    },
  },
})
