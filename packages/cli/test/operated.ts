// Tasks to operate on: made in this process by a worker that is stopped again, so that the command line finds them at rest.
import { createTasker, type Tasker } from '@tasker/engine'
import { onTestFinished } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { order, patient } from './operated.config.ts'
import type { CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

export interface Operated {
  readonly url: string
  readonly tasker: Tasker
  /** The command line, on the database of this test. */
  readonly cli: (...args: readonly string[]) => Promise<CliResult>
  /** Ids of orders that ended: in error below zero, complete above. */
  readonly ended: (...cents: readonly number[]) => Promise<readonly string[]>
  /** Ids of orders that nobody runs. */
  readonly unstarted: (count: number) => Promise<readonly string[]>
  /** Of a task one step of which waits for a retry, the other for a time. */
  readonly waiting: () => Promise<string>
}

export async function operated(): Promise<Operated> {
  const { url } = await cloneDatabase()
  const tasker = await createTasker({ database: url, definitions: [order, patient] })
  onTestFinished(() => tasker.close())
  const create = async (cents: readonly number[]): Promise<readonly string[]> => {
    const requests = cents.map((each) => ({ definition: order, context: { cents: each } }))
    return (await tasker.tasks.createMany(requests)).map(({ taskId }) => taskId)
  }
  return {
    url,
    tasker,
    cli: (...args) => runCommand([...args, '--database', url]),
    async ended(...cents) {
      const ids = await create(cents)
      await tasker.worker.start()
      for (const id of ids) await tasker.tasks.waitFor(id)
      await tasker.worker.stop()
      return ids
    },
    unstarted: (count) => create(Array.from({ length: count }, () => 1)),
    async waiting() {
      const failed = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      tasker.events.on('step.failed', () => failed.resolve())
      tasker.events.on('step.waiting', () => asked.resolve())
      const { taskId } = await tasker.tasks.create(patient, { context: {} })
      await tasker.worker.start()
      await Promise.all([failed.promise, asked.promise])
      await tasker.worker.stop()
      return taskId
    },
  }
}
