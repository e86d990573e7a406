// Finds the class or function that a YAML file names, among what the application passed. Pure.
import { isPlainObject } from './json-value.ts'
import type { RunStep } from './model.ts'
import { didYouMean, quote } from './names.ts'
import { isStepHandlerClass, type StepHandlerClass } from './step-handler.ts'
import { isTaskHandlerClass, type TaskHandlerClass } from './task-handler.ts'

/**
 * Handlers by name: classes and functions, in nested maps or modules where wanted. `OrderProcess::ChargeHandler`,
 * `OrderProcess.ChargeHandler` and `{ OrderProcess: { ChargeHandler } }` are the same name.
 */
export type HandlerLookup = Readonly<Record<string, unknown>>

export type HandlerFinding<Handler> =
  | { readonly kind: 'found'; readonly handler: Handler }
  | { readonly kind: 'missing'; readonly message: string; readonly isNear: boolean }
  | { readonly kind: 'ambiguous'; readonly message: string }

/** A step handler: looked for as written, then inside the module, then by the last parts of the name. */
export function findStepHandler(
  name: string,
  moduleNamespace: string | null,
  handlers: HandlerLookup,
): HandlerFinding<StepHandlerClass | RunStep> {
  return find(name, moduleNamespace, entriesOf(handlers, isStepHandler))
}

/** A task handler class, found the same way. */
export function findTaskHandler(
  name: string,
  moduleNamespace: string | null,
  handlers: HandlerLookup,
): HandlerFinding<TaskHandlerClass> {
  return find(name, moduleNamespace, entriesOf(handlers, isTaskHandlerClass))
}

interface Entry<Handler> {
  /** `OrderProcess.ChargeHandler` as parts. */
  readonly parts: readonly string[]
  readonly handler: Handler
}

function find<Handler>(
  name: string,
  moduleNamespace: string | null,
  entries: readonly Entry<Handler>[],
): HandlerFinding<Handler> {
  const parts = partsOf(name)
  const qualified = [...partsOf(moduleNamespace ?? ''), ...parts]
  const tiers = [
    (entry: Entry<Handler>) => isSame(entry.parts, parts),
    (entry: Entry<Handler>) => isSame(entry.parts, qualified),
    (entry: Entry<Handler>) => endsWith(entry.parts, parts) || endsWith(qualified, entry.parts),
  ]
  for (const matches of tiers) {
    const found = entries.filter(matches)
    const [first] = found
    if (first === undefined) continue
    if (new Set(found.map((entry) => entry.handler)).size === 1) {
      return { kind: 'found', handler: first.handler }
    }
    const names = found.map((entry) => quote(entry.parts.join('.'))).join(', ')
    return { kind: 'ambiguous', message: `${quote(name)} could be ${names}; write it in full` }
  }
  const hint = didYouMean(
    parts.at(-1) ?? name,
    entries.map((entry) => entry.parts.at(-1) ?? ''),
  )
  return {
    kind: 'missing',
    message: `no handler ${quote(name)} was given${hint}`,
    isNear: hint !== '',
  }
}

const nestingMax = 8

function entriesOf<Handler>(
  handlers: object,
  isHandler: (value: unknown) => value is Handler,
  prefix: readonly string[] = [],
): readonly Entry<Handler>[] {
  if (prefix.length > nestingMax) return []
  return Object.entries(handlers).flatMap(([key, value]: [string, unknown]) => {
    const parts = [...prefix, ...partsOf(key)]
    if (isHandler(value)) return [{ parts, handler: value }]
    // A module (`import * as orders`) has no prototype and counts as plain.
    return isPlainObject(value) ? entriesOf(value, isHandler, parts) : []
  })
}

/** A class of step handlers, or a plain function; a class of task handlers is neither. */
function isStepHandler(value: unknown): value is StepHandlerClass | RunStep {
  if (isStepHandlerClass(value)) return true
  return typeof value === 'function' && !isTaskHandlerClass(value)
}

function partsOf(name: string): readonly string[] {
  return name.split(/::|[./]/).filter((part) => part !== '')
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && endsWith(a, b)
}

function endsWith(longer: readonly string[], shorter: readonly string[]): boolean {
  if (shorter.length === 0 || shorter.length > longer.length) return false
  const start = longer.length - shorter.length
  return shorter.every((part, index) => part === longer[start + index])
}
