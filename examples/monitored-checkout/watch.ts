// Subscriptions to the events of monitored checkouts, and no others. Events are told at most once and only in the process in
// which they occur; who must not miss one reads the history.
import type { EventPayloads, Tasker } from '@tasker/engine'
import { watchBusiness } from './business-metrics.ts'
import type { Observations } from './observations.ts'
import { watchPerformance } from './performance.ts'

type Watched = 'task.completed' | 'task.failed' | 'step.completed' | 'step.failed'

export interface Watch {
  on<Name extends Watched>(
    name: Name,
    subscriber: (payload: EventPayloads[Name]) => void | Promise<void>,
  ): void
}

export interface Watching {
  /** Resolves when what has been told so far is written down. */
  settled(): Promise<void>
  stop(): void
}

export function watchCheckouts(tasker: Tasker, seen: Observations): Watching {
  const stops: (() => void)[] = []
  const underWay = new Set<Promise<void>>()
  const watch: Watch = {
    on(name, subscriber) {
      stops.push(
        tasker.events.on(name, async (payload) => {
          const { namespace, taskName } = payload
          if (namespace !== 'blog_examples' || taskName !== 'monitored_checkout') return
          const told = Promise.resolve(subscriber(payload)).finally(() => underWay.delete(told))
          underWay.add(told)
          await told // what goes wrong is counted by Tasker, as for any subscriber
        }),
      )
    },
  }
  watchBusiness(tasker, seen, watch)
  watchPerformance(tasker, seen, watch)
  return {
    settled: async () => void (await Promise.all(underWay)),
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
