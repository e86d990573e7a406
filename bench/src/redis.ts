// A redis-server for measurements, durable as a commit is: every write is on disk before it is answered.
import { askRedis, startRedis, type RedisServer } from '../../tools/services/redis.ts'
import type { Measuring } from './database-cost.ts'

/** The rest is Redis' default, but for snapshots: beside the log of all writes they would only cost. */
const redisSettings: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  save: '',
  // BullMQ asks for it: what is evicted is lost.
  'maxmemory-policy': 'noeviction',
}

/** @throws when the program is missing, with how to get it. */
export const startDurableRedis = (): Promise<RedisServer> => startRedis(redisSettings)

export async function emptyRedis(url: string): Promise<void> {
  await askRedis(url, 'FLUSHALL')
}

/** Of the costs, Redis knows the processor time. */
export async function startMeasuringRedis(url: string): Promise<Measuring> {
  const before = await cpuMs(url)
  return {
    end: async () => ({
      statements: null,
      commits: null,
      walBytes: null,
      fullPageBytes: null,
      hotRatio: null,
      storedBytes: null,
      cpuMs: (await cpuMs(url)) - before,
    }),
  }
}

/** Of all its threads, and of its children. */
async function cpuMs(url: string): Promise<number> {
  const info = await askRedis(url, 'INFO cpu')
  const seconds = [...info.matchAll(/^used_cpu_(?:sys|user)(?:_children)?:(\S+)/gm)]
  return seconds.reduce((sum, [, value]) => sum + Number(value) * 1000, 0)
}
