// A process that logs to its stdout, for logs.test.ts: it runs one task of another process to its end, and ends at once.
import { createTasker, defineTask } from '@tasker/engine'

const [url = '', taskId = ''] = process.argv.slice(2)
const elsewhere = defineTask({ namespace: 'logs', name: 'elsewhere' }).step(
  'say',
  async ({ log }) => {
    log.info({ password: 'hunter2' }, 'said elsewhere')
    return null
  },
)
const tasker = await createTasker({
  database: { url, migrate: 'off' },
  definitions: [elsewhere],
  telemetry: { logLevels: { task: 'debug', step: 'debug', cache: 'warn' } },
  logs: true,
})
await tasker.worker.start()
await tasker.tasks.waitFor(taskId)
await tasker.close()
