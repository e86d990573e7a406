// Class handlers of steps: the base class that an application extends, and how a class becomes a RunStep. A new object
// is made for every attempt. Steps that call other systems extend it too: api-steps/.
import { isDeepStrictEqual } from 'node:util'
import { PermanentError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { CustomEvent, RunStep, StepExecution, WaitOutcome } from './model.ts'
import { didYouMean, quote } from './names.ts'

/** The task that a handler works for. */
export interface TaskView {
  readonly taskId: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly context: JsonObject
}

/** A finished parent of the step. */
export interface PreviousStep {
  readonly name: string
  readonly results: Json
}

/** The parents of the step that runs: what it may read. */
export interface StepSequence {
  readonly steps: readonly PreviousStep[]
  /** The parent of that name, or null. Steps that are not direct dependencies are not loaded. */
  findStepByName(name: string): PreviousStep | null
}

/** The step that runs. Setting or changing `results` overrides what `process` returns. */
export interface StepView {
  readonly name: string
  readonly inputs: Json
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly retryLimit: number
  /** `{}` before `process` runs. */
  results: unknown
}

/**
 * Base of class handlers. Override `process`; throwing is failure, returning is success.
 *
 * `Result` is the type of what `process` returns, for children that read it in typed definitions.
 */
export abstract class StepHandler<Result = unknown> {
  /** `handler_config` of the step, with `${VAR}` filled in. */
  readonly config: JsonObject | null
  #execution: StepExecution | null = null

  constructor(config: JsonObject | null = null) {
    this.config = config
  }

  /** The work of the step. What it returns becomes the results. */
  abstract process(
    task: TaskView,
    sequence: StepSequence,
    step: StepView,
  ): Result | WaitOutcome | Promise<Result | WaitOutcome>

  /**
   * Turns the output of `process` into `step.results`. The default keeps results that `process` set or changed, and
   * otherwise takes the output. Override it to translate.
   */
  processResults(step: StepView, output: unknown, initialResults: Json): void | Promise<void> {
    if (isDeepStrictEqual(step.results, initialResults)) step.results = output
  }

  /**
   * What `process` returned, before results are made of it. For base classes that judge it; the default leaves it as it is.
   */
  protected acceptOutput(output: unknown): unknown {
    return output
  }

  /** Events that this handler may publish. Override as `static customEventConfiguration()`. */
  static customEventConfiguration(): readonly CustomEvent[] {
    return []
  }

  /** Publishes one of the declared events once the outcome of the step has been recorded. */
  protected publishCustomEvent(name: string, payload: JsonObject): void {
    this.execution.publish(name, payload)
  }

  /**
   * A field of the results of a parent, or all of them without `key`. Null where the parent did not set the field.
   * @throws {PermanentError} STEP_NOT_A_PARENT when the step does not depend on `stepName` directly.
   */
  protected getPreviousStepData(sequence: StepSequence, stepName: string, key?: string): Json {
    const previous = sequence.findStepByName(stepName)
    if (previous === null) {
      const names = sequence.steps.map((step) => step.name)
      const known = names.map(quote).join(', ') || 'none'
      throw new PermanentError(
        `Step ${quote(this.execution.stepName)} reads the results of ${quote(stepName)}, which is not one of its ` +
          `dependencies (${known})${didYouMean(stepName, names) || '.'} Add it to them.`,
        { code: 'STEP_NOT_A_PARENT' },
      )
    }
    return key === undefined ? previous.results : memberOf(previous.results, key)
  }

  /** Signal, idempotency key, transaction client and `waitUntil` of this attempt. */
  protected get execution(): StepExecution {
    if (this.#execution === null) throw new Error('The handler has not been given a step yet.')
    return this.#execution
  }

  /** Runs one attempt. The engine calls it; override `process` and `processResults` instead. */
  async handle(execution: StepExecution): Promise<unknown> {
    this.#execution = execution
    const handler: PlainHandler = {
      process: async (task, sequence, step) =>
        this.acceptOutput(await this.process(task, sequence, step)),
      processResults: (step, output, initialResults) =>
        this.processResults(step, output, initialResults),
    }
    return runProcess(handler, viewsOf(execution))
  }
}

/** A class that runs steps: one that extends StepHandler, or any class with `process`. */
export interface StepHandlerClass<Result = unknown> {
  new (config: JsonObject | null): StepHandler<Result> | PlainHandler<Result>
  customEventConfiguration?(): readonly CustomEvent[]
}

/** The least that a handler class needs, for classes that extend something else. */
export interface PlainHandler<Result = unknown> {
  process(
    task: TaskView,
    sequence: StepSequence,
    step: StepView,
  ): Result | WaitOutcome | Promise<Result | WaitOutcome>
  processResults?(step: StepView, output: unknown, initialResults: Json): void | Promise<void>
}

/** Whether a value is a class that can run steps; a function without `process` on its prototype is not. */
export function isStepHandlerClass(value: unknown): value is StepHandlerClass {
  if (typeof value !== 'function') return false
  const prototype: unknown = Reflect.get(value, 'prototype')
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    (prototype instanceof StepHandler || typeof Reflect.get(prototype, 'process') === 'function')
  )
}

/** A class becomes the one kind of handler that the engine runs. */
export function runHandlerClass(Handler: StepHandlerClass): RunStep {
  return async (execution) => {
    const handler = new Handler(execution.config)
    if (handler instanceof StepHandler) return handler.handle(execution)
    return runProcess(handler, viewsOf(execution))
  }
}

/** Custom events that the class declares; an entry that is not an event is reported when the definition is built. */
export function customEventsOf(Handler: StepHandlerClass): readonly unknown[] {
  const declared: unknown = Handler.customEventConfiguration?.() ?? []
  return Array.isArray(declared) ? (declared as readonly unknown[]) : [declared] // any[] from isArray
}

/** Hooks under their names in the first generation, which nothing calls: a ported class would lose them in silence. */
export function misnamedHooks(
  declaring: object,
  hooks: Readonly<Record<string, string>>,
): readonly string[] {
  const prototype: unknown = Reflect.get(declaring, 'prototype')
  return Object.entries(hooks)
    .filter(
      ([name]) =>
        Reflect.has(declaring, name) ||
        (typeof prototype === 'object' && prototype !== null && Reflect.has(prototype, name)),
    )
    .map(
      ([name, now]) =>
        `class ${String(Reflect.get(declaring, 'name'))} has ${name}, which is not called; name it ${now}`,
    )
}

export const renamedStepHooks = {
  process_results: 'processResults',
  custom_event_configuration: 'customEventConfiguration',
} as const

interface Views {
  readonly task: TaskView
  readonly sequence: StepSequence
  readonly step: StepView
}

async function runProcess(handler: PlainHandler, views: Views): Promise<unknown> {
  const { task, sequence, step } = views
  // A copy, because `process` may change step.results in place and the change must be seen.
  const initialResults: Json = {}
  const output = await handler.process(task, sequence, step)
  if (isWaitOutcome(output)) return output
  if (handler.processResults === undefined) {
    if (isDeepStrictEqual(step.results, initialResults)) step.results = output
  } else {
    await handler.processResults(step, output, initialResults)
  }
  return step.results
}

function viewsOf(execution: StepExecution): Views {
  const steps = Object.entries(execution.results).map(([name, results]) => ({ name, results }))
  const byName = new Map(steps.map((step) => [step.name, step]))
  return {
    task: {
      taskId: execution.taskId,
      namespace: execution.namespace,
      name: execution.taskName,
      version: execution.version,
      context: execution.context,
    },
    sequence: { steps, findStepByName: (name) => byName.get(name) ?? null },
    step: {
      name: execution.stepName,
      inputs: execution.inputs,
      attempt: execution.attempt,
      retryLimit: execution.retryLimit,
      results: {},
    },
  }
}

/** Whether a handler returned "not yet". */
export function isWaitOutcome(output: unknown): output is WaitOutcome {
  return (
    typeof output === 'object' &&
    output !== null &&
    'kind' in output &&
    output.kind === 'tasker.wait' &&
    'at' in output &&
    output.at instanceof Date
  )
}

function memberOf(results: Json, key: string): Json {
  if (typeof results !== 'object' || results === null || !Object.hasOwn(results, key)) return null
  const member: unknown = Reflect.get(results, key)
  return member as Json // an own member of a JSON value is JSON
}
