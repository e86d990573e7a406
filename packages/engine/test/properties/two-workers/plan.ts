// What is drawn for one run of the two-worker test: the tasks, and the turns in which two workers and an operator call. Numbers
// are picks among what there is at that moment, so that every part can be left out when a failure is shrunk.
import fc from 'fast-check'
import { operatorActions } from '../../../src/tasks/operator-order.ts'

export interface StepDrawn {
  readonly parents: readonly number[]
  readonly retryable: boolean
  readonly limit: number
}

export interface TaskDrawn {
  readonly steps: readonly StepDrawn[]
  readonly deadlineMs: number | null
}

/** Three connections: two workers and an operator. */
export type ActorName = 'one' | 'two' | 'operator'

export interface WorkerCall {
  readonly is: (typeof workerCalls)[number]
  /** Picks the step, from the newest; `also` another one of the same call, or none. */
  readonly pick: number
  readonly also: number | null
  /** Among all that it was ever given, and not only what it has not answered yet. */
  readonly isStale: boolean
  readonly kind: (typeof kinds)[number]
  readonly want: number
  readonly waits: boolean
  readonly isReplyLost: boolean
}

export interface OperatorCall {
  readonly is: 'operate'
  readonly action: (typeof operatorActions)[number]
  readonly task: number
  readonly step: number | null
  readonly also: number | null
  readonly limit: number
}

const workerCalls = ['finish', 'claim', 'rescue', 'renew', 'resend', 'settle', 'register'] as const
const kinds = ['complete', 'retryable', 'permanent', 'wait', 'release'] as const

const among = <T>(...weighted: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))

const step: fc.Arbitrary<StepDrawn> = fc.record({
  parents: fc.oneof(fc.constant([]), fc.array(fc.nat(7), { maxLength: 2 })),
  retryable: among([1, true], [1, false]),
  limit: fc.integer({ min: 1, max: 3 }),
})

const task: fc.Arbitrary<TaskDrawn> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }),
  deadlineMs: fc.option(fc.constantFrom(5_000, 40_000), { freq: 2 }),
})

/** Mostly one, so that those who call meet. */
export const tasks: fc.Arbitrary<readonly TaskDrawn[]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(task) },
  { weight: 1, arbitrary: fc.tuple(task, task) },
)

export const workerCall: fc.Arbitrary<WorkerCall> = fc.record({
  is: among(
    [20, 'finish' as const],
    [6, 'claim' as const],
    [4, 'rescue' as const],
    [2, 'renew' as const],
    [2, 'resend' as const],
    [4, 'settle' as const],
    [1, 'register' as const],
  ),
  pick: fc.nat(9),
  also: fc.option(fc.nat(9)),
  isStale: among([3, false], [1, true]),
  kind: among(
    [5, 'complete' as const],
    [3, 'retryable' as const],
    [1, 'permanent' as const],
    [2, 'wait' as const],
    [1, 'release' as const],
  ),
  want: fc.nat(3),
  waits: among([4, true], [1, false]),
  isReplyLost: among([6, false], [1, true]),
})

export const operatorCall: fc.Arbitrary<OperatorCall> = fc.record({
  is: fc.constant('operate'),
  action: fc.constantFrom(...operatorActions, 'cancel', 'set_retry_limit', 'hold'),
  task: fc.nat(3),
  step: fc.option(fc.nat(7), { freq: 3 }),
  also: fc.option(fc.nat(7), { freq: 2 }),
  limit: fc.integer({ min: 1, max: 4 }),
})

/** Time that passes, and who renews its lease then: that of the others may be over. */
export interface PassDrawn {
  readonly ms: number
  readonly renews: Exclude<ActorName, 'operator'> | null
}

export const pass: fc.Arbitrary<PassDrawn> = fc.record({
  ms: fc.constantFrom(1_000, 6_000, 15_000), // the last one: a lease is just not over yet
  renews: among([3, 'one' as const], [1, 'two' as const], [1, null]),
})
