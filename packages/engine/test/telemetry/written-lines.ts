// What the tests of logs share: a task, a destination that keeps its lines, and what was written about a run.
import { defineTask } from '../../src/definitions/builder.ts'
import { failsTimes } from '../scenarios/handlers.ts'
import { stage, type StageOptions } from '../scenarios/stage.ts'

export type Fields = Readonly<Record<string, unknown>>

export const pair = defineTask({ namespace: 'logs', name: 'pair' })
  .step('first', async ({ log }) => {
    log.info({ orderId: 7 }, 'looked up')
    log.debug({}, 'not written')
    return null
  })
  .step('second', { dependsOn: ['first'], retry: { limit: 2 } }, failsTimes(1))

/** A destination that keeps its lines. */
export function paper() {
  const lines: string[] = []
  return {
    lines,
    write: (line: string): void => void lines.push(line),
    objects: (): readonly Fields[] => lines.map((line) => JSON.parse(line) as Fields),
  }
}

/** Without what is said of the cache when a Tasker is made. */
export const quietStart = { cache: 'warn' } as const

/** Runs one task of `pair` and returns what was written about it. */
export const writing =
  (database: { readonly url: string }) =>
  async (options: Partial<StageOptions> = {}) => {
    const logs = paper()
    const { telemetry = {} } = options
    const staged = await stage(database.url, {
      definitions: [pair],
      logs,
      ...options,
      telemetry: { ...telemetry, logLevels: { ...quietStart, ...telemetry.logLevels } },
    })
    const { taskId } = await staged.tasker.tasks.create(pair, { context: {} })
    await staged.run(taskId)
    return { ...staged, taskId, logs }
  }
