// A worker that traces, in a process of its own: its name, the database and the collector come as arguments. In the process
// called `killed` one handler says that it has begun and never ends.
import { defineTask } from '../../src/definitions/builder.ts'
import { createTasker } from '../../src/tasker.ts'
import { startProvider } from './provider.ts'

export interface TracedWorkerArguments {
  readonly name: 'killed' | 'survivor'
  readonly database: string
  readonly collector: string
}

export const tracedDiamond = defineTask({ namespace: 'traces', name: 'killed', version: '1.0.0' })
  .step('top', async () => null)
  .step('left', { dependsOn: ['top'] }, async () => {
    if (process.argv[2]?.includes('"killed"') === true) {
      process.send?.('holding')
      await new Promise(() => undefined)
    }
    return null
  })
  .step('right', { dependsOn: ['top'] }, async () => null)
  .step('join', { dependsOn: ['left', 'right'] }, async () => null)

if (process.send !== undefined && process.argv[2] !== undefined) {
  const given = JSON.parse(process.argv[2]) as TracedWorkerArguments // what the test passes
  startProvider({ url: given.collector, service: given.name, exportEveryMs: 50 })
  const tasker = await createTasker({
    database: { url: given.database, migrate: 'off' },
    definitions: [tracedDiamond],
    orchestration: {
      heartbeatIntervalMs: 200,
      leaseMs: 1_000,
      scanIntervalMs: 200,
    },
  })
  await tasker.worker.start()
  process.send('ready')
}
