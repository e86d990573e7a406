// The model under an operator's hands: which actions are refused, and what the others do to steps, to what depends on them
// and to the task. Written from the rules (14, 15, 30 and the contract of move_steps.sql), not from the SQL.
import type { Json } from '../../src/json.ts'
import type { StepState } from '../../src/states.ts'
import type { OperatorAction } from '../../src/tasks/operator-order.ts'
import { attemptedOf, Model, type Attempted, type Live } from './model.ts'

/** What an operator asks. */
export interface Ask {
  readonly action: OperatorAction
  /** Null: the whole task. */
  readonly steps: readonly string[] | null
  readonly attempts: number
  readonly limit: number
  readonly result: Json
}

/** A step that an action changed, or whose children it released. */
export interface Moved {
  readonly step: string
  readonly from: StepState
  readonly to: StepState
  readonly by: 'asked' | 'descent' | 'release'
}

export type Verdict =
  /** The steps that could not be moved; null: the whole task. */
  | { readonly is: 'refused'; readonly steps: readonly string[] | null }
  /** It was so already. */
  | { readonly is: 'same' }
  | { readonly is: 'done'; readonly moved: readonly Moved[] }

const refused: Verdict = { is: 'refused', steps: null }
const same: Verdict = { is: 'same' }
const done = (moved: readonly Moved[] = []): Verdict => ({ is: 'done', moved })

const unfinished: readonly StepState[] = ['pending', 'in_progress', 'error']

/** A step as the tables of legal moves ask for it. */
export interface Standing {
  readonly name: string
  readonly state: StepState
  readonly isScheduled: boolean
}

export class OperatedModel extends Model {
  /** Attempts that were called off while their handlers went on. */
  readonly calledOff: Attempted[] = []

  get isHeldNow(): boolean {
    return this.isHeld
  }

  get standings(): readonly Standing[] {
    return [...this.steps.values()].map(({ step, state, dueMs }) => ({
      name: step.name,
      state,
      isScheduled: dueMs !== null,
    }))
  }

  act(ask: Ask, nowMs: number): Verdict {
    const verdict =
      ask.steps === null ? this.#actOnTask(ask, nowMs) : this.#actOnSteps(ask, ask.steps, nowMs)
    this.moved()
    return verdict
  }

  /** A model of the task that does part of this one again; null: nothing would run. */
  rerun(
    from: readonly string[],
    newTask: { readonly taskId: string; readonly nowMs: number },
  ): { readonly model: OperatedModel; readonly runs: readonly string[] } | null {
    const again = this.#withDescendants(from)
    const kept = [...this.steps.values()].filter(
      ({ step }) => this.isSatisfied(step.name) && !again.has(step.name),
    )
    const taken = new Map(kept.map(({ step, state, result }) => [step.name, { state, result }]))
    const steps = [...this.steps.values()].map(({ step }) => step)
    const runs = steps.map(({ name }) => name).filter((name) => !taken.has(name))
    if (runs.length === 0) return null
    const plan = { taskId: newTask.taskId, steps }
    return { model: new OperatedModel(plan, newTask.nowMs, taken), runs }
  }

  #actOnTask({ action, attempts }: Ask, nowMs: number): Verdict {
    const state = this.taskState
    const isOpen = state === 'pending' || state === 'in_progress'
    switch (action) {
      case 'cancel':
        return isOpen || state === 'error' ? this.#settle('cancelled') : refused
      case 'resolve':
        return state === 'error' ? this.#settle('resolved_manually') : refused
      case 'hold':
      case 'resume': {
        if (!isOpen && (action === 'hold' || state !== 'error')) return refused
        const isSame = this.isHeld === (action === 'hold')
        this.isHeld = action === 'hold'
        return isSame ? same : done()
      }
      case 'retry':
      case 'retry_now':
      case 'wake': {
        const meant = [...this.steps.values()].filter((live) => this.#isLegal(live, action, nowMs))
        if (meant.length === 0) return refused
        const names = meant.map(({ step }) => step.name)
        return this.#actOnSteps(
          { action, steps: names, attempts, limit: 0, result: null },
          names,
          nowMs,
        )
      }
      case 'skip':
      case 'set_retry_limit':
        return refused
      default:
        return action satisfies never
    }
  }

  #actOnSteps(ask: Ask, names: readonly string[], nowMs: number): Verdict {
    const meant = names.flatMap((name) => this.steps.get(name) ?? [])
    const illegal = meant.filter((live) => !this.#isLegal(live, ask.action, nowMs, ask.limit))
    if (illegal.length > 0) return { is: 'refused', steps: illegal.map(({ step }) => step.name) }
    const moved: Moved[] = meant.map(({ step, state }) => ({
      step: step.name,
      from: state,
      to: targets[ask.action] ?? state,
      by: 'asked',
    }))
    for (const live of meant) {
      if (targets[ask.action] !== undefined && live.state === 'in_progress')
        this.calledOff.push(attemptedOf(live))
      this.#change(live, ask, nowMs)
    }
    const cancelled = ask.action === 'cancel' ? this.#cancelDescent(names) : []
    const released = ask.action === 'resolve' || ask.action === 'skip' ? this.release(nowMs) : []
    return done([
      ...moved,
      ...cancelled.map((step): Moved => ({
        step,
        from: 'pending',
        to: 'cancelled',
        by: 'descent',
      })),
      ...released.map((step): Moved => ({ step, from: 'pending', to: 'pending', by: 'release' })),
    ])
  }

  #isLegal(live: Live, action: OperatorAction, nowMs: number, limit = 0): boolean {
    const { state, dueMs, attempts } = live
    if (this.settledAs !== null || ['complete', 'cancelled'].includes(this.taskState)) return false
    const isLater = dueMs !== null && dueMs > nowMs
    switch (action) {
      case 'retry':
        return state === 'error' && dueMs === null
      case 'retry_now':
        return state === 'error' && isLater
      case 'wake':
        return state === 'pending' && isLater
      case 'set_retry_limit':
        // A run to come needs an attempt that is left; a step that waited is pending with attempts spent before it.
        return (
          unfinished.includes(state) &&
          limit >= attempts + (state === 'pending' || (state === 'error' && dueMs !== null) ? 1 : 0)
        )
      case 'cancel':
      case 'resolve':
      case 'skip':
        return unfinished.includes(state)
      case 'hold':
      case 'resume':
        return false
      default:
        return action satisfies never
    }
  }

  #change(live: Live, { action, attempts, limit, result }: Ask, nowMs: number): void {
    switch (action) {
      case 'cancel':
        Object.assign(live, { state: 'cancelled', dueMs: null })
        break
      case 'skip':
        Object.assign(live, { state: 'skipped', dueMs: null })
        break
      case 'resolve':
        Object.assign(live, { state: 'resolved_manually', dueMs: null, result })
        break
      case 'retry':
        Object.assign(live, {
          state: 'pending',
          dueMs: nowMs,
          limit: Math.max(live.limit, live.attempts + attempts),
        })
        break
      case 'retry_now':
      case 'wake':
        live.dueMs = nowMs
        break
      case 'set_retry_limit':
        live.limit = limit
        break
      case 'hold':
      case 'resume':
        break
      default:
        action satisfies never
    }
  }

  /** What depends on a cancelled step can never run; what was satisfied by hand stands in between. */
  #cancelDescent(names: readonly string[]): readonly string[] {
    const cancelled: string[] = []
    const queue = [...names]
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      for (const child of this.#children(name)) {
        if (child.state !== 'pending') continue
        child.state = 'cancelled'
        cancelled.push(child.step.name)
        queue.push(child.step.name)
      }
    }
    return cancelled
  }

  #settle(as: 'cancelled' | 'resolved_manually'): Verdict {
    for (const live of this.steps.values()) {
      if (live.state === 'in_progress') this.calledOff.push(attemptedOf(live))
      const isExhausted = live.state === 'error' && live.dueMs === null
      if (unfinished.includes(live.state) && !isExhausted) live.state = 'cancelled'
      live.dueMs = null
    }
    this.settledAs = as
    return done()
  }

  #children(name: string): readonly Live[] {
    return [...this.steps.values()].filter(({ step }) => step.parents.includes(name))
  }

  #withDescendants(names: readonly string[]): ReadonlySet<string> {
    const found = new Set(names)
    for (const name of found) {
      for (const { step } of this.#children(name)) found.add(step.name) // visited in its turn
    }
    return found
  }
}

/** States to which an action moves a step; the others leave it where it is. */
const targets: Partial<Readonly<Record<OperatorAction, StepState>>> = {
  cancel: 'cancelled',
  resolve: 'resolved_manually',
  skip: 'skipped',
  retry: 'pending',
}
