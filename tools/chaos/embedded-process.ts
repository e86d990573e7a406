// One process of the scenario `embedded`: a user's program without a database of its own. It creates tasks one after the
// other, writes down each that was acknowledged, and runs steps. Started by embedded-fleet.ts; its one argument is an
// EmbeddedSettings as JSON. It ends when the harness does.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createTasker, defineTask, TaskerError, type Tasker } from '@tasker/engine'
import { isConnectionError } from '../../packages/engine/src/database/connect.ts'
import { startFailedCode, type EmbeddedOrder, type EmbeddedSettings } from './embedded-fleet.ts'
import { quickOptions } from './stage.ts'

const givenUpMs = 10_000
const againAfterMs = 100

const sum = defineTask({ namespace: 'chaos', name: 'sum', version: '1.0.0' })
  .step('left', async ({ context }) => Number(context['n']))
  .step('right', async () => 1)
  .step(
    'sum',
    { dependsOn: ['left', 'right'] },
    async ({ results }) => results.left + results.right,
  )

// The harness wrote it: embedded-fleet.ts.
const settings = JSON.parse(process.argv[2] ?? '{}') as EmbeddedSettings
const resting = new AbortController()
const closing = Promise.withResolvers<void>()
process.once('disconnect', () => process.exit(1))
process.on('message', (order: EmbeddedOrder) => {
  resting.abort()
  if (order === 'close') closing.resolve()
})
const tasker = await begin().catch(tellAndEnd)
await createTasks(tasker)
await closing.promise
await tasker.close()
process.exit(0)

async function begin(): Promise<Tasker> {
  const { database, ...quick } = quickOptions
  const begun = await createTasker({
    ...quick,
    database: { ...database, embedded: settings.folder, statementTimeoutMs: givenUpMs },
    definitions: [sum],
  })
  await begun.worker.start()
  return begun
}

// A start whose server is killed meanwhile fails, as any program does; whoever started it does so again.
function tellAndEnd(error: unknown): never {
  console.error(error)
  process.exit(isStruck(error) ? startFailedCode : 1)
}

function isStruck(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'START_FAILED' || code === 'DATABASE_UNREACHABLE' || isConnectionError(error)
}

async function createTasks({ tasks }: Tasker): Promise<void> {
  const ledger = openSync(settings.ledger, 'a')
  for (let no = 1; !resting.signal.aborted; no += 1) {
    const n = settings.firstNo + no
    try {
      const { taskId } = await tasks.create(sum, { context: { n }, idempotencyKey: `task-${n}` })
      // It counts as acknowledged once it would survive this machine too.
      writeSync(ledger, `${taskId} ${n}\n`)
      fsyncSync(ledger)
      await pause(settings.everyMs)
    } catch (error) {
      if (!(error instanceof TaskerError) || error.code !== 'DATABASE_UNREACHABLE') throw error
      no -= 1 // the same request again
      await pause(againAfterMs)
    }
  }
  closeSync(ledger)
}
