// The data of one YAML file becomes a TaskDefinition, through the same draft and the same checks as the builder.
// Every environment's block is checked, the selected one is used. Reading files is yaml-files.ts.
import type { Json, JsonObject } from '../json.ts'
import { readDraft, type BuildOptions } from './build-definition.ts'
import { contextSchemaFrom, type ContextSchema } from './context-schema.ts'
import type { DefinitionDraft, DraftFault } from './draft.ts'
import { findTaskHandler, type HandlerLookup } from './handler-lookup.ts'
import type { TaskDefinition } from './model.ts'
import { quote } from './names.ts'
import { underscored, hooksOf, type TaskHooks } from './task-hooks.ts'
import type { TaskHandlerClass } from './task-handler.ts'
import { mergeEnvironment, type MergedFile } from './yaml-environments.ts'
import { checkKeys, type ReportAt } from './yaml-keys.ts'
import { listIn, mapIn, type DataPath, type YamlFault, type YamlSource } from './yaml-source.ts'
import { readSteps } from './yaml-steps.ts'
import { fillVariables, type Variables } from './yaml-variables.ts'

export interface YamlOptions extends BuildOptions {
  /** Classes and functions by the names that `handler_class` and `task_handler_class` use. */
  readonly handlers: HandlerLookup
  /** The block under `environments` to apply. Default: none. */
  readonly environment?: string
  /** Values for `${VAR}`; pass the process's environment. Default: none. */
  readonly env?: Variables
  /** The class whose file this is; replaces `task_handler_class`. */
  readonly taskHandler?: TaskHandlerClass
}

/** With `env: null` variables are left alone and typed keys that hold one are passed over. */
export type ReadingOptions = Omit<YamlOptions, 'env'> & { readonly env?: Variables | null }

export type DefinitionReading =
  | { readonly ok: true; readonly definition: TaskDefinition }
  | { readonly ok: false; readonly faults: readonly YamlFault[] }

export function readDefinitionData(source: YamlSource, options: ReadingOptions): DefinitionReading {
  const faults: YamlFault[] = []
  const reportIn =
    (merged: MergedFile): ReportAt =>
    (path, message) => {
      faults.push({ path: path.join('.'), message, file: source.file, ...merged.locate(path) })
    }
  checkKeys(source.data, reportIn(mergeEnvironment(source, null)))

  const selected = mergeEnvironment(source, options.environment ?? null)
  const definition = readMerged(selected.data, options, reportIn(selected))
  for (const environment of Object.keys(mapIn(source.data['environments']))) {
    if (environment === options.environment) continue
    const other = mergeEnvironment(source, environment)
    readMerged(other.data, { ...options, env: null }, reportIn(other))
  }
  const distinct = distinctFaults(faults)
  return distinct.length === 0 && definition !== null
    ? { ok: true, definition }
    : { ok: false, faults: distinct }
}

function readMerged(
  merged: JsonObject,
  options: ReadingOptions,
  report: ReportAt,
): TaskDefinition | null {
  let isFaulty = false
  const reportAt: ReportAt = (path, message) => {
    isFaulty = true
    report(path, message)
  }
  const draft = draftOf(merged, options, reportAt)
  // Handlers were looked up, and missed, by the names in the file.
  const reading = readDraft(draft, { ...options, allowMissingHandlers: true })
  if (reading.ok) return isFaulty ? null : reading.definition
  for (const fault of reading.faults) reportAt(placeOf(fault, merged), messageOf(fault))
  return null
}

function draftOf(merged: JsonObject, options: ReadingOptions, report: ReportAt): DefinitionDraft {
  const data = fillHead(merged, options, report)
  checkConcurrent(data, report)
  const { priority, max_execution_time: seconds, ...metadata } = mapIn(data['configuration'])
  const TaskClass = taskHandlerOf(data, options, report)
  const head = {
    namespace: data['namespace_name'] ?? undefined,
    name: TaskClass?.taskName ?? data['name'] ?? nameOf(options.taskHandler),
    version: variableFree(data['version'] ?? undefined, options),
  }
  const hooks = TaskClass === null ? null : hooksIn(TaskClass, head)
  const steps = readSteps(data, options, report)
  return {
    ...head,
    description: data['description'],
    namespaceDescription: data['namespace_description'],
    priority: variableFree(priority, options),
    maxExecutionMs: toMs(seconds, options),
    metadata: metadata,
    steps: steps.drafts,
    contextSchema: hooks?.contextSchema ?? schemaOf(data['schema'], report),
    handlers: steps.handlers,
    generators: new Map(),
    adjust: hooks?.adjust ?? null,
    annotate: hooks?.annotate ?? null,
    faults: hooks?.faults ?? [],
  }
}

/** Fills the variables of everything but handler configurations, which keep them until a handler runs. */
function fillHead(merged: JsonObject, options: ReadingOptions, report: ReportAt): JsonObject {
  const { env = {} } = options
  if (env === null) return merged
  const fill = (value: Json, path: DataPath): Json =>
    fillVariables(value, env, (at, message) => report(at, message), path)
  const steps = listIn(merged['step_templates']).map((step, index) => {
    const filled = Object.entries(mapIn(step)).map(([key, value]: [string, Json]) => {
      const whole = fill(value, ['step_templates', index, key])
      return [key, key === 'handler_config' ? value : whole]
    })
    return Object.fromEntries(filled) as JsonObject // entries of JSON values
  })
  const entries = Object.entries(merged).map(([key, value]: [string, Json]) => {
    if (key === 'step_templates') return [key, steps]
    const whole = fill(value, [key])
    return [key, key === 'handler_config' ? value : whole]
  })
  return Object.fromEntries(entries) as JsonObject // entries of JSON values
}

function checkConcurrent(data: JsonObject, report: ReportAt): void {
  if (data['concurrent'] !== false && data['concurrent'] !== 'false') return
  const cure = 'steps run one after the other where they say so; give each `depends_on_step`'
  report(['concurrent'], `false is not supported: ${cure}`)
}

function taskHandlerOf(
  data: JsonObject,
  options: ReadingOptions,
  report: ReportAt,
): TaskHandlerClass | null {
  if (options.taskHandler !== undefined) return options.taskHandler
  const name = data['task_handler_class']
  if (typeof name !== 'string') return null
  const moduleNamespace = data['module_namespace']
  const within = typeof moduleNamespace === 'string' ? moduleNamespace : null
  const finding = findTaskHandler(name, within, options.handlers)
  if (finding.kind === 'found') return finding.handler
  // A file without a class of its own is complete as it is; a near name is a misspelling that would lose the hooks.
  if (finding.kind === 'ambiguous' || finding.isNear) {
    report(['task_handler_class'], finding.message)
  }
  return null
}

const nameOf = (Handler: TaskHandlerClass | undefined): string | undefined =>
  Handler === undefined ? undefined : underscored(Handler.name)

function hooksIn(
  TaskClass: TaskHandlerClass,
  head: { readonly namespace: unknown; readonly name: unknown; readonly version: unknown },
): TaskHooks {
  const { namespace = 'default', name, version = '0.1.0' } = head
  return hooksOf(TaskClass, {
    namespace: String(namespace),
    name: String(name),
    version: String(version),
  })
}

function schemaOf(declared: Json | undefined, report: ReportAt): ContextSchema | null {
  if (declared === undefined || declared === null) return null
  const reading = contextSchemaFrom(declared)
  if (reading.ok) return reading.schema
  for (const fault of reading.faults) report(['schema'], fault.message)
  return null
}

function toMs(seconds: Json | undefined, options: ReadingOptions): unknown {
  const value = variableFree(seconds, options)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? Math.round(number * 1_000) : value
}

/** In a block that is not selected, a variable stands for a value that cannot be known here. */
function variableFree(value: Json | undefined, options: ReadingOptions): unknown {
  const isVariable = typeof value === 'string' && value.includes('${')
  return options.env === null && isVariable ? undefined : value
}

const headKeys: Readonly<Record<string, DataPath>> = {
  namespace: ['namespace_name'],
  namespaceDescription: ['namespace_description'],
  metadata: ['configuration'],
  priority: ['configuration', 'priority'],
  maxExecutionMs: ['configuration', 'max_execution_time'],
  steps: ['step_templates'],
  class: ['task_handler_class'],
}

const stepFieldKeys: Readonly<Record<string, readonly string[]>> = {
  dependsOn: ['depends_on_steps', 'depends_on_step'],
  retryable: ['default_retryable'],
  retryLimit: ['default_retry_limit'],
  timeoutMs: ['timeout_ms', 'timeout_seconds', 'transaction'],
  handler: ['handler_class'],
  handlerConfig: ['handler_config'],
  customEvents: ['custom_events'],
  dependentSystem: ['dependent_system'],
}

/** The path in the file of a fault in the draft. */
function placeOf(fault: DraftFault, merged: JsonObject): DataPath {
  if (fault.stepIndex === null) return headKeys[fault.field] ?? [fault.field]
  const step = mapIn(listIn(merged['step_templates'])[fault.stepIndex])
  const keys = stepFieldKeys[fault.field] ?? [fault.field]
  const written = keys.filter((key) => step[key] !== undefined)
  // Of two spellings of a dependency, the one that holds the name in question.
  const named = written.find((key) =>
    [step[key]]
      .flat()
      .some((name) => typeof name === 'string' && fault.message.includes(quote(name))),
  )
  return ['step_templates', fault.stepIndex, named ?? written[0] ?? keys[0] ?? fault.field]
}

function messageOf(fault: DraftFault): string {
  const unit = fault.field === 'maxExecutionMs' ? ' (milliseconds; the key is in seconds)' : ''
  return `${fault.message}${unit}`
}

/** The blocks share the base, so a fault of the base would appear once for each. */
function distinctFaults(faults: readonly YamlFault[]): readonly YamlFault[] {
  const seen = new Map<string, YamlFault>()
  for (const fault of faults) {
    const key = `${fault.line}:${fault.column} ${fault.path.split('.').at(-1) ?? ''}`
    const known = seen.get(key)
    // The check of keys comes first; what follows from a wrong type at the same place adds nothing.
    if (known === undefined) seen.set(key, fault)
    else if (known.message !== fault.message && !fault.message.startsWith('expected')) {
      seen.set(`${key}:${fault.message}`, fault)
    }
  }
  return [...seen.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
}
