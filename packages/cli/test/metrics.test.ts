// Metrics from end to end: a real Prometheus scrapes two workers and the process that creates the tasks, and every counter
// is what the database itself counts.
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTasker } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { hasPrometheus, promtool, startPrometheus, type Sample } from './prometheus.ts'
import { runCli, startCli } from './run-cli.ts'
import settings from './scraped.config.ts'

const scrapedConfig = fileURLToPath(new URL('./scraped.config.ts', import.meta.url))

/** Of each of five names. */
const tasksOfEach = 200
/** Of them, so many are created one by one. */
const singleCount = 100

describe.runIf(hasPrometheus)('scraped by Prometheus', () => {
  test('the counters of all processes together equal what the database counts', async () => {
    const { url } = await cloneDatabase()
    const client = await open(url)
    const { definitions = [] } = settings
    const creator = await createTasker({
      database: { url, migrate: 'off' },
      definitions,
      metrics: true,
    })
    onTestFinished(() => creator.close())
    const listener = await creator.metrics.listen({ port: 0 })
    const workers = [startWorker(url), startWorker(url)]
    const urls = await Promise.all(
      workers.map(
        async (worker) => (await worker.untilStderr(/"url":"([^"]+\/metrics)"/))[1] ?? '',
      ),
    )
    const targets = [listener.url, ...urls].map((address) => new URL(address).host)
    const prometheus = await startPrometheus(targets)

    const names = ['plain', 'flaky', 'hopeless'].map((name) => `scraped/${name}`)
    names.push('others/refused', 'others/patient')
    const requests = names.flatMap((definition) =>
      Array.from({ length: tasksOfEach }, () => ({ definition, context: {} })),
    )
    expect(requests).toHaveLength(1_000)
    const created = await creator.tasks.createMany(requests.slice(singleCount))
    for (const { definition, context } of requests.slice(0, singleCount)) {
      created.push(await creator.tasks.create(definition, { context }))
    }
    const stubborn = await creator.tasks.create('others/stubborn', { context: {} })
    await Promise.all(created.map(({ taskId }) => creator.tasks.waitFor(taskId)))
    await creator.tasks.cancel(stubborn.taskId, { reason: 'whole' })
    await creator.namespaces.hold('held')
    const held = await creator.tasks.createMany(
      [1, 2, 3, 4, 5, 6].map(() => ({ definition: 'held/kept', context: {} })),
    )
    const [whole, single, skipped, resolved] = held.map(({ taskId }) => taskId)
    await creator.tasks.cancel(whole ?? '', { reason: 'whole' })
    await creator.tasks.cancel(single ?? '', { step: 'start', reason: 'single' })
    await creator.tasks.skip(skipped ?? '', { step: 'start', reason: 'single' })
    await creator.tasks.resolve(resolved ?? '', { step: 'start', reason: 'single' })
    const failed = await creator.tasks.find({ name: 'refused', limit: 2 })
    const [again, done] = failed.tasks.map(({ taskId }) => taskId)
    await creator.tasks.resolve(done ?? '')
    await creator.tasks.retry(again ?? '')
    await creator.tasks.waitFor(again ?? '')
    await expect
      .poll(async () => (await client.query(lateOutcomes)).rowCount, { timeout: 10_000 })
      .toBe(1)

    await scraped((expression) => prometheus.query(expression), targets.length)
    for (const { metric, by, sql } of counters) {
      const samples = await prometheus.query(`sum by (${by.join(', ')}) (tasker_${metric}) > 0`)
      const { rows } = await client.query<Row>(sql)
      expect({ metric, of: counted(samples, by) }).toEqual({
        metric,
        of: counted(rows.map(asSample), by),
      })
    }
    for (const { gauge, sql } of gauges) {
      const samples = await prometheus.query(`max without (instance, job) (tasker_${gauge}) > 0`)
      const { rows } = await client.query<Row>(sql)
      const by = Object.keys(rows[0] ?? {}).filter((column) => column !== 'value')
      expect({ gauge, of: counted(samples, by) }).toEqual({
        gauge,
        of: counted(rows.map(asSample), by),
      })
    }
    const started = await prometheus.query('sum by (instance) (tasker_steps_started_total)')
    expect(started.filter(({ value }) => value > 0)).toHaveLength(2)
    expect(await prometheus.query('tasker_event_subscriber_errors_total > 0')).toEqual([])

    for (const target of targets) {
      const text = await (await fetch(`http://${target}/metrics`)).text()
      expect(await promtool(['check', 'metrics'], text)).toBe('')
    }
  })
})

test('the worker says where it is scraped, at both paths, and is not when it has stopped', async () => {
  const { url } = await cloneDatabase()
  const worker = startWorker(url)
  const address = (await worker.untilStderr(/"url":"([^"]+\/metrics)"/))[1] ?? ''
  await worker.untilStderr(/worker started/)
  const { host } = new URL(address)
  for (const path of ['/metrics', '/tasker/metrics']) {
    const response = await fetch(`http://${host}${path}`)
    expect(await response.text()).toContain('tasker_worker_slots ')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  }
  worker.process.kill('SIGTERM')
  await expect(worker.ended).resolves.toMatchObject({ exitCode: 0 })
  await expect(fetch(address)).rejects.toThrow('fetch failed')
})

test('a port that is taken ends the worker at once, with what to do', async () => {
  const { url } = await cloneDatabase()
  const first = startWorker(url)
  const address = (await first.untilStderr(/"url":"([^"]+\/metrics)"/))[1] ?? ''
  const { port } = new URL(address)
  const given = ['--config', scrapedConfig, '--database', url]
  const second = await runCli(['worker', ...given, '--metrics-port', port])
  expect(second.exitCode).toBe(1)
  expect(second.stderr).toContain(`The metrics listener cannot listen on 127.0.0.1, port ${port}`)
})

test('a worker that nobody asked for metrics does not listen', async () => {
  const { url } = await cloneDatabase()
  const worker = startCli(['worker', '--config', scrapedConfig, '--database', url])
  await worker.untilStderr(/worker started/)
  worker.process.kill('SIGTERM')
  expect((await worker.ended).stderr).not.toContain('/metrics"')
})

const startWorker = (url: string): ReturnType<typeof startCli> =>
  startCli(['worker', '--config', scrapedConfig, '--database', url, '--metrics-port', '0'])

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Resolves when every target has been scraped, and read its gauges anew, since this was called. */
async function scraped(
  query: (expression: string) => Promise<readonly Sample[]>,
  targetCount: number,
): Promise<void> {
  const [now] = await query('vector(time())')
  const sinceSeconds = (now?.value ?? 0) + 6
  await expect
    .poll(() => query(`timestamp(up == 1) > ${sinceSeconds}`), { timeout: 120_000, interval: 500 })
    .toHaveLength(targetCount)
}

type Row = Readonly<Record<string, string>>

const asSample = ({ value = '', ...labels }: Row): Sample => ({ labels, value: Number(value) })

const counted = (samples: readonly Sample[], by: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    samples.map(({ labels, value }) => [by.map((name) => labels[name]).join(' '), value]),
  )

const ofTasks = `
  from tasker.tasks t
  join tasker.definitions f using (definition_id)
  join tasker.named_tasks m using (named_task_id)
  join tasker.task_namespaces n using (namespace_id)`
const taskLabels = 'n.name as namespace, m.name as task, f.version as version'
const stepLabels = 'n.name as namespace, m.name as task, g.name as step'

const tasksThat = (condition: string): string =>
  `select ${taskLabels}, count(*) as value ${ofTasks}
   join tasker.task_transitions h using (task_id)
   where ${condition} group by 1, 2, 3`

const stepsOf = (table: string, condition: string, columns = stepLabels): string =>
  `select ${columns}, count(*) as value ${ofTasks}
   join tasker.${table} h using (task_id)
   join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = h.step_no
   where ${condition} group by ${columns
     .split(',')
     .map((_column, index) => index + 1)
     .join(', ')}`

const lateOutcomes = `select from tasker.workflow_step_transitions where reason = 'outcome_refused'`

const byName = ['namespace', 'task']
const byTask = ['namespace', 'task', 'version']
const byStep = ['namespace', 'task', 'step']

const counters: readonly {
  readonly metric: string
  readonly by: readonly string[]
  readonly sql: string
}[] = [
  { metric: 'tasks_created_total', by: byTask, sql: tasksThat('h.from_state is null') },
  {
    metric: 'tasks_started_total',
    by: byTask,
    sql: tasksThat("h.from_state = 'pending' and h.to_state = 'in_progress'"),
  },
  { metric: 'tasks_completed_total', by: byTask, sql: tasksThat("h.to_state = 'complete'") },
  { metric: 'tasks_failed_total', by: byTask, sql: tasksThat("h.to_state = 'error'") },
  { metric: 'tasks_cancelled_total', by: byTask, sql: tasksThat("h.to_state = 'cancelled'") },
  {
    metric: 'tasks_resolved_manually_total',
    by: byTask,
    sql: tasksThat("h.to_state = 'resolved_manually'"),
  },
  {
    metric: 'tasks_retried_total',
    by: byTask,
    sql: tasksThat("h.from_state = 'error' and h.to_state = 'in_progress'"),
  },
  {
    metric: 'task_duration_seconds_count',
    by: byTask,
    sql: tasksThat("h.to_state not in ('pending', 'in_progress')"),
  },
  {
    metric: 'task_queue_latency_seconds_count',
    by: byName,
    sql: tasksThat("h.from_state = 'pending' and h.to_state = 'in_progress'"),
  },
  { metric: 'steps_started_total', by: byStep, sql: stepsOf('step_claims', 'true') },
  {
    metric: 'steps_completed_total',
    by: byStep,
    sql: stepsOf('workflow_step_transitions', "h.to_state = 'complete'"),
  },
  {
    metric: 'steps_failed_total',
    by: [...byStep, 'error_type'],
    sql: stepsOf(
      'workflow_step_transitions',
      "h.to_state = 'error'",
      `${stepLabels}, h.metadata->'error'->>'class' as error_type`,
    ),
  },
  {
    metric: 'steps_retried_total',
    by: byStep,
    sql: stepsOf('step_claims', "h.from_state = 'error'"),
  },
  {
    metric: 'steps_retries_exhausted_total',
    by: byStep,
    sql: stepsOf('workflow_steps', "h.state = 'error' and h.attempts >= h.retry_limit"),
  },
  {
    metric: 'steps_cancelled_total',
    by: byStep,
    sql: stepsOf(
      'workflow_step_transitions',
      "h.to_state = 'cancelled' and h.reason <> 'outcome_refused'",
    ),
  },
  {
    metric: 'steps_skipped_total',
    by: byStep,
    sql: stepsOf('workflow_step_transitions', "h.to_state = 'skipped'"),
  },
  {
    metric: 'steps_resolved_manually_total',
    by: byStep,
    sql: stepsOf('workflow_step_transitions', "h.to_state = 'resolved_manually'"),
  },
  {
    metric: 'step_outcomes_refused_total',
    by: byStep,
    sql: stepsOf('workflow_step_transitions', "h.reason = 'outcome_refused'"),
  },
  {
    metric: 'step_backoff_seconds_count',
    by: byName,
    sql: stepsOf('step_claims', "h.from_state = 'error'", 'n.name as namespace, m.name as task'),
  },
  {
    metric: 'step_duration_seconds_count',
    by: byStep,
    sql: stepsOf(
      'workflow_step_transitions',
      "h.from_state = 'in_progress' and h.actor like 'worker:%' and h.reason <> 'outcome_refused'",
    ),
  },
  {
    metric: 'steps_rescued_total',
    by: [],
    sql: `select count(*) as value from tasker.workflow_step_transitions
      where reason = 'worker_lost' having count(*) > 0`,
  },
  {
    metric: 'reenqueues_total',
    by: ['namespace', 'task', 'reason'],
    sql: stepsOf(
      'workflow_step_transitions',
      "h.from_state = 'in_progress' and h.to_state = 'pending'",
      'n.name as namespace, m.name as task, h.reason as reason',
    ),
  },
]

const gauges: readonly { readonly gauge: string; readonly sql: string }[] = [
  {
    gauge: 'tasks_in_state',
    sql: `select n.name as namespace, t.state as state, count(*) as value ${ofTasks} group by 1, 2`,
  },
  {
    gauge: 'workers_live',
    sql: "select count(*) as value from tasker.workers where state = 'live'",
  },
  {
    gauge: 'steps_held',
    sql: "select 'held' as namespace, 2 as value",
  },
]
