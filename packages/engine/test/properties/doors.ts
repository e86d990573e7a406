// Handlers of scripted steps: each waits at a door of its own, then does what its script says.
import { PermanentError, RetryableError } from '../../src/errors.ts'
import type { RunStep, StepExecution } from '../../src/definitions/model.ts'
import { resultOf, type Attempted } from './model.ts'
import { outcomeOf, type Outcome, type ScriptedStep } from './oracle.ts'

type Claim = Pick<Attempted, 'name' | 'claimNo'>

const keyOf = (taskId: string, { name, claimNo }: Claim): string => `${taskId}/${name}/${claimNo}`

export class Doors {
  readonly #open = new Map<string, () => void>()
  readonly #seen = new Map<string, unknown>()
  readonly #steps: ReadonlyMap<string, ScriptedStep>
  readonly #now: () => number

  constructor(steps: readonly ScriptedStep[], now: () => number) {
    this.#steps = new Map(steps.map((step) => [step.name, step]))
    this.#now = now
  }

  readonly handlerOf =
    (name: string): RunStep =>
    async (execution) => {
      const { taskId, claimNo, results } = execution
      const { promise, resolve } = Promise.withResolvers<void>()
      const key = keyOf(taskId, { name, claimNo })
      this.#seen.set(key, results)
      this.#open.set(key, resolve)
      await promise
      const step = this.#steps.get(name)
      return step === undefined ? null : this.#act(outcomeOf(step, claimNo), execution)
    }

  open(taskId: string, claim: Claim): void {
    this.#open.get(keyOf(taskId, claim))?.()
  }

  /** The results of its parents, as the handler got them. */
  seenBy(taskId: string, claim: Claim): unknown {
    return this.#seen.get(keyOf(taskId, claim))
  }

  #act(scripted: Outcome, execution: StepExecution): unknown {
    switch (scripted.kind) {
      case 'ok':
        return resultOf(execution.taskId, execution.stepName, execution.claimNo)
      case 'fail':
        throw new Error('as scripted')
      case 'permanent':
        throw new PermanentError('as scripted')
      case 'retry_after':
        throw new RetryableError('as scripted', { afterMs: scripted.ms })
      case 'wait':
        return execution.waitUntil(new Date(this.#now() + scripted.ms), 'as scripted')
      default:
        return scripted satisfies never
    }
  }
}
