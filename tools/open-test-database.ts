// Opens the databases that failed tests left: starts the server of the folder named in their message, prints how to
// reach each database, and stops the server on Ctrl-C. `npm run test:database -- <folder>`
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findOldestServer } from '../packages/engine/test/support/oldest-binaries.ts'
import {
  databaseUrl,
  startNewestServer,
  startOldestServer,
  type TestServer,
} from '../packages/engine/test/support/server.ts'
import { listKeptDatabases } from '../packages/engine/test/support/template.ts'

const folder = process.argv[2]
if (folder === undefined || !existsSync(folder)) {
  console.error('Usage: npm run test:database -- <the folder that the test run printed>')
  process.exit(2)
}

const server = await openServer(folder)
for (const { name, test } of await listKeptDatabases(server.address)) {
  console.log(`${test}\n  psql '${databaseUrl(server.address, name)}'`)
}
console.log(`Ctrl-C stops the server. Then remove ${folder}.`)
const keepAlive = setInterval(() => undefined, 60_000)
process.once('SIGINT', () => {
  clearInterval(keepAlive)
  void server.stop()
})

/** The oldest server keeps its cluster in `data`, the embedded one in a folder of its own. */
async function openServer(path: string): Promise<TestServer> {
  if (!existsSync(join(path, 'data', 'PG_VERSION'))) return startNewestServer(path)
  const binaries = findOldestServer()
  if (binaries === null) throw new Error('The server that made this folder is not installed.')
  return startOldestServer(binaries, path)
}
