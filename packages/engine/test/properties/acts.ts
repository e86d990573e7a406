// What an operator does in a random run, drawn as numbers that shrink: each act picks an action and its steps among those
// that the tables in operator-order.ts call legal at that moment, or among all others.
import fc from 'fast-check'
import type { OperatedModel, Ask } from './operated-model.ts'
import {
  movesOfStep,
  movesOfTask,
  operatorActions,
  type OperatorAction,
} from '../../src/tasks/operator-order.ts'

/** One act. Left out of the run, it shrinks the run. */
export interface Act {
  /** Not before this turn of the run; what is left over when the task has ended comes then. */
  readonly turn: number
  /** False: something that the tables do not allow. */
  readonly isLegal: boolean
  /** Picks the action, then the first step or the whole task. */
  readonly action: number
  readonly target: number
  /** Further steps of the same action. */
  readonly also: readonly number[]
  readonly attempts: number
  readonly limit: number
}

export const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.record({
    turn: fc.nat(25),
    isLegal: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    action: fc.nat(999),
    target: fc.nat(999),
    also: fc.array(fc.nat(999), { maxLength: 3 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    limit: fc.integer({ min: 1, max: 6 }),
  }),
  { maxLength: 12 },
)

/** A rerun of the task before, with what is done to the new one. */
export interface Again {
  readonly from: readonly number[]
  readonly acts: readonly Act[]
}

export const reruns: fc.Arbitrary<readonly Again[]> = fc.array(
  fc.record({ from: fc.array(fc.nat(999), { maxLength: 3 }), acts }),
  { maxLength: 2 },
)

/** What an act comes to; `rerun` is refused as long as the task goes on, and else comes after it (`Again`). */
export type Order = Ask | { readonly action: 'rerun'; readonly steps: null }

/** A step's name; null: the whole task. */
type Target = string | null

/** Null: there is nothing of that kind to do now. */
export function orderOf(act: Act, model: OperatedModel): Order | null {
  const legal = legalTargets(model)
  const offered = act.isLegal ? legal : illegalTargets(model, legal)
  const actions = [...offered.keys()].filter((action) => action !== 'rerun' || !act.isLegal)
  const action = actions[act.action % Math.max(1, actions.length)]
  if (action === undefined) return null
  const targets = offered.get(action) ?? []
  const target = targets[act.target % Math.max(1, targets.length)]
  if (target === undefined) return null
  if (action === 'rerun') return { action, steps: null }
  // One illegal step among legal ones: nothing at all is done.
  const others = (legal.get(action) ?? []).filter((other) => other !== null)
  const further = act.also.flatMap((number) => others[number % Math.max(1, others.length)] ?? [])
  return {
    action,
    steps: target === null ? null : [...new Set([target, ...further])],
    attempts: act.attempts,
    limit: act.limit,
    result: { by: 'hand', act: act.action },
  }
}

type Targets = ReadonlyMap<OperatorAction | 'rerun', readonly Target[]>

/** By action, as the tables say. */
function legalTargets(model: OperatedModel): Targets {
  const targets = new Map<OperatorAction | 'rerun', Target[]>()
  const add = (action: OperatorAction | 'rerun', target: Target): void => {
    targets.set(action, [...(targets.get(action) ?? []), target])
  }
  const { taskState } = model
  for (const action of movesOfTask(taskState)) add(action, null)
  for (const { name, state, isScheduled } of model.standings) {
    for (const action of movesOfStep(state, { taskState, isScheduled })) add(action, name)
  }
  return targets
}

/** Everything else that can be asked at all. */
function illegalTargets(model: OperatedModel, legal: Targets): Targets {
  const names = model.standings.map(({ name }) => name)
  const asked = (action: OperatorAction | 'rerun'): readonly Target[] => {
    if (action === 'hold' || action === 'resume' || action === 'rerun') return [null]
    return action === 'skip' || action === 'set_retry_limit' ? names : [null, ...names]
  }
  return new Map(
    [...operatorActions, 'rerun' as const]
      .map((action) => {
        const allowed = new Set(legal.get(action))
        return [action, asked(action).filter((target) => !allowed.has(target))] as const
      })
      .filter(([, targets]) => targets.length > 0),
  )
}
