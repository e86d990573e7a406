// Locks: one at a time, renewed while the work goes on, lost aloud, waited for within a time. The stores that hold them are
// tested beside this; what random owners do to one another is locks-exclude.test.ts.
import { expect, test } from 'vitest'
import type { LockStore } from '../../src/cache/cache-store.ts'
import { Locks, type LockOrder } from '../../src/cache/locks.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import type { Clock } from '../../src/clock.ts'
import { testClock, type TestClock } from '../../src/testing/index.ts'

interface Stage {
  readonly clock: TestClock
  readonly store: MemoryStore
  readonly locks: Locks
  readonly others: Locks
}

/** Two owners and one store; `with` changes what the first of them sees. */
function stage(seen: { readonly store?: Partial<LockStore>; readonly clock?: Clock } = {}): Stage {
  const clock = testClock()
  const store = new MemoryStore({ clock })
  const own: LockStore = {
    acquire: (...order) => store.acquire(...order),
    renew: (...order) => store.renew(...order),
    release: (...order) => store.release(...order),
    ...seen.store,
  }
  return {
    clock,
    store,
    locks: new Locks({ store: own, clock: seen.clock ?? clock, owner: 'one' }),
    others: new Locks({ store, clock, owner: 'two' }),
  }
}

const order: LockOrder = { name: 'a', ttlMs: 900 }
const nothing = async (): Promise<void> => undefined

/** Work that is under way until it is told to end. */
function work() {
  const { promise: begun, resolve: begin } = Promise.withResolvers<AbortSignal>()
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const run = async (signal: AbortSignal): Promise<string> => {
    begin(signal)
    return ended
  }
  return { run, begun, end }
}

const isFree = async ({ others }: Pick<Stage, 'others'>): Promise<boolean> =>
  (await others.tryWith(order, nothing)).isDone

test('while one works the other does nothing; afterwards it is the other’s turn', async () => {
  const set = stage()
  const { run, begun, end } = work()
  const done = set.locks.tryWith(order, run)
  await begun
  expect(await set.others.tryWith(order, nothing)).toEqual({ isDone: false, tries: 1 })
  expect(await set.others.tryWith({ ...order, name: 'b' }, nothing)).toMatchObject({ isDone: true })
  expect(await set.locks.tryWith(order, nothing)).toEqual({ isDone: false, tries: 1 })
  end('result')
  expect(await done).toEqual({ isDone: true, result: 'result', tries: 1, wasLost: false })
  expect(await isFree(set)).toBe(true)
})

test('work that fails frees the lock, and its error passes', async () => {
  const set = stage()
  const failed = set.locks.tryWith(order, () => Promise.reject(new Error('no')))
  await expect(failed).rejects.toThrow('no')
  expect(await isFree(set)).toBe(true)
})

test('it is renewed for as long as the work takes, over failures that are shorter than its time', async () => {
  let failures = 0
  const set = stage({
    store: {
      renew: async (...renewal) => {
        failures += 1
        if (failures % 2 === 0) throw new Error('away')
        return set.store.renew(...renewal)
      },
    },
  })
  const { run, begun, end } = work()
  const done = set.locks.tryWith(order, run)
  const signal = await begun
  await set.clock.advance(20 * order.ttlMs)
  expect(failures).toBeGreaterThan(50)
  expect([signal.aborted, await isFree(set)]).toEqual([false, false])
  end('result')
  expect(await done).toMatchObject({ isDone: true, wasLost: false })
})

test.each([
  ['fail', (): Promise<boolean> => Promise.reject(new Error('away'))],
  ['get no answer', () => new Promise<boolean>(() => undefined)],
])('when renewals %s, the work hears at the end of the time, and not before', async (_, renew) => {
  const set = stage({ store: { renew } })
  // Of a clock that waits for nobody: one renewal never ends.
  const clock = {
    ...set.clock,
    schedule: (ms: number, run: () => unknown) => set.clock.schedule(ms, () => void run()),
  }
  const locks = new Locks({ store: { ...bound(set.store), renew }, clock, owner: 'three' })
  const { run, begun, end } = work()
  const done = locks.tryWith(order, run)
  const signal = await begun
  await set.clock.advance(order.ttlMs - 1)
  expect([signal.aborted, await isFree(set)]).toEqual([false, false])
  await set.clock.advance(1)
  expect(signal.reason).toMatchObject({ code: 'LOCK_LOST' })
  expect(await set.others.tryWith(order, async () => end('late'))).toMatchObject({ isDone: true })
  expect(await done).toEqual({ isDone: true, result: 'late', tries: 1, wasLost: true })
})

const bound = (store: MemoryStore): LockStore => ({
  acquire: (...given) => store.acquire(...given),
  renew: (...given) => store.renew(...given),
  release: (...given) => store.release(...given),
})

test('whoever finds it another’s hears at once, and does not free it', async () => {
  const set = stage()
  const { run, begun, end } = work()
  const done = set.locks.tryWith(order, run)
  const signal = await begun
  await set.store.delete('lock/a')
  const other = work()
  const theirs = set.others.tryWith(order, other.run)
  await other.begun
  await set.clock.advance(order.ttlMs / 3)
  expect(signal.aborted).toBe(true)
  end('late')
  expect(await done).toMatchObject({ wasLost: true })
  expect(await set.locks.tryWith(order, nothing)).toMatchObject({ isDone: false })
  other.end('theirs')
  expect(await theirs).toMatchObject({ result: 'theirs', wasLost: false })
})

test('its time counts from when it was asked for, and an answer that comes after it is none', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const set = stage({
    store: {
      acquire: async (...given) => {
        const isHeld = await set.store.acquire(...given)
        await answered
        return isHeld
      },
    },
  })
  let began = false
  const done = set.locks.tryWith(order, async () => (began = true))
  await set.clock.advance(order.ttlMs)
  answer()
  expect(await done).toEqual({ isDone: false, tries: 1 })
  expect(began).toBe(false)
})

test('asked for in doubt, it is released again', async () => {
  const set = stage({
    store: {
      acquire: async (...given) => {
        await set.store.acquire(...given)
        throw new Error('the answer was lost')
      },
    },
  })
  await expect(set.locks.tryWith(order, nothing)).rejects.toThrow('the answer was lost')
  expect(await isFree(set)).toBe(true)
})

test('what a store in trouble did not take back is given back by whoever wants it next here', async () => {
  let isAway = false
  const set: Stage = stage({
    store: {
      async release(...given) {
        if (isAway) throw new Error('it did not answer')
        return set.store.release(...given)
      },
    },
  })
  await set.locks.tryWith(order, async () => {
    isAway = true
  })
  expect(await isFree(set)).toBe(false)
  expect(await set.locks.tryWith(order, nothing)).toMatchObject({ isDone: false })
  isAway = false
  expect(await set.locks.tryWith(order, nothing)).toMatchObject({ isDone: true })
  expect(await isFree(set)).toBe(true)
})

test('a machine that slept has lost it, also where monotonic time slept too', async () => {
  const set = stage()
  let sleptMs = 0
  const clock = { ...set.clock, nowMs: () => set.clock.nowMs() + sleptMs }
  const locks = new Locks({ store: set.store, clock, owner: 'three' })
  const { run, begun, end } = work()
  const done = locks.tryWith(order, run)
  const signal = await begun
  sleptMs = order.ttlMs
  await set.clock.advance(order.ttlMs / 3)
  expect(signal.aborted).toBe(true)
  end('late')
  expect(await done).toMatchObject({ wasLost: true })
})

test('a renewal that is answered after the end brings nothing back', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  const set = stage({
    store: {
      renew: async (...given) => {
        ask()
        await answered
        return set.store.renew(...given)
      },
    },
  })
  const { run, begun, end } = work()
  const done = set.locks.tryWith(order, run)
  const signal = await begun
  const advanced = set.clock.advance(order.ttlMs / 3)
  await asked
  end('result')
  await done
  answer()
  await advanced
  expect([signal.aborted, await isFree(set)]).toEqual([false, true])
})

/** Time goes on, in small steps, until it has ended. */
async function timeUntil<T>(clock: TestClock, ended: Promise<T>): Promise<T> {
  const state = { isOver: false }
  void ended.finally(() => (state.isOver = true))
  while (!state.isOver) await clock.advance(10)
  return ended
}

test('it is waited for as long as one likes, in tries that come less and less often', async () => {
  const set = stage()
  const { run, begun, end } = work()
  const done = set.locks.tryWith(order, run)
  await begun
  const startMs = set.clock.nowMs()
  const waited = await timeUntil(
    set.clock,
    set.others.tryWith({ ...order, waitMs: 5_000 }, nothing),
  )
  expect(waited.isDone).toBe(false)
  expect(set.clock.nowMs() - startMs).toBeGreaterThanOrEqual(5_000)
  expect(set.clock.nowMs() - startMs).toBeLessThan(5_100)
  expect(waited.tries).toBeGreaterThan(10)
  expect(waited.tries).toBeLessThan(20)

  const waiting = set.others.tryWith({ ...order, waitMs: 5_000 }, nothing)
  await set.clock.advance(300)
  end('result')
  await done
  const taken = await timeUntil(set.clock, waiting)
  expect(taken).toMatchObject({ isDone: true, wasLost: false })
  expect(taken.tries).toBeGreaterThan(1)
})

test('called off, it is waited for no longer, and the work under way is told', async () => {
  const set = stage()
  const off = new AbortController()
  const { run, begun, end } = work()
  const done = set.locks.tryWith({ ...order, signal: off.signal }, run)
  const signal = await begun
  const patient = { ...order, waitMs: 60_000, signal: off.signal }
  const waiting = set.others.tryWith(patient, nothing)
  await set.clock.advance(100)
  const asking = set.others.tryWith(patient, nothing)
  off.abort(new Error('stopping'))
  expect(await Promise.all([waiting, asking])).toMatchObject([{ isDone: false }, { isDone: false }])
  expect(signal.reason).toMatchObject({ message: 'stopping' })
  end('result')
  expect(await done).toMatchObject({ isDone: true, wasLost: false })
  const never = await set.locks.tryWith({ ...order, signal: off.signal }, nothing)
  expect(never).toEqual({ isDone: false, tries: 0 })
})
