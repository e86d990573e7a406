// The schema: every type and field put together, behind its permissions.
import { assertValidSchema, type GraphQLSchema } from 'graphql'
import { createParts } from './builder.ts'
import { guardSchema } from './guard.ts'
import { definePayloads } from './mutations/payloads.ts'
import { defineNamespaceMutations, defineStepMutations } from './mutations/steps.ts'
import { defineTaskMutations } from './mutations/tasks.ts'
import { defineDefinitionQueries } from './queries/definitions.ts'
import { defineReportQueries } from './queries/reports.ts'
import { defineSystemQueries } from './queries/system.ts'
import { defineTaskQueries, taskFilter } from './queries/tasks.ts'
import { defineSubscriptions } from './subscriptions.ts'
import { definePageInfo } from './objects/page.ts'
import { defineStep } from './objects/step.ts'
import { defineTask } from './objects/task.ts'

export function createSchema(): GraphQLSchema {
  const parts = createParts()
  parts.builder.queryType({})
  parts.builder.mutationType({})
  parts.builder.subscriptionType({})
  definePageInfo(parts)
  defineTask(parts)
  defineStep(parts)
  const filter = taskFilter(parts)
  defineTaskQueries(parts, filter)
  defineReportQueries(parts)
  defineDefinitionQueries(parts)
  defineSystemQueries(parts)
  const payloads = definePayloads(parts)
  defineTaskMutations(parts, payloads, filter)
  defineStepMutations(parts, payloads)
  defineNamespaceMutations(parts, payloads)
  defineSubscriptions(parts)
  const schema = guardSchema(parts.builder.toSchema())
  assertValidSchema(schema)
  return schema
}
