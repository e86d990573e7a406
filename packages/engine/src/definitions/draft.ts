// A definition as it was written, before anything is checked: the builder, the classes and YAML all make one of these.
// Fields are `unknown` on purpose: JavaScript callers and YAML files can put anything there. Checked by step-settings.ts
// and build-definition.ts.
import type { Fault } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import type { ContextSchema } from './context-schema.ts'
import type { CompletedTask, Annotation, RunStep, StepSettings } from './model.ts'

export interface StepDraft {
  readonly name?: unknown
  readonly description?: unknown
  readonly dependsOn?: unknown
  readonly handler?: unknown
  readonly dependentSystem?: unknown
  readonly retryable?: unknown
  readonly retryLimit?: unknown
  readonly skippable?: unknown
  readonly timeoutMs?: unknown
  readonly priority?: unknown
  readonly transaction?: unknown
  readonly handlerConfig?: unknown
  readonly customEvents?: unknown
  /** A Standard Schema or a JSON Schema of what the handler returns. */
  readonly result?: unknown
  /** `{ key, ttlMs }`, see step-caching.ts. */
  readonly cache?: unknown
  /** Input that stands in the definition itself: of the steps of a trace. */
  readonly inputs?: unknown
}

/** One step generated from the context. */
export interface GeneratedItem {
  /** Names the step, `process_chunk[<key>]`; unique within its expansion. */
  readonly key: string
  /** JSON that the handler gets as `inputs`. */
  readonly inputs?: unknown
  /** Keys of items of the same expansion that must be satisfied first. */
  readonly after?: readonly string[]
}

export type GenerateItems = (context: JsonObject) => readonly GeneratedItem[]

/** Adjusts the planned steps to one context; what comes back is checked again. */
export type AdjustSteps = (
  context: JsonObject,
  steps: readonly StepSettings[],
) => readonly StepSettings[]

export interface DefinitionDraft {
  readonly namespace?: unknown
  readonly name?: unknown
  readonly version?: unknown
  readonly description?: unknown
  readonly namespaceDescription?: unknown
  readonly priority?: unknown
  readonly maxExecutionMs?: unknown
  readonly metadata?: unknown
  readonly steps: readonly StepDraft[]
  readonly contextSchema: ContextSchema | null
  /** By the key that `StepDraft.handler` names. */
  readonly handlers: ReadonlyMap<string, RunStep>
  /** By step name: the steps that stand for any number of generated ones. */
  readonly generators: ReadonlyMap<string, GenerateItems>
  readonly adjust: AdjustSteps | null
  readonly annotate: ((task: CompletedTask) => Promise<readonly Annotation[]>) | null
  /** Faults met while the draft was written, such as a broken context schema. */
  readonly faults: readonly DraftFault[]
}

/** A fault with the place in the draft, so that a reader of files can say the line. */
export interface DraftFault extends Fault {
  /** Position in `steps`, or null for the definition itself. */
  readonly stepIndex: number | null
  /** The field of the draft: `dependsOn`, `version`. */
  readonly field: string
}
