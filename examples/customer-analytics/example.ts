// The customer analytics pipeline as an example: see README.md beside this file.
import { defineExample } from '../example.ts'
import { customerAnalytics as definition } from './definition.ts'
import context from './sample-period.json' with { type: 'json' }

export const customerAnalytics = defineExample({
  name: 'customer-analytics',
  shows: 'a graph of steps in YAML with class handlers; steps that overlap',
  task: 'blog_examples/customer_analytics',
  context,
  systems: () => ({}),
  define: () => ({ customerAnalytics: definition }),
  faults: {},
})
