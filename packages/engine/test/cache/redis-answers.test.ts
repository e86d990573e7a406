// Taskers that share a real Redis: what one of them made, the others give; and their metrics of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedis, type RedisServer } from '../../../../tools/services/redis.ts'
import { createTasker } from '../../src/tasker.ts'
import { cloneDatabase, databaseForFile } from '../support/database.ts'

const database = databaseForFile()
let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => redis.stop())

const open = (url = database.url) =>
  createTasker({ database: { url }, cache: { store: 'redis', url: redis.url } })

test('two Taskers with one Redis share answers; one with another database does not', async () => {
  await using one = await open()
  await using other = await open()
  await using elsewhere = await open((await cloneDatabase()).url)
  expect(one.cache.strategy.coordination).toBe('distributed_atomic')
  for (const ask of [
    (tasker: typeof one) => tasker.reports.status(),
    (tasker: typeof one) => tasker.reports.performance(),
    (tasker: typeof one) => tasker.reports.bottlenecks({ periodHours: 48 }),
    (tasker: typeof one) => tasker.reports.discovery({ namespaces: ['a'] }),
  ]) {
    const made = await ask(one)
    expect(made.isCached).toBe(false)
    expect(await ask(other)).toEqual({ ...made, isCached: true })
    expect((await ask(elsewhere)).isCached).toBe(false)
  }
  expect((await other.reports.discovery({ namespaces: ['a', 'b'] })).isCached).toBe(false)
  expect(other.cache.performance()).toMatchObject({ hits: 4, misses: 1, storeErrors: 0 })
})

test('100 who ask two Taskers at once for what nobody has made: it is made once', async () => {
  await using one = await open()
  await using other = await open()
  let made = 0
  const make = async () => {
    made += 1
    await one.reports.health() // takes a while
    return { at: one.now() }
  }
  const asked = Array.from({ length: 50 }, () => [
    one.cache.fetch(['a'], { make }),
    other.cache.fetch(['a'], { make }),
  ])
  const answers = await Promise.all(asked.flat())
  expect(made).toBe(1)
  const [first] = answers
  expect(answers.every(({ value }) => value.at.getTime() === first?.value.at.getTime())).toBe(true)
  await other.cache.forget(['a'])
  expect((await one.cache.fetch(['a'], { make })).isCached).toBe(false)
})

test('without its Redis a Tasker makes its answers itself', async () => {
  await using tasker = await open()
  await tasker.reports.performance()
  await redis.stop()
  expect(await tasker.reports.performance()).toMatchObject({ isCached: false })
  expect(await tasker.reports.status()).toMatchObject({ isHealthy: true, isCached: false })
  expect(tasker.cache.performance().storeErrors).toBeGreaterThan(0)
  redis = await startRedis()
})
