// All operations of the REST interface, in the order of the documentation. One that does not stand here does not exist.
import { apiDocsOperations } from './openapi/api-docs.ts'
import { graphqlOperations } from './graphql/operations.ts'
import type { Operation } from './operation.ts'
import { auditOperations } from './rest/audit.ts'
import { liveOperations } from './live/operations.ts'
import { analyticsOperations } from './rest/analytics.ts'
import { handlerOperations } from './rest/handlers.ts'
import { healthOperations } from './rest/health.ts'
import { metricsOperations } from './rest/metrics.ts'
import { namespaceOperations } from './rest/namespaces.ts'
import { taskOperations } from './rest/tasks.ts'
import { workerOperations } from './rest/workers.ts'

export const operations: readonly Operation[] = Object.freeze([
  ...taskOperations,
  ...graphqlOperations,
  ...liveOperations,
  ...handlerOperations,
  ...namespaceOperations,
  ...workerOperations,
  ...healthOperations,
  ...metricsOperations,
  ...analyticsOperations,
  ...auditOperations,
  ...apiDocsOperations,
])
