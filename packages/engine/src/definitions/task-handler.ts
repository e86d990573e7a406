// Class handlers of tasks: step templates and the three hooks of the developer guide (schema, dependencies and
// defaults per task, annotations after completion).
// How the classes become drafts is task-hooks.ts.
import type { Json, JsonObject } from '../json.ts'
import type { Priority } from '../states.ts'
import type { CustomEvent, RunStep } from './model.ts'
import type { StepCache } from './builder-types.ts'
import type { StepHandlerClass } from './step-handler.ts'

/** A step as a task handler class declares it. The names are those of the YAML keys, in camel case. */
export interface StepTemplate {
  readonly name: string
  readonly handlerClass: StepHandlerClass | RunStep
  readonly description?: string
  readonly dependsOnStep?: string
  readonly dependsOnSteps?: readonly string[]
  readonly dependentSystem?: string
  /** Default true. */
  readonly defaultRetryable?: boolean
  /** Attempts in all, the first run included. Default 3. */
  readonly defaultRetryLimit?: number
  readonly skippable?: boolean
  readonly timeoutMs?: number
  readonly priority?: Priority
  readonly transaction?: boolean
  readonly handlerConfig?: JsonObject
  readonly customEvents?: readonly CustomEvent[]
  /** A Standard Schema or a JSON Schema; a result that does not match fails the step for good. */
  readonly result?: unknown
  readonly cache?: StepCache
}

/** The task that is being created, before it has an id. */
export interface PlannedTask {
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly context: JsonObject
}

/** A step of the task that is being created. What is changed here holds for this task only. */
export interface PlannedStep {
  readonly name: string
  readonly inputs: Json
  /** Belongs to the definition, not to one task: a handler reads what differs from the context. */
  readonly handlerConfig: JsonObject | null
  dependsOn: readonly string[]
  retryable: boolean
  retryLimit: number
  skippable: boolean
  timeoutMs: number | null
  priority: Priority | null
  dependentSystem: string
  /** Changes several settings at once: `step.update({ retryLimit: 1 })`. */
  update(changes: Partial<PlannedStepChanges>): void
  addDependency(name: string): void
}

export type PlannedStepChanges = Pick<
  PlannedStep,
  | 'dependsOn'
  | 'retryable'
  | 'retryLimit'
  | 'skippable'
  | 'timeoutMs'
  | 'priority'
  | 'dependentSystem'
>

/** A step of a completed task. */
export interface CompletedStep {
  readonly name: string
  readonly state: string
  readonly results: Json
}

/** The completed task, with the way to annotate it. */
export interface AnnotatedTask {
  readonly taskId: string
  readonly context: JsonObject
  readonly annotations: {
    create(annotation: { readonly annotationType: string; readonly content: JsonObject }): void
  }
}

export interface CompletedSequence {
  readonly steps: readonly CompletedStep[]
  findStepByName(name: string): CompletedStep | null
}

/** Base of task handler classes. Declare `static stepTemplates`; override the hooks that are needed. */
export abstract class TaskHandler {
  static readonly taskName: string | undefined = undefined
  static readonly namespaceName: string | undefined = undefined
  static readonly version: string | undefined = undefined
  static readonly stepTemplates: readonly StepTemplate[] = []

  /** The JSON Schema or Standard Schema of the context. Overrides the schema of the YAML file. */
  schema(): unknown {
    return null
  }

  /** Adjusts the steps of one task to its context. Called once, when the task is created; it must not wait. */
  establishStepDependenciesAndDefaults(_task: PlannedTask, _steps: readonly PlannedStep[]): void {}

  /** Adds annotations. Called after completion; the same annotation is stored once, however often it is called. */
  updateAnnotations(
    _task: AnnotatedTask,
    _sequence: CompletedSequence,
    _steps: readonly CompletedStep[],
  ): void | Promise<void> {}
}

/** A task handler whose steps stand in a YAML file. See `loadConfiguredTask`. */
export abstract class ConfiguredTask extends TaskHandler {
  /** Path of the file. Default: `<directory>/<module>/<class name underscored>.yaml`. */
  static readonly yamlPath: string | URL | undefined = undefined
}

/** The static side of a task handler class. */
export interface TaskHandlerClass {
  new (): TaskHandler
  readonly prototype: TaskHandler
  readonly name: string
  readonly taskName: string | undefined
  readonly namespaceName: string | undefined
  readonly version: string | undefined
  readonly stepTemplates: readonly StepTemplate[]
}

export function isTaskHandlerClass(value: unknown): value is TaskHandlerClass {
  return typeof value === 'function' && value.prototype instanceof TaskHandler
}
