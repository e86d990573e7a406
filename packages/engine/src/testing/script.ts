// What a test has said about steps: results in their place, failures, handlers that hang, crashes of the worker. Put around
// the handlers of a definition when a worker of the kit is made; the definition itself stays as it is.
import type { RunStep, StepExecution, TaskDefinition } from '../definitions/model.ts'
import { didYouMean, formatAddress } from '../definitions/names.ts'
import type { Life } from './life.ts'

/**
 * Where a worker dies while it runs a step, as if its process had been killed. The step is then held by a worker that
 * no longer renews its lease; when the lease has run out, another worker takes the step over.
 *
 * - `before_handler`: the step is claimed, and its handler has not started. It runs once, by the other worker.
 * - `after_handler`: the handler has returned or thrown, and nothing of that is recorded. It runs again.
 * - `before_commit`: of a step with `transaction: true`, when everything is written and not committed. All of it is rolled
 *   back, the writes of the handler too. It runs again.
 * - `after_record`: the outcome is recorded (and its transaction committed), and the worker never learns it. The handler does not
 *   run again. Steps that the worker was given with that answer are taken over like the others.
 */
export type CrashPoint = 'before_handler' | 'after_handler' | 'before_commit' | 'after_record'

/** Which attempts are meant. Default: all. */
export type Attempts =
  /** This attempt only; 1 is the first. */
  | { readonly attempt: number; readonly times?: never }
  /** The first so many attempts. */
  | { readonly times: number; readonly attempt?: never }

interface StepScript {
  stub: RunStep | null
  readonly failures: { readonly isMeant: (attempt: number) => boolean; readonly error: unknown }[]
  readonly hangs: ((attempt: number) => boolean)[]
  readonly crashes: { readonly point: CrashPoint; left: number }[]
}

export class Script {
  readonly #steps = new Map<string, StepScript>()

  stub(definition: TaskDefinition, step: string, run: RunStep): void {
    this.#of(definition, step).stub = run
  }

  fail(definition: TaskDefinition, step: string, attempts: Attempts | null, error: unknown): void {
    this.#of(definition, step).failures.push({ isMeant: meant(attempts), error })
  }

  hang(definition: TaskDefinition, step: string, attempts: Attempts | null): void {
    this.#of(definition, step).hangs.push(meant(attempts))
  }

  crash(definition: TaskDefinition, step: string, point: CrashPoint, times: number): void {
    const settings = definition.steps.find(({ name }) => name === declaredName(step))
    if (point === 'before_commit' && settings?.transaction !== true) {
      const address = formatAddress(definition)
      throw new RangeError(
        `Step "${step}" of ${address} has no transaction: true, so it has no before_commit.`,
      )
    }
    this.#of(definition, step).crashes.push({ point, left: times })
  }

  /** The definition with what was said so far and will be said, around its handlers. */
  around(
    definition: TaskDefinition,
    life: Life | null,
    stepTimeoutMs: number | null,
  ): TaskDefinition {
    const timeouts = new Map(
      definition.steps.map((step) => [step.handler, step.timeoutMs ?? stepTimeoutMs]),
    )
    const handlers = Object.entries(definition.handlers).map(([key, run]): [string, RunStep] => [
      key,
      (execution) =>
        runScripted(this.#find(definition, execution.stepName), {
          run,
          execution,
          life,
          timeoutMs: timeouts.get(key) ?? stepTimeoutMs,
        }),
    ])
    return { ...definition, handlers: Object.fromEntries(handlers) }
  }

  #find(definition: TaskDefinition, stepName: string): StepScript | null {
    const keyOf = (name: string): string => `${formatAddress(definition)}/${name}`
    // What is said of one generated step stands before what is said of all.
    return (
      this.#steps.get(keyOf(stepName)) ?? this.#steps.get(keyOf(declaredName(stepName))) ?? null
    )
  }

  #of(definition: TaskDefinition, step: string): StepScript {
    requireStep(definition, step)
    const key = `${formatAddress(definition)}/${step}`
    const known = this.#steps.get(key)
    if (known !== undefined) return known
    const made: StepScript = { stub: null, failures: [], hangs: [], crashes: [] }
    this.#steps.set(key, made)
    return made
  }
}

/** The key of a generated step, in brackets, is known only when a task is created. */
function requireStep(definition: TaskDefinition, step: string): void {
  const names = definition.steps.map(({ name }) => name)
  if (names.includes(declaredName(step)) || names.includes(step)) return
  throw new RangeError(
    `${formatAddress(definition)} has no step "${step}"${didYouMean(step, names)}.`,
  )
}

/** `process_chunk` of `process_chunk[a]`. */
const declaredName = (step: string): string => step.replace(/\[.*\]$/s, '')

function meant(attempts: Attempts | null): (attempt: number) => boolean {
  if (attempts === null) return () => true
  const { attempt: only, times } = attempts
  return times === undefined ? (attempt) => attempt === only : (attempt) => attempt <= times
}

interface Scripted {
  readonly run: RunStep
  readonly execution: StepExecution
  /** Null: the Tasker's own worker, which neither hangs nor dies. */
  readonly life: Life | null
  readonly timeoutMs: number | null
}

async function runScripted(script: StepScript | null, scripted: Scripted): Promise<unknown> {
  const { execution, life } = scripted
  await life?.opened
  const crash = life === null ? null : takeCrash(script)
  if (crash === 'before_handler') await life?.die()
  try {
    return await act(script, scripted)
  } finally {
    if (crash === 'after_handler') await life?.die()
    else if (crash === 'before_commit' || crash === 'after_record') life?.crashAt(crash, execution)
  }
}

function takeCrash(script: StepScript | null): CrashPoint | null {
  const crash = script?.crashes.find(({ left }) => left > 0)
  if (crash === undefined) return null
  crash.left -= 1
  return crash.point
}

async function act(script: StepScript | null, scripted: Scripted): Promise<unknown> {
  const { run, execution, life, timeoutMs } = scripted
  if (script === null) return run(execution)
  const failure = script.failures.find(({ isMeant }) => isMeant(execution.attempt))
  if (failure !== undefined) throw failure.error
  if (life !== null && script.hangs.some((isMeant) => isMeant(execution.attempt)))
    return life.hang(execution, timeoutMs)
  return (script.stub ?? run)(execution)
}
