// The physical limit writes the facts that it says it writes: every step ended once, with its result and its history.
import { expect, test } from 'vitest'
import pg from 'pg'
import { startServer } from '../src/server.ts'
import { result, shapeNames, stepsPerTask } from '../src/subject.ts'
import { ideal } from '../src/subjects/ideal.ts'

test('every task and step of every shape ends complete, with result and history', async () => {
  const server = await startServer(null)
  try {
    await server.withDatabase(async (databaseUrl) => {
      let ranCount = 0
      const ran = (): void => {
        ranCount += 1
      }
      const subject = await ideal.open({ databaseUrl, redisUrl: null, slots: 400, ran })
      for (const shape of shapeNames) await subject.run(shape, 3)
      await subject.close()
      const steps = shapeNames.reduce((sum, shape) => sum + 3 * stepsPerTask[shape], 0)
      const tasks = shapeNames.length * 3

      expect(ranCount).toBe(steps)
      expect(await counts(databaseUrl)).toEqual({
        tasks,
        steps,
        creations: tasks,
        starts: tasks,
        ends: tasks,
        claims: steps,
        endings: steps,
      })
    })
  } finally {
    await server.stop()
  }
})

/** Of rows that are as they must be at the end. */
async function counts(connectionString: string): Promise<Readonly<Record<string, number>>> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query<Record<string, string>>(
    `select
       (select count(*) from tasks where state = 'complete' and started_at <= ended_at) as tasks,
       (select count(*) from steps where state = 'complete' and started_at <= ended_at and claim_no = 1
         and result = $1) as steps,
       (select count(*) from task_transitions where from_state is null and to_state = 'pending') as creations,
       (select count(*) from task_transitions where from_state = 'pending') as starts,
       (select count(*) from task_transitions where to_state = 'complete') as ends,
       (select count(*) from step_claims) as claims,
       (select count(*) from step_transitions where to_state = 'complete') as endings`,
    [JSON.stringify(result)],
  )
  await client.end()
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([key, n]) => [key, Number(n)]))
}
