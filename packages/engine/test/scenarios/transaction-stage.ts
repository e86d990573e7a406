// A Tasker in real time with a worker that has one connection for steps in a transaction: what scenarios about them start
// from.
import { onTestFinished } from 'vitest'
import type { GivenDefinition } from '../../src/given-definitions.ts'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import { recordEvents, type EventRecord } from '../../src/testing/index.ts'

interface SetupOptions {
  readonly transactionPoolSize?: number
  readonly connectTimeoutMs?: number
  readonly statementTimeoutMs?: number
  readonly http?: TaskerOptions['http']
}

/** A worker with one connection for transactions, unless told otherwise. */
export const stageOf =
  (database: { readonly url: string }) =>
  async (
    definitions: readonly GivenDefinition[],
    { http, ...options }: SetupOptions = {},
  ): Promise<{ tasker: Tasker; events: EventRecord }> => {
    const tasker = await createTasker({
      database: {
        url: database.url,
        migrate: 'off',
        transactionPoolSize: 1,
        lockTimeoutMs: 50,
        ...options,
      },
      orchestration: { listen: false, shutdownGraceMs: 0, abortGraceMs: 0 },
      backoff: { defaultBackoffSeconds: [0], jitterEnabled: false },
      http,
      definitions: [...definitions],
    })
    onTestFinished(() => tasker.close())
    const events = recordEvents(tasker.events)
    await tasker.worker.start()
    return { tasker, events }
  }

/** Settings of a step in a transaction whose time is long. */
export const transaction = { transaction: true, timeoutMs: 60_000 } as const
