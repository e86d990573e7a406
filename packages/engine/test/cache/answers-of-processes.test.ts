// Answers that processes share through one store: made by one of all, given to all, and never to whom they are not for.
import { expect, test } from 'vitest'
import { AdaptiveCache } from '../../src/cache/adaptive-cache.ts'
import { Locks } from '../../src/cache/locks.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { SeenTogether } from '../../src/cache/seen-together.ts'
import { testClock } from '../../src/testing/index.ts'

const learning = { smoothing: 0.9, decayPerSecond: 0.95 }
const bounds = { minSeconds: 1, maxSeconds: 3_600 }

/** As many processes as are asked for, in one store. */
function setup({ counting = true, database = 'one' } = {}) {
  const clock = testClock()
  const store = new MemoryStore({ clock })
  const process = (name: string, owner = database) =>
    new AdaptiveCache({
      store,
      clock,
      owner: async () => owner,
      locks: new Locks({ store, clock, owner: name }),
      tracking: {
        sums: new SeenTogether(store, { counting }),
        learning,
        bounds,
        intervalMs: 10_000,
      },
      defaultTtlMs: 60_000,
      pressureThreshold: 1,
    })
  return { clock, store, process }
}

function gated() {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
  const make = (): Promise<number> => {
    begun.resolve()
    return gate.promise
  }
  return { make, begun: begun.promise, finish: gate.resolve, fail: gate.reject }
}

/** Lets time go on until it is there. */
async function inTime<Result>(clock: ReturnType<typeof testClock>, result: Promise<Result>) {
  const state = { isThere: false }
  const arrived = () => (state.isThere = true)
  void result.then(arrived, arrived)
  while (!state.isThere) await clock.advance(1)
  return result
}

const never = (): Promise<number> => Promise.reject(new Error('made twice'))

test('what one process made, another gives; what is made is made by one of all', async () => {
  const { clock, process } = setup()
  const [one, other] = [process('one'), process('other')]
  const { make, begun, finish } = gated()
  const first = one.fetch(['a'], { make })
  await begun
  const second = other.fetch(['a'], { make: never })
  finish(7)
  expect(await first).toMatchObject({ value: 7, isCached: false })
  const generatedAt = (await first).generatedAt
  expect(await inTime(clock, second)).toMatchObject({ value: 7, isCached: true, generatedAt })
})

test('while one process makes it anew, the others give the old answer at once', async () => {
  const { clock, process } = setup()
  const [one, other] = [process('one'), process('other')]
  await one.fetch(['a'], { make: async () => 1 })
  await clock.advance(60_000)
  const { make, begun, finish } = gated()
  const first = one.fetch(['a'], { make })
  await begun
  expect(await other.fetch(['a'], { make: never })).toMatchObject({ value: 1, isStale: true })
  finish(2)
  expect((await first).value).toBe(2)
})

test('nobody waits for another process longer than it would take to make it', async () => {
  const { clock, process } = setup()
  const [one, other] = [process('one'), process('other')]
  await one.fetch(['a'], { make: async () => (await clock.advance(400), 1) })
  await other.fetch(['a'], { make: never })
  await clock.advance(300_000)
  await other.fetch(['a'], { make: async () => (await clock.advance(400), 1) })
  await clock.advance(300_000)
  const { make, begun, finish } = gated()
  const first = one.fetch(['a'], { make })
  await begun
  const startedMs = clock.monotonicMs()
  const second = other.fetch(['a'], { make: async () => 2 })
  expect((await inTime(clock, second)).value).toBe(2)
  expect(clock.monotonicMs() - startedMs).toBeLessThan(600) // not the second of what nobody knows
  finish(1)
  await first
})

test('what fails in one process is made by the next at once, and a failing lock is no lock', async () => {
  const { clock, store, process } = setup()
  const [one, other] = [process('one'), process('other')]
  const { make, begun, fail } = gated()
  const first = one.fetch(['a'], { make })
  await begun
  const second = other.fetch(['a'], { make: async () => 2 })
  fail(new Error('away'))
  await expect(first).rejects.toThrow('away')
  expect((await inTime(clock, second)).value).toBe(2)
  store.acquire = () => Promise.reject(new Error('the store is away'))
  expect((await one.fetch(['b'], { make: async () => 3 })).value).toBe(3)
  await expect(one.fetch(['c'], { make })).rejects.toThrow('away')
  expect(one.reading().storeErrorCount).toBe(2)
})

test('answers of one database, scope or caller are never given to another', async () => {
  const { process } = setup()
  const ofA = process('one', 'database a')
  const ofB = process('other', 'database b')
  const scopes = [null, '[]', '["a"]', '["b"]', '["a","b"]', '["a,b"]', '["*"]']
  const asked = []
  for (const cache of [ofA, ofB]) {
    for (const scope of scopes) {
      const { value } = await cache.fetch(['handlers', scope], {
        make: async () => asked.length,
      })
      asked.push(value)
    }
  }
  expect(asked).toEqual(asked.map((_, index) => index))
})

test.for([true, false])(
  'processes learn from what all of them saw; counted by the store: %s',
  async (counting) => {
    const { clock, store, process } = setup({ counting })
    const [one, other] = [process('one'), process('other')]
    let writes = 0
    const [increment, set] = [store.increment.bind(store), store.set.bind(store)]
    store.increment = (key, by, ttlMs) => ((writes += 1), increment(key, by, ttlMs))
    store.set = (key, text, ttlMs) => ((writes += 1), set(key, text, ttlMs))
    const order = { ttlMs: 40_000, make: async () => (await clock.advance(2_000), 1) }
    await one.fetch(['a'], order)
    for (let second = 0; second < 37; second += 1) {
      await other.fetch(['a'], order)
      await clock.advance(1_000)
    }
    expect(writes).toBeLessThan(20) // not at each hit
    await clock.advance(60_000)
    const { generatedAt, expiresAt } = await one.fetch(['a'], order)
    // Almost all of them hits, each of the other process; and dear.
    expect(expiresAt.getTime() - generatedAt.getTime()).toBe(Math.floor(40 * 1.5 * 1.3) * 1_000)
  },
)

test('sums that are garbage, or were forgotten, harm nothing', async () => {
  const { clock, store, process } = setup({ counting: false })
  const one = process('one')
  await one.fetch(['a'], { make: async () => 1 })
  await clock.advance(300_000)
  const get = store.get.bind(store)
  for (const text of ['garbage', 'null', '[]', '{"hits":"many","misses":-1}']) {
    store.get = async (key) => (key.startsWith('cache_perf') ? text : get(key))
    expect((await one.fetch(['a'], { make: async () => 2 })).value).toBe(2)
    await clock.advance(300_000)
  }
})
