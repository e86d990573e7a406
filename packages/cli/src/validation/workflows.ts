// The workflows that a validation runs: small, harmless, in a namespace of their own. An application that serves them too
// can be validated as it runs.
import { randomBytes } from 'node:crypto'
import { setTimeout as later } from 'node:timers/promises'
import { defineTask, type TaskDefinition, buildDefinition } from '@tasker/engine'

export const validationNamespace = 'tasker_validation'

/** A step lasts so long, that it has a duration on every clock and steps side by side meet. */
const stepMs = 25

const work = async (): Promise<{ readonly done: true }> => {
  await later(stepMs)
  return { done: true }
}

const settings = { namespace: validationNamespace, version: '1.0.0' } as const

/**
 * The workflows of `tasker validate prometheus` and `tasker validate jaeger`. Add them to the definitions of a worker that is to
 * run them itself, for `--app-url`.
 */
export const validationDefinitions: readonly TaskDefinition[] = [
  defineTask({ ...settings, name: 'linear' })
    .step('validate_input', work)
    .step('process_data', { dependsOn: ['validate_input'] }, work)
    .step('generate_output', { dependsOn: ['process_data'] }, work),
  defineTask({ ...settings, name: 'diamond' })
    .step('validate_input', work)
    .step('process_branch_a', { dependsOn: ['validate_input'] }, work)
    .step('process_branch_b', { dependsOn: ['validate_input'] }, work)
    .step('merge_results', { dependsOn: ['process_branch_a', 'process_branch_b'] }, work),
  defineTask({ ...settings, name: 'parallel' })
    .step('process_1', work)
    .step('process_2', work)
    .step('process_3', work),
].map((builder) => buildDefinition(builder))

/** One run of one of them. */
export interface PlannedRun {
  readonly name: string
  readonly version: string
  readonly correlationId: string
  readonly steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[]
}

export interface Plan {
  readonly runs: readonly PlannedRun[]
  /** Stands in every context as a secret would; may be seen nowhere. */
  readonly marker: string
}

export function planRuns(): Plan {
  const id = randomBytes(6).toString('hex')
  return {
    marker: `sk_validation_${randomBytes(12).toString('hex')}`,
    runs: validationDefinitions.map(({ name, version, steps }) => ({
      name,
      version,
      correlationId: `tsk_validation_${id}_${name}`,
      steps: steps.map((step) => ({ name: step.name, dependsOn: step.dependsOn })),
    })),
  }
}
