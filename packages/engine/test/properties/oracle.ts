// What must come of a graph whose steps follow a script. Two independent views: `finalOf` says how it ends, whatever the
// order; `Model` follows one run, transition by transition, and says what must be ready at each moment.
import { satisfiedStates, type StepState } from '../../src/states.ts'

export type Outcome =
  | { readonly kind: 'ok' | 'fail' | 'permanent' }
  | { readonly kind: 'retry_after' | 'wait'; readonly ms: number }

export interface ScriptedStep {
  readonly name: string
  readonly parents: readonly string[]
  readonly limit: number
  /** Outcome of the first claim, the second, and so on; beyond it every claim succeeds. */
  readonly script: readonly Outcome[]
}

export interface StepEnd {
  readonly state: StepState
  readonly attempts: number
  readonly waits: number
}

export const outcomeOf = (step: ScriptedStep, claimNo: number): Outcome =>
  step.script[claimNo - 1] ?? { kind: 'ok' }

/** The oracle: how every step ends. Steps stand behind their parents. */
export function finalOf(steps: readonly ScriptedStep[]): ReadonlyMap<string, StepEnd> {
  const ends = new Map<string, StepEnd>()
  for (const step of steps) {
    let end: StepEnd = { state: 'pending', attempts: 0, waits: 0 }
    const mayRun = step.parents.every((parent) => ends.get(parent)?.state === 'complete')
    if (!mayRun) {
      ends.set(step.name, end)
      continue
    }
    for (let claimNo = 1; end.state === 'pending'; claimNo += 1) {
      const { kind } = outcomeOf(step, claimNo)
      const attempts = end.attempts + (kind === 'wait' ? 0 : 1)
      const isSpent = kind === 'permanent' || attempts >= step.limit
      const state = kind === 'ok' ? 'complete' : kind !== 'wait' && isSpent ? 'error' : 'pending'
      end = { state, attempts, waits: end.waits + (kind === 'wait' ? 1 : 0) }
    }
    ends.set(step.name, end)
  }
  return ends
}

export const taskStateOf = (ends: Iterable<StepEnd>): 'complete' | 'error' =>
  [...ends].some(({ state }) => state === 'error') ? 'error' : 'complete'

/** What `step_readiness` must answer for one step. */
export interface Readiness {
  readonly name: string
  readonly state: StepState
  readonly isReady: boolean
  readonly blockedBy: string | null
  readonly attempts: number
  readonly waits: number
  readonly completedParents: number
  readonly nextRetryAt: Date | null
}

interface Live {
  readonly step: ScriptedStep
  state: StepState
  attempts: number
  waits: number
  claimNo: number
  dueMs: number | null
}

const ladderSeconds = [1, 2, 4, 8, 16, 32]

export class Model {
  readonly #steps: ReadonlyMap<string, Live>

  constructor(steps: readonly ScriptedStep[], nowMs: number) {
    const live = (step: ScriptedStep): Live => ({
      step,
      state: 'pending',
      attempts: 0,
      waits: 0,
      claimNo: 0,
      dueMs: null,
    })
    this.#steps = new Map(steps.map((step) => [step.name, live(step)]))
    this.#release(nowMs)
  }

  get running(): readonly {
    readonly name: string
    readonly claimNo: number
    readonly outcome: Outcome
  }[] {
    return this.#all('in_progress').map(({ step, claimNo }) => ({
      name: step.name,
      claimNo,
      outcome: outcomeOf(step, claimNo),
    }))
  }

  get nextDueMs(): number | null {
    const due = [...this.#steps.values()].flatMap(({ dueMs }) => (dueMs === null ? [] : [dueMs]))
    return due.length === 0 ? null : Math.min(...due)
  }

  get isOver(): boolean {
    return this.#all('in_progress').length === 0 && this.nextDueMs === null
  }

  /** Why this claim is wrong, or null. */
  claim(name: string, claimNo: number, nowMs: number): string | null {
    const live = this.#steps.get(name)
    if (live === undefined) return `${name} is no step`
    if (live.dueMs === null || live.dueMs > nowMs) return `${name} was not ready`
    Object.assign(live, {
      state: 'in_progress',
      attempts: live.attempts + 1,
      claimNo: live.claimNo + 1,
      dueMs: null,
    })
    return live.claimNo === claimNo
      ? null
      : `${name} has claim ${claimNo}, expected ${live.claimNo}`
  }

  finish(name: string, nowMs: number): void {
    const live = this.#steps.get(name)
    if (live === undefined) return
    const outcome = outcomeOf(live.step, live.claimNo)
    const mayRetry = live.attempts < live.step.limit
    switch (outcome.kind) {
      case 'ok':
        live.state = 'complete'
        this.#release(nowMs)
        break
      case 'permanent':
        live.state = 'error'
        break
      case 'fail':
        live.state = 'error'
        if (mayRetry) live.dueMs = nowMs + (ladderSeconds[live.attempts - 1] ?? 0) * 1000
        break
      case 'retry_after':
        live.state = 'error'
        if (mayRetry) live.dueMs = nowMs + outcome.ms
        break
      case 'wait':
        Object.assign(live, {
          state: 'pending',
          attempts: live.attempts - 1,
          waits: live.waits + 1,
          dueMs: nowMs + outcome.ms,
        })
        break
      default:
        outcome satisfies never
    }
  }

  readiness(nowMs: number): readonly Readiness[] {
    return [...this.#steps.values()].map((live) => {
      const isReady = live.dueMs !== null && live.dueMs <= nowMs
      const completedParents = live.step.parents.filter((parent) =>
        this.#isSatisfied(parent),
      ).length
      return {
        name: live.step.name,
        state: live.state,
        isReady,
        blockedBy: isReady ? null : this.#reason(live),
        attempts: live.attempts,
        waits: live.waits,
        completedParents,
        nextRetryAt: live.dueMs === null ? null : new Date(live.dueMs),
      }
    })
  }

  #reason({ state, dueMs }: Live): string | null {
    if (state === 'complete') return null
    if (state === 'in_progress') return 'running'
    if (state === 'error') return dueMs === null ? 'exhausted' : 'retry'
    if (dueMs !== null) return 'wait'
    return this.isOver ? 'ended' : 'parent'
  }

  #release(nowMs: number): void {
    for (const live of this.#steps.values()) {
      const isNew = live.state === 'pending' && live.claimNo === 0 && live.dueMs === null
      if (isNew && live.step.parents.every((parent) => this.#isSatisfied(parent)))
        live.dueMs = nowMs
    }
  }

  readonly #isSatisfied = (name: string): boolean => {
    const state = this.#steps.get(name)?.state
    return state !== undefined && satisfiedStates.includes(state)
  }

  #all(state: StepState): readonly Live[] {
    return [...this.#steps.values()].filter((live) => live.state === state)
  }
}
