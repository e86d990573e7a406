// How many steps a worker may run at once, decided from what its load was a moment ago. Pure: a limit and a load in, the
// next limit and its reason out. Measuring the load is load.ts, keeping the limit slots.ts.
import type { SlotsReason } from '../database/workers.ts'

/** What holds the limit below its upper bound; null: nothing does. */
export interface Limit {
  readonly slots: number
  readonly reason: SlotsReason | null
}

/** How loaded a worker was since the limit was decided last. */
export interface Load {
  /** Connections for calls, lent and waited for, as a share of those that may be open. Above 1: some wait. */
  readonly connectionUse: number
  /** The same of the connections kept apart for steps with a transaction. */
  readonly transactionUse: number
  /** How late the event loop came, as a moment of that time met it on average. */
  readonly eventLoopDelayMs: number
  /** Recording calls: how many times longer than this worker's own baseline they take. */
  readonly commitSlowdown: number
  /** Most steps that ran at once. */
  readonly runningMax: number
}

export interface ConcurrencyRules {
  readonly min: number
  readonly max: number
  readonly connectionUseMax: number
  readonly eventLoopDelayMaxMs: number
  readonly commitSlowdownMax: number
}

/** One decision never takes away more than half: the next is made with the effect of this one in view. */
const sharpestCut = 0.5
/** Up to this share of what is allowed the limit is raised; from there to all of it, it stays. */
const calmBelow = 0.8
/** So that 9 of 9 are not 8.99. */
const rounding = 1e-9
/** From the lower bound to the upper in so many decisions. */
const raisesToMax = 20

/**
 * Above what the rules allow the limit is cut in proportion, from what really ran; below 80 % of it, it is raised by a
 * twentieth of the range. Always within the bounds, and never higher for more pressure.
 */
export function nextLimit(present: Limit, load: Load, rules: ConcurrencyRules): Limit {
  const pressures = pressuresOf(load, rules)
  const pressure = Math.max(...Object.values(pressures))
  if (pressure > 1) {
    const inUse = Math.min(present.slots, Math.max(load.runningMax, 1))
    const cut = Math.max(sharpestCut, 1 / pressure)
    return limit(Math.floor(inUse * cut + rounding), rules, reasonOf(pressures, present.reason))
  }
  const raise = pressure <= calmBelow ? Math.ceil((rules.max - rules.min) / raisesToMax) : 0
  return limit(Math.max(rules.min, present.slots) + raise, rules, present.reason)
}

type Pressures = Readonly<Record<Exclude<SlotsReason, 'open_work'>, number>>

/**
 * Those for transactions are there to be held, so all may be, with as many steps next in line as there are at work. A
 * margin is left of those for calls only: whoever waits there, waits to record.
 */
const transactionUseMax = 2

/** Each as a share of what is allowed. Of the two pools, the one that is worse off. */
const pressuresOf = (load: Load, rules: ConcurrencyRules): Pressures => ({
  connections: Math.max(
    load.connectionUse / rules.connectionUseMax,
    load.transactionUse / transactionUseMax,
  ),
  event_loop: load.eventLoopDelayMs / rules.eventLoopDelayMaxMs,
  commit_latency: load.commitSlowdown / rules.commitSlowdownMax,
})

/** The one that presses most; the present one as long as it presses at all, so that two do not take turns. */
function reasonOf(pressures: Pressures, present: SlotsReason | null): SlotsReason {
  if (present !== null && present !== 'open_work' && pressures[present] > 1) return present
  const { connections, event_loop: eventLoop, commit_latency: commitLatency } = pressures
  if (connections >= eventLoop && connections >= commitLatency) return 'connections'
  return eventLoop >= commitLatency ? 'event_loop' : 'commit_latency'
}

function limit(slots: number, { min, max }: ConcurrencyRules, reason: SlotsReason | null): Limit {
  const bounded = Math.min(max, Math.max(min, slots))
  return { slots: bounded, reason: bounded === max ? null : reason }
}
