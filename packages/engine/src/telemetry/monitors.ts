// The performance monitor and the SQL monitor: how long each operation of the engine takes and how much memory grows meanwhile,
// and how long each statement takes. The numbers go to the metrics; what is slow or large is told as an event, at its end.
// Nothing is measured while no metrics are collected and nobody listens to those events.
import { getHeapStatistics } from 'node:v8'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { EventBus } from '../events/bus.ts'
import type { EngineOperation, EngineOperations } from '../events/operations.ts'
import type { Watched } from '../watched.ts'

/** Where the numbers go. */
export interface Meter {
  operation(operation: EngineOperation, seconds: number, grownBytes: number): void
  statement(statement: string, seconds: number): void
}

export interface MonitorParts {
  readonly config: Config
  readonly clock: Clock
  readonly events: EventBus
  readonly operations: EngineOperations
  readonly statements: Watched<string, { readonly rowCount: number | null }>
  /** Null: no metrics are collected. */
  readonly meter: Meter | null
}

/** Starts both, where the configuration wants them. */
export function startMonitors(parts: MonitorParts): void {
  const { enabled, performanceMonitoringEnabled } = parts.config.telemetry
  if (!enabled || !performanceMonitoringEnabled) return
  monitorOperations(parts)
  monitorStatements(parts)
}

function monitorOperations({ config, clock, events, operations, meter }: MonitorParts): void {
  const { slowQueryThresholdSeconds, memoryThresholdMb } = config.telemetry
  const thresholdMs = slowQueryThresholdSeconds * 1_000
  const thresholdBytes = memoryThresholdMb * 1024 * 1024
  const isMeasuring = (): boolean =>
    meter !== null ||
    events.hasSubscribers('performance.slow_operation') ||
    events.hasSubscribers('memory.spike_detected')

  operations.watch(async (operation, work) => {
    if (!isMeasuring()) return work()
    const startedMs = clock.monotonicMs()
    const bytesBefore = usedBytes()
    try {
      return await work()
    } finally {
      const durationMs = clock.monotonicMs() - startedMs
      const bytes = usedBytes()
      const grownBytes = bytes - bytesBefore
      meter?.operation(operation, durationMs / 1_000, grownBytes)
      if (durationMs >= thresholdMs) {
        events.publish('performance.slow_operation', { operation, durationMs, thresholdMs })
      }
      if (grownBytes >= thresholdBytes) {
        const spike = { operation, durationMs, grownBytes, usedBytes: bytes, thresholdBytes }
        events.publish('memory.spike_detected', spike)
      }
    }
  })
}

/** Of JavaScript, and of what it holds outside its heap. A fortieth of the cost of `process.memoryUsage()`. */
function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

function monitorStatements({ config, clock, events, statements, meter }: MonitorParts): void {
  const thresholdMs = config.telemetry.slowQueryThresholdSeconds * 1_000
  const tell = (statement: string, startedMs: number, rowCount: number | null): void => {
    const durationMs = clock.monotonicMs() - startedMs
    meter?.statement(statement, durationMs / 1_000)
    if (durationMs < thresholdMs) return
    events.publish('performance.slow_query', { statement, durationMs, rowCount, thresholdMs })
  }
  statements.watch(async (statement, ask) => {
    if (meter === null && !events.hasSubscribers('performance.slow_query')) return ask()
    const startedMs = clock.monotonicMs()
    try {
      const answer = await ask()
      tell(statement, startedMs, answer.rowCount)
      return answer
    } catch (error) {
      tell(statement, startedMs, null)
      throw error
    }
  })
}
