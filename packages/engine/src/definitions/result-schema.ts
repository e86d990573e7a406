// What a step's result must be: any Standard Schema or a JSON Schema. What is stored is what the check returns, with
// defaults applied; the handler runs first, and nothing of a result that does not match is kept.
import { TaskerError, listFaults, type Fault } from '../errors.ts'
import { compileJsonSchema } from './json-schema.ts'
import { copyJson, isJsonObject } from './json-value.ts'
import type { RunStep } from './model.ts'
import { quote, show } from './names.ts'
import { checkStandardSchema, isStandardSchema, type StandardCheck } from './standard-schema.ts'
import { isWaitOutcome } from './step-handler.ts'

export type ResultCheck = (output: unknown) => Promise<StandardCheck>

export type ResultSchemaReading =
  | { readonly ok: true; readonly check: ResultCheck }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** A JSON Schema is compiled here, once, so that a broken one is a fault of the definition. */
export function resultCheckFrom(declared: unknown): ResultSchemaReading {
  if (isStandardSchema(declared)) {
    return { ok: true, check: (output) => checkStandardSchema(declared, output, 'result') }
  }
  const { value, faults } = copyJson(declared, 'schema')
  if (faults.length > 0) return { ok: false, faults }
  if (!isJsonObject(value)) {
    const message = `expected a JSON Schema or a Standard Schema, received ${show(declared)}`
    return { ok: false, faults: [{ path: 'schema', message }] }
  }
  const compiled = compileJsonSchema(value, 'result')
  if (!compiled.ok) return compiled
  const check: ResultCheck = async (output) => {
    const copy = copyJson(output ?? null, 'result')
    const found = copy.faults.length > 0 ? copy.faults : compiled.check(copy.value)
    return found.length === 0 ? { ok: true, value: copy.value } : { ok: false, faults: found }
  }
  return { ok: true, check }
}

/**
 * The handler, with its result checked. One that does not match fails the step for good: what the handler did is done, and
 * to do it again would return the same.
 */
export function withResultCheck(run: RunStep, name: string, check: ResultCheck): RunStep {
  return async (execution) => {
    const output = await run(execution)
    if (isWaitOutcome(output)) return output
    const checked = await check(output)
    if (checked.ok) return checked.value
    const { faults } = checked
    throw new TaskerError(
      'RESULT_INVALID',
      `The result of step ${quote(name)} does not match its schema, ${listFaults(faults)}`,
      { faults },
    )
  }
}
