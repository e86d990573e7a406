// A process of processes.test.ts: a worker whose one target is due each second, at an address that the test holds. Says when it is
// ready.
import { createTasker } from '@tasker/engine'

const [url = '', endpoint = '', target = ''] = process.argv.slice(2)
const tasker = await createTasker({
  database: { url, migrate: 'off' },
  metrics: true,
  telemetry: {
    exports: {
      enabled: true,
      checkInterval: 1,
      targets: { [target]: { to: 'http', format: 'prometheus', url: endpoint, every: 1 } },
    },
    // What a dead process held is free after this.
    prometheus: { jobTimeout: 2, safetyMargin: 1, exportTimeout: 2 },
  },
})
await tasker.worker.start()
process.send?.('ready')
process.once('disconnect', () => void tasker.close())
