// A Tasker on a test clock with its events recorded: what most scenarios start from. Real time plays no part: the
// heartbeat and the lease are as long as they may be, so that a scenario can jump hours.
import { inject, onTestFinished } from 'vitest'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import type { TaskView } from '../../src/reports/task-view.ts'
import {
  recordEvents,
  runToEnd,
  testClock,
  type EventRecord,
  type TestClock,
} from '../../src/testing/index.ts'

export interface Stage {
  readonly tasker: Tasker
  readonly clock: TestClock
  readonly events: EventRecord
  /** Runs the task until it has ended or cannot progress. */
  readonly run: (taskId: string) => Promise<TaskView>
}

export interface StageOptions extends Omit<TaskerOptions, 'clock' | 'database'> {
  readonly clock?: TestClock
  /** Tasker's tables are not in the database of the handlers. Default false. */
  readonly separate?: boolean
  /** How long a creation waits for a key that another transaction holds. Default: the engine's. */
  readonly lockTimeoutMs?: number
  /** Steps that the worker runs at once. Default: as many as the test may need; under hostile settings one. */
  readonly slots?: number
  /** Connections for the calls of the engine. Default: the engine's. */
  readonly poolSize?: number
  /** Default true. */
  readonly isWorking?: boolean
}

/**
 * Closed when the test ends. A worker that works has looked once: a call of it that is still under way could claim what
 * the test creates next before the test's own process hears of the creation.
 */
export async function stage(url: string, options: StageOptions): Promise<Stage> {
  const {
    isWorking = true,
    clock = testClock(),
    slots = inject('isHostile') === true ? 1 : 100,
    separate = false,
    lockTimeoutMs,
    poolSize,
    ...rest
  } = options
  const { orchestration, backoff, execution, ...others } = rest
  const tasker = await createTasker({
    database: {
      url,
      separate,
      migrate: 'off',
      lockTimeoutMs,
      poolSize,
    },
    orchestration: {
      heartbeatIntervalMs: 300_000,
      leaseMs: 3_600_000,
      scanIntervalMs: 300_000,
      sweepIntervalMs: 86_400_000,
      shutdownGraceMs: 0,
      abortGraceMs: 0,
      listen: false,
      ...orchestration,
    },
    backoff: { jitterEnabled: false, ...backoff },
    execution: { minConcurrentSteps: 1, maxConcurrentStepsLimit: slots, ...execution },
    clock,
    ...others,
  })
  onTestFinished(() => tasker.close())
  const events = recordEvents(tasker.events)
  if (isWorking) {
    await tasker.worker.start()
    await tasker.worker.settled()
  }
  return { tasker, clock, events, run: (taskId) => runToEnd(tasker, taskId, clock) }
}
