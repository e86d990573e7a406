// Reads the definition from YAML and gives it its handlers. Faults in the file are reported all at
// once, each with line and column.
import { loadDefinition } from '@tasker/engine'
import * as extract from './extract.ts'
import * as insights from './insights.ts'
import * as transform from './transform.ts'

export const customerAnalytics = await loadDefinition(
  new URL('customer_analytics.yaml', import.meta.url),
  {
    handlers: { ...extract, ...transform, ...insights },
    environment: process.env['NODE_ENV'] ?? 'development',
    env: process.env,
  },
)
