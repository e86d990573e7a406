// `defineTask`: a definition in TypeScript, step by step. Values are immutable and nothing is checked here, so that
// writing one cannot throw; `buildDefinition` checks the finished chain. The types are builder-types.ts.
import type { Json, JsonObject } from '../json.ts'
import type {
  SchemaInput,
  SchemaOutput,
  StepOptions,
  TaskBuilder,
  TaskSettings,
} from './builder-types.ts'
import { contextSchemaFrom } from './context-schema.ts'
import { deriveExecution } from './derive-execution.ts'
import type { AdjustSteps, DefinitionDraft, DraftFault, GenerateItems, StepDraft } from './draft.ts'
import { isConfiguredHandler } from './handler-configuration.ts'
import { copyJson, isJsonObject, isPlainObject } from './json-value.ts'
import type { Annotation, CompletedTask, RunStep, StepExecution } from './model.ts'
import { generatedKey } from './plan-steps.ts'
import { didYouMean, show } from './names.ts'
import { reporter, stepPath, type Report } from './step-settings.ts'
import {
  customEventsOf,
  isStepHandlerClass,
  misnamedHooks,
  renamedStepHooks,
  runHandlerClass,
} from './step-handler.ts'
import type { PlannedStep } from './task-handler.ts'
import { adjustBy } from './task-hooks.ts'

/**
 * Starts a definition. Add steps with `.step`, generated steps with `.expand`; the chain itself is what
 * `createTasker({ definitions })` and `tasks.create` take.
 */
export function defineTask<Schema = undefined>(
  settings: TaskSettings<Schema>,
): TaskBuilder<SchemaInput<Schema>, SchemaOutput<Schema>, Record<never, never>> {
  return chain({ settings, steps: [], adjust: null, annotate: null })
}

/** One step as it was passed; nothing about it is known to be right. */
interface WrittenStep {
  readonly name: unknown
  readonly options: Readonly<Record<string, unknown>>
  readonly handler: unknown
  /** Only of expansions. */
  readonly items: GenerateItems | null
}

interface Blueprint {
  readonly settings: Readonly<Record<string, unknown>>
  readonly steps: readonly WrittenStep[]
  readonly adjust:
    ((task: { readonly context: never }, steps: readonly PlannedStep[]) => void) | null
  readonly annotate: ((task: never) => Promise<readonly Annotation[]>) | null
}

function chain<Input, Context, Results>(
  source: Omit<Blueprint, 'settings'> & { readonly settings: object },
): TaskBuilder<Input, Context, Results> {
  const blueprint: Blueprint = { ...source, settings: { ...source.settings } }
  const withStep = (step: WrittenStep): unknown =>
    chain({ ...blueprint, steps: [...blueprint.steps, step] })
  const value = {
    step: (name: unknown, ...rest: readonly unknown[]) =>
      withStep({ name, options: optionsIn(rest), handler: rest.at(-1), items: null }),
    expand: (name: unknown, options: unknown, items: GenerateItems, handler: unknown) =>
      withStep({ name, options: optionsIn([options, handler]), handler, items }),
    adjust: (adjust: Blueprint['adjust']) => chain({ ...blueprint, adjust }),
    annotate: (annotate: Blueprint['annotate']) => chain({ ...blueprint, annotate }),
    toDraft: () => draftOf(blueprint),
  }
  // The methods are written once for all steps; TaskBuilder gives each call its own types, which exist for the
  // compiler only. The compile-time tests hold the two together.
  return Object.freeze(value) as unknown as TaskBuilder<Input, Context, Results>
}

function optionsIn(rest: readonly unknown[]): Readonly<Record<string, unknown>> {
  const [options] = rest
  return rest.length > 1 && isPlainObject(options) ? options : {}
}

function draftOf(blueprint: Blueprint): DefinitionDraft {
  const { settings, steps } = blueprint
  const faults: DraftFault[] = [...unknownKeyFaults(blueprint)]
  const groups = new Set(steps.filter((step) => step.items !== null).map((step) => step.name))
  const handlers = new Map<string, RunStep>()
  const generators = new Map<string, GenerateItems>()
  for (const step of steps) {
    if (typeof step.name !== 'string') continue // reported with the step
    const run = runOfStep(step, step.name, faults)
    const group = grouping(step.options['dependsOn'], groups)
    if (run !== null) handlers.set(step.name, group === null ? run : (given) => run(group(given)))
    if (step.items !== null) generators.set(step.name, step.items)
  }
  return {
    namespace: settings['namespace'],
    name: settings['name'],
    version: settings['version'],
    description: settings['description'],
    namespaceDescription: settings['namespaceDescription'],
    priority: settings['priority'],
    maxExecutionMs: settings['maxExecutionMs'],
    metadata: settings['metadata'],
    steps: steps.map((step) => stepDraft(step, groups)),
    contextSchema: readContextSchema(settings['context'], faults),
    handlers: handlers,
    generators: generators,
    adjust: blueprint.adjust === null ? null : adjustWith(blueprint.adjust),
    annotate:
      blueprint.annotate === null ? null : annotateWith(blueprint.annotate, [...generators.keys()]),
    faults: faults,
  }
}

const settingKeys = [
  'namespace',
  'name',
  'version',
  'description',
  'namespaceDescription',
  'context',
  'priority',
  'maxExecutionMs',
  'metadata',
] as const satisfies readonly (keyof TaskSettings<undefined>)[]

const optionKeys = [
  'dependsOn',
  'retry',
  'timeoutMs',
  'priority',
  'transaction',
  'skippable',
  'dependentSystem',
  'description',
  'config',
  'customEvents',
  'result',
  'cache',
] as const satisfies readonly (keyof StepOptions<string, boolean, undefined>)[]

/** For callers without a compiler: an option that nobody reads would be lost in silence. */
function unknownKeyFaults({ settings, steps }: Blueprint): readonly DraftFault[] {
  const faults: DraftFault[] = []
  const check = (map: object, known: readonly string[], report: Report): void => {
    for (const key of Object.keys(map)) {
      if (!known.includes(key)) report(key, `is not a known option${didYouMean(key, known)}`)
    }
  }
  check(settings, settingKeys, reporter(faults, null, null))
  steps.forEach(({ name, options }, index) => {
    const path = stepPath(name, index)
    check(options, optionKeys, reporter(faults, path, index))
    const { retry } = options
    if (isPlainObject(retry)) {
      check(retry, ['limit', 'retryable'], reporter(faults, `${path}.retry`, index))
    } else if (retry !== undefined) {
      const report = reporter(faults, path, index)
      report('retry', `expected { limit, retryable }, received ${show(retry)}`)
    }
  })
  return faults
}

function stepDraft(step: WrittenStep, groups: ReadonlySet<unknown>): StepDraft {
  const { retry, config, customEvents, cache, ...same } = step.options
  const { limit, retryable } = isPlainObject(retry) ? retry : {}
  const classEvents = isStepHandlerClass(step.handler) ? customEventsOf(step.handler) : []
  return {
    ...same,
    name: step.name,
    handler: step.name,
    retryLimit: limit,
    retryable: retryable,
    handlerConfig: config,
    customEvents: joinEvents(classEvents, customEvents ?? []),
    cache: cacheOf(cache, grouping(same['dependsOn'], groups)),
  }
}

/** Its key reads results as the handler does. */
function cacheOf(cache: unknown, group: Grouping | null): unknown {
  if (group === null || !isPlainObject(cache) || typeof cache['key'] !== 'function') return cache
  const key = cache['key'] as RunStep // typed by the builder for this execution
  return { ...cache, key: (execution: StepExecution) => key(group(execution)) }
}

/** What is not a list is left for the check of the step to report. */
function joinEvents(ofClass: readonly unknown[], ofStep: unknown): unknown {
  // Array.isArray gives any[]
  return Array.isArray(ofStep) ? [...ofClass, ...(ofStep as readonly unknown[])] : ofStep
}

function runOfStep(step: WrittenStep, name: string, faults: DraftFault[]): RunStep | null {
  const { handler } = step
  if (typeof handler !== 'function') return null
  for (const message of misnamedHooks(handler, renamedStepHooks)) {
    faults.push({ path: `steps.${name}.handler`, message, stepIndex: null, field: 'handler' })
  }
  faults.push(...configurationFaults(step, name))
  // A function that is no class of step handlers is the handler itself; its argument was typed by the builder.
  const run = isStepHandlerClass(handler) ? runHandlerClass(handler) : (handler as RunStep)
  return async (given) => run(given)
}

function configurationFaults(
  { handler, options }: WrittenStep,
  name: string,
): readonly DraftFault[] {
  if (!isConfiguredHandler(handler)) return []
  const config = copyJson(options['config'] ?? null, 'config').value // its own faults are reported with the step
  const faults = handler.configurationFaults({
    config: isJsonObject(config) ? config : null,
    parents: namesIn(options['dependsOn']),
  })
  return faults.map(({ path, message }) => ({
    path: ['steps', name, ...path].join('.'),
    message,
    stepIndex: null,
    field: 'handlerConfig',
  }))
}

type Grouping = (execution: StepExecution) => StepExecution

/** Children of an expansion read its results by key, and only the parents they named. Null: it is no such child. */
function grouping(dependsOn: unknown, groups: ReadonlySet<unknown>): Grouping | null {
  const parents = namesIn(dependsOn)
  if (!parents.some((parent) => groups.has(parent))) return null
  return (execution) => {
    const results = Object.fromEntries(
      parents.map((parent) => [
        parent,
        groups.has(parent)
          ? membersOf(parent, execution.results)
          : (execution.results[parent] ?? null),
      ]),
    )
    return deriveExecution(execution, { results })
  }
}

const namesIn = (dependsOn: unknown): readonly string[] =>
  Array.isArray(dependsOn) ? dependsOn.filter((name) => typeof name === 'string') : []

/** `{ a: …, b: … }` from the results of `group[a]` and `group[b]`. */
function membersOf(group: string, results: Readonly<Record<string, Json>>): JsonObject {
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, result]) => {
      const key = generatedKey(group, name)
      return key === null ? [] : [[key, result]]
    }),
  )
}

function readContextSchema(
  declared: unknown,
  faults: DraftFault[],
): DefinitionDraft['contextSchema'] {
  if (declared === undefined || declared === null) return null
  const reading = contextSchemaFrom(declared)
  if (reading.ok) return reading.schema
  for (const fault of reading.faults) {
    faults.push({ ...fault, path: `context.${fault.path}`, stepIndex: null, field: 'context' })
  }
  return null
}

function adjustWith(hook: NonNullable<Blueprint['adjust']>): AdjustSteps {
  // The context is what the schema returned, which is what the builder typed the hook for.
  return adjustBy((context, steps) => hook({ context: context as never }, steps))
}

function annotateWith(
  hook: (task: never) => Promise<readonly Annotation[]>,
  groups: readonly string[],
): (task: CompletedTask) => Promise<readonly Annotation[]> {
  // The hook was typed by the builder for exactly the steps that the task has.
  const annotate = hook as (task: object) => Promise<readonly Annotation[]>
  return async (task) => {
    const flat = Object.fromEntries(task.steps.map((step) => [step.name, step.results]))
    const grouped = groups.map((group) => [group, membersOf(group, flat)] as const)
    return annotate({ ...task, results: { ...flat, ...Object.fromEntries(grouped) } })
  }
}
