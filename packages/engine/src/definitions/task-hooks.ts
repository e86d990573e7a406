// Task handler classes become drafts: their templates, and the hooks they override as plain functions. Shared by
// definitions made from a class and by YAML files that name a class.
import type { JsonObject } from '../json.ts'
import type { DefinitionSource } from './build-definition.ts'
import { contextSchemaFrom, type ContextSchema } from './context-schema.ts'
import type { AdjustSteps, DefinitionDraft, DraftFault, StepDraft } from './draft.ts'
import { isConfiguredHandler } from './handler-configuration.ts'
import type { Annotation, CompletedTask, RunStep, StepSettings } from './model.ts'
import { show } from './names.ts'
import {
  customEventsOf,
  isStepHandlerClass,
  misnamedHooks,
  renamedStepHooks,
  runHandlerClass,
  type StepHandlerClass,
} from './step-handler.ts'
import {
  TaskHandler,
  type AnnotatedTask,
  type CompletedSequence,
  type PlannedStep,
  type PlannedStepChanges,
  type PlannedTask,
  type StepTemplate,
  type TaskHandlerClass,
} from './task-handler.ts'

/** What a class adds to a draft. */
export interface TaskHooks {
  /** Undefined: the class declares none; the file's holds. */
  readonly contextSchema: ContextSchema | undefined
  readonly adjust: AdjustSteps | null
  readonly annotate: ((task: CompletedTask) => Promise<readonly Annotation[]>) | null
  readonly faults: readonly DraftFault[]
}

/** A definition from a task handler class: pass it to `createTasker({ definitions })` like any other. */
export function defineTaskFromClass(Handler: TaskHandlerClass): DefinitionSource {
  return Object.freeze({ toDraft: () => draftOfClass(Handler) })
}

/** `OrderHandler` → `order_handler`, the default name of the task and of its file. */
export function underscored(className: string): string {
  return className
    .replaceAll(/([\p{Lu}\d]+)(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
}

/** The hooks that the class overrides; the address is what they see of the definition. */
export function hooksOf(
  Handler: TaskHandlerClass,
  address: Omit<PlannedTask, 'context'>,
): TaskHooks {
  const faults: DraftFault[] = misnamedHooks(Handler, renamedTaskHooks).map(classFault)
  const overrides = (hook: keyof TaskHandler): boolean =>
    Handler.prototype[hook] !== TaskHandler.prototype[hook]
  return {
    contextSchema: overrides('schema') ? readSchema(new Handler().schema(), faults) : undefined,
    adjust: overrides('establishStepDependenciesAndDefaults') ? adjustWith(Handler, address) : null,
    annotate: overrides('updateAnnotations') ? annotateWith(Handler) : null,
    faults: faults,
  }
}

const renamedTaskHooks = {
  task_name: 'taskName',
  yaml_path: 'yamlPath',
  step_templates: 'stepTemplates',
  establish_step_dependencies_and_defaults: 'establishStepDependenciesAndDefaults',
  update_annotations: 'updateAnnotations',
} as const

function draftOfClass(Handler: TaskHandlerClass): DefinitionDraft {
  const name = Handler.taskName ?? underscored(Handler.name)
  const namespace = Handler.namespaceName ?? 'default'
  const version = Handler.version ?? '0.1.0'
  const hooks = hooksOf(Handler, { namespace, name, version })
  const templates = Handler.stepTemplates
  const misnamed = templates.flatMap((template) =>
    misnamedHooks(template.handlerClass, renamedStepHooks).map(classFault),
  )
  const misconfigured = templates.flatMap(configurationFaults)
  return {
    namespace: namespace,
    name: name,
    version: version,
    steps: templates.map(draftOfTemplate),
    contextSchema: hooks.contextSchema ?? null,
    handlers: new Map(templates.map((template) => [template.name, runOf(template.handlerClass)])),
    generators: new Map(),
    adjust: hooks.adjust,
    annotate: hooks.annotate,
    faults: [...hooks.faults, ...misnamed, ...misconfigured],
  }
}

function draftOfTemplate(template: StepTemplate): StepDraft {
  const { handlerClass, defaultRetryable, defaultRetryLimit, ...same } = template
  const classEvents = isStepHandlerClass(handlerClass) ? customEventsOf(handlerClass) : []
  return {
    ...same,
    dependsOn: parentsOf(template),
    retryable: defaultRetryable,
    retryLimit: defaultRetryLimit,
    customEvents: [...classEvents, ...(template.customEvents ?? [])],
  }
}

function configurationFaults(template: StepTemplate): readonly DraftFault[] {
  const { handlerClass, handlerConfig, name } = template
  if (!isConfiguredHandler(handlerClass)) return []
  const config = handlerConfig ?? null
  const faults = handlerClass.configurationFaults({ config, parents: parentsOf(template) })
  return faults.map(({ path: [owner, ...path], message }) => ({
    path: ['steps', name, owner === 'config' ? 'handlerConfig' : 'handlerClass', ...path].join('.'),
    message,
    stepIndex: null,
    field: 'handlerConfig',
  }))
}

const parentsOf = ({ dependsOnStep, dependsOnSteps }: StepTemplate): readonly string[] => [
  ...(dependsOnStep === undefined ? [] : [dependsOnStep]),
  ...(dependsOnSteps ?? []),
]

/** A handler as the engine runs it, from a class or a function. */
export function runOf(handler: StepHandlerClass | RunStep): RunStep {
  // isStepHandlerClass tells the two function-like kinds apart by the prototype.
  return isStepHandlerClass(handler) ? runHandlerClass(handler) : handler
}

function readSchema(declared: unknown, faults: DraftFault[]): ContextSchema | undefined {
  if (declared === null || declared === undefined) return undefined
  const reading = contextSchemaFrom(declared)
  if (reading.ok) return reading.schema
  for (const fault of reading.faults) faults.push({ ...fault, stepIndex: null, field: 'schema' })
  return undefined
}

function classFault(message: string): DraftFault {
  return { path: 'class', message, stepIndex: null, field: 'class' }
}

function adjustWith(Handler: TaskHandlerClass, address: Omit<PlannedTask, 'context'>): AdjustSteps {
  return adjustBy((context, steps) =>
    new Handler().establishStepDependenciesAndDefaults({ ...address, context }, steps),
  )
}

/** A hook that changes the planned steps of one task, as the planner calls it. */
export function adjustBy(
  hook: (context: JsonObject, steps: readonly PlannedStep[]) => void,
): AdjustSteps {
  return (context, steps) => {
    const planned = steps.map(plannedStep)
    hook(context, Object.freeze(planned.map((plan) => plan.view)))
    return planned.map((plan) => plan.settings())
  }
}

interface StepPlan {
  readonly view: PlannedStep
  /** The very object it began with when nothing was changed. */
  settings(): StepSettings
}

function plannedStep(step: StepSettings): StepPlan {
  const view: PlannedStep = {
    // Getters without setters, in a sealed object: setting `name` or `retry_limit` throws instead of being lost.
    get name() {
      return step.name
    },
    get inputs() {
      return step.inputs
    },
    get handlerConfig() {
      return step.handlerConfig
    },
    ...changeable(step),
    update(changes) {
      Object.assign(view, changes)
    },
    addDependency(name) {
      view.dependsOn = [...view.dependsOn, name]
    },
  }
  Object.seal(view)
  return { view, settings: () => changedSettings(step, view) }
}

function changedSettings(step: StepSettings, view: PlannedStep): StepSettings {
  const next = changeable(view)
  const isSame = Object.entries(next).every(([key, value]) => value === Reflect.get(step, key))
  return isSame ? step : { ...step, ...next }
}

/** What is stored with the task and may therefore differ from task to task. */
function changeable(from: PlannedStepChanges): PlannedStepChanges {
  return {
    dependsOn: from.dependsOn,
    retryable: from.retryable,
    retryLimit: from.retryLimit,
    skippable: from.skippable,
    timeoutMs: from.timeoutMs,
    priority: from.priority,
    dependentSystem: from.dependentSystem,
  }
}

function annotateWith(
  Handler: TaskHandlerClass,
): (task: CompletedTask) => Promise<readonly Annotation[]> {
  return async (task) => {
    const annotations: Annotation[] = []
    const byName = new Map(task.steps.map((step) => [step.name, step]))
    const view: AnnotatedTask = {
      taskId: task.taskId,
      context: task.context,
      annotations: {
        create: ({ annotationType, content }) => {
          if (typeof annotationType !== 'string' || annotationType === '') {
            throw new TypeError(`annotationType: expected a name, received ${show(annotationType)}`)
          }
          annotations.push({ type: annotationType, annotation: content })
        },
      },
    }
    const sequence: CompletedSequence = {
      steps: task.steps,
      findStepByName: (name) => byName.get(name) ?? null,
    }
    await new Handler().updateAnnotations(view, sequence, task.steps)
    return annotations
  }
}
