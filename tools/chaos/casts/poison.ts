// The cast of the poisons: good tasks, and tasks of which one step does what its context says. Option `survives`: the process
// takes stray errors upon itself, as `tasker worker` does; else one of them ends it, as is Node's way.
import { setTimeout as pause } from 'node:timers/promises'
import {
  defineTask,
  type GivenDefinition,
  type Json,
  type JsonObject,
  type RunStep,
} from '@tasker/engine'
import type { MakeCast } from '../cast.ts'
import { aftermaths, attemptsMax, deeds, exits, odd, timeoutMs, unstorable } from '../poisons.ts'
import { tailDefinition } from '../tail.ts'

export const makeCast: MakeCast = ({ ledger, name, options, say }) => {
  const isSurviving = options['survives'] === true
  if (isSurviving)
    for (const event of ['unhandledRejection', 'uncaughtException'] as const)
      process.on(event, () => say(event))
  const good: RunStep = (execution) =>
    ledger.keep(execution, () => pause(execution.attempt * 5, { by: execution.stepName }))
  const bad: RunStep = (execution) => doAs(execution.context, execution.signal)
  return {
    definitions: [
      ...definitionsWith(good, bad, isSurviving ? 'survived' : 'poisoned'),
      tailDefinition(name, ledger),
    ],
  }
}

/** `good`: two steps. `poisoned`: a bad step with one before and one after it, and two beside it that are well. */
export function definitionsWith(
  good: RunStep,
  bad: RunStep,
  name: 'poisoned' | 'survived' = 'poisoned',
): readonly GivenDefinition[] {
  // The typed executions of the steps are narrower than what these take.
  const well = (execution: unknown): Promise<Json> =>
    good(execution as Parameters<RunStep>[0]) as Promise<Json>
  const ill = (execution: unknown): Promise<Json> =>
    bad(execution as Parameters<RunStep>[0]) as Promise<Json>
  const settings = { timeoutMs: 600_000, retry: { limit: attemptsMax } }
  const version = '1.0.0'
  return [
    defineTask({ namespace: 'chaos', name: 'good', version })
      .step('first', settings, well)
      .step('second', { ...settings, dependsOn: ['first'] }, well),
    defineTask({ namespace: 'chaos', name, version })
      .step('before', settings, well)
      .step('bad', { ...settings, timeoutMs, dependsOn: ['before'] }, ill)
      .step('after', { ...settings, dependsOn: ['bad'] }, well)
      .step('beside', settings, well)
      .step('after_beside', { ...settings, dependsOn: ['beside'] }, well),
  ]
}

async function doAs(context: JsonObject, signal: AbortSignal): Promise<unknown> {
  const { kind } = context
  if (typeof kind !== 'string') return context // which is the poison itself, and comes back as the result
  const value = unstorable[kind] ?? odd[kind]
  if (value !== undefined) return value()
  const deed = deeds[kind]?.[0] ?? exits[kind] ?? aftermaths[kind]
  return deed === undefined ? context : deed(signal)
}
