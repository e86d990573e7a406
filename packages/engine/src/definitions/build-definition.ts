// A draft becomes a TaskDefinition: every fault at once, defaults filled in, frozen, with its digest. The only door
// to a TaskDefinition; the builder, the classes and the YAML reader all pass here.
import { TaskerError, listFaults } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { digestOf } from './digest.ts'
import type { DefinitionDraft, DraftFault } from './draft.ts'
import { graphFaults, stepsMaxDefault } from './graph-faults.ts'
import type { StepCaching, StepSettings, TaskDefinition } from './model.ts'
import {
  didYouMean,
  formatAddress,
  nameFault,
  nameLengthMax,
  quote,
  versionFault,
} from './names.ts'
import { generatedName, planWith } from './plan-steps.ts'
import { resultCheckFrom, withResultCheck, type ResultCheck } from './result-schema.ts'
import { readStepCaching } from './step-caching.ts'
import {
  readConfig,
  readInteger,
  readPriority,
  readStep,
  readText,
  reporter,
  stepPath,
  type Report,
} from './step-settings.ts'

export const namespaceDefault = 'default'
export const versionDefault = '0.1.0'
/** Ten years: longer than any task, short enough to be a due time. */
const maxExecutionMsMax = 315_360_000_000

/** What the builder and the class handlers are: a definition that has not been checked yet. */
export interface DefinitionSource {
  /** @internal Makes the draft that `buildDefinition` checks. */
  readonly toDraft: () => DefinitionDraft
}

export interface BuildOptions {
  /** Most steps of one task. Default 10,000. */
  readonly stepsMax?: number
  /** Accept steps without a handler, in a process that only checks or creates. Default false. */
  readonly allowMissingHandlers?: boolean
}

export type DraftReading =
  | { readonly ok: true; readonly definition: TaskDefinition }
  | { readonly ok: false; readonly faults: readonly DraftFault[] }

/**
 * Checks what `defineTask` or a task handler class declares. A definition that was built already comes back as it is.
 * @throws {TaskerError} DEFINITION_INVALID with every fault in `details.faults`.
 */
export function buildDefinition(
  input: DefinitionSource | TaskDefinition,
  options: BuildOptions = {},
): TaskDefinition {
  if ('digest' in input) return input
  const draft = input.toDraft()
  const reading = readDraft(draft, options)
  if (reading.ok) return reading.definition
  const faults = reading.faults.map(({ path, message }) => ({ path, message }))
  const message = `The definition ${addressOf(draft)} has ${listFaults(faults)}`
  throw new TaskerError('DEFINITION_INVALID', message, { faults })
}

/** The same as a value, with places in the draft, for readers of files. */
export function readDraft(draft: DefinitionDraft, options: BuildOptions = {}): DraftReading {
  const stepsMax = options.stepsMax ?? stepsMaxDefault
  const faults: DraftFault[] = [...draft.faults]
  const head = readHead(draft, reporter(faults, null, null))
  const steps = draft.steps.map((step, index) =>
    readStep(step, reporter(faults, stepPath(step.name, index), index)),
  )
  faults.push(...graphFaults(steps, stepsMax), ...generatedNameFaults(steps, draft))
  if (options.allowMissingHandlers !== true) faults.push(...handlerFaults(steps, draft))
  const extras = readExtras(draft, steps, faults)
  if (faults.length > 0) return { ok: false, faults }

  const { generators, adjust } = draft
  const address = formatAddress(head)
  const isPlanned = generators.size > 0 || adjust !== null
  const data = {
    ...head,
    steps: Object.freeze(steps),
    contextSchema: draft.contextSchema,
    planSteps: isPlanned ? planWith({ address, steps, generators, adjust, stepsMax }) : null,
    annotate: draft.annotate,
  }
  const digest = digestOf(data)
  return { ok: true, definition: Object.freeze({ ...data, ...extras, digest }) }
}

/** What belongs to the code of steps and not to their data: handlers, with their results checked, and caches. */
function readExtras(
  draft: DefinitionDraft,
  steps: readonly StepSettings[],
  faults: DraftFault[],
): Pick<TaskDefinition, 'handlers' | 'caches'> {
  const handlers = new Map(draft.handlers)
  const caches = new Map<string, StepCaching>()
  steps.forEach((step, index) => {
    const { result = null, cache = null } = draft.steps[index] ?? {}
    const report = reporter(faults, stepPath(step.name, index), index)
    const run = handlers.get(step.handler)
    const check = result === null ? null : readResult(result, report)
    if (run !== undefined && check !== null)
      handlers.set(step.handler, withResultCheck(run, step.name, check))
    const caching = readStepCaching(cache, step, report)
    if (caching !== null) caches.set(step.handler, caching)
  })
  return { handlers: recordOf(handlers), caches: recordOf(caches) }
}

function readResult(declared: unknown, report: Report): ResultCheck | null {
  const reading = resultCheckFrom(declared)
  if (reading.ok) return reading.check
  for (const { path, message } of reading.faults) report('result', `${path}: ${message}`)
  return null
}

type Head = Pick<
  TaskDefinition,
  | 'namespace'
  | 'name'
  | 'version'
  | 'description'
  | 'namespaceDescription'
  | 'priority'
  | 'maxExecutionMs'
  | 'metadata'
>

function readHead(draft: DefinitionDraft, report: Report): Head {
  const namespace = draft.namespace ?? namespaceDefault
  const version = draft.version ?? versionDefault
  const faults = {
    namespace: nameFault(namespace, nameLengthMax.namespace),
    name: nameFault(draft.name, nameLengthMax.task),
    version: versionFault(version),
  }
  for (const [field, fault] of Object.entries(faults)) if (fault !== null) report(field, fault)
  const metadata: JsonObject = readConfig(draft.metadata, 'metadata', report) ?? Object.freeze({})
  const namespaceDescription = readText(
    draft.namespaceDescription,
    '',
    'namespaceDescription',
    report,
  )
  return {
    namespace: textOf(namespace),
    name: textOf(draft.name),
    version: textOf(version),
    description: readText(draft.description, '', 'description', report),
    namespaceDescription: namespaceDescription === '' ? null : namespaceDescription,
    priority: readPriority(draft.priority, 'normal', report),
    maxExecutionMs: readInteger(
      draft.maxExecutionMs,
      { field: 'maxExecutionMs', max: maxExecutionMsMax, fallback: null },
      report,
    ),
    metadata: metadata,
  }
}

/** Anything but text was reported as a fault, so nobody will see this value. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function handlerFaults(
  steps: readonly StepSettings[],
  draft: DefinitionDraft,
): readonly DraftFault[] {
  const faults: DraftFault[] = []
  steps.forEach((step, index) => {
    if (draft.handlers.has(step.handler) || step.name === '') return
    const hint = didYouMean(step.handler, draft.handlers.keys())
    const report = reporter(faults, stepPath(step.name, index), index)
    report('handler', `no handler ${quote(step.handler)} was given${hint}`)
  })
  return faults
}

/** A declared step must not have a name that an expansion could generate. */
function generatedNameFaults(
  steps: readonly StepSettings[],
  draft: DefinitionDraft,
): readonly DraftFault[] {
  const faults: DraftFault[] = []
  const prefixes = [...draft.generators.keys()].map((group) =>
    generatedName(group, '').slice(0, -1),
  )
  steps.forEach((step, index) => {
    const prefix = prefixes.find((start) => step.name.startsWith(start))
    if (prefix === undefined) return
    const report = reporter(faults, stepPath(step.name, index), index)
    report('name', `names that begin with ${quote(prefix)} are those of generated steps`)
  })
  return faults
}

/** Without a prototype, so that a step named `constructor` finds its own handler or none. */
function recordOf<Value>(values: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  const record: Record<string, Value> = Object.create(null) as Record<string, Value> // empty
  for (const [key, value] of values) record[key] = value
  return Object.freeze(record)
}

function addressOf(draft: DefinitionDraft): string {
  const part = (value: unknown, fallback: string): string =>
    typeof value === 'string' && value !== '' ? value : fallback
  return formatAddress({
    namespace: part(draft.namespace, namespaceDefault),
    name: part(draft.name, '(no name)'),
    version: part(draft.version, versionDefault),
  })
}
