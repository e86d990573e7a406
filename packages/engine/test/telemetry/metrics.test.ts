// Metrics of one process: asked for or not, what they count, how many label sets they may have, and what a scraper is
// told when the database is away. That they are exact across processes, packages/cli/test/metrics.test.ts asks Prometheus.
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { createTasker } from '../../src/tasker.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import type { Exporter } from '../../src/telemetry/exports/exporter.ts'
import { testClock } from '../../src/testing/index.ts'
import { metricCatalogue } from '../../src/telemetry/metrics/catalogue.ts'
import { databaseForFile } from '../support/database.ts'
import { failsTimes, gate } from '../scenarios/handlers.ts'
import { stage, type Stage, type StageOptions } from '../scenarios/stage.ts'

const database = databaseForFile()

const flaky = defineTask({ namespace: 'metrics', name: 'flaky' })
  .step('first', async () => null)
  .step('second', { dependsOn: ['first'] }, failsTimes(1))

const many = defineTask({ namespace: 'metrics', name: 'many' }).expand(
  'each',
  {},
  () => ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, inputs: null })),
  async () => null,
)

const collecting = (options: Partial<StageOptions> = {}): Promise<Stage> =>
  stage(database.url, { definitions: [flaky, many], metrics: true, ...options })

/** The lines of one metric, without its name's prefix. */
const linesOf = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

test('the names, types and labels are a promise', () => {
  const promised = Object.entries(metricCatalogue).map(([name, { type, labels }]) =>
    `${type} ${name} ${labels.join(',')}`.trimEnd(),
  )
  expect(promised).toMatchSnapshot()
})

test('a task that retries is counted once at each stop, with its labels', async () => {
  const { tasker, run } = await collecting()
  const { taskId } = await tasker.tasks.create(flaky, { context: {} })
  await run(taskId)
  const text = await tasker.metrics.text()
  const task = 'namespace="metrics",task="flaky"'
  for (const name of ['created', 'started', 'completed']) {
    const line = `tasker_tasks_${name}_total{${task},version="0.1.0"} 1`
    expect(linesOf(text, `tasker_tasks_${name}_total`)).toEqual([line])
  }
  expect(linesOf(text, 'tasker_steps_completed_total')).toEqual([
    `tasker_steps_completed_total{${task},step="first"} 1`,
    `tasker_steps_completed_total{${task},step="second"} 1`,
  ])
  expect(linesOf(text, 'tasker_steps_failed_total')).toEqual([
    expect.stringMatching(/step="second",error_type="\w+"\} 1$/),
  ])
  expect(linesOf(text, 'tasker_steps_retried_total')).toHaveLength(1)
  expect(linesOf(text, 'tasker_step_backoff_seconds_count')).toEqual([
    `tasker_step_backoff_seconds_count{${task}} 1`,
  ])
  expect(linesOf(text, 'tasker_worker_steps_running')).toEqual(['tasker_worker_steps_running 0'])
  expect(linesOf(text, 'tasker_database_connections_max')).toHaveLength(2)
})

test('nothing is collected unless asked for, and the reason is said', async () => {
  const reasonOf = async (options: Partial<StageOptions>): Promise<string> => {
    const { tasker } = await collecting(options)
    expect(tasker.metrics.isCollecting).toBe(false)
    await expect(tasker.metrics.listen()).rejects.toThrow('No metrics are collected')
    return tasker.metrics.text().catch(String)
  }
  await expect(reasonOf({ metrics: false })).resolves.toContain('not given metrics: true')
  await expect(reasonOf({ telemetry: { metricsEnabled: false } })).resolves.toContain(
    'telemetry.metricsEnabled is false',
  )
  await expect(reasonOf({ telemetry: { enabled: false } })).resolves.toContain(
    'telemetry.enabled is false',
  )
})

test('names beyond the limit count as other, and that is counted', async () => {
  const { tasker, run } = await collecting({ telemetry: { metricsSeriesMax: 3 } })
  const { taskId } = await tasker.tasks.create(many, { context: {} })
  await run(taskId)
  const text = await tasker.metrics.text()
  const started = linesOf(text, 'tasker_steps_started_total')
  expect(started).toHaveLength(4)
  expect(started.at(-1)).toBe(
    'tasker_steps_started_total{namespace="other",task="other",step="other"} 2',
  )
  expect(linesOf(text, 'tasker_metrics_overflowed_total')).toContain(
    'tasker_metrics_overflowed_total{metric="tasker_steps_started_total"} 2',
  )
})

test('the names of the first generation are sums without labels, where they are wanted', async () => {
  const { tasker, run } = await collecting({ telemetry: { metricsLegacyNames: true } })
  const { taskId } = await tasker.tasks.create(flaky, { context: {} })
  await run(taskId)
  const text = await tasker.metrics.text()
  expect(text.split('\n').filter((line) => /^(task|step)_/.test(line))).toEqual([
    'task_completed_total 1',
    'task_failed_total 0',
    'step_completed_total 2',
    'step_failed_total 1',
  ])
})

test('the prefix can be another one', async () => {
  const prometheus = { metricPrefix: 'shop_tasks' }
  const { tasker } = await collecting({ telemetry: { prometheus }, isWorking: false })
  const text = await tasker.metrics.text()
  expect(text).toContain('shop_tasks_build_info{version="')
  expect(text).not.toMatch(/^(# \w+ )?tasker_/m)
})

test('gauges of the queue say what is due, later and held, by namespace, and how old it is', async () => {
  const { tasker, clock } = await collecting({ isWorking: false })
  const gauge = async (name: string): Promise<number> => {
    const line = linesOf(await tasker.metrics.text(), name).find((each) =>
      each.includes('namespace="metrics"'),
    )
    return Number(line?.split(' ').at(-1))
  }
  const dueBefore = await gauge('tasker_steps_due')
  await tasker.tasks.create(flaky, { context: {} })
  expect(await gauge('tasker_steps_due')).toBe(dueBefore) // kept for five seconds
  await clock.advance(90_000)
  expect(await gauge('tasker_steps_due')).toBe(dueBefore + 1)
  expect(await gauge('tasker_queue_age_seconds')).toBeGreaterThanOrEqual(90)
  await tasker.namespaces.hold('metrics')
  await clock.advance(10_000)
  expect(await gauge('tasker_steps_due')).toBe(0)
  expect(await gauge('tasker_steps_held')).toBe(dueBefore + 1)
  expect(await gauge('tasker_queue_age_seconds')).toBe(0)
  await tasker.namespaces.resume('metrics')
})

test('a database that is away takes its own values away, and no others', async () => {
  const { tasker, clock } = await collecting({ isWorking: false })
  const before = await tasker.metrics.text()
  expect(linesOf(before, 'tasker_workers_live')).toHaveLength(1)
  const listener = await tasker.metrics.listen({ port: 0 })
  expect((await fetch(listener.url)).status).toBe(200)
  await tasker.close()
  await clock.advance(5_000)
  await expect(fetch(listener.url)).rejects.toThrow('fetch failed')
  const text = await tasker.metrics.text()
  expect(linesOf(text, 'tasker_tasks_in_state')).toEqual([])
  expect(linesOf(text, 'tasker_worker_slots')).toHaveLength(1)
  expect(linesOf(text, 'tasker_metrics_export_errors_total')).toEqual([
    'tasker_metrics_export_errors_total 1',
  ])
})

test('the listener reads only, at its paths only, and is never cached', async () => {
  const { tasker } = await collecting({
    isWorking: false,
    telemetry: { metricsEndpoint: '/internal/metrics' },
  })
  const { url, host, port } = await tasker.metrics.listen({ port: 0 })
  expect(url).toBe(`http://${host}:${port}/metrics`)
  const answers = await Promise.all([
    fetch(url),
    fetch(`http://${host}:${port}/internal/metrics?x=1`),
    fetch(url, { method: 'HEAD' }),
    fetch(url, { method: 'POST', body: 'x' }),
    fetch(`http://${host}:${port}/`),
  ])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 405, 404])
  expect(answers[0]?.headers.get('cache-control')).toContain('no-store')
  expect(await answers[2]?.text()).toBe('')
})

test('a scraper is given the text that it accepts first, or the format and the processes that it names', async () => {
  const { tasker } = await collecting({ isWorking: false, telemetry: { metricsFormat: 'csv' } })
  const { url } = await tasker.metrics.listen({ port: 0 })
  const answerTo = async (query: string, accept: string) => {
    const answer = await fetch(`${url}${query}`, { headers: { accept } })
    return [answer.status, answer.headers.get('content-type')?.split(';')[0], await answer.text()]
  }
  const json = 'application/json'
  const answers = [
    await answerTo('', 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5'),
    await answerTo('', 'application/openmetrics-text;q=0.3, text/plain;version=0.0.4;q=0.5'),
    await answerTo('', '*/*'),
    await answerTo('?format=JSON&scope=process', 'text/plain'),
    await answerTo('?format=xml', 'text/plain'),
    await answerTo('?scope=some', 'text/plain'),
  ]
  expect(answers).toEqual([
    [200, 'application/openmetrics-text', expect.stringMatching(/# EOF\n$/)],
    [200, 'text/plain', expect.stringContaining('# TYPE tasker_build_info gauge')],
    [200, 'text/csv', expect.stringMatching(/^timestamp,name,type,value,/)],
    [200, json, expect.stringContaining('"total_metrics":')],
    [400, json, expect.stringContaining('csv, json, openmetrics, otlp, prometheus')],
    [400, json, expect.stringContaining('scope is')],
  ])
})

test('an exporter of the host is asked before those of Tasker, and those come after it', async () => {
  const heard: string[] = []
  let isBroken = false
  const ours: Exporter = {
    name: 'ours',
    formats: ['json', 'names'],
    export({ families, scope }, { format, options }) {
      if (isBroken) throw new Error('no room')
      heard.push(`${format} ${scope} ${String(options['site'])}`)
      const body = families.map(({ name }) => name).join(' ')
      return { format, contentType: 'text/plain', body, metricsCount: families.length }
    },
  }
  const { tasker, events } = await collecting({ isWorking: false, exporters: [ours] })
  expect(tasker.exports.formats()).toEqual([
    'csv',
    'json',
    'names',
    'openmetrics',
    'otlp',
    'prometheus',
  ])
  expect(tasker.exports.list()[0]).toMatchObject({ name: 'ours', source: 'createTasker' })
  const rendered = await tasker.exports.render({ format: 'Names', options: { site: 'x' } })
  expect(rendered.body).toContain('tasker_build_info')
  expect(await tasker.exports.render({ format: 'json' })).toMatchObject({
    contentType: 'text/plain',
  })
  expect(heard).toEqual(['names process x', 'json process undefined'])
  isBroken = true
  expect(await tasker.exports.render({ format: 'json' })).toMatchObject({
    contentType: 'application/json; charset=utf-8',
  })
  expect(() => tasker.exports.register(ours)).toThrow(
    expect.objectContaining({ code: 'EXPORTER_CONFLICT' }),
  )
  expect(tasker.exports.unregister('ours')).toBe(true)
  expect(tasker.exports.formats()).not.toContain('names')
  expect(events.all.map(({ name }) => name).filter((name) => name.startsWith('plugin.'))).toEqual([
    'plugin.validation_failed',
    'plugin.unregistered',
  ])
})

test('what is no exporter is refused with the Tasker; what is asked of no metrics, with the reason', async () => {
  await expect(collecting({ exporters: [{ name: 'half' } as Exporter] })).rejects.toMatchObject({
    code: 'EXPORTER_INVALID',
  })
  const { tasker } = await collecting({ metrics: false, isWorking: false })
  await expect(tasker.exports.render({ format: 'json' })).rejects.toMatchObject({
    code: 'METRICS_UNAVAILABLE',
  })
  await expect(tasker.exports.render({ format: 'xml' })).rejects.toMatchObject({
    code: 'EXPORT_UNSUPPORTED',
  })
})

test('a listener that could not ask for credentials does not listen where they are required', async () => {
  const { tasker } = await collecting({
    isWorking: false,
    telemetry: { metricsAuthRequired: true },
  })
  await expect(tasker.metrics.listen({ port: 0 })).rejects.toMatchObject({
    code: 'METRICS_UNAVAILABLE',
  })
  await expect(tasker.metrics.text()).resolves.toContain('tasker_build_info')
})

test('two Taskers of one process count apart', async () => {
  const options: TaskerOptions = {
    database: { url: database.url, migrate: 'off' },
    definitions: [flaky],
    metrics: true,
  }
  const [one, other] = [await createTasker(options), await createTasker(options)]
  onTestFinished(async () => {
    await one.close()
    await other.close()
  })
  await one.tasks.create(flaky, { context: {} })
  expect(await one.metrics.text()).toContain('tasker_tasks_created_total{')
  expect(await other.metrics.text()).not.toContain('tasker_tasks_created_total{')
})

test('a subscriber that throws is counted', async () => {
  const { tasker } = await collecting({ isWorking: false })
  tasker.events.on('task.initialize_requested', function careless() {
    throw new Error('a defect of the subscriber')
  })
  await tasker.tasks.create(flaky, { context: {} })
  const text = await tasker.metrics.text()
  expect(linesOf(text, 'tasker_event_subscriber_errors_total')).toEqual([
    'tasker_event_subscriber_errors_total{event="task.initialize_requested",subscriber="careless"} 1',
  ])
})

test('steps of a lost worker are counted as rescued, as often as the history says', async () => {
  const frozen = gate()
  const held = defineTask({ namespace: 'metrics', name: 'held' }).step(
    'only',
    async ({ claimNo }) => (claimNo === 1 ? frozen.opened : null),
  )
  const options = { definitions: [held] }
  const dying = await collecting({ ...options, clock: testClock() }) // it stands still: nothing is renewed
  const { taskId } = await dying.tasker.tasks.create(held, { context: {} })
  await dying.events.until('step.execution_requested')
  const other = await collecting({ ...options, clock: testClock() })
  await other.clock.advance(2 * 3_600_000)
  await other.run(taskId)
  const history = await other.tasker.tasks.history(taskId)
  const rescued = linesOf(await other.tasker.metrics.text(), 'tasker_steps_rescued_total')
  expect(history.filter(({ reason }) => reason === 'worker_lost')).toHaveLength(1)
  expect(rescued).toEqual(['tasker_steps_rescued_total 1'])

  frozen.open()
  await dying.tasker.worker.idle()
  expect(linesOf(await dying.tasker.metrics.text(), 'tasker_step_outcomes_refused_total')).toEqual([
    'tasker_step_outcomes_refused_total{namespace="metrics",task="held",step="only"} 1',
  ])
})
