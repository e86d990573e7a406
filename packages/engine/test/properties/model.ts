// Follows one run of a scripted graph, transition by transition, and says what must be so at each moment: states, what is
// ready and why the rest is not, and the task's own state. Written from the rules alone; it shares no logic with the SQL.
// What an operator does to it stands in operated-model.ts.
import type { Json } from '../../src/json.ts'
import { satisfiedStates, type StepState, type TaskState } from '../../src/states.ts'
import { outcomeOf, type Outcome, type ScriptedStep } from './oracle.ts'

/** What `step_readiness` and the results must answer for one step. */
export interface Readiness {
  readonly name: string
  readonly state: StepState
  readonly isReady: boolean
  readonly blockedBy: string | null
  readonly attempts: number
  readonly retryLimit: number
  readonly waits: number
  readonly completedParents: number
  readonly nextRetryAt: Date | null
  readonly result: Json
}

export interface Live {
  readonly step: ScriptedStep
  state: StepState
  attempts: number
  limit: number
  waits: number
  claimNo: number
  startedMs: number
  /** When it may run; null: it may not, whatever the time. */
  dueMs: number | null
  result: Json
}

/** One claim of one step, and what its handler does in the end. */
export interface Attempted {
  readonly name: string
  readonly claimNo: number
  readonly outcome: Outcome
}

const ladderSeconds = [1, 2, 4, 8, 16, 32]

/** What the handler of a claim returns when it succeeds. */
export const resultOf = (taskId: string, name: string, claimNo: number): Json => ({
  taskId,
  name,
  claimNo,
})

export class Model {
  readonly taskId: string
  protected readonly steps: ReadonlyMap<string, Live>
  /** Ended as a whole, by an operator. */
  protected settledAs: 'cancelled' | 'resolved_manually' | null = null
  protected isHeld = false
  #hasStarted = false
  #lastState: TaskState = 'pending'
  /** States in which the task ended, one after the other: an operator may revive it. */
  readonly ends: TaskState[] = []
  /** Steps that were done before it began. */
  readonly taken: ReadonlyMap<string, StepState>

  /** `taken`: states and results of steps that are done already, for a rerun. */
  constructor(
    plan: { readonly taskId: string; readonly steps: readonly ScriptedStep[] },
    nowMs: number,
    taken: ReadonlyMap<string, Pick<Live, 'state' | 'result'>> = new Map(),
  ) {
    this.taskId = plan.taskId
    this.taken = new Map([...taken].map(([name, { state }]) => [name, state]))
    const live = (step: ScriptedStep): Live => ({
      step,
      state: taken.get(step.name)?.state ?? 'pending',
      attempts: 0,
      limit: step.limit,
      waits: 0,
      claimNo: 0,
      startedMs: 0,
      dueMs: null,
      result: taken.get(step.name)?.result ?? null,
    })
    this.steps = new Map(plan.steps.map((step) => [step.name, live(step)]))
    this.release(nowMs)
  }

  get taskState(): TaskState {
    if (this.settledAs !== null) return this.settledAs
    if (!this.isOver) return this.#hasStarted ? 'in_progress' : 'pending'
    if (this.all('error').length > 0) return 'error'
    return this.all('cancelled').length > 0 ? 'cancelled' : 'complete'
  }

  /** Shown as held: one in error may be revived, and is then held. */
  get isShownHeld(): boolean {
    return this.isHeld && ['pending', 'in_progress', 'error'].includes(this.taskState)
  }

  get running(): readonly Attempted[] {
    return this.all('in_progress').map(attemptedOf)
  }

  get nextDueMs(): number | null {
    const due = [...this.steps.values()].flatMap(({ dueMs }) => (dueMs === null ? [] : [dueMs]))
    return due.length === 0 ? null : Math.min(...due)
  }

  get isOver(): boolean {
    return this.all('in_progress').length === 0 && this.nextDueMs === null
  }

  /** What the handler of this step must be given. */
  parentResults(name: string): Readonly<Record<string, Json>> {
    const parents = this.steps.get(name)?.step.parents ?? []
    return Object.fromEntries(parents.map((parent) => [parent, this.resultOf(parent)]))
  }

  resultOf(name: string): Json {
    return this.steps.get(name)?.result ?? null
  }

  /** Why this claim is wrong, or null. */
  claim(name: string, claimNo: number, nowMs: number): string | null {
    const live = this.steps.get(name)
    if (live === undefined) return `${name} is no step`
    if (!this.#isReady(live, nowMs)) return `${name} was not ready`
    Object.assign(live, {
      state: 'in_progress',
      attempts: live.attempts + 1,
      claimNo: live.claimNo + 1,
      startedMs: nowMs,
      dueMs: null,
    })
    this.#hasStarted = true
    this.moved()
    return live.claimNo === claimNo
      ? null
      : `${name} has claim ${claimNo}, expected ${live.claimNo}`
  }

  finish(name: string, nowMs: number): void {
    const live = this.steps.get(name)
    if (live === undefined) return
    const outcome = outcomeOf(live.step, live.claimNo)
    const mayRetry = live.attempts < live.limit
    switch (outcome.kind) {
      case 'ok':
        live.state = 'complete'
        live.result = resultOf(this.taskId, name, live.claimNo)
        this.release(nowMs)
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
          dueMs: Math.max(nowMs + outcome.ms, live.startedMs + 1_000),
        })
        break
      default:
        outcome satisfies never
    }
    this.moved()
  }

  readiness(nowMs: number): readonly Readiness[] {
    return [...this.steps.values()].map((live) => {
      const isReady = this.#isReady(live, nowMs)
      return {
        name: live.step.name,
        state: live.state,
        isReady,
        blockedBy: isReady ? null : this.#reason(live, nowMs),
        attempts: live.attempts,
        retryLimit: live.limit,
        waits: live.waits,
        completedParents: live.step.parents.filter((parent) => this.isSatisfied(parent)).length,
        nextRetryAt: live.dueMs === null ? null : new Date(live.dueMs),
        result: live.result,
      }
    })
  }

  #isReady({ dueMs }: Live, nowMs: number): boolean {
    return dueMs !== null && dueMs <= nowMs && !this.isHeld
  }

  #reason({ state, dueMs }: Live, nowMs: number): string | null {
    if (state === 'in_progress') return 'running'
    if (state !== 'pending' && state !== 'error') return null
    if (dueMs !== null && dueMs <= nowMs) return 'held'
    if (dueMs !== null) return state === 'error' ? 'retry' : 'wait'
    if (state === 'error') return 'exhausted'
    return this.isOver ? 'ended' : 'parent'
  }

  /** What waits for nothing any more is due. Returns the names. */
  protected release(nowMs: number): readonly string[] {
    const released = this.all('pending').filter(
      ({ step, dueMs }) =>
        dueMs === null && step.parents.every((parent) => this.isSatisfied(parent)),
    )
    for (const live of released) live.dueMs = nowMs
    return released.map(({ step }) => step.name)
  }

  /** To be called after each transition: keeps the ends. */
  protected moved(): void {
    const state = this.taskState
    if (state === this.#lastState) return
    this.#lastState = state
    if (state !== 'pending' && state !== 'in_progress') this.ends.push(state)
  }

  protected isSatisfied(name: string): boolean {
    const state = this.steps.get(name)?.state
    return state !== undefined && satisfiedStates.includes(state)
  }

  protected all(state: StepState): readonly Live[] {
    return [...this.steps.values()].filter((live) => live.state === state)
  }
}

export const attemptedOf = ({ step, claimNo }: Live): Attempted => ({
  name: step.name,
  claimNo,
  outcome: outcomeOf(step, claimNo),
})
