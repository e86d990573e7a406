// What one sync of shared metrics costs this process, by how many label sets it has: processor time, of it on the thread that
// steps run on, and how often the store is asked. On a real Redis, with the metrics themselves. A part of npm run bench:telemetry.
import { randomUUID } from 'node:crypto'
import type { CacheStore, LockStore } from '../packages/engine/src/cache/cache-store.ts'
import { layered } from '../packages/engine/src/cache/layered-store.ts'
import { Locks } from '../packages/engine/src/cache/locks.ts'
import { openRedisStore } from '../packages/engine/src/cache/open-redis.ts'
import { systemClock } from '../packages/engine/src/clock.ts'
import { silentLogger } from '../packages/engine/src/log.ts'
import { loadClient, type PromClient } from '../packages/engine/src/telemetry/metrics/client.ts'
import { Instruments } from '../packages/engine/src/telemetry/metrics/instruments.ts'
import { Ledger } from '../packages/engine/src/telemetry/sharing/ledger.ts'
import { Share } from '../packages/engine/src/telemetry/sharing/share.ts'

export interface SyncCost {
  readonly series: number
  /** Of the text that is written. */
  readonly bytes: number
  /** Of all threads of this process: the median of the syncs, the least and the greatest. */
  readonly cpuMilliseconds: readonly number[]
  /** Of it, on the thread that runs JavaScript: what a step may have to wait for. */
  readonly mainThreadMilliseconds: readonly number[]
  /** How often the store is asked by one that has nothing to sweep. */
  readonly storeOperations: number
}

const stepCounts = [8, 235, 2_375]
const syncCount = 21

export async function syncCosts(url: string): Promise<readonly SyncCost[]> {
  const store = await openRedisStore({ url })
  try {
    const costs: SyncCost[] = []
    for (const stepCount of stepCounts) costs.push(await costOf(store, stepCount))
    return costs
  } finally {
    await store.close()
  }
}

async function costOf(redis: CacheStore & LockStore, stepCount: number): Promise<SyncCost> {
  let operations = 0
  const counting = layered(redis, {
    ask: (_operation, ask) => {
      operations += 1
      return ask()
    },
  })
  // A cast: a layer has what the store below it has.
  const store = counting as CacheStore & LockStore
  const instruments = instrumentsOf(await loadClient(), stepCount)
  const share = shareOf(store, instruments)
  await share.sync() // enters the list, and sweeps
  const cpu: number[] = []
  const main: number[] = []
  operations = 0
  for (let sync = 0; sync < syncCount; sync += 1) {
    work(instruments, stepCount)
    const [before, mainBefore] = [process.cpuUsage(), process.threadCpuUsage()]
    const { fault } = await share.sync()
    if (fault !== null) throw new Error(fault)
    cpu.push(milliseconds(process.cpuUsage(before)))
    main.push(milliseconds(process.threadCpuUsage(mainBefore)))
  }
  const storeOperations = operations / syncCount
  await share.close()
  return {
    series: share.lastSync?.seriesCount ?? 0,
    bytes: share.lastSync?.bytes ?? 0,
    cpuMilliseconds: spread(cpu),
    mainThreadMilliseconds: spread(main),
    storeOperations,
  }
}

/** Those of a process that ran so many steps of different names. */
function instrumentsOf(client: PromClient, stepCount: number): Instruments {
  const instruments = new Instruments({
    client,
    prefix: 'tasker',
    seriesMax: 10_000,
    hasLegacyNames: false,
  })
  for (const statement of ['finish_steps', 'claim_steps', 'heartbeat', 'create_tasks'])
    instruments.histogram('sql_duration_seconds', { statement }).observe(0.004)
  for (const operation of ['dispatch', 'heartbeat', 'create_tasks', 'sweep']) {
    instruments.histogram('operation_duration_seconds', { operation }).observe(0.004)
    instruments.histogram('memory_delta_bytes', { operation }).observe(40_000)
  }
  for (let round = 0; round < 20; round += 1) work(instruments, stepCount)
  return instruments
}

/** Each step ran once more; how long it took differs. */
function work(instruments: Instruments, stepCount: number): void {
  for (let index = 0; index < stepCount; index += 1) {
    const [namespace, step] = ['shop', `step_number_${index}`]
    const task = `task_number_${Math.floor(index / 10)}`
    const [version, outcome] = ['1.0.0', 'completed']
    const seconds = Math.random() * 10 ** (index % 4)
    const ofTask = { namespace, task, version }
    instruments.count('steps_started_total', { namespace, task, step })
    instruments.count('steps_completed_total', { namespace, task, step })
    instruments
      .histogram('step_duration_seconds', { namespace, task, step, outcome })
      .observe(seconds)
    if (index % 3 === 0) {
      instruments.count('steps_failed_total', { namespace, task, step, error_type: 'Error' })
      instruments.count('steps_retried_total', { namespace, task, step })
    }
    if (index % 10 !== 0) continue
    instruments.count('tasks_started_total', ofTask)
    instruments.count('tasks_completed_total', ofTask)
    instruments.histogram('task_duration_seconds', { ...ofTask, outcome }).observe(seconds)
  }
}

function shareOf(store: CacheStore & LockStore, instruments: Instruments): Share {
  const startId = randomUUID()
  const staleAfterMs = 300_000
  const ledger = new Ledger({
    store,
    locks: new Locks({ store, clock: systemClock, owner: startId }),
    ttlMs: 3_600_000,
    staleAfterMs,
    seriesMax: 10_000,
    prefix: 'tasker',
  })
  return new Share({
    ledger,
    clock: systemClock,
    instance: { id: startId, startId },
    logger: silentLogger,
    strategy: 'distributed_atomic',
    intervalMs: 3_600_000,
    staleAfterMs,
    read: () => instruments.totals(),
    dropped: () => undefined,
    synced: () => undefined,
  })
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000

function spread(figures: readonly number[]): readonly number[] {
  const sorted = figures.toSorted((a, b) => a - b)
  return [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)].map(
    (figure) => Math.round((figure ?? 0) * 100) / 100,
  )
}
