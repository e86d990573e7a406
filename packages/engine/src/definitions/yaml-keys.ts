// The keys that a definition's YAML may have, their types, and what people write instead. Checks form only; what the
// values mean together is the same check as for every definition.
import type { Json, JsonObject } from '../json.ts'
import { didYouMean, quote, show } from './names.ts'
import { hasVariable } from './yaml-variables.ts'
import { listIn, mapIn, type DataPath } from './yaml-source.ts'
import { isJsonObject } from './json-value.ts'

export type KeyKind = 'string' | 'boolean' | 'integer' | 'number' | 'map' | 'strings' | 'maps'
type Keys = Readonly<Record<string, KeyKind>>

export type ReportAt = (path: DataPath, message: string) => void

/** Keys of an environment's block: those of the file, without blocks inside blocks. */
const blockKeys: Keys = {
  name: 'string',
  namespace_name: 'string',
  namespace_description: 'string',
  version: 'string',
  module_namespace: 'string',
  task_handler_class: 'string',
  description: 'string',
  concurrent: 'boolean',
  default_dependent_system: 'string',
  named_steps: 'strings',
  schema: 'map',
  step_templates: 'maps',
  handler_config: 'map',
  custom_events: 'maps',
  configuration: 'map',
}
const fileKeys: Keys = { ...blockKeys, environments: 'map' }

export const stepKeys: Keys = {
  name: 'string',
  handler_class: 'string',
  description: 'string',
  dependent_system: 'string',
  depends_on_step: 'string',
  depends_on_steps: 'strings',
  default_retryable: 'boolean',
  default_retry_limit: 'integer',
  skippable: 'boolean',
  handler_config: 'map',
  custom_events: 'maps',
  timeout_ms: 'integer',
  timeout_seconds: 'number',
  priority: 'string',
  transaction: 'boolean',
  result: 'map',
  cache: 'map',
}

const eventKeys: Keys = { name: 'string', description: 'string' }
export const configurationKeys: Keys = { priority: 'string', max_execution_time: 'number' }

/** Wrong keys seen in examples and in other products, and what they mean here. */
const meantKeys: Readonly<Record<string, string>> = {
  steps: 'step_templates',
  namespace: 'namespace_name',
  depends_on: 'depends_on_steps',
  dependencies: 'depends_on_steps',
  needs: 'depends_on_steps',
  retry_limit: 'default_retry_limit',
  retries: 'default_retry_limit',
  retryable: 'default_retryable',
  handler: 'handler_class',
  class: 'handler_class',
  config: 'handler_config',
  timeout: 'timeout_seconds',
  events: 'custom_events',
  context: 'schema',
  context_schema: 'schema',
  env: 'environments',
  max_execution_time: 'configuration.max_execution_time',
}

/** Reports every key that is not known or whose value has the wrong type, in the file and in every environment. */
export function checkKeys(data: JsonObject, report: ReportAt): void {
  checkBlock(data, [], fileKeys, report)
  for (const [name, block] of Object.entries(mapIn(data['environments']))) {
    const path = ['environments', name]
    if (isJsonObject(block)) checkBlock(block, path, blockKeys, report)
    else if (block !== null) report(path, `expected a map of overrides, received ${show(block)}`)
  }
}

function checkBlock(block: JsonObject, path: DataPath, keys: Keys, report: ReportAt): void {
  checkMap(block, path, keys, report)
  checkEvents(block['custom_events'], [...path, 'custom_events'], report)
  for (const [key, kind] of Object.entries(configurationKeys)) {
    const value = mapIn(block['configuration'])[key]
    checkValue(value, kind, [...path, 'configuration', key], report)
  }
  const names = new Set<Json>()
  listIn(block['step_templates']).forEach((step, index) => {
    const stepPath = [...path, 'step_templates', index]
    if (!isJsonObject(step)) return
    checkMap(step, stepPath, stepKeys, report)
    checkEvents(step['custom_events'], [...stepPath, 'custom_events'], report)
    const name = step['name']
    if (name === undefined || name === null) report(stepPath, 'the step has no `name`')
    else if (path.length > 0 && names.has(name)) {
      report([...stepPath, 'name'], `${show(name)} is overridden twice in this environment`)
    }
    if (name !== undefined) names.add(name)
  })
}

function checkEvents(events: Json | undefined, path: DataPath, report: ReportAt): void {
  listIn(events).forEach((event, index) => {
    if (!isJsonObject(event)) return
    checkMap(event, [...path, index], eventKeys, report)
    if (event['name'] === undefined) report([...path, index], 'the event has no `name`')
  })
}

function checkMap(map: JsonObject, path: DataPath, keys: Keys, report: ReportAt): void {
  for (const [key, value] of Object.entries(map)) {
    const kind = Object.hasOwn(keys, key) ? keys[key] : undefined
    // `x-…` is for the author: anchors to share, notes to readers.
    if (kind === undefined && !key.startsWith('x-')) report([...path, key], unknownKey(key, keys))
    else if (kind !== undefined) checkValue(value, kind, [...path, key], report)
  }
}

function unknownKey(key: string, keys: Keys): string {
  const meant = Object.hasOwn(meantKeys, key) ? meantKeys[key] : undefined
  const isKnown = meant !== undefined && Object.hasOwn(keys, meant.split('.')[0] ?? '')
  const hint = isKnown ? `; did you mean ${quote(meant)}?` : didYouMean(key, Object.keys(keys))
  return `${quote(key)} is not a known key here${hint}`
}

function checkValue(
  value: Json | undefined,
  kind: KeyKind,
  path: DataPath,
  report: ReportAt,
): void {
  // A key without a value is a key that is not there.
  if (value === undefined || value === null || isOfKind(value, kind)) return
  const quotes = kind === 'string' && typeof value !== 'object' ? '; put it in quotes' : ''
  report(path, `expected ${kindNames[kind]}, received ${show(value)}${quotes}`)
  return
}

const kindNames: Readonly<Record<KeyKind, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
  map: 'a map',
  strings: 'a list of strings',
  maps: 'a list of maps',
}

function isOfKind(value: Json, kind: KeyKind): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean' || hasVariable(value)
    case 'integer':
      return Number.isInteger(value) || hasVariable(value)
    case 'number':
      return typeof value === 'number' || hasVariable(value)
    case 'map':
      return isJsonObject(value)
    case 'strings':
      return Array.isArray(value) && value.every((member) => typeof member === 'string')
    case 'maps':
      return Array.isArray(value) && value.every((member: Json) => isJsonObject(member))
    default:
      return kind satisfies never
  }
}
