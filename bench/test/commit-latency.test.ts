// The yardstick of a hop: what is measured is a commit of one row on the server that is given.
import { expect, test } from 'vitest'
import { measureCommits } from '../src/commit-latency.ts'
import { startServer } from '../src/server.ts'

test('a commit takes some time, and the slowest take no less than the middle one', async () => {
  const server = await startServer(null)
  try {
    const { commitMsP50, commitMsP99 } = await measureCommits(server, 20)

    expect(commitMsP50).toBeGreaterThan(0)
    expect(commitMsP99).toBeGreaterThanOrEqual(commitMsP50)
  } finally {
    await server.stop()
  }
})
