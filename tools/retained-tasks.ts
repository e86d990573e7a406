// Many retained tasks at once, by plain SQL, for the benchmarks: of five definitions, created over some days, the newest of them
// open. They have no history and no results.
import type pg from 'pg'

interface Retained {
  readonly tasks: number
  readonly days: number
  readonly open: number
}

/** Tasks n of five definitions, d with (d mod 3) + 3 steps in a chain; the newest ones are open. */
export async function fillTasks(client: pg.Client, { tasks, days, open }: Retained): Promise<void> {
  for (let definition = 1; definition <= 5; definition += 1) {
    const steps = Array.from({ length: (definition % 3) + 3 }, (_, index) => index + 1)
    await client.query('select tasker.register_definition($1)', [
      JSON.stringify({
        namespace: definition < 3 ? 'bench' : 'other',
        namespace_description: '',
        name: `task_${definition}`,
        description: '',
        version: '1.0.0',
        digest: 'd',
        graph_id: `00000000-0000-7000-8000-00000000000${definition}`,
        settings: {},
        annotates: false,
        steps: steps.map((n) => ({
          step_no: n,
          name: `step_${n}`,
          handler: `step_${n}`,
          parents: n === 1 ? [] : [n - 1],
          children: n === steps.length ? [] : [n + 1],
          retryable: true,
          retry_limit: 3,
          skippable: false,
          priority: null,
          timeout_ms: null,
          dependent_system: '',
          inputs: null,
        })),
      }),
    ])
  }
  await client.query(
    `insert into tasker.tasks (task_id, definition_id, graph_id, state, priority, tags, initiator, source_system, reason,
       requested_at, created_at, started_at, ended_at)
     select
       (lpad(to_hex((extract(epoch from c.at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8'
         || lpad(to_hex(n), 15, '0'))::uuid,
       d.definition_id, d.graph_id,
       case when n > $1 - $3 then 'in_progress' when n % 100 = 0 then 'error' when n % 250 = 7 then 'cancelled'
         else 'complete' end,
       2, '{}', 'bench', 'bench', 'bench', c.at, c.at, c.at + interval '10 ms',
       case when n <= $1 - $3 then c.at + interval '100 ms' + random() ^ 4 * interval '60 s' end
     from generate_series(1, $1::integer) n
     cross join lateral (select now() - ($1 - n) * ($2 * interval '1 day' / $1) as at) c
     join tasker.definitions d on d.definition_id = n % 5 + 1
     order by n`,
    [tasks, days, Math.min(open, tasks)],
  )
  await client.query(
    `insert into tasker.workflow_steps (task_id, step_no, state, waiting, claim_no, attempts, retry_limit, started_at, ended_at)
     select t.task_id, g.step_no,
       case when t.state in ('complete', 'in_progress') and (t.state = 'complete' or not l.is_last) then 'complete'
         when not l.is_last then 'complete' when t.state = 'error' then 'error' when t.state = 'cancelled' then 'cancelled'
         else 'pending' end,
       0, 1, 1, 3, t.created_at + g.step_no * interval '15 ms',
       t.created_at + g.step_no * interval '15 ms' + random() ^ 4 * interval '10 s'
     from tasker.tasks t
     join tasker.graph_steps g on g.graph_id = t.graph_id
     cross join lateral (select g.children = '{}' as is_last) l
     order by t.task_id, g.step_no`,
  )
  await client.query('analyze')
}
