// Every example, in the order in which one should meet them. A new one is added here, and to the table in README.md.
import { customerAnalytics } from './customer-analytics/example.ts'
import type { Example } from './example.ts'
import { inventoryRestocking } from './inventory-restocking/example.ts'
import { monitoredCheckout } from './monitored-checkout/example.ts'
import { orderProcessing } from './order-processing/example.ts'
import { processRefund } from './process-refund/example.ts'
import { userOnboarding } from './user-onboarding/example.ts'
import { userRegistration } from './user-registration/example.ts'

export const allExamples: readonly Example[] = [
  orderProcessing,
  monitoredCheckout,
  customerAnalytics,
  userRegistration,
  processRefund,
  inventoryRestocking,
  userOnboarding,
]
