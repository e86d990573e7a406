// A process of its own that holds a lock in the database until it is killed, or told to end, for locks-killed.test.ts.
import { Locks } from '../../src/cache/locks.ts'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config.ts'
import { PostgresStore } from '../../src/database/postgres-store.ts'

export const heldLock = { name: 'held', ttlMs: 1_500 }

export function storeAt(url: string): PostgresStore {
  const { config } = resolveConfig({ code: { database: { url } } })
  const options = { ...config.database, url }
  return new PostgresStore({ database: { options }, clock: systemClock, timeoutMs: 30_000 })
}

const [url] = process.argv.slice(2)
if (url !== undefined) {
  const store = storeAt(url)
  const locks = new Locks({ store, clock: systemClock, owner: `process ${process.pid}` })
  await locks.tryWith(heldLock, async () => {
    process.send?.('holding')
    await new Promise((resolve) => process.once('message', resolve))
  })
  await store.close()
  process.disconnect()
}
