// A program that uses the embedded server, run by the tests as a process of its own. Prints one
// line of JSON when it has the server, then obeys lines on its input: `release` or `exit`.

import { createInterface } from 'node:readline'

import { Client } from 'pg'

import { startEmbeddedPostgres } from '../src/index.ts'

const folder = process.argv[2] ?? ''
const cycles = Number(process.argv[3] ?? 0)
const durability = process.argv[4] === 'unsafe_for_tests' ? 'unsafe_for_tests' : 'safe'
const notices: string[] = []

try {
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const server = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
    const client = new Client({ ...server.connection })
    await client.connect()
    await client.query('insert into visits default values')
    await client.end()
    await server.release()
  }
  if (cycles === 0) await holdUntilTold()
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
  process.exitCode = 1
}

async function holdUntilTold(): Promise<void> {
  const onNotice = (line: string) => notices.push(line)
  const server = await startEmbeddedPostgres({ folder, durability, onNotice })
  const { adopted, dataFolder, url, serverVersion } = server
  console.log(JSON.stringify({ adopted, dataFolder, url, serverVersion, notices }))
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'exit') process.exit(0)
    if (line === 'release') break
  }
  await server.release()
}
