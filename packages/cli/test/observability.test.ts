// The Grafana dashboard and the rules that come with the engine: every question in them is put to a real Prometheus that scrapes
// a worker at work, each alert fires in its case and keeps quiet in the other, and each has its section in the guide.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, defineTask, RetryableError, type Tasker } from '@tasker/engine'
import { metricCatalogue } from '../../engine/src/telemetry/metrics/catalogue.ts'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { alerts, recordings, runbookOf } from '../../../tools/observability/rules.ts'
import { alertCases } from './alert-cases.ts'
import { hasPrometheus, promtool, startPrometheus, type Prometheus } from './prometheus.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const folder = join(root, 'packages', 'engine', 'observability')
const rulesFile = join(folder, 'prometheus-rules.yml')

interface Target {
  readonly refId: string
  readonly expr: string
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly Target[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly definition?: string }[] }
}

// Both are made by tools/generate-observability.ts.
const dashboard = JSON.parse(
  await readFile(join(folder, 'grafana-dashboard.json'), 'utf8'),
) as Dashboard
const rulesText = await readFile(rulesFile, 'utf8')
const ruleCount = alerts.length + recordings.length

test('every metric they name is in the catalogue', () => {
  const named = new Set(
    [...`${JSON.stringify(dashboard)}\n${rulesText}`.matchAll(/tasker_([a-z0-9_]+)/g)].map(
      ([, name = '']) => name.replace(/_(bucket|count|sum)$/, ''),
    ),
  )
  expect([...named].filter((name) => !Object.hasOwn(metricCatalogue, name))).toEqual([])
})

test('the panels of the dashboard have ids of their own, a place of their own, and the data source that is chosen', () => {
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const taken = new Set<string>()
  for (const { title, type, gridPos, datasource, targets = [] } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    for (let { x } = gridPos; x < gridPos.x + gridPos.w; x += 1)
      for (let { y } = gridPos; y < gridPos.y + gridPos.h; y += 1) {
        expect({ title, isTaken: taken.has(`${x}/${y}`) }).toEqual({ title, isTaken: false })
        taken.add(`${x}/${y}`)
      }
    if (type === 'row') continue
    expect(datasource?.uid).toBe('${datasource}')
    expect(targets.length).toBeGreaterThan(0)
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
  }
})

test('each alert has a summary, a description, and a section of the guide; and no section is of none', async () => {
  const guide = await readFile(join(root, 'docs', 'guides', 'alerts.md'), 'utf8')
  const sections = [...guide.matchAll(/^## (Tasker\w+)$/gm)].map(([, name]) => name)
  expect(sections).toEqual(alerts.map(({ name }) => name))
  for (const { name, summary, description } of alerts) {
    expect(summary).toMatch(/\.$/)
    expect(description).toMatch(/\.$/)
    expect(rulesText).toContain(`runbook_url: ${runbookOf(name)}\n`)
  }
})

describe.runIf(hasPrometheus)('with Prometheus', () => {
  test('promtool finds nothing wrong with the rules', async () => {
    const said = await promtool(['check', 'rules', '--lint-fatal', rulesFile])
    expect(said).toContain(`SUCCESS: ${ruleCount} rules found`)
  })

  test('each alert fires in its case, and keeps quiet in one like it', async () => {
    expect(Object.keys(alertCases)).toEqual(alerts.map(({ name }) => name))
    const stories = Object.entries(alertCases).flatMap(([alert, { fires, keepsQuiet }]) => [
      { alert, series: fires, firing: 1 },
      { alert, series: keepsQuiet, firing: 0 },
    ])
    const cases = stories.map(({ alert, series, firing }) => ({
      name: `${alert} ${firing === 1 ? 'fires' : 'keeps quiet'}`,
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
          eval_time: '30m',
          exp_samples: [{ labels: '{}', value: firing }],
        },
      ],
    }))
    const scratch = await mkdtemp(join(tmpdir(), 'tasker-rules-'))
    onTestFinished(() => rm(scratch, { recursive: true, force: true }))
    const file = join(scratch, 'cases.json') // YAML reads JSON
    const given = { rule_files: [rulesFile], evaluation_interval: '1m', tests: cases }
    await writeFile(file, JSON.stringify(given))
    expect(await promtool(['test', 'rules', file])).toMatch(/^exit code 0\n.*\n\s+SUCCESS\s*$/)
  })

  test('every question of the dashboard and of the rules has an answer where a worker has worked', async () => {
    const tasker = await worker()
    const { url } = await tasker.metrics.listen({ port: 0 })
    const prometheus = await startPrometheus([new URL(url).host], [rulesFile])
    const unanswered = new Set([
      ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => filledIn(expr))),
      ...alerts.map(({ value }) => value),
      ...recordings.flatMap(({ record, expression }) => [expression, record]),
    ])
    // Each round adds observations, so that quantiles of rates are numbers.
    await expect
      .poll(
        async () => {
          await workOff(tasker)
          for (const expression of unanswered) {
            if (await hasNumber(prometheus, expression)) unanswered.delete(expression)
          }
          return [...unanswered]
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual([])
    const variables = dashboard.templating.list.flatMap(({ definition }) => definition ?? [])
    expect(variables).toHaveLength(3)
    for (const definition of variables) {
      const [, of = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
      const samples = await prometheus.query(`count by (${label}) (${filledIn(of)})`)
      expect(samples.every(({ labels }) => labels[label] !== undefined)).toBe(true)
      expect(samples.length).toBeGreaterThan(0)
    }
  })
})

/** As Grafana fills its variables in, with everything chosen. */
const filledIn = (expression: string): string =>
  expression
    .replaceAll(/\$(namespace|task|instance)\b/g, '.*')
    .replaceAll('$__rate_interval', '10s')

async function hasNumber(prometheus: Prometheus, expression: string): Promise<boolean> {
  const samples = await prometheus.query(expression)
  return samples.some(({ value }) => Number.isFinite(value))
}

const soon = { afterMs: 0 }
const definitions = [
  defineTask({ namespace: 'watched', name: 'flaky' }).step('second_try', async ({ attempt }) => {
    if (attempt === 1) throw new RetryableError('Not yet.', soon)
    return null
  }),
  defineTask({ namespace: 'watched', name: 'hopeless' }).step(
    'never',
    { retry: { limit: 2 } },
    async () => {
      throw new RetryableError('Never.', soon)
    },
  ),
  defineTask({ namespace: 'watched', name: 'patient' }).step(
    'wait_once',
    async ({ claimNo, waitUntil }) =>
      claimNo === 1 ? waitUntil(new Date('2020-01-01T00:00:00Z'), 'a while') : null,
  ),
]

async function worker(): Promise<Tasker> {
  const { url } = await cloneDatabase()
  const tasker = await createTasker({
    database: { url, migrate: 'off' },
    definitions,
    metrics: true,
  })
  onTestFinished(() => tasker.close())
  tasker.events.on('task.failed', function careless() {
    throw new Error('a defect of the subscriber')
  })
  await tasker.worker.start()
  return tasker
}

async function workOff(tasker: Tasker): Promise<void> {
  const created = await tasker.tasks.createMany(
    definitions.map((definition) => ({ definition, context: {} })),
  )
  for (const { taskId } of created) await tasker.tasks.waitFor(taskId)
}
