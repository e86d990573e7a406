// Faults of a real Redis and a real Memcached: steps with `cache` and workers go on, it is said once, readiness says so, and when the
// store is well again it is used again.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import type { TaskerOptionsInput } from '../../src/config.ts'
import { startMemcached, type MemcachedServer } from '../../../../tools/services/memcached.ts'
import { startRedis, type RedisServer } from '../../../../tools/services/redis.ts'
import type { Service } from '../../../../tools/services/service.ts'
import { stage } from '../scenarios/stage.ts'
import { databaseForFile } from '../support/database.ts'
import { saidLines } from '../support/said-lines.ts'

const database = databaseForFile()
let redis: RedisServer
let memcached: MemcachedServer
beforeAll(async () => {
  redis = await startRedis({ 'maxmemory-policy': 'noeviction' })
  memcached = await startMemcached()
})
afterAll(async () => {
  await redis.stop()
  await memcached.stop()
})

type Kind = 'redis' | 'memcached'
const serviceOf = (kind: Kind): Service & { readonly url: string } =>
  kind === 'redis' ? redis : memcached

const operationTimeoutMs = 500

async function setup(kind: Kind, what: string, cache: TaskerOptionsInput['cache'] = {}) {
  const asked: string[] = []
  let isAway = false
  const definition = defineTask({
    name: `ask_${kind}_${what}`,
    context: z.object({ for: z.string(), bytes: z.number().default(0) }),
  }).step('ask', { cache: { key: ({ context }) => context.for } }, async ({ context }) => {
    asked.push(context.for)
    return randomBytes(context.bytes / 2).toString('hex')
  })
  const { logger, lines } = saidLines('cache')
  const set = await stage(database.url, {
    definitions: [definition],
    logger,
    cache: { store: kind, url: serviceOf(kind).url, operationTimeoutMs, ...cache },
  })
  /** While the store is away, time goes on until it is done: answers are given up. Otherwise they come in their own time. */
  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    const progress = { isDone: !isAway }
    const done = work.finally(() => {
      progress.isDone = true
    })
    while (!progress.isDone) {
      await setImmediate()
      await set.clock.advance(10)
    }
    return done
  }
  const faultOfCache = async (): Promise<string | null> =>
    (await inTime(set.tasker.readiness())).checks.cache.fault
  const ask = async (wanted: string, bytes = 0): Promise<string> => {
    const { taskId } = await set.tasker.tasks.create(definition, {
      context: { for: wanted, bytes },
    })
    const { state } = await inTime(set.run(taskId))
    await faultOfCache() // nobody waits until a result is kept; what is asked after it is answered after it
    return state
  }
  const untilWell = async (): Promise<void> => {
    while ((await faultOfCache()) !== null) await set.clock.advance(1_000)
  }
  const away = (is: boolean): void => {
    isAway = is
  }
  return { ...set, ask, asked, lines, faultOfCache, untilWell, away }
}

const begun = 'warn: the cache store fails; one goes on without it'
const over = 'info: the cache store answers again'

const faults: Readonly<Record<string, (service: Service) => Promise<() => Promise<void>>>> = {
  gone: async (service) => {
    await service.kill()
    return () => service.restart()
  },
  frozen: async (service) => {
    service.freeze()
    return async () => service.thaw()
  },
  'answering garbage': async (service) => {
    await service.kill()
    const stop = await answerGarbage(service.port)
    return async () => {
      stop()
      await service.restart()
    }
  },
}

const cases = (['redis', 'memcached'] as const).flatMap((kind) =>
  Object.keys(faults).map((fault) => [kind, fault] as const),
)

test.each(cases)(
  'with a %s that is %s, steps go on, and use it again when it is well',
  async (kind, fault) => {
    const set = await setup(kind, fault.replaceAll(' ', '_'))
    expect([await set.ask('before'), await set.ask('before')]).toEqual(['complete', 'complete'])
    expect(set.asked).toEqual(['before'])
    set.away(true)
    const mend = await faults[fault]?.(serviceOf(kind))
    for (const wanted of ['before', 'during', 'during']) {
      expect(await set.ask(wanted)).toBe('complete')
    }
    expect(set.asked).toEqual(['before', 'before', 'during', 'during'])
    expect(await set.faultOfCache()).toBe('CACHE_UNAVAILABLE')
    expect(set.lines()).toEqual([begun])

    await mend?.()
    set.away(false)
    await set.untilWell()
    await set.clock.advance(6_000)
    expect([await set.ask('after'), await set.ask('after')]).toEqual(['complete', 'complete'])
    expect(set.asked.slice(4)).toEqual(['after'])
    expect(set.lines()).toEqual([begun, over])
  },
)

test('with a redis that is full, what stands in it is used, and steps go on', async () => {
  const set = await setup('redis', 'full')
  await set.ask('before')
  await redis.ask('CONFIG SET maxmemory 1')
  onTestFinished(async () => void (await redis.ask('CONFIG SET maxmemory 0')))
  for (const wanted of ['during', 'before', 'during', 'before']) {
    expect(await set.ask(wanted)).toBe('complete')
  }
  expect(set.asked).toEqual(['before', 'during', 'during'])
  expect(await set.faultOfCache()).toBe('CACHE_UNAVAILABLE')
  expect(set.lines()).toEqual([begun])
  await redis.ask('CONFIG SET maxmemory 0')
  await set.untilWell()
  await set.clock.advance(6_000)
  await set.ask('after')
  expect(set.lines()).toEqual([begun, over])
})

test('a result that memcached does not take is said once for its step, and other results are kept', async () => {
  const set = await setup('memcached', 'too_large', { compressionMinBytes: null })
  for (const wanted of ['large', 'large', 'small', 'small', 'large']) {
    expect(await set.ask(wanted, wanted === 'large' ? 1_040_000 : 10)).toBe('complete')
  }
  expect(set.asked).toEqual(['large', 'large', 'small', 'large'])
  expect(set.lines()).toEqual(['warn: a result is not kept in the cache'])
  expect(await set.faultOfCache()).toBeNull()
})

/** Returns the way to end it. */
async function answerGarbage(port: number): Promise<() => void> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(randomBytes(64)))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}
