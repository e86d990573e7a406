// What is read when somebody scrapes: the worker, the connections and the event loop of this process; and the queue in the
// database, as queue-in-time.ts allows.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Clock } from '../../clock.ts'
import type { EventBus } from '../../events/bus.ts'
import type { LabelsOf, NameOf } from './catalogue.ts'
import type { Instruments } from './instruments.ts'
import { QueueInTime, type QueueReading } from './queue-in-time.ts'

/** What this process knows without asking anybody. */
export interface ProcessReading {
  readonly slots: number
  readonly slotsMax: number
  readonly slotsInUse: number
  readonly connections: Readonly<
    Record<'calls' | 'transactions', { readonly lent: number; waiting: number; size: number }>
  >
}

/** What became of the answers that this process was asked for. */
export interface CacheReading {
  readonly storeErrorCount: number
  readonly kinds: readonly {
    readonly kind: string
    readonly hits: number
    readonly staleHits: number
    readonly misses: number
  }[]
}

export interface ReadingSources {
  readonly clock: Clock
  readonly events: EventBus
  readonly readProcess: () => ProcessReading
  readonly readCache: () => CacheReading
  readonly readQueue: () => Promise<QueueReading>
}

const loopResolutionMs = 20

const sharedGauges = [
  'tasks_in_state',
  'tasks_blocked',
  'steps_due',
  'steps_scheduled',
  'steps_held',
  'queue_age_seconds',
  'workers_live',
] as const

export class Readings {
  readonly #sources: ReadingSources
  readonly #instruments: Instruments
  readonly #loop: ReturnType<typeof monitorEventLoopDelay>
  #utilization = performance.eventLoopUtilization()
  readonly #queue: QueueInTime

  constructor(instruments: Instruments, sources: ReadingSources) {
    this.#instruments = instruments
    this.#sources = sources
    this.#loop = monitorEventLoopDelay({ resolution: loopResolutionMs })
    this.#loop.enable()
    this.#queue = new QueueInTime(sources.clock, () => {
      this.#readLoop()
      return sources.readQueue()
    })
  }

  stop(): void {
    this.#loop.disable()
  }

  /** Brings all gauges up to date. */
  async read(): Promise<void> {
    this.readProcess()
    const queue = await this.queue()
    for (const name of sharedGauges) this.#instruments.clear(name)
    if (queue === null) this.#instruments.count('metrics_export_errors_total', {})
    else tellQueue(queue, (name, labels, value) => this.#instruments.set(name, labels, value))
  }

  /** Brings those up to date that this process knows by itself. */
  readProcess(): void {
    const { events, readProcess } = this.#sources
    const instruments = this.#instruments
    const { slots, slotsMax, slotsInUse, connections } = readProcess()
    instruments.set('worker_slots', {}, slots)
    instruments.set('worker_slots_max', {}, slotsMax)
    instruments.set('worker_steps_running', {}, slotsInUse)
    for (const [pool, { lent, waiting, size }] of Object.entries(connections)) {
      instruments.set('database_connections_in_use', { pool }, lent)
      instruments.set('database_connections_waiting', { pool }, waiting)
      instruments.set('database_connections_max', { pool }, size)
    }
    const { rss, heapUsed, external } = process.memoryUsage()
    instruments.set('memory_used_bytes', { kind: 'resident' }, rss)
    instruments.set('memory_used_bytes', { kind: 'heap' }, heapUsed)
    instruments.set('memory_used_bytes', { kind: 'external' }, external)
    instruments.setCounts('event_subscriber_errors_total', events.failures)
    this.#readCache()
  }

  #readCache(): void {
    const instruments = this.#instruments
    const { storeErrorCount, kinds } = this.#sources.readCache()
    const counts = (of: 'hits' | 'staleHits' | 'misses') =>
      kinds.map((one) => ({ kind: one.kind, count: one[of] }))
    instruments.setCounts('cache_hits_total', counts('hits'))
    instruments.setCounts('cache_stale_hits_total', counts('staleHits'))
    instruments.setCounts('cache_misses_total', counts('misses'))
    instruments.setCounts('cache_store_errors_total', [{ count: storeErrorCount }])
  }

  // What is measured is the whole interval between two looks; the loop is late by what goes beyond it.
  #readLoop(): void {
    const loop = this.#loop
    const lateSeconds = (delayNs: number): number =>
      loop.count === 0 ? 0 : Math.max(0, delayNs / 1e9 - loopResolutionMs / 1_000)
    const instruments = this.#instruments
    instruments.set('event_loop_delay_p50_seconds', {}, lateSeconds(loop.percentile(50)))
    instruments.set('event_loop_delay_p99_seconds', {}, lateSeconds(loop.percentile(99)))
    instruments.set('event_loop_delay_max_seconds', {}, lateSeconds(loop.max))
    loop.reset()
    const utilization = performance.eventLoopUtilization()
    const since = performance.eventLoopUtilization(utilization, this.#utilization)
    instruments.set('event_loop_utilization_ratio', {}, since.utilization)
    this.#utilization = utilization
  }

  /** Null: no answer in time. */
  queue(): Promise<QueueReading | null> {
    return this.#queue.read()
  }
}

/** Tells what the database says as gauges. */
export function tellQueue({ workersLive, namespaces }: QueueReading, set: SetGauge): void {
  set('workers_live', {}, workersLive)
  for (const { namespace, ...of } of namespaces) {
    for (const [state, count] of Object.entries(of.tasks))
      set('tasks_in_state', { namespace, state }, count)
    set('tasks_blocked', { namespace }, of.blockedTasks)
    set('steps_due', { namespace }, of.dueSteps)
    set('steps_scheduled', { namespace }, of.scheduledSteps)
    set('steps_held', { namespace }, of.heldSteps)
    set('queue_age_seconds', { namespace }, of.oldestDueSeconds)
  }
}

export type SetGauge = <Name extends NameOf<'gauge'>>(
  name: Name,
  labels: LabelsOf<Name>,
  value: number,
) => void
