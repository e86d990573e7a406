// What one durable commit takes on this server: the yardstick for the time of a hop.
import pg from 'pg'
import { quantile } from './figures.ts'
import type { BenchServer } from './server.ts'

export interface CommitLatency {
  readonly commitMsP50: number
  readonly commitMsP99: number
}

const warmUpCommits = 50

/** One connection inserts a single narrow row and commits, so many times, one after the other. Nothing else runs meanwhile. */
export async function measureCommits(server: BenchServer, count = 500): Promise<CommitLatency> {
  return server.withDatabase(async (connectionString) => {
    const client = new pg.Client({ connectionString })
    await client.connect()
    try {
      await client.query('create table commits (n integer not null)')
      await commit(client, warmUpCommits)
      const tookMs = await commit(client, count)
      return {
        commitMsP50: quantile(tookMs, 0.5) ?? Number.NaN,
        commitMsP99: quantile(tookMs, 0.99) ?? Number.NaN,
      }
    } finally {
      await client.end()
    }
  })
}

async function commit(client: pg.Client, count: number): Promise<readonly number[]> {
  const tookMs: number[] = []
  for (let n = 0; n < count; n += 1) {
    const startedMs = performance.now()
    await client.query({ name: 'commit', text: 'insert into commits values ($1)', values: [n] })
    tookMs.push(performance.now() - startedMs)
  }
  return tookMs
}
