// The steps of one task when they depend on its context: generated steps, then the class hook's adjustments, then the
// same checks as for any definition. Runs once, when the task is created.
import { TaskerError, listFaults } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { AdjustSteps, DraftFault, GenerateItems, GeneratedItem } from './draft.ts'
import { graphFaults } from './graph-faults.ts'
import { copyJson, isPlainObject } from './json-value.ts'
import type { StepSettings } from './model.ts'
import { nameFault, nameLengthMax, quote, show } from './names.ts'
import { readStep, reporter, stepPath } from './step-settings.ts'

export interface PlanSource {
  /** For messages: `payments/process_order@2.1.0`. */
  readonly address: string
  readonly steps: readonly StepSettings[]
  readonly generators: ReadonlyMap<string, GenerateItems>
  readonly adjust: AdjustSteps | null
  readonly stepsMax: number
}

/** The name of a generated step. */
export const generatedName = (group: string, key: string): string => `${group}[${key}]`

/** The key in the name of a step that `group` generated; null for any other name. */
export const generatedKey = (group: string, name: string): string | null =>
  name.startsWith(`${group}[`) && name.endsWith(']') ? name.slice(group.length + 1, -1) : null

/**
 * Makes the planner of a definition. When nothing differs from the declared steps, the planner returns exactly them
 * (the same array), so that the caller need not store a graph of the task's own.
 * @throws {TaskerError} DEFINITION_INVALID from the planner, with every fault of the planned steps.
 */
export function planWith(source: PlanSource): (context: JsonObject) => readonly StepSettings[] {
  return (context) => {
    const faults: DraftFault[] = []
    const generated = generate(source, context, faults)
    throwFaults(source, faults)
    if (source.adjust === null) return generated
    const adjusted = source.adjust(context, generated)
    const checked = adjusted.map((step, index) => recheck(step, generated[index], index, faults))
    faults.push(...graphFaults(checked, source.stepsMax))
    throwFaults(source, faults)
    return checked.every((step, index) => step === generated[index]) ? generated : checked
  }
}

/** Steps that the hook left alone are the same objects and were checked before. */
function recheck(
  step: StepSettings,
  before: StepSettings | undefined,
  index: number,
  faults: DraftFault[],
): StepSettings {
  if (step === before) return step
  const report = reporter(faults, stepPath(step.name, index), index)
  return Object.freeze({ ...readStep(step, report), inputs: step.inputs })
}

function generate(
  source: PlanSource,
  context: JsonObject,
  faults: DraftFault[],
): readonly StepSettings[] {
  if (source.generators.size === 0) return source.steps
  const items = new Map<string, readonly GeneratedItem[]>()
  for (const [group, make] of source.generators) {
    items.set(group, readItems(group, make, { context, address: source.address }, faults))
  }
  if (faults.length > 0) return source.steps
  const resolve = resolverOf(source.steps, items)
  const steps = source.steps.flatMap((step) => {
    const members = items.get(step.name)
    const dependsOn = resolve(step.dependsOn)
    if (members === undefined) return [Object.freeze({ ...step, dependsOn })]
    return members.map((item) => generatedStep(step, item, dependsOn, faults))
  })
  faults.push(...graphFaults(steps, source.stepsMax))
  return steps
}

function readItems(
  group: string,
  make: GenerateItems,
  asked: { readonly context: JsonObject; readonly address: string },
  faults: DraftFault[],
): readonly GeneratedItem[] {
  const report = reporter(faults, `steps.${group}`, null)
  let items: unknown
  try {
    items = make(asked.context)
  } catch (cause) {
    // The message of the host's error may quote the context; it stays in the cause.
    const message = `The items of ${quote(group)} in ${asked.address} could not be generated.`
    throw new TaskerError('DEFINITION_INVALID', message, { step: group }, cause)
  }
  if (!Array.isArray(items)) {
    report('items', `expected a list of { key, inputs }, received ${show(items)}`)
    return []
  }
  const keys = new Set<string>()
  return items.filter((item: unknown): item is GeneratedItem => {
    const fault = itemFault(group, item, keys)
    if (fault !== null) report('items', fault)
    return fault === null
  })
}

function itemFault(group: string, item: unknown, keys: Set<string>): string | null {
  if (!isPlainObject(item)) return `expected { key, inputs }, received ${show(item)}`
  const { key, after } = item
  if (typeof key !== 'string') return `expected a key, received ${show(key)}`
  const fault = nameFault(generatedName(group, key), nameLengthMax.step)
  if (key === '' || fault !== null) return `key: ${fault ?? 'expected a name, received ""'}`
  if (keys.has(key)) return `the key ${quote(key)} is used twice`
  keys.add(key)
  const isList = Array.isArray(after) && after.every((name) => typeof name === 'string')
  return after === undefined || isList ? null : `after: expected keys, received ${show(after)}`
}

/** Dependencies on a group become dependencies on its members; on an empty group, on what the group waits for. */
function resolverOf(
  steps: readonly StepSettings[],
  items: ReadonlyMap<string, readonly GeneratedItem[]>,
): (names: readonly string[]) => readonly string[] {
  const byName = new Map(steps.map((step) => [step.name, step]))
  const standIns = new Map<string, readonly string[]>()
  const standIn = (name: string): readonly string[] => {
    const members = items.get(name)
    if (members === undefined) return [name]
    const known = standIns.get(name)
    if (known !== undefined) return known
    const found =
      members.length > 0
        ? members.map((item) => generatedName(name, item.key))
        : resolve(byName.get(name)?.dependsOn ?? [])
    standIns.set(name, found)
    return found
  }
  const resolve = (names: readonly string[]): readonly string[] => [
    ...new Set(names.flatMap(standIn)),
  ]
  return resolve
}

function generatedStep(
  group: StepSettings,
  item: GeneratedItem,
  dependsOn: readonly string[],
  faults: DraftFault[],
): StepSettings {
  const name = generatedName(group.name, item.key)
  const inputs = copyJson(item.inputs ?? null, 'inputs')
  for (const fault of inputs.faults) {
    faults.push({ ...fault, path: `steps.${name}.${fault.path}`, stepIndex: null, field: 'inputs' })
  }
  const after = (item.after ?? []).map((key) => generatedName(group.name, key))
  return Object.freeze({
    ...group,
    name: name,
    dependsOn: after.length === 0 ? dependsOn : [...new Set([...dependsOn, ...after])],
    inputs: inputs.value satisfies Json,
  })
}

function throwFaults(source: PlanSource, faults: readonly DraftFault[]): void {
  if (faults.length === 0) return
  const message = `The steps planned for a task of ${source.address} have ${listFaults(faults)}`
  throw new TaskerError('DEFINITION_INVALID', message, { faults })
}
