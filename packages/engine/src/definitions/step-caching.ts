// The `cache` option of a step, read and checked: what a result depends on, and how long it is good for. Where results are
// kept, and that equal ones run once, is steps/result-cache.ts.
import { PermanentError, TaskerError, listFaults } from '../errors.ts'
import type { Json } from '../json.ts'
import { canonicalJson } from './digest.ts'
import { copyJson, isPlainObject } from './json-value.ts'
import type { StepCaching, StepExecution, StepSettings } from './model.ts'
import { didYouMean, quote, show } from './names.ts'
import type { Report } from './step-settings.ts'

/** 30 days: beyond it stores such as Memcached take a lifetime for a date. */
export const ttlMsMax = 2_592_000_000

const keys = ['key', 'ttlMs'] as const

/** Null: the option is not there, or wrong, which was reported. */
export function readStepCaching(
  declared: unknown,
  step: Pick<StepSettings, 'dependsOn' | 'transaction'>,
  report: Report,
): StepCaching | null {
  if (declared === undefined || declared === null) return null
  if (!isPlainObject(declared)) {
    report('cache', `expected { key, ttlMs }, received ${show(declared)}`)
    return null
  }
  for (const key of Object.keys(declared)) {
    if (!keys.some((known) => known === key))
      report('cache', `${quote(key)} is none of key and ttlMs (in YAML ttl_seconds)`)
  }
  if (step.transaction) {
    report('cache', 'the step has a transaction: with a cached result its writes would be left out')
  }
  const keyOf = readKey(declared['key'], step.dependsOn, report)
  const ttlMs = readTtl(declared['ttlMs'], report)
  return keyOf === null ? null : Object.freeze({ keyOf, ttlMs })
}

function readTtl(value: unknown, report: Report): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= ttlMsMax)
    return value
  report('cache', `ttlMs: expected an integer from 1 to ${ttlMsMax}, received ${show(value)}`)
  return null
}

type KeyOf = StepCaching['keyOf']

function readKey(declared: unknown, parents: readonly string[], report: Report): KeyOf | null {
  if (typeof declared === 'function') {
    // What the builder typed; what it returns is checked when it runs.
    const keyOf = declared as (execution: StepExecution) => unknown
    return async (execution) => keyText(await keyOf(execution), execution)
  }
  const references: readonly unknown[] = Array.isArray(declared) ? declared : [declared]
  const readers = references.map((reference) => readReference(reference, parents))
  for (const reader of readers) if (typeof reader === 'string') report('cache', `key: ${reader}`)
  const isEmpty = readers.length === 0
  if (isEmpty) report('cache', 'key: expected what the result depends on, received an empty list')
  if (isEmpty || readers.some((reader) => typeof reader === 'string')) return null
  return async (execution) =>
    canonicalJson(readers.map((read) => (typeof read === 'string' ? null : read(execution))))
}

/** `undefined` and null: not this time. */
function keyText(key: unknown, { stepName }: StepExecution): string | null {
  if (key === undefined || key === null) return null
  const { value, faults } = copyJson(key, 'key')
  if (faults.length === 0) return canonicalJson(value)
  const message = `The cache key of step ${quote(stepName)} is no JSON, ${listFaults(faults)}`
  throw new TaskerError('DEFINITION_INVALID', message, { faults })
}

const roots = ['context', 'results', 'inputs'] as const

/** The way to read a reference, or what is wrong with it. */
function readReference(
  reference: unknown,
  parents: readonly string[],
): string | ((execution: StepExecution) => Json) {
  if (typeof reference !== 'string') {
    return `expected a reference such as "context.customer_id", received ${show(reference)}`
  }
  const [root = '', ...path] = reference.split('.')
  switch (roots.find((known) => known === root)) {
    case 'context':
    case 'inputs': {
      const isContext = root === 'context'
      return ({ context, inputs, stepName }) =>
        valueAt(isContext ? context : inputs, path, { reference, stepName })
    }
    case 'results': {
      const rest = path.join('.')
      const named = parents.filter((name) => rest === name || rest.startsWith(`${name}.`))
      const [parent] = named.toSorted((a, b) => b.length - a.length)
      if (parent === undefined) return `${quote(reference)} names no step in its dependencies`
      const inner = rest.slice(parent.length + 1)
      const keysIn = inner === '' ? [] : inner.split('.')
      return ({ results, stepName }) =>
        valueAt(results[parent] ?? null, keysIn, { reference, stepName })
    }
    default:
      return `${quote(reference)} begins with none of ${roots.join(', ')}${didYouMean(root, roots)}`
  }
}

/** What is not there must not count as equal for all tasks: they would be given the results of one another. */
function valueAt(
  from: Json,
  path: readonly string[],
  { reference, stepName }: { readonly reference: string; readonly stepName: string },
): Json {
  let value: unknown = from
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      const message = `The cache key of step ${quote(stepName)} needs ${reference}, which is not there.`
      throw new PermanentError(message, { code: 'CACHE_KEY_MISSING' })
    }
    value = Reflect.get(value, key)
  }
  return value as Json // a part of a JSON value
}
