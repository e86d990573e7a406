// Mutual exclusion, whatever happens to the owners: they are paused, cut off from the store, told late what it said, or killed.
// At no time do two that run believe that they hold the lock. In memory, and in PostgreSQL.
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LockStore } from '../../src/cache/cache-store.ts'
import { Locks } from '../../src/cache/locks.ts'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { PostgresStore } from '../../src/database/postgres-store.ts'
import { resolveConfig } from '../../src/config.ts'
import { testClock, type TestClock } from '../../src/testing/index.ts'
import { runs } from '../properties/runs.ts'
import { databaseForFile } from '../support/database.ts'

/** `deaf`: nothing arrives. `lossy`: it arrives, and no answer does. `slow`: the answer comes when it is `well` again. */
type Link = 'well' | 'deaf' | 'lossy' | 'slow'

class Owner {
  readonly #clock: TestClock
  readonly #store: LockStore
  readonly #locks: Locks
  readonly #held = new Set<() => unknown>()
  #link: Link = 'well'
  #answers: (() => void)[] = []
  #isPaused = false
  #isTrying = false
  #work: { readonly signal: AbortSignal; readonly end: () => void } | null = null

  constructor(name: string, clock: TestClock, store: LockStore) {
    this.#clock = clock
    this.#store = store
    this.#locks = new Locks({
      owner: name,
      clock: { ...clock, schedule: (ms, run) => this.#schedule(ms, run) },
      store: {
        acquire: (...order) => this.#ask(() => this.#store.acquire(...order)),
        renew: (...order) => this.#ask(() => this.#store.renew(...order)),
        release: (...order) => this.#ask(() => this.#store.release(...order)),
      },
    })
  }

  /** While it is paused it does nothing, so that what it believes harms nobody. */
  get believes(): boolean {
    return !this.#isPaused && this.#work !== null && !this.#work.signal.aborted
  }

  async try(ttlMs: number, waitMs: number): Promise<void> {
    if (this.#isPaused || this.#isTrying) return
    this.#isTrying = true
    const begun = Promise.withResolvers<void>()
    const tried = this.#locks
      .tryWith({ name: 'lock', ttlMs, waitMs }, async (signal) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#work = { signal, end: resolve }
        begun.resolve()
        await promise
        this.#work = null
      })
      .catch(() => undefined)
      .finally(() => (this.#isTrying = false))
    if (this.#link !== 'slow' && waitMs === 0) await Promise.race([begun.promise, tried])
  }

  end(): void {
    if (!this.#isPaused) this.#work?.end()
  }

  pause(): void {
    this.#isPaused = true
  }

  /** Timers that passed fire first, before it does anything else. */
  async resume(): Promise<void> {
    this.#isPaused = false
    for (const run of this.#held) {
      this.#held.delete(run)
      await this.#run(run)
    }
  }

  be(link: Link): void {
    this.#link = link
    if (link === 'slow') return
    for (const answer of this.#answers) answer()
    this.#answers = []
  }

  #schedule(ms: number, run: () => unknown): () => void {
    const cancel = this.#clock.schedule(ms, () => {
      if (!this.#isPaused) return this.#run(run)
      this.#held.add(run)
      return undefined
    })
    return () => {
      cancel()
      this.#held.delete(run)
    }
  }

  // Nobody waits for a store that does not answer.
  #run(run: () => unknown): unknown {
    const running = run()
    return this.#link === 'slow' ? undefined : running
  }

  async #ask(send: () => Promise<boolean>): Promise<boolean> {
    if (this.#link === 'deaf') throw new Error('away')
    const answer = await send()
    if (this.#link === 'lossy') throw new Error('the answer was lost')
    if (this.#link === 'slow') await new Promise<void>((resolve) => this.#answers.push(resolve))
    return answer
  }
}

const ttlMax = 100

type Act =
  | {
      readonly kind: 'try'
      readonly owner: number
      readonly ttlMs: number
      readonly waitMs: number
    }
  | { readonly kind: 'end' | 'pause' | 'resume'; readonly owner: number }
  | { readonly kind: 'link'; readonly owner: number; readonly link: Link }
  | { readonly kind: 'time'; readonly ms: number }

const owner = fc.nat(3)
const acts = (links: readonly Link[]): fc.Arbitrary<readonly Act[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('try' as const),
        owner,
        ttlMs: fc.integer({ min: 3, max: ttlMax }),
        waitMs: fc.constantFrom(0, 0, 60),
      }),
      fc.record({
        kind: fc.constantFrom('end' as const, 'pause' as const, 'resume' as const),
        owner,
      }),
      fc.record({ kind: fc.constant('link' as const), owner, link: fc.constantFrom(...links) }),
      fc.record({ kind: fc.constant('time' as const), ms: fc.nat(60) }),
    ),
    { maxLength: 60 },
  )

interface World {
  readonly clock: TestClock
  readonly store: LockStore
  /** What was sent has been answered, as far as it is. */
  settle(): Promise<unknown>
}

async function live(world: World, given: readonly Act[]): Promise<void> {
  const { clock, store } = world
  const owners = [0, 1, 2, 3].map((number) => new Owner(`owner ${number}`, clock, store))
  for (const act of given) {
    if (act.kind === 'time') await clock.advance(act.ms)
    else {
      const who = owners[act.owner]
      if (act.kind === 'try') await who?.try(act.ttlMs, act.waitMs)
      else if (act.kind === 'link') who?.be(act.link)
      else if (act.kind === 'resume') await who?.resume()
      else who?.[act.kind]()
    }
    await world.settle()
    expect(owners.filter(({ believes }) => believes).length).toBeLessThanOrEqual(1)
  }
  // Killed, as far as anybody can tell: what they held is free when its time is over.
  for (const each of owners) each.pause()
  await clock.advance(ttlMax)
  await world.settle()
  const heir = new Locks({ store, clock, owner: 'heir' })
  expect(await heir.tryWith({ name: 'lock', ttlMs: 1 }, async () => 1)).toMatchObject({ result: 1 })
}

test('in memory', async () => {
  await fc.assert(
    fc.asyncProperty(acts(['well', 'well', 'deaf', 'lossy', 'slow']), async (given) => {
      const clock = testClock()
      await live({ clock, store: new MemoryStore({ clock }), settle: () => turn() }, given)
    }),
    runs(300),
  )
})

const database = databaseForFile()

test('in PostgreSQL', async () => {
  const { config } = resolveConfig({ code: { database: { url: database.url } } })
  const options = { ...config.database, url: database.url }
  await fc.assert(
    fc.asyncProperty(acts(['well', 'well', 'deaf', 'lossy']), async (given) => {
      const clock = testClock()
      const store = new PostgresStore({ database: { options }, clock, timeoutMs: 30_000 })
      const settle = (): Promise<unknown> => store.get('settled')
      try {
        await live({ clock, store, settle }, given)
        await store.delete('lock/lock')
      } finally {
        await store.close()
      }
    }),
    runs(10),
  )
})
