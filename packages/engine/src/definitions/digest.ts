// The digest that makes two definitions equal: SHA-256 over the canonical form of their data. Handlers are not data.
// Order of keys, of dependencies and of custom events carries no meaning; order of steps does, because it numbers them.
import { createHash } from 'node:crypto'
import type { Json, JsonObject } from '../json.ts'
import type { ContextSchema } from './context-schema.ts'
import { isJsonObject } from './json-value.ts'
import type { StepSettings, TaskDefinition } from './model.ts'

/** 64 lower-case hex digits. */
export function digestOf(
  definition: Omit<TaskDefinition, 'digest' | 'handlers' | 'caches'>,
): string {
  return createHash('sha256')
    .update(canonicalJson(definitionData(definition)))
    .digest('hex')
}

/** JSON with the keys of every object in code-unit order and no spaces. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value))
    return `[${value.map((member: Json) => canonicalJson(member)).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

function definitionData(
  definition: Omit<TaskDefinition, 'digest' | 'handlers' | 'caches'>,
): JsonObject {
  return {
    namespace: definition.namespace,
    name: definition.name,
    version: definition.version,
    description: definition.description,
    namespaceDescription: definition.namespaceDescription,
    priority: definition.priority,
    maxExecutionMs: definition.maxExecutionMs,
    metadata: definition.metadata,
    contextSchema: schemaData(definition.contextSchema),
    // Code cannot be compared; that there is a plan can.
    isPlanned: definition.planSteps !== null,
    steps: definition.steps.map(stepData),
  }
}

function schemaData(schema: ContextSchema | null): Json {
  if (schema === null) return null
  if (schema.jsonSchema === null) return { vendor: schema.vendor }
  // The dialect's name says nothing about what is allowed, and derived schemas always carry it.
  const { $schema: _dialect, ...rules } = schema.jsonSchema
  return rules
}

function stepData(step: StepSettings): JsonObject {
  const events = step.customEvents.map(({ name, description }) => ({ name, description }))
  return {
    name: step.name,
    description: step.description,
    dependsOn: [...new Set(step.dependsOn)].toSorted(),
    handler: step.handler,
    dependentSystem: step.dependentSystem,
    retryable: step.retryable,
    retryLimit: step.retryLimit,
    skippable: step.skippable,
    timeoutMs: step.timeoutMs,
    priority: step.priority,
    transaction: step.transaction,
    handlerConfig: step.handlerConfig,
    customEvents: events.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    inputs: step.inputs,
  }
}
