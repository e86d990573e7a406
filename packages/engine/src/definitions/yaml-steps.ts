// The step templates of a YAML file become step drafts: handlers found, configuration inherited, typed values read.
import type { Json, JsonObject } from '../json.ts'
import { ApiStepHandler } from './api-steps/api-step-handler.ts'
import type { BuildOptions } from './build-definition.ts'
import { deriveExecution } from './derive-execution.ts'
import type { StepDraft } from './draft.ts'
import { isConfiguredHandler } from './handler-configuration.ts'
import { findStepHandler, type HandlerLookup } from './handler-lookup.ts'
import { isJsonObject, mergeJson } from './json-value.ts'
import type { RunStep } from './model.ts'
import { PermanentError } from '../errors.ts'
import {
  customEventsOf,
  isStepHandlerClass,
  misnamedHooks,
  renamedStepHooks,
  type StepHandlerClass,
} from './step-handler.ts'
import { runOf } from './task-hooks.ts'
import type { ReportAt } from './yaml-keys.ts'
import { stepKeys } from './yaml-keys.ts'
import { listIn, mapIn } from './yaml-source.ts'
import { fillVariables, hasVariable, variablesIn, type Variables } from './yaml-variables.ts'

export interface StepReadingOptions extends BuildOptions {
  readonly handlers: HandlerLookup
  /** Null: variables are not filled in, and typed keys that hold one are passed over. */
  readonly env?: Variables | null
}

export interface StepsReading {
  readonly drafts: readonly StepDraft[]
  readonly handlers: ReadonlyMap<string, RunStep>
}

export function readSteps(
  data: JsonObject,
  options: StepReadingOptions,
  report: ReportAt,
): StepsReading {
  const handlers = new Map<string, RunStep>()
  const drafts = listIn(data['step_templates']).map((template, index) => {
    const step = typedValues(mapIn(template), options)
    const reportStep: ReportAt = (path, message) =>
      report(['step_templates', index, ...path], message)
    checkNames(step, data['named_steps'], reportStep)
    const handler = handlerOf(step, data, options, reportStep)
    const config = inheritedConfig(step, data)
    checkConfiguration(step, { handler, config }, reportStep)
    if (handler !== null && typeof step['name'] === 'string') {
      handlers.set(step['name'], runWithVariables(handler, config, options.env ?? {}))
    }
    return stepDraft(step, { data, config, handler })
  })
  return { drafts, handlers }
}

function stepDraft(
  step: JsonObject,
  given: {
    readonly data: JsonObject
    readonly config: JsonObject | null
    readonly handler: StepHandlerClass | RunStep | null
  },
): StepDraft {
  const { data, config, handler } = given
  const one = step['depends_on_step']
  const many = step['depends_on_steps']
  const classEvents = handler !== null && isStepHandlerClass(handler) ? customEventsOf(handler) : []
  return {
    name: step['name'],
    description: step['description'],
    dependsOn: [...(typeof one === 'string' ? [one] : []), ...listIn(many)],
    handler: step['name'],
    dependentSystem: step['dependent_system'] ?? data['default_dependent_system'],
    retryable: step['default_retryable'],
    retryLimit: step['default_retry_limit'],
    skippable: step['skippable'],
    timeoutMs: timeoutMsOf(step),
    priority: step['priority'],
    transaction: step['transaction'],
    handlerConfig: config,
    customEvents: [
      ...classEvents,
      ...listIn(data['custom_events']),
      ...listIn(step['custom_events']),
    ],
    result: step['result'],
    cache: cacheOf(step['cache']),
  }
}

function cacheOf(cache: Json | undefined): unknown {
  if (cache === undefined || !isJsonObject(cache)) return cache
  const { ttl_seconds: written = null, ...same } = cache
  const seconds = readScalar(written)
  if (seconds === null) return same
  return { ...same, ttlMs: typeof seconds === 'number' ? Math.round(seconds * 1_000) : seconds }
}

/**
 * Strings from variables, read as the number or boolean that their key wants. Where variables are not filled in, such
 * a key counts as absent.
 */
function typedValues(step: JsonObject, options: StepReadingOptions): JsonObject {
  const entries = Object.entries(step).flatMap(([key, value]: [string, Json]) => {
    const kind = Object.hasOwn(stepKeys, key) ? stepKeys[key] : undefined
    const isTyped = kind === 'boolean' || kind === 'integer' || kind === 'number'
    const isOpen = options.env === null && hasVariable(value) && key !== 'handler_config'
    if (isOpen && (isTyped || key === 'priority')) return []
    return [[key, isTyped ? readScalar(value) : value] as const]
  })
  return Object.fromEntries(entries)
}

function readScalar(value: Json): Json {
  if (value === 'true') return true
  if (value === 'false') return false
  const isNumber =
    typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
  return isNumber ? Number(value) : value
}

function timeoutMsOf(step: JsonObject): unknown {
  const seconds = step['timeout_seconds'] ?? null
  if (seconds === null) return step['timeout_ms']
  return typeof seconds === 'number' ? Math.round(seconds * 1_000) : seconds
}

/** `named_steps` is a whitelist for the names of steps and of their dependencies. */
function checkNames(step: JsonObject, named: Json | undefined, report: ReportAt): void {
  if (step['timeout_ms'] !== undefined && step['timeout_seconds'] !== undefined) {
    report(['timeout_seconds'], 'stands beside `timeout_ms`; keep one of them')
  }
  if (!Array.isArray(named)) return
  const known: ReadonlySet<Json> = new Set(named as readonly Json[]) // any[] from isArray
  const { name = null } = step
  if (name !== null && !known.has(name)) {
    report(['name'], `Step template name ${JSON.stringify(name)} is not in the named_steps list`)
  }
  for (const key of ['depends_on_step', 'depends_on_steps']) {
    for (const parent of [step[key] ?? []].flat()) {
      if (known.has(parent)) continue
      const message = `Dependency step ${JSON.stringify(parent)} is not in the named_steps list`
      report([key], message)
    }
  }
}

function handlerOf(
  step: JsonObject,
  data: JsonObject,
  options: StepReadingOptions,
  report: ReportAt,
): StepHandlerClass | RunStep | null {
  const name = step['handler_class']
  if (typeof name !== 'string') {
    const isMissing = name === undefined || name === null
    if (isMissing && isApi(inheritedConfig(step, data))) return ApiStepHandler
    if (isMissing) report([], 'the step has no `handler_class`')
    return null
  }
  if (options.env === null && hasVariable(name)) return null
  const within = data['module_namespace']
  const finding = findStepHandler(
    name,
    typeof within === 'string' ? within : null,
    options.handlers,
  )
  if (finding.kind === 'found') {
    for (const message of misnamedHooks(finding.handler, renamedStepHooks)) {
      report(['handler_class'], message)
    }
    return finding.handler
  }
  if (finding.kind === 'ambiguous' || options.allowMissingHandlers !== true) {
    report(['handler_class'], finding.message)
  }
  return null
}

/** A request that is described whole needs no class. */
const isApi = (config: JsonObject | null): boolean => config?.['type'] === 'api'

function checkConfiguration(
  step: JsonObject,
  given: {
    readonly handler: StepHandlerClass | RunStep | null
    readonly config: JsonObject | null
  },
  report: ReportAt,
): void {
  const { handler, config } = given
  if (!isConfiguredHandler(handler)) return
  const parents = [step['depends_on_step'] ?? [], listIn(step['depends_on_steps'])]
    .flat()
    .filter((name) => typeof name === 'string')
  for (const { path, message } of handler.configurationFaults({ config, parents })) {
    const [owner, ...keys] = path
    report([owner === 'config' ? 'handler_config' : 'handler_class', ...keys], message)
  }
}

/** The task's `handler_config` below the step's own. */
function inheritedConfig(step: JsonObject, data: JsonObject): JsonObject | null {
  const [task, own] = [data['handler_config'] ?? null, step['handler_config'] ?? null]
  if (task === null && own === null) return null
  return mergeJson(mapIn(task ?? undefined), mapIn(own ?? undefined))
}

/**
 * Variables in a handler configuration are filled in when a handler runs, not when the file is read: what is stored,
 * digested and shown is `${API_KEY}`, so no secret reaches the database and a rotated one makes no new version.
 */
function runWithVariables(
  handler: StepHandlerClass | RunStep,
  config: JsonObject | null,
  env: Variables,
): RunStep {
  const run = runOf(handler)
  if (isConfiguredHandler(handler)) {
    return async (execution) => {
      const variable = (name: string): string | undefined => {
        execution.variable(name) // the attempt keeps secret what it has been asked for
        return Object.hasOwn(env, name) ? env[name] : undefined
      }
      return run(deriveExecution(execution, { variable }))
    }
  }
  const names = config === null ? [] : variablesIn(config)
  if (names.length === 0) return run
  return async (execution) => {
    for (const name of names) execution.variable(name)
    const report = (_path: unknown, message: string): never => {
      throw new PermanentError(`The configuration of step ${execution.stepName}: ${message}`, {
        code: 'VARIABLE_NOT_SET',
      })
    }
    const filled = fillVariables(execution.config, env, report)
    return run(deriveExecution(execution, { config: isJsonObject(filled) ? filled : null }))
  }
}
