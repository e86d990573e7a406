// The types of the fluent builder: what each step may name, what it gets, and what its handler may return.
// No code. They carry the promises of the compile-time tests in test/types.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Json, JsonObject } from '../json.ts'
import type { Priority } from '../states.ts'
import type { DefinitionSource } from './build-definition.ts'
import type { DatabaseClient } from './host-transaction.ts'
import type { Annotation, CustomEvent, StepExecution, WaitOutcome } from './model.ts'
import type { StepHandlerClass } from './step-handler.ts'
import type { PlannedStep } from './task-handler.ts'

declare const typing: unique symbol

/**
 * A definition that knows its types. `Input` is what a request passes as context, `Context` what handlers get,
 * `Results` maps step names to what the steps return.
 */
export interface TypedDefinition<Input, Context, Results> extends DefinitionSource {
  /** Exists for the compiler only. */
  readonly [typing]?: {
    readonly input: Input
    readonly context: Context
    readonly results: Results
  }
}

/** The context that a request for this definition passes; a plain JSON object where the definition has no types. */
export type ContextInputOf<Definition> =
  Definition extends TypedDefinition<infer Input, unknown, unknown>
    ? Known<Input, JsonObject>
    : JsonObject

/** The context that handlers of this definition get. */
export type ContextOf<Definition> =
  Definition extends TypedDefinition<unknown, infer Context, unknown>
    ? Known<Context, JsonObject>
    : JsonObject

/** Results by step name, each null until its step is complete. */
export type ResultsOf<Definition> =
  Definition extends TypedDefinition<unknown, unknown, infer Results>
    ? unknown extends Results
      ? Readonly<Record<string, Json>>
      : { readonly [Name in keyof Results]: Results[Name] | null }
    : Readonly<Record<string, Json>>

/** A definition without types (from YAML, from a class) leaves `unknown` behind. */
type Known<Type, Otherwise> = unknown extends Type ? Otherwise : Type

/** Appears in compiler messages; the text says what to do. */
export interface TypeFault<Message extends string> {
  readonly 'cannot be used here': Message
}

type IsAny<Type> = 0 extends 1 & Type ? true : false

/** The type itself where it can be stored as JSON; parts that cannot are replaced by a message. */
export type Storable<Type> =
  IsAny<Type> extends true
    ? Type
    : unknown extends Type
      ? Type
      : Type extends Json | undefined | void | WaitOutcome
        ? Type
        : Type extends NotJson
          ? TypeFault<'Not JSON'>
          : Type extends object
            ? { [Key in keyof Type]: Storable<Type[Key]> }
            : Type

type NotJson =
  | bigint
  | symbol
  | Date
  | RegExp
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBufferView
  | ArrayBufferLike
  | ((...args: never) => unknown)

/** What a child reads of a result: waiting is no result, and returning nothing is stored as null. */
export type StoredResult<Returned> = StoredValue<Exclude<Awaited<Returned>, WaitOutcome>>

type StoredValue<Type> =
  IsAny<Type> extends true
    ? Type
    : unknown extends Type
      ? Json
      : Type extends undefined | void
        ? null
        : Type

/** `unknown` where the handler's return type is fine, a message otherwise; used as `Returned & CheckReturn<…>`. */
export type CheckReturn<Returned, Schema> =
  Awaited<Returned> extends Storable<Awaited<Returned>>
    ? Schema extends StandardSchemaV1
      ? Awaited<Returned> extends StandardSchemaV1.InferInput<Schema> | WaitOutcome
        ? unknown
        : TypeFault<'The handler does not return what the `result` schema takes'>
      : unknown
    : TypeFault<'Return JSON: plain objects, arrays, strings, numbers, booleans, null'>

export type ResultWith<Returned, Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : StoredResult<Returned>

/** A name that no earlier step has. */
export type NewName<Name extends string, Results> = Name &
  (Name extends keyof Results ? TypeFault<'An earlier step has this name'> : unknown)

/** What a function handler gets: the execution, with the types of this definition. */
export interface TypedStepExecution<Context, Results, Inputs = null, Tx = null> extends Omit<
  StepExecution,
  'context' | 'results' | 'inputs' | 'tx'
> {
  readonly context: Context
  /** Results of the steps named in `dependsOn`, and no others. */
  readonly results: Readonly<Results>
  readonly inputs: Inputs
  /** The client of the step's transaction; null unless the step says `transaction: true`. */
  readonly tx: Tx
}

export interface StepOptions<
  Parents extends string,
  Transaction extends boolean,
  Schema extends StandardSchemaV1 | JsonObject | undefined,
  Context = JsonObject,
  Results = Readonly<Record<string, Json>>,
  Inputs = Json,
> {
  /** Steps declared before this one that must be satisfied first. */
  readonly dependsOn?: readonly Parents[]
  readonly retry?: {
    /** Attempts in all, the first run included. Range 1 to 32767. Default 3. */
    readonly limit?: number
    /** False: exactly one attempt. Default true. */
    readonly retryable?: boolean
  }
  /** Milliseconds until an attempt is aborted and counted as failed. Default: `execution.stepTimeoutMs`. */
  readonly timeoutMs?: number
  /** Default: the priority of the task. */
  readonly priority?: Priority
  /** Runs in a database transaction that commits together with the outcome. Needs `timeoutMs`. Default false. */
  readonly transaction?: Transaction
  /** A request may name this step in `bypassSteps`. Default false. */
  readonly skippable?: boolean
  /** Label of the external system that the step talks to. Default `unknown`. */
  readonly dependentSystem?: string
  /** Default: the name. */
  readonly description?: string
  /** Given to the handler as `config`. Stored in the database: no credentials. */
  readonly config?: JsonObject
  /** Events that the handler may publish. */
  readonly customEvents?: readonly CustomEvent[]
  /**
   * A Standard Schema or a JSON Schema of what the handler returns. What it gives back is stored; a result that does not
   * match fails the step for good with RESULT_INVALID.
   */
  readonly result?: Schema
  /** Uses the result of an earlier run again while it is fresh. Not with `transaction`. */
  readonly cache?: StepCache<Context, Results, Inputs>
}

/** Equal keys of one step, in any task of this version of the definition, have the same result for a time. */
export interface StepCache<
  Context = JsonObject,
  Results = Readonly<Record<string, Json>>,
  Inputs = Json,
> {
  /** Everything that the result depends on, as JSON; null: not this time. */
  readonly key: (
    step: Pick<
      TypedStepExecution<Context, Results, Inputs>,
      'context' | 'results' | 'inputs' | 'config'
    >,
  ) => Json | undefined
  /** Milliseconds, 1 to 30 days. Default: `cache.defaultTtl`. */
  readonly ttlMs?: number
}

export type TxOf<Transaction extends boolean> = Transaction extends true ? DatabaseClient : null

/** The result schema of an expansion or step that declares none. */
export type NoSchema = undefined

/** One generated step: its key, its inputs, and the keys of items it waits for. */
export interface ExpansionItem<Inputs> {
  /** Names the step `<expansion>[<key>]`. Unique within the expansion. */
  readonly key: string
  /** JSON that the handler gets as `inputs`. */
  readonly inputs: Inputs
  /** Keys of items of the same expansion that must be satisfied first. */
  readonly after?: readonly string[]
}

/** What the annotations hook of the builder sees. */
export interface TypedCompletedTask<Context, Results> {
  readonly taskId: string
  readonly context: Context
  readonly steps: readonly {
    readonly name: string
    readonly state: string
    readonly results: Json
  }[]
  /** Results by step name; null for a step that was skipped or resolved by hand. */
  readonly results: { readonly [Name in keyof Results]: Results[Name] | null }
}

/** The chain. Each call returns a new value; the one it was called on stays as it is. */
export interface TaskBuilder<Input, Context, Results> extends TypedDefinition<
  Input,
  Context,
  Results
> {
  /** Adds a step that depends on nothing. */
  step<const Name extends string, Returned>(
    name: NewName<Name, Results>,
    handler: (
      execution: TypedStepExecution<Context, Pick<Results, never>>,
    ) => Returned & CheckReturn<Returned, NoSchema>,
  ): TaskBuilder<Input, Context, Results & Record<Name, StoredResult<Returned>>>

  /** Adds a step with options. */
  step<
    const Name extends string,
    Returned,
    const Parents extends keyof Results & string = never,
    const Transaction extends boolean = false,
    const Schema extends StandardSchemaV1 | JsonObject | NoSchema = NoSchema,
  >(
    name: NewName<Name, Results>,
    options: StepOptions<Parents, Transaction, Schema, Context, Pick<Results, Parents>, null>,
    handler: (
      execution: TypedStepExecution<Context, Pick<Results, Parents>, null, TxOf<Transaction>>,
    ) => Returned & CheckReturn<Returned, Schema>,
  ): TaskBuilder<Input, Context, Results & Record<Name, ResultWith<Returned, Schema>>>

  /** Adds a step that a handler class runs. */
  step<
    const Name extends string,
    Result,
    const Parents extends keyof Results & string = never,
    const Schema extends StandardSchemaV1 | JsonObject | NoSchema = NoSchema,
  >(
    name: NewName<Name, Results>,
    options: StepOptions<Parents, boolean, Schema, Context, Pick<Results, Parents>, null>,
    handler: StepHandlerClass<Result>,
  ): TaskBuilder<Input, Context, Results & Record<Name, ResultWith<Result, Schema>>>

  /**
   * Adds any number of steps, generated from the context when a task is created: `process_chunk[a]`,
   * `process_chunk[b]`. A later step that depends on `process_chunk` waits for all of them and reads
   * `results.process_chunk` by key. With no items it waits for what the expansion waits for.
   */
  expand<
    const Name extends string,
    Inputs,
    Returned,
    const Parents extends keyof Results & string = never,
    const Transaction extends boolean = false,
    const Schema extends StandardSchemaV1 | JsonObject | NoSchema = NoSchema,
  >(
    name: NewName<Name, Results>,
    options: StepOptions<Parents, Transaction, Schema, Context, Pick<Results, Parents>, Inputs>,
    items: (context: Context) => readonly ExpansionItem<Inputs>[],
    handler: (
      execution: TypedStepExecution<Context, Pick<Results, Parents>, Inputs, TxOf<Transaction>>,
    ) => Returned & CheckReturn<Returned, Schema>,
  ): TaskBuilder<
    Input,
    Context,
    Results & Record<Name, Readonly<Record<string, ResultWith<Returned, Schema>>>>
  >

  /**
   * Sets the hook that adjusts the steps of one task to its context: limits, timeouts, priorities, dependencies. Called
   * once, when the task is created; it must not wait.
   */
  adjust(
    hook: (task: { readonly context: Context }, steps: readonly PlannedStep[]) => void,
  ): TaskBuilder<Input, Context, Results>

  /** Sets the annotations hook. It runs once, after completion; the same annotation is stored once. */
  annotate(
    hook: (task: TypedCompletedTask<Context, Results>) => Promise<readonly Annotation[]>,
  ): TaskBuilder<Input, Context, Results>
}

/** What `defineTask` takes. */
export interface TaskSettings<Schema> {
  /** At most 64 characters. Default `default`. */
  readonly namespace?: string
  /** At most 64 characters. */
  readonly name: string
  /** Full semantic version. Default `0.1.0`. */
  readonly version?: string
  readonly description?: string
  readonly namespaceDescription?: string
  /** A Standard Schema (zod, valibot, arktype, …) or a JSON Schema. Its output must be JSON. */
  readonly context?: Schema & CheckContext<Schema>
  /** Default priority of its tasks. Default `normal`. */
  readonly priority?: Priority
  /** Milliseconds from creation to the deadline of each task. Default: none. */
  readonly maxExecutionMs?: number
  /** Shown, not interpreted. */
  readonly metadata?: JsonObject
}

export type CheckContext<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema> extends Storable<StandardSchemaV1.InferOutput<Schema>>
    ? unknown
    : TypeFault<'The output of a context schema is stored: it must be JSON'>
  : Schema extends JsonObject | undefined
    ? unknown
    : TypeFault<'Expected a Standard Schema or a JSON Schema'>

export type SchemaInput<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Schema>
  : JsonObject

export type SchemaOutput<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : JsonObject
