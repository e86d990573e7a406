// How many steps a worker may run at once, from its load: pure decisions, with their bounds as properties; and what the
// time of recording calls says.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  nextLimit,
  type ConcurrencyRules,
  type Limit,
  type Load,
} from '../../src/dispatch/concurrency.ts'
import { CommitLatency } from '../../src/dispatch/load.ts'
import { runs } from './runs.ts'

const rules: ConcurrencyRules = {
  min: 3,
  max: 100,
  connectionUseMax: 0.6,
  eventLoopDelayMaxMs: 100,
  commitSlowdownMax: 3,
}
const calm: Load = {
  connectionUse: 0,
  transactionUse: 0,
  eventLoopDelayMs: 0,
  commitSlowdown: 0,
  runningMax: 100,
}
const top: Limit = { slots: 100, reason: null }

/** The limits that a load leads to when it lasts, one decision after the other. */
function decisions(from: Limit, load: (present: Limit) => Load, count: number): Limit[] {
  const limits: Limit[] = []
  for (let made = 0, present = from; made < count; made += 1) {
    present = nextLimit(present, load(present), rules)
    limits.push(present)
  }
  return limits
}

describe('a limit', () => {
  test('is cut in proportion to what is too much, from what really ran, and never by more than half', () => {
    expect(nextLimit(top, { ...calm, connectionUse: 0.8 }, rules)).toEqual({
      slots: 75,
      reason: 'connections',
    })
    expect(nextLimit(top, { ...calm, connectionUse: 0.8, runningMax: 40 }, rules).slots).toBe(30)
    expect(nextLimit(top, { ...calm, eventLoopDelayMs: 5_000 }, rules).slots).toBe(50)
  })

  test('stays where pressure is near what is allowed, and rises by a twentieth of the range below', () => {
    const cut: Limit = { slots: 20, reason: 'commit_latency' }
    expect(nextLimit(cut, { ...calm, commitSlowdown: 2.7 }, rules)).toEqual(cut)
    expect(nextLimit(cut, { ...calm, commitSlowdown: 2.4 }, rules)).toEqual({ ...cut, slots: 25 })
  })

  test('settles at 60 % of the connections under steps that need one each', () => {
    const connections = 15
    const limits = decisions(
      top,
      ({ slots }) => ({ ...calm, runningMax: slots, connectionUse: slots / connections }),
      10,
    )
    expect(limits.at(-1)).toEqual({ slots: 9, reason: 'connections' })
  })

  test('settles at as many steps in line for a transaction as there are in one', () => {
    const connections = 5
    const limits = decisions(
      top,
      ({ slots }) => ({ ...calm, runningMax: slots, transactionUse: slots / connections }),
      10,
    )
    expect(limits.at(-1)).toEqual({ slots: 10, reason: 'connections' })
  })

  test('is cut by the pool that is worse off, however little the other is used', () => {
    const crowded = { ...calm, connectionUse: 0.05, transactionUse: 4 }
    expect(nextLimit(top, crowded, rules)).toEqual({ slots: 50, reason: 'connections' })
    const starved = { ...calm, connectionUse: 0.8, transactionUse: 0.1 }
    expect(nextLimit(top, starved, rules)).toEqual({ slots: 75, reason: 'connections' })
  })

  test('keeps its reason while that presses, though another presses more by now', () => {
    const cut: Limit = { slots: 50, reason: 'event_loop' }
    const both = { ...calm, eventLoopDelayMs: 110, commitSlowdown: 9 }
    expect(nextLimit(cut, both, rules).reason).toBe('event_loop')
    expect(nextLimit(cut, { ...both, eventLoopDelayMs: 90 }, rules).reason).toBe('commit_latency')
  })
})

const anyRules = fc
  .tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }))
  .map(([min, range]) => ({ ...rules, min, max: min + range }))
const anyLimit = fc.record({
  slots: fc.integer({ min: 0, max: 2_000 }),
  reason: fc.constantFrom('connections', 'event_loop', 'commit_latency', null),
})
const pressure = fc.double({ min: 0, max: 1e6, noNaN: true })
const anyLoad = fc.record({
  connectionUse: pressure,
  transactionUse: pressure,
  eventLoopDelayMs: pressure,
  commitSlowdown: pressure,
  runningMax: fc.nat({ max: 2_000 }),
})

describe('whatever the load', () => {
  test('a limit is a whole number within its bounds, and has a reason exactly when it is below the upper one', () => {
    fc.assert(
      fc.property(anyLimit, anyLoad, anyRules, (present, load, within) => {
        const known = { ...present, reason: present.reason ?? 'connections' } as const
        const { slots, reason } = nextLimit(known, load, within)
        expect(Number.isInteger(slots)).toBe(true)
        expect(slots).toBeGreaterThanOrEqual(within.min)
        expect(slots).toBeLessThanOrEqual(within.max)
        expect(reason === null).toBe(slots === within.max)
      }),
      runs(500),
    )
  })

  test('more of any pressure never gives a higher limit', () => {
    const which = fc.constantFrom(
      'connectionUse',
      'transactionUse',
      'eventLoopDelayMs',
      'commitSlowdown',
    )
    fc.assert(
      fc.property(
        anyLimit,
        anyLoad,
        anyRules,
        which,
        pressure,
        (present, load, within, key, more) => {
          const worse = { ...load, [key]: load[key] + more }
          expect(nextLimit(present, worse, within).slots).toBeLessThanOrEqual(
            nextLimit(present, load, within).slots,
          )
        },
      ),
      runs(500),
    )
  })

  test('twenty calm decisions lead from anywhere to the upper bound, with no reason left', () => {
    fc.assert(
      fc.property(anyLimit, anyRules, (present, within) => {
        let limit: Limit = present
        for (let made = 0; made < 20; made += 1) limit = nextLimit(limit, calm, within)
        expect(limit).toEqual({ slots: within.max, reason: null })
      }),
      runs(200),
    )
  })

  test('pressure that lasts and grows with what runs leads to a limit that stays or swings by one raise', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.002, max: 1, noNaN: true }), (perStep) => {
        const limits = decisions(
          top,
          ({ slots }) => ({ ...calm, runningMax: slots, connectionUse: slots * perStep }),
          60,
        ).slice(-20)
        const slots = limits.map((limit) => limit.slots)
        expect(Math.max(...slots) - Math.min(...slots)).toBeLessThanOrEqual(5)
      }),
      runs(200),
    )
  })
})

describe('the time of recording calls', () => {
  const read = (
    latency: CommitLatency,
    durationMs: number,
    stepCount: number,
    times = 1,
  ): number => {
    let slowdown = 0
    for (let made = 0; made < times; made += 1) {
      latency.add(durationMs, stepCount)
      slowdown = latency.slowdown(0)
    }
    return slowdown
  }

  test('is compared per step: a call that carries ten times as much may take longer', () => {
    const latency = new CommitLatency()
    expect(read(latency, 61, 1, 20)).toBeCloseTo(1)
    expect(read(latency, 260, 200, 20)).toBeCloseTo(1)
  })

  test('that lasts five times as long counts within a few readings; one call alone hardly does', () => {
    const latency = new CommitLatency()
    read(latency, 61, 1, 20)
    expect(read(latency, 305, 1)).toBeLessThan(3)
    expect(read(latency, 61, 1, 10)).toBeLessThan(1.2)
    expect(read(latency, 305, 1, 5)).toBeGreaterThan(3)
  })

  test('that stays long becomes the new normal in a few minutes', () => {
    const latency = new CommitLatency()
    read(latency, 61, 1, 20)
    expect(read(latency, 305, 1, 300)).toBeLessThan(3)
  })

  test('counts without what its answer waited for the event loop', () => {
    const latency = new CommitLatency()
    read(latency, 61, 1, 20)
    for (let made = 0; made < 10; made += 1) {
      latency.add(305, 1)
      expect(latency.slowdown(244)).toBeLessThan(1.1)
    }
  })

  test('is never slow below 10 ms for one step, and says nothing without calls', () => {
    const latency = new CommitLatency()
    read(latency, 0.5, 1, 20)
    expect(read(latency, 10, 1, 20)).toBeLessThan(1.01)
    expect(latency.slowdown(0)).toBe(0)
  })
})
