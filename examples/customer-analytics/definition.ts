// Reads the definition from YAML and gives it its handlers. Faults in the file are reported all at once, each with line and
// column.
import { loadDefinition } from '@tasker/engine'
import type { Addresses } from '../example.ts'
import * as extract from './handlers/extract.ts'
import * as insights from './handlers/insights.ts'
import * as publish from './handlers/publish.ts'
import * as transform from './handlers/transform.ts'
import type { AnalyticsSystems } from './systems.ts'

/** `addresses` are the variables of the file: in production they come from the environment. */
export async function defineCustomerAnalytics(addresses: Addresses<AnalyticsSystems>) {
  return loadDefinition(new URL('customer_analytics.yaml', import.meta.url), {
    handlers: { ...extract, ...transform, ...insights, ...publish },
    environment: process.env['NODE_ENV'] ?? 'development',
    env: addresses,
  })
}
