// A process whose stdout nobody reads, for log-receivers.test.ts: it writes more lines than the pipe takes, closes its Tasker,
// and says so on stderr.
import { createTasker } from '@tasker/engine'

const [url = ''] = process.argv.slice(2)
const tasker = await createTasker({ database: { url, migrate: 'off' }, logs: true })
for (let line = 0; line < 5_000; line += 1) tasker.log.info({ line }, 'x'.repeat(100))
await tasker.close()
process.stderr.write('closed')
