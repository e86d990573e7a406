// What is said of metrics: each check on facts that are right, and on facts that are wrong in its way.
import { expect, test } from 'vitest'
import * as metrics from '../src/validation/metrics-checks.ts'
import type { ScrapeTarget } from '../src/validation/prometheus-api.ts'
import { planRuns } from '../src/validation/workflows.ts'

const prefix = 'tasker'
const { runs } = planRuns()
const expected = metrics.expectedDeltas(runs, { prefix, isCreator: true })
const ofLinear = '{namespace="tasker_validation",task="linear",version="1.0.0"}'

const scrape = (body: string, contentType = 'text/plain; version=0.0.4'): metrics.Scrape =>
  metrics.scrapeOf('http://app/metrics', { status: 200, contentType, body })
const info = '# TYPE tasker_build_info gauge\ntasker_build_info{version="1",instance="host-1"} 1\n'

test('the endpoint: text of Prometheus, right, and of Tasker', () => {
  expect(metrics.endpointFinding([scrape(info)], prefix).faults).toEqual([])
  expect(metrics.instanceOf(scrape(info), prefix)).toBe('host-1')
  expect(metrics.endpointFinding([scrape(info, 'text/html')], prefix).faults).toEqual([
    'http://app/metrics: its type is "text/html", which scrapers refuse.',
  ])
  expect(metrics.endpointFinding([scrape(`${info}broken\n`)], prefix).faults).toEqual([
    'http://app/metrics: Line 3 is neither a sample nor a comment: broken',
  ])
  expect(metrics.endpointFinding([scrape('up 1\n')], prefix).faults).toEqual([
    'http://app/metrics: there is no tasker_build_info, so these are no metrics of Tasker.',
  ])
  const refused = metrics.scrapeOf('http://app', { status: 401, contentType: '', body: 'no' })
  expect(metrics.endpointFinding([refused], prefix).faults).toEqual([
    'http://app: it answers with 401: no.',
  ])
})

test('the counters: three tasks and ten steps, no more and no less', () => {
  const before = new Map([...expected].map(([series]) => [series, 7]))
  const grown = (...changes: readonly (readonly [string, number])[]): readonly string[] => {
    const after = new Map([...expected].map(([series, by]) => [series, 7 + by]))
    for (const [series, by] of changes) after.set(series, (after.get(series) ?? 0) + by)
    return metrics.countersFinding(before, after, expected).faults
  }
  expect(grown()).toEqual([])
  expect(metrics.countersFinding(before, before, expected).seen).toContain('tasks +3, steps +10')
  expect(grown([`tasker_tasks_completed_total${ofLinear}`, 1])).toEqual([
    `tasker_tasks_completed_total${ofLinear} grew by 2, not by 1.`,
  ])
  expect(grown([`tasker_tasks_completed_total${ofLinear}`, -1])).toEqual([
    `tasker_tasks_completed_total${ofLinear} grew by 0, not by 1.`,
  ])
  expect(grown([`tasker_tasks_failed_total${ofLinear}`, 1])).toEqual([
    `tasker_tasks_failed_total${ofLinear} grew by 1, not by 0.`,
  ])
  // Counters that are about something else are not judged.
  expect(grown([`tasker_task_queue_latency_seconds_count${ofLinear}`, 1])).toEqual([])
})

test('creation is counted by the process that creates', () => {
  const of = (isCreator: boolean): readonly string[] => [
    ...metrics.expectedDeltas(runs, { prefix, isCreator }).keys(),
  ]
  expect(of(true)).toContain(`tasker_tasks_created_total${ofLinear}`)
  expect(of(false)).not.toContain(`tasker_tasks_created_total${ofLinear}`)
})

test('totals are of the namespace of the validation, and summed over processes', () => {
  const line = (namespace: string): string =>
    `tasker_steps_started_total{namespace="${namespace}"} 2\n`
  const { samples } = scrape(line('tasker_validation') + line('own')).exposition
  expect([...metrics.ownTotals([...samples, ...samples], prefix)]).toEqual([
    ['tasker_steps_started_total{namespace="tasker_validation"}', 4],
  ])
})

const target: ScrapeTarget = {
  job: 'app',
  instance: 'app:9464',
  url: 'http://app:9464/metrics',
  health: 'up',
  lastError: '',
  lastScrape: '2026-11-21T18:00:00Z',
  lastScrapeSeconds: 0.02,
  timeoutSeconds: 10,
}
const known: metrics.KnownAs = {
  process: 'host-1',
  targets: [{ job: 'app', instance: 'app:9464' }],
}
const up = { labels: { job: 'app', instance: 'app:9464' }, value: 1 }

test('the target: one for each process, and up', () => {
  const facts = { known: [known], active: [target], job: null, up: [up] }
  const faultsOf = (change: Partial<metrics.TargetFacts>): readonly string[] =>
    metrics.targetFinding({ ...facts, ...change }).faults
  expect(faultsOf({})).toEqual([])
  expect(
    faultsOf({
      known: [{ process: 'host-1', targets: [] }],
      active: [{ ...target, health: 'down', lastError: 'connection refused' }],
    }),
  ).toEqual([
    'Prometheus has scraped nothing of the process host-1. Its targets: http://app:9464/metrics down, connection refused.',
  ])
  expect(faultsOf({ known: [{ process: 'host-1', targets: [] }], job: 'tasker' })).toEqual([
    'Prometheus has scraped nothing of the process host-1 in the job tasker. It has no target in this job; its jobs are app.',
  ])
  expect(faultsOf({ up: [{ ...up, value: 0 }] })).toEqual([
    'The target app/app:9464 is not up. Its targets: http://app:9464/metrics up.',
  ])
  const twice = [...known.targets, { job: 'all', instance: 'app:9464' }]
  expect(faultsOf({ known: [{ process: 'host-1', targets: twice }] })).toEqual([
    'The process host-1 is scraped as all/app:9464 and app/app:9464: sums count everything so many times.',
  ])
})

test('the collection: the values of the process, by their names and labels', () => {
  const labels = { __name__: 'tasker_tasks_completed_total', namespace: 'tasker_validation' }
  const stored = { labels: { ...labels, ...up.labels }, value: 3 }
  const collected = metrics.collectedTotals([stored], prefix)
  const told = (value: number): ReadonlyMap<string, number> =>
    new Map([['tasker_tasks_completed_total{namespace="tasker_validation"}', value]])
  const facts = { active: [target], known: [known] }
  expect(metrics.collectionFinding(told(3), collected, facts).faults).toEqual([])
  expect(metrics.collectionFinding(told(4), collected, facts).faults).toEqual([
    'tasker_tasks_completed_total{namespace="tasker_validation"} is 3, not 4. app:9464 is up, last scraped 2026-11-21T18:00:00Z',
  ])
  expect(metrics.collectionFinding(told(4), new Map(), facts).faults[0]).toContain(
    'is missing, not 4.',
  )
})

test('the queries: each is answered', () => {
  const asked = (error: string | null): metrics.AskedQuery => ({
    title: 'Busy',
    expression: 'sum(x',
    answer: { samples: [], error },
  })
  expect(metrics.queriesFinding([asked(null)]).faults).toEqual([])
  expect(metrics.queriesFinding([asked('unclosed left parenthesis')]).faults).toEqual([
    'Busy: unclosed left parenthesis: sum(x',
  ])
})

test('the time of a scrape: far from its limit', () => {
  const faultsOf = (...active: readonly ScrapeTarget[]): readonly string[] =>
    metrics.scrapeTimeFinding({ active, known: [known] }).faults
  expect(faultsOf(target)).toEqual([])
  expect(faultsOf({ ...target, lastScrapeSeconds: 6 })).toEqual([
    'A scrape of app:9464 took 6.000 s, of 10 s after which it is lost.',
  ])
  expect(faultsOf({ ...target, instance: 'other:1' })).toEqual([
    'None of the processes is an active target.',
  ])
})

test('secrets: no value of a context', () => {
  expect(metrics.secretsInMetrics([scrape(info)], 'sk_1').faults).toEqual([])
  expect(metrics.secretsInMetrics([scrape('a{b="sk_1"} 1\n')], 'sk_1').faults).toEqual([
    'http://app/metrics tells a value of a context.',
  ])
})
