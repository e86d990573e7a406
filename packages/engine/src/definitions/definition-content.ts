// What two versions of a definition are compared by, wherever each comes from: this process or the database, which keeps
// no handler configuration. Pure.
import type { JsonObject } from '../json.ts'
import type { StepSettings, TaskDefinition } from './model.ts'

/** `handlerConfig` undefined: not known. */
export type StepContent = Omit<StepSettings, 'handlerConfig' | 'customEvents'> & {
  readonly handlerConfig?: JsonObject | null
  /** Names of the custom events that it may publish. */
  readonly customEvents: readonly string[]
}

export interface DefinitionContent extends Pick<
  TaskDefinition,
  'namespace' | 'name' | 'version' | 'priority' | 'maxExecutionMs' | 'metadata'
> {
  /** Undefined: not known of this version; the database keeps one text for all. */
  readonly description?: string
  /** Null: any object. `unknown`: there is one that has no form as JSON Schema. */
  readonly contextSchema: JsonObject | 'unknown' | null
  readonly annotates: boolean
  readonly steps: readonly StepContent[]
}

export function contentOf(definition: TaskDefinition): DefinitionContent {
  const { namespace, name, version, description, priority, maxExecutionMs, metadata } = definition
  const { contextSchema: schema } = definition
  return {
    namespace,
    name,
    version,
    description,
    priority,
    maxExecutionMs,
    metadata,
    contextSchema: schema === null ? null : (schema.jsonSchema ?? 'unknown'),
    annotates: definition.annotate !== null,
    steps: definition.steps.map((step) => ({
      ...step,
      // One attempt is what is stored of a step that is not retried.
      retryLimit: step.retryable ? step.retryLimit : 1,
      customEvents: step.customEvents.map((event) => event.name),
    })),
  }
}
