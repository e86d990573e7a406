// The store in PostgreSQL: what each operation does to live entries, ended ones and none, at once and in a row; that it asks
// for nothing of a session, takes no connection from others and never longer than it may; and who clears it.
import { expect, onTestFinished, test } from 'vitest'
import { systemClock, type Clock } from '../../src/clock.ts'
import { pruneCache } from '../../src/database/prune-cache.ts'
import { PostgresStore, storeConnectionsMax } from '../../src/database/postgres-store.ts'
import { resolveConfig } from '../../src/config.ts'
import { testClock } from '../../src/testing/index.ts'
import { countOf, labsOfFile, type Lab } from '../protocol/lab.ts'

const openLab = labsOfFile()

interface Given {
  readonly clock?: Pick<Clock, 'databaseNow'>
  readonly timeoutMs?: number
  readonly preparedStatements?: boolean
}

/** A store with connections of its own, as one more process would have. */
function openStore(lab: Pick<Lab, 'url'>, given: Given = {}): PostgresStore {
  const { clock = systemClock, timeoutMs = 30_000, preparedStatements = true } = given
  const { config } = resolveConfig({ code: { database: { url: lab.url } } })
  const options = { ...config.database, url: lab.url, preparedStatements }
  const store = new PostgresStore({ database: { options }, clock, timeoutMs })
  onTestFinished(() => store.close())
  return store
}

const entries = 'select count(*) from tasker.cache_entries'

test('a text is kept for its time, and not longer', async () => {
  const clock = testClock()
  const store = openStore(await openLab(), { clock })
  await store.set('a', 'text', 1_000)
  await clock.advance(999)
  expect([await store.get('a'), await store.remainingMs('a')]).toEqual(['text', 1])
  await clock.advance(1)
  expect([await store.get('a'), await store.remainingMs('a')]).toEqual([null, null])
  expect(await store.extend('a', 1_000)).toBe(false)
})

test('times are the database’s, whatever the clock of the process says', async () => {
  const store = openStore(await openLab())
  await store.set('a', 'text', 60_000)
  const leftMs = await store.remainingMs('a')
  expect(leftMs).toBeGreaterThan(0)
  expect(leftMs).toBeLessThanOrEqual(60_000)
  await store.set('a', 'text', 0)
  expect(await store.get('a')).toBeNull()
})

test('a text replaces another with its time, is given more time, and is deleted', async () => {
  const clock = testClock()
  const store = openStore(await openLab(), { clock })
  await store.set('a', 'old', 1_000)
  await store.set('a', 'new', 5_000)
  expect([await store.get('a'), await store.remainingMs('a')]).toEqual(['new', 5_000])
  expect(await store.extend('a', 60_000)).toBe(true)
  expect(await store.remainingMs('a')).toBe(60_000)
  await store.delete('a')
  await store.delete('a')
  expect(await store.get('a')).toBeNull()
})

test('a sum lives as long as its first addition said, and begins anew after it', async () => {
  const clock = testClock()
  const store = openStore(await openLab(), { clock })
  expect(await store.increment('n', 5, 1_000)).toBe(5)
  await clock.advance(600)
  expect(await store.increment('n', -7, 1_000)).toBe(-2)
  expect([await store.get('n'), await store.remainingMs('n')]).toEqual(['-2', 400])
  await clock.advance(400)
  expect(await store.increment('n', 1, 1_000)).toBe(1)
  expect(await store.remainingMs('n')).toBe(1_000)
})

test('what is no whole number is not counted with, and stays', async () => {
  const store = openStore(await openLab())
  await store.set('a', 'a secret', 60_000)
  for (const [key, by] of [['a', 1] as const, ['b', 1.5] as const]) {
    const counted = store.increment(key, by, 1_000)
    await expect(counted).rejects.toMatchObject({ code: 'CACHE_TEXT_REFUSED' })
    await expect(counted).rejects.not.toThrow(/a secret/)
  }
  expect([await store.get('a'), await store.get('b')]).toEqual(['a secret', null])
})

test('whoever adds at once from several processes, nothing is lost', async () => {
  const lab = await openLab()
  const stores = Array.from({ length: 4 }, () => openStore(lab))
  const sums = await Promise.all(
    stores.flatMap((store) => Array.from({ length: 25 }, () => store.increment('n', 1, 60_000))),
  )
  expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
})

test('of those who want a lock at once one has it, in the beginning and when its time is over', async () => {
  const lab = await openLab()
  const clock = testClock()
  const stores = Array.from({ length: 6 }, () => openStore(lab, { clock }))
  const everybody = (): Promise<boolean[]> =>
    Promise.all(stores.map((store, owner) => store.acquire('lock', `owner ${owner}`, 1_000)))
  const countHeld = (got: readonly boolean[]): number => got.filter(Boolean).length
  for (let round = 0; round < 10; round += 1) {
    expect(countHeld(await everybody())).toBe(1)
    await clock.advance(999)
    expect(countHeld(await everybody())).toBe(0)
    await clock.advance(1)
  }
})

test('a lock is renewed and released by its owner while it lives, and by nobody else', async () => {
  const clock = testClock()
  const store = openStore(await openLab(), { clock })
  expect(await store.acquire('lock', 'one', 1_000)).toBe(true)
  expect(await store.acquire('lock', 'one', 1_000)).toBe(false)
  expect(await store.renew('lock', 'two', 9_000)).toBe(false)
  expect(await store.release('lock', 'two')).toBe(false)
  await clock.advance(900)
  expect(await store.renew('lock', 'one', 1_000)).toBe(true)
  expect(await store.remainingMs('lock')).toBe(1_000)
  await clock.advance(1_000)
  expect(await store.renew('lock', 'one', 1_000)).toBe(false)
  expect(await store.release('lock', 'one')).toBe(false)
  expect(await store.acquire('lock', 'two', 1_000)).toBe(true)
  expect(await store.release('lock', 'one')).toBe(false)
  expect(await store.release('lock', 'two')).toBe(true)
  expect(await store.acquire('lock', 'one', 1_000)).toBe(true)
})

test('a renewal that waits for whoever takes the lock over finds it lost', async () => {
  const lab = await openLab()
  const clock = testClock()
  const store = openStore(lab, { clock })
  await store.acquire('lock', 'one', 1_000)
  const other = await lab.connect()
  await other.query('begin')
  await other.query(`update tasker.cache_entries set text = 'two', expires_at = '2031-01-01'`)
  const renewed = store.renew('lock', 'one', 1_000)
  const taken = store.acquire('lock', 'three', 1_000)
  while (
    (await countOf(
      lab,
      `select count(*) from pg_stat_activity where wait_event_type = 'Lock'
       and datname = current_database()`,
    )) < 2
  );
  await other.query('commit')
  expect([await renewed, await taken]).toEqual([false, false])
  expect(await store.get('lock')).toBe('two')
})

test('keys and texts of any length are kept, or refused where they are too large', async () => {
  const store = openStore(await openLab())
  const keys = ['', 'k'.repeat(1_000), 'k'.repeat(1_001), 'é'.repeat(501), 'a\0b', 'a\0c', `'; --`]
  for (const [index, key] of keys.entries()) await store.set(key, `of ${index}`, 60_000)
  for (const [index, key] of keys.entries()) expect(await store.get(key)).toBe(`of ${index}`)

  const texts = [
    'a\0b',
    '\u0001',
    '\u0001"a"',
    '\ud800',
    `'"\\ é \u{1f600} ${'x'.repeat(1_000_000)}`,
  ]
  for (const text of texts) {
    await store.set('a', text, 60_000)
    expect((await store.get('a')) === text).toBe(true)
  }
  const tooLarge = store.set('a', 'x'.repeat(8_388_609), 60_000)
  await expect(tooLarge).rejects.toMatchObject({ code: 'CACHE_TEXT_REFUSED' })
  expect(await store.get('a')).toBeNull()
})

test('behind a pooler nothing is prepared, and everything is done', async () => {
  const store = openStore(await openLab(), { preparedStatements: false })
  await store.set('a', 'text', 60_000)
  expect(await store.get('a')).toBe('text')
  expect(await store.increment('n', 2, 60_000)).toBe(2)
  expect(await store.acquire('lock', 'one', 60_000)).toBe(true)
  expect(await store.renew('lock', 'one', 60_000)).toBe(true)
  expect(await store.release('lock', 'one')).toBe(true)
})

test('it has few connections of its own, and an operation that waits for one gives up in its time', async () => {
  const lab = await openLab()
  const store = openStore(lab, { timeoutMs: 300 })
  await store.set('a', 'text', 60_000)
  const other = await lab.connect()
  await other.query('begin; lock table tasker.cache_entries in access exclusive mode')
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => store.get('a')))
  expect(all).toHaveLength(20)
  // By the statement's own limit, or by the store's: whichever of the two is seen first.
  const codes = ['57014', 'CACHE_UNAVAILABLE']
  for (const each of all)
    expect(each).toMatchObject({
      status: 'rejected',
      reason: { code: expect.toBeOneOf(codes) as unknown },
    })
  const own = `select count(*) from pg_stat_activity
    where datname = current_database() and query like '%cache_entries where key%' and pid <> pg_backend_pid()`
  expect(await countOf(lab, own)).toBeLessThanOrEqual(storeConnectionsMax)
  await other.query('rollback')
  while ((await store.get('a').catch(() => null)) !== 'text');
})

test('the lowest worker removes what is over in batches, and passes by what somebody is writing', async () => {
  const lab = await openLab()
  const clock = testClock()
  const store = openStore(lab, { clock })
  const now = clock.now()
  await lab.eye.query(
    `insert into tasker.cache_entries (key, text, expires_at)
     select n::text, '', $1::timestamptz - n * interval '1 ms' from generate_series(0, 1500) n`,
    [now],
  )
  await store.set('live', 'text', 1)
  const [first, second] = [await lab.worker([]), await lab.worker([])]
  const { database } = lab.eye
  expect(await pruneCache(database, second, now)).toBe(false)
  expect(await countOf(lab, entries)).toBe(1_502)
  const writing = await lab.connect()
  await writing.query('begin')
  await writing.query(`update tasker.cache_entries set text = 'again' where key = '1499'`)
  expect(await pruneCache(database, first, now)).toBe(true)
  expect(await countOf(lab, entries)).toBe(502)
  expect(await pruneCache(database, first, now)).toBe(false)
  await writing.query('commit')
  expect(
    await countOf(lab, `select count(*) from tasker.cache_entries where key in ('live', '1499')`),
  ).toBe(2)
  expect(await countOf(lab, entries)).toBe(2)
})
