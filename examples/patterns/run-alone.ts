// What makes each file of this folder a program: run by itself it opens a Tasker on the embedded database (in `./.tasker`),
// shows what its pattern does, and closes it again. Imported, it only exports its definitions.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createTasker, type Tasker, type TaskerOptions } from '@tasker/engine'

/** A worker with one slot. */
export const oneAtATime = { minConcurrentSteps: 1, maxConcurrentStepsLimit: 1 } as const

/** `show` gets a Tasker whose worker runs. Retries come quickly, so that nobody waits for them. */
export async function runAlone(
  module: Pick<ImportMeta, 'url'>,
  options: TaskerOptions,
  show: (tasker: Tasker) => Promise<void>,
): Promise<void> {
  const [, program] = process.argv
  if (program === undefined || realpathSync(program) !== fileURLToPath(module.url)) return
  const backoff = { defaultBackoffSeconds: [0.05], jitterEnabled: false }
  await using tasker = await createTasker({ backoff, ...options })
  await tasker.worker.start()
  await show(tasker)
}
