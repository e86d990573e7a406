// Stored definitions as REST shows them, and the addresses by which they are asked for.
import {
  priorities,
  type Priority,
  type StoredDefinition,
  type StoredDefinitionName,
  type StoredVersion,
} from '@tasker/engine'
import { z } from 'zod'
import { count, jsonObject, text, timestamp } from './schemas.ts'

export const namespacePath = z.strictObject({ namespace: text(256) })
export const definitionPath = z.strictObject({ namespace: text(256), name: text(256) })

/** What no version means, and `latest`, is the newest stable one, by the rules of semver. */
export const versionText = text(256).default('latest').meta({
  description: 'Exactly, as a semver range, or `latest`: the newest stable one.',
  default: 'latest',
  example: '2.1.0',
})

const version = z
  .strictObject({
    version: z.string(),
    digest: z.string().meta({ description: 'Of its contents.' }),
    is_latest: z.boolean(),
    created_at: timestamp,
    last_used_at: timestamp.nullable(),
    pending_tasks: count,
    in_progress_tasks: count,
    held_tasks: count,
    due_steps: count,
    later_steps: count,
    live_workers: count.meta({ description: 'That serve it, in all processes.' }),
    is_unserved: z.boolean().meta({ description: 'It has open tasks, and no live worker.' }),
  })
  .meta({ id: 'DefinitionVersion' })

export const definitionName = z
  .strictObject({
    namespace: z.string(),
    name: z.string(),
    description: z.string(),
    latest_version: z.string(),
    versions: z.array(version).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'Definition' })

const stepTemplate = z
  .strictObject({
    step_no: z.int(),
    name: z.string(),
    description: z.string(),
    dependent_system: z.string(),
    depends_on_steps: z.array(z.string()),
    handler: z.string(),
    configuration: jsonObject.nullable().meta({
      description: 'Of the handler: all keys, and those values that hold no secret.',
    }),
    default_retryable: z.boolean(),
    default_retry_limit: z.int(),
    skippable: z.boolean(),
    timeout_ms: z.int().nullable(),
    priority: z.enum(Object.keys(priorities) as [Priority, ...Priority[]]).nullable(),
    transaction: z.boolean(),
    custom_events: z.array(z.string()),
  })
  .meta({ id: 'StepTemplate' })

export const handler = z
  .strictObject({
    namespace: z.string(),
    name: z.string(),
    version: z.string(),
    full_name: z.string().meta({ example: 'payments.process_order@2.1.0' }),
    description: z.string(),
    digest: z.string(),
    created_at: timestamp,
    is_latest: z.boolean(),
    versions: z.array(z.string()).meta({ description: 'All that are stored, oldest first.' }),
    priority: z.enum(Object.keys(priorities) as [Priority, ...Priority[]]),
    max_execution_ms: z.int().nullable(),
    context_schema: jsonObject.nullable().meta({
      description: 'JSON Schema; null: any object, or a schema that has no such form.',
    }),
    has_context_schema: z.boolean(),
    annotates: z.boolean(),
    step_templates: z.array(stepTemplate),
    dependency_graph: z.strictObject({
      nodes: z.array(
        z.strictObject({ id: z.string(), name: z.string(), type: z.literal('step'), level: count }),
      ),
      edges: z.array(
        z.strictObject({ from: z.string(), to: z.string(), type: z.literal('dependency') }),
      ),
      execution_order: z.array(z.string()).meta({ description: 'Parents before children.' }),
    }),
  })
  .meta({ id: 'Handler' })

export const showName = ({ latest, versions, ...name }: StoredDefinitionName) => ({
  namespace: name.namespace,
  name: name.name,
  description: name.description,
  latest_version: latest,
  versions: versions.map(showVersion),
})

const showVersion = (stored: StoredVersion) => ({
  version: stored.version,
  digest: stored.digest,
  is_latest: stored.isLatest,
  created_at: stored.createdAt,
  last_used_at: stored.lastUsedAt,
  pending_tasks: stored.pendingTasks,
  in_progress_tasks: stored.inProgressTasks,
  held_tasks: stored.heldTasks,
  due_steps: stored.dueSteps,
  later_steps: stored.laterSteps,
  live_workers: stored.liveWorkers,
  is_unserved: stored.isUnserved,
})

/** Of the task's own settings only those that are named here: what else a definition brings may be anything. */
export function showHandler(stored: StoredDefinition) {
  const { namespace, name, contextSchema, steps } = stored
  return {
    namespace,
    name,
    version: stored.version,
    full_name: `${namespace}.${name}@${stored.version}`,
    description: stored.description,
    digest: stored.digest,
    created_at: stored.createdAt,
    is_latest: stored.isLatest,
    versions: stored.versions,
    priority: stored.priority,
    max_execution_ms: stored.maxExecutionMs,
    context_schema: contextSchema === 'unknown' ? null : contextSchema,
    has_context_schema: contextSchema !== null,
    annotates: stored.annotates,
    step_templates: steps.map((step) => ({
      step_no: step.stepNo,
      name: step.name,
      description: step.description,
      dependent_system: step.dependentSystem,
      depends_on_steps: step.dependsOn,
      handler: step.handler,
      configuration: step.configuration,
      default_retryable: step.retryable,
      default_retry_limit: step.retryLimit,
      skippable: step.skippable,
      timeout_ms: step.timeoutMs,
      priority: step.priority,
      transaction: step.transaction,
      custom_events: step.customEvents,
    })),
    dependency_graph: {
      nodes: steps.map((step) => ({
        id: step.name,
        name: step.name,
        type: 'step',
        level: step.level,
      })),
      edges: steps.flatMap((step) =>
        step.dependsOn.map((from) => ({ from, to: step.name, type: 'dependency' })),
      ),
      execution_order: stored.executionOrder,
    },
  }
}
