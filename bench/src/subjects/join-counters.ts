// Counters of joins for queues on PostgreSQL, made by hand: a row for each join, raised in the transaction of its caller.
import type { ClientBase } from 'pg'
import { joinKeyOf, type Arrival, type StepJob } from '../hand-made-chain.ts'

type Client = Pick<ClientBase, 'query'>

export async function createJoinCounters(client: Client): Promise<void> {
  await client.query(
    `create table bench_joins (key text primary key, arrived integer not null) with (fillfactor = 50)`,
  )
}

/** In one statement, rows locked in one order. Answers with the jobs whose parents have all arrived now. */
export async function countArrivals(
  client: Client,
  arrivals: readonly Arrival[],
): Promise<readonly StepJob[]> {
  if (arrivals.length === 0) return []
  const joins = new Map<string, Arrival & { readonly arriving: number }>()
  for (const arrival of arrivals) {
    const key = joinKeyOf(arrival.job)
    joins.set(key, { ...arrival, arriving: (joins.get(key)?.arriving ?? 0) + 1 })
  }
  const { rows } = await client.query<{ key: string; arrived: number }>({
    name: 'bench_count_arrivals',
    text: `insert into bench_joins as joins (key, arrived)
           select * from unnest($1::text[], $2::integer[]) order by 1
           on conflict (key) do update set arrived = joins.arrived + excluded.arrived
           returning key, arrived`,
    values: [[...joins.keys()], [...joins.values()].map(({ arriving }) => arriving)],
  })
  return rows.flatMap(({ key, arrived }) => {
    const join = joins.get(key)
    return join !== undefined && arrived === join.parents ? [join.job] : []
  })
}
