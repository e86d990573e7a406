// What `npm start` runs: the definitions of the examples, and settings that suit a demonstration.
import { defineConfig } from '@tasker/cli'
import { customerAnalytics } from './customer-analytics/definition.ts'
import { processOrder } from './order-processing/definition.ts'

export default defineConfig({
  definitions: [processOrder, customerAnalytics],
})
