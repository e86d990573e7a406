// What a step costs when there is nothing else to do: round trips and commits of one task of five steps at a time, creation
// included, and of each hop in a long chain; and the time of such a hop, beside that of a plain commit in the same run. For
// measure-cost.ts.
import type pg from 'pg'
import { createTasker, defineTask, type GivenDefinition, type Tasker } from '@tasker/engine'

const result = { text: 'x'.repeat(80) } // 100 bytes as JSON
const taskCount = 40

const five = defineTask({ namespace: 'bench', name: 'five_in_a_row', version: '1.0.0' })
  .step('one', async () => result)
  .step('two', { dependsOn: ['one'] }, async () => result)
  .step('three', { dependsOn: ['two'] }, async () => result)
  .step('four', { dependsOn: ['three'] }, async () => result)
  .step('five', { dependsOn: ['four'] }, async () => result)

// A chain, each step noting when it starts and ends in this process.
const hopCount = 300
const chainSteps = Array.from({ length: hopCount + 1 }, (_, index) => index)
const chainNoting = (note: (ms: number) => void) =>
  defineTask({ namespace: 'bench', name: 'chain', version: '1.0.0' }).expand(
    'link',
    {},
    () =>
      chainSteps.map((index) => ({
        key: `${index}`,
        inputs: null,
        after: index === 0 ? [] : [`${index - 1}`],
      })),
    async () => {
      note(performance.now())
      return null
    },
  )

/** In the database of the client, whose schema is migrated. */
export async function measureIdleCost(
  url: string,
  client: pg.Client,
): Promise<Record<string, number>> {
  const noted: number[] = []
  const chain = chainNoting((ms) => noted.push(ms))
  // Nothing is asked but what the tasks need: what an idle worker asks by itself is a budget of its own (wake-up.test.ts).
  const tasker = await createTasker({
    database: url,
    orchestration: {
      pollIntervalMs: 60_000,
      heartbeatIntervalMs: 300_000,
      leaseMs: 3_600_000,
      scanIntervalMs: 300_000,
      sweepIntervalMs: 86_400_000,
    },
    definitions: [five, chain],
  })
  try {
    await tasker.worker.start()
    await run(tasker, five)
    const before = await read(client)
    for (let task = 0; task < taskCount; task += 1) await run(tasker, five)
    const between = await read(client)
    await run(tasker, chain)
    const after = await read(client)
    const steps = taskCount * 5
    return {
      statementsPerIdleStep: (between.statements - before.statements) / steps,
      commitsPerIdleStep: (between.commits - before.commits) / steps,
      statementsPerHop: (after.statements - between.statements) / hopCount,
      commitsPerHop: (after.commits - between.commits) / hopCount,
      ...timesOf('hop', differencesOf(noted)),
      ...timesOf('commit', await commitTimes(client)),
    }
  } finally {
    await tasker.close()
  }
}

/** Until the worker has nothing to do. */
async function run(tasker: Tasker, definition: GivenDefinition): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const forget = tasker.events.on('task.completed', () => resolve())
  await tasker.tasks.create(definition, { context: {} })
  await ended
  await tasker.worker.idle()
  forget()
}

/** Commits that wait for the disk: those of transactions that wrote. The server has nothing else to do. */
async function read(client: pg.Client): Promise<{ statements: number; commits: number }> {
  const { rows } = await client.query<{ statements: string; commits: string }>(
    `select
       (select coalesce(sum(s.calls), 0) from pg_stat_statements s
        join pg_database d on d.oid = s.dbid
        where d.datname = current_database() and s.toplevel and s.query !~ 'pg_stat_statements') as statements,
       pg_snapshot_xmax(pg_current_snapshot()) as commits`,
  )
  return { statements: Number(rows[0]?.statements), commits: Number(rows[0]?.commits) }
}

async function commitTimes(client: pg.Client): Promise<readonly number[]> {
  await client.query('create table commit_probe (n integer)')
  const times: number[] = []
  for (let n = 0; n < hopCount; n += 1) {
    const startMs = performance.now()
    await client.query('insert into commit_probe values ($1)', [n])
    times.push(performance.now() - startMs)
  }
  await client.query('drop table commit_probe')
  return times
}

const differencesOf = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((ms, index) => ms - (times[index] ?? Number.NaN))

const timesOf = (name: string, sample: readonly number[]): Record<string, number> => ({
  [`${name}MsP50`]: quantile(sample, 0.5),
  [`${name}MsP99`]: quantile(sample, 0.99),
})

const quantile = (sample: readonly number[], share: number): number =>
  sample.toSorted((a, b) => a - b)[Math.floor(sample.length * share)] ?? Number.NaN
