// One step as written becomes StepSettings, with every default filled in and every fault reported. Pure.
// What steps say about one another (duplicates, unknown dependencies, cycles) is graph-faults.ts.
import type { Json, JsonObject } from '../json.ts'
import { priorities, type Priority } from '../states.ts'
import { customEventNameFault } from './custom-events.ts'
import type { DraftFault, StepDraft } from './draft.ts'
import { copyJson, deepFreeze, isJsonObject, isPlainObject } from './json-value.ts'
import type { CustomEvent, StepSettings } from './model.ts'
import { didYouMean, nameFault, nameLengthMax, quote, show, typeName } from './names.ts'

export const retryLimitDefault = 3
/** What the column holds. */
export const retryLimitMax = 32_767
/** About 24.8 days, the longest delay of a timer. */
export const timeoutMsMax = 2_147_483_647
export const dependentSystemDefault = 'unknown'

/** Says that a field is wrong. */
export type Report = (field: string, message: string) => void

/** Collects faults of one step (or of the definition, with index null) under its path. */
export function reporter(
  faults: DraftFault[],
  prefix: string | null,
  stepIndex: number | null,
): Report {
  return (field, message) => {
    const path = prefix === null ? field : `${prefix}.${field}`
    faults.push({ path, message, stepIndex, field })
  }
}

/** `steps.charge`, or `steps[3]` where the name is no help. */
export function stepPath(name: unknown, index: number): string {
  return nameFault(name, nameLengthMax.step) === null ? `steps.${String(name)}` : `steps[${index}]`
}

export function readStep(draft: StepDraft, report: Report): StepSettings {
  const name = readName(draft.name, report)
  const settings: StepSettings = {
    name: name,
    description: readText(draft.description, name, 'description', report),
    dependsOn: readNames(draft.dependsOn, 'dependsOn', report),
    handler: readText(draft.handler, name, 'handler', report),
    dependentSystem: readSystem(draft.dependentSystem, report),
    retryable: readBoolean(draft.retryable, true, 'retryable', report),
    retryLimit: readInteger(
      draft.retryLimit,
      { field: 'retryLimit', max: retryLimitMax, fallback: retryLimitDefault },
      report,
    ),
    skippable: readBoolean(draft.skippable, false, 'skippable', report),
    timeoutMs: readInteger(
      draft.timeoutMs,
      { field: 'timeoutMs', max: timeoutMsMax, fallback: null },
      report,
    ),
    priority: readPriority(draft.priority, null, report),
    transaction: readBoolean(draft.transaction, false, 'transaction', report),
    handlerConfig: readConfig(draft.handlerConfig, 'handlerConfig', report),
    customEvents: readCustomEvents(draft.customEvents, report),
    inputs: readInputs(draft.inputs, report),
  }
  if (settings.transaction && settings.timeoutMs === null) {
    // It holds the task's row lock until it commits; without an end it could hold it for ever.
    report('timeoutMs', 'a step with a transaction needs a timeout, received none')
  }
  return Object.freeze(settings)
}

export function readText(value: unknown, fallback: string, field: string, report: Report): string {
  if (value === undefined || value === null) return fallback
  if (typeof value !== 'string') {
    report(field, `expected a string, received ${show(value)}`)
    return fallback
  }
  if (value.includes('\0') || /\p{Cs}/u.test(value)) {
    report(field, 'expected text that can be stored, received a NUL character or broken Unicode')
  }
  return value
}

export function readInteger<Fallback extends number | null>(
  value: unknown,
  range: { readonly field: string; readonly max: number; readonly fallback: Fallback },
  report: Report,
): number | Fallback {
  if (value === undefined || value === null) return range.fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= range.max) {
    return value
  }
  report(range.field, `expected an integer from 1 to ${range.max}, received ${show(value)}`)
  return range.fallback
}

export function readPriority<Fallback extends Priority | null>(
  value: unknown,
  fallback: Fallback,
  report: Report,
): Priority | Fallback {
  if (value === undefined || value === null) return fallback
  if (isPriority(value)) return value
  const known = Object.keys(priorities)
  const hint = typeof value === 'string' ? didYouMean(value, known) : ''
  report('priority', `expected ${known.join(', ')}; received ${show(value)}${hint}`)
  return fallback
}

/** Reads a map of JSON. Faults name paths and types, never values: configurations hold credentials. */
export function readConfig(value: unknown, field: string, report: Report): JsonObject | null {
  if (value === undefined || value === null) return null
  const copy = copyJson(value, field)
  for (const fault of copy.faults) report(field, `${fault.path}: ${fault.message}`)
  if (isJsonObject(copy.value)) return deepFreeze(copy.value)
  if (copy.faults.length === 0) report(field, `expected a map, received ${typeName(value)}`)
  return null
}

function readInputs(value: unknown, report: Report): Json {
  const copy = copyJson(value ?? null, 'inputs')
  for (const fault of copy.faults) report('inputs', `${fault.path}: ${fault.message}`)
  return deepFreeze(copy.value)
}

export function isPriority(value: unknown): value is Priority {
  return typeof value === 'string' && Object.hasOwn(priorities, value)
}

function readName(value: unknown, report: Report): string {
  const fault = nameFault(value, nameLengthMax.step)
  if (fault !== null) report('name', fault)
  return typeof value === 'string' ? value : ''
}

function readSystem(value: unknown, report: Report): string {
  const system = readText(value, dependentSystemDefault, 'dependentSystem', report)
  const fault = nameFault(system, nameLengthMax.task)
  if (fault !== null) report('dependentSystem', fault)
  return system
}

function readBoolean(value: unknown, fallback: boolean, field: string, report: Report): boolean {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'boolean') return value
  report(field, `expected true or false, received ${show(value)}`)
  return fallback
}

function readNames(value: unknown, field: string, report: Report): readonly string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    report(field, `expected a list of step names, received ${show(value)}`)
    return []
  }
  const names = new Set<string>()
  for (const name of value as readonly unknown[]) {
    // Array.isArray gives any[]; every member is checked here.
    if (typeof name === 'string') names.add(name)
    else report(field, `expected step names, received ${show(name)}`)
  }
  return Object.freeze([...names])
}

function readCustomEvents(value: unknown, report: Report): readonly CustomEvent[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    report('customEvents', `expected a list of events, received ${show(value)}`)
    return []
  }
  const events = new Map<string, CustomEvent>()
  // Array.isArray gives any[]; every member is checked below.
  for (const entry of value as readonly unknown[]) {
    const event = readCustomEvent(entry, report)
    if (event === null) continue
    const known = events.get(event.name)
    if (known !== undefined && known.description !== event.description) {
      report('customEvents', `${quote(event.name)} is declared twice with different descriptions`)
    }
    events.set(event.name, event)
  }
  return Object.freeze([...events.values()])
}

function readCustomEvent(entry: unknown, report: Report): CustomEvent | null {
  if (!isPlainObject(entry)) {
    report('customEvents', `expected { name, description }, received ${show(entry)}`)
    return null
  }
  const fault = customEventNameFault(entry['name'])
  if (fault !== null) report('customEvents', fault)
  const name = typeof entry['name'] === 'string' ? entry['name'] : ''
  const description = readText(entry['description'], '', 'customEvents', report)
  return fault === null ? Object.freeze({ name, description }) : null
}
