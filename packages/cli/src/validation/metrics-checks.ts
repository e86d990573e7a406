// What the metrics of a validation must show: plain functions over what was read. Who reads, and when, is
// validate-prometheus.ts.
import { count, type ObservabilityQuery } from '@tasker/engine'
import type { Finding } from './checklist.ts'
import { readExposition, seriesOf, type Exposition, type Sample } from './exposition.ts'
import { refusal, type TextAnswer } from './http-text.ts'
import type { QueryAnswer, ScrapeTarget } from './prometheus-api.ts'
import { validationNamespace, type PlannedRun } from './workflows.ts'

/** What one look at the metrics of a process showed. */
export interface Scrape {
  readonly url: string
  readonly answer: TextAnswer
  readonly exposition: Exposition
}

export const scrapeOf = (url: string, answer: TextAnswer): Scrape => ({
  url,
  answer,
  exposition: readExposition(answer.body),
})

/** Which process it is: `<prefix>_build_info`. Null: no process of ours. */
export function instanceOf({ exposition }: Scrape, prefix: string): string | null {
  const info = exposition.samples.find(({ name }) => name === `${prefix}_build_info`)
  return info?.labels['instance'] ?? null
}

export function endpointFinding(scrapes: readonly Scrape[], prefix: string): Finding {
  const faults = scrapes.flatMap((scrape) => {
    const { url, answer, exposition } = scrape
    if (answer.status !== 200) return [`${url}: ${refusal(answer)}.`]
    const isText = /^text\/plain;.*version=0\.0\.4|^application\/openmetrics-text/.test(
      answer.contentType,
    )
    return [
      ...(isText ? [] : [`${url}: its type is "${answer.contentType}", which scrapers refuse.`]),
      ...exposition.faults.map((fault) => `${url}: ${fault}`),
      ...(instanceOf(scrape, prefix) === null
        ? [`${url}: there is no ${prefix}_build_info, so these are no metrics of Tasker.`]
        : []),
    ]
  })
  const samples = scrapes.flatMap(({ exposition }) => exposition.samples)
  const ours = samples.filter(({ name }) => name.startsWith(`${prefix}_`))
  return {
    seen: `${count(samples.length, 'sample')}, ${ours.length} of Tasker, at ${scrapes.map(({ url }) => url).join(', ')}`,
    faults,
    remedy: 'Give the address of the metrics of a worker: tasker worker --metrics-port.',
  }
}

/** By series, how much a counter has to grow. */
export type Deltas = ReadonlyMap<string, number>

/** What these runs add, to the counters of all workers together. Creation is counted by who creates. */
export function expectedDeltas(
  runs: readonly PlannedRun[],
  { prefix, isCreator }: { readonly prefix: string; readonly isCreator: boolean },
): Deltas {
  const deltas = new Map<string, number>()
  const add = (metric: string, labels: Readonly<Record<string, string>>): void => {
    const all = { namespace: validationNamespace, ...labels }
    const series = seriesOf({ name: `${prefix}_${metric}`, labels: all })
    deltas.set(series, (deltas.get(series) ?? 0) + 1)
  }
  for (const { name: task, version, steps } of runs) {
    for (const metric of [
      ...(isCreator ? ['tasks_created_total'] : []),
      'tasks_started_total',
      'tasks_completed_total',
    ])
      add(metric, { task, version })
    add('task_duration_seconds_count', { task, version, outcome: 'completed' })
    for (const { name: step } of steps) {
      add('steps_started_total', { task, step })
      add('steps_completed_total', { task, step })
      add('step_duration_seconds_count', { task, step, outcome: 'completed' })
    }
  }
  return deltas
}

/** Sums of the series of the validation, over all that were given. */
export function ownTotals(samples: readonly Sample[], prefix: string): ReadonlyMap<string, number> {
  const totals = new Map<string, number>()
  for (const { name, labels, value } of samples) {
    const isCounted = name.endsWith('_total') || name.endsWith('_count')
    if (!isCounted || !name.startsWith(`${prefix}_`)) continue
    if (labels['namespace'] !== validationNamespace) continue
    const series = seriesOf({ name, labels })
    totals.set(series, (totals.get(series) ?? 0) + value)
  }
  return totals
}

/** Every expected counter has grown by just so much, and no other of these workflows has. */
export function countersFinding(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  expected: Deltas,
): Finding {
  const grown = new Map(
    [...after].map(([series, value]) => [series, value - (before.get(series) ?? 0)]),
  )
  const metrics = new Set([...expected.keys()].map(metricOf))
  const isJudged = (series: string): boolean =>
    metrics.has(metricOf(series)) || trouble.some((metric) => metricOf(series).endsWith(metric))
  const unexpected = [...grown].filter(
    ([series, by]) => by !== 0 && !expected.has(series) && isJudged(series),
  )
  const faults = [
    ...[...expected].flatMap(([series, by]) => {
      const real = grown.get(series) ?? 0
      return real === by ? [] : [`${series} grew by ${real}, not by ${by}.`]
    }),
    ...unexpected.map(([series, by]) => `${series} grew by ${by}, not by 0.`),
  ]
  const sumOf = (metric: string): number =>
    [...expected].reduce((sum, [series, by]) => (series.includes(metric) ? sum + by : sum), 0)
  return {
    seen: `tasks +${sumOf('_tasks_completed_total')}, steps +${sumOf('_steps_completed_total')}, exactly`,
    faults,
    remedy:
      'See that the addresses are those of all workers that serve these workflows, and that nobody else validates now.',
    more: [...expected].map(([series, by]) => `${series} +${by}`),
  }
}

const metricOf = (series: string): string => series.replace(/\{.*$/s, '')

/** Counters of what may not happen in these workflows. */
const trouble = [
  '_tasks_failed_total',
  '_tasks_cancelled_total',
  '_steps_failed_total',
  '_steps_retried_total',
  '_reenqueues_total',
  '_step_outcomes_refused_total',
]

/** One process as Prometheus knows it. */
export interface KnownAs {
  readonly process: string
  readonly targets: readonly { readonly job: string; readonly instance: string }[]
}

/** Asks which targets a process is: Prometheus renames a label that its own would hide. */
export const knownAsQuery = (process: string, prefix: string): string =>
  `${prefix}_build_info{exported_instance=${JSON.stringify(process)}} or ${prefix}_build_info{instance=${JSON.stringify(process)}}`

export function knownAs(process: string, { samples }: QueryAnswer, job: string | null): KnownAs {
  const targets = samples
    .map(({ labels }) => ({ job: labels['job'] ?? '', instance: labels['instance'] ?? '' }))
    .filter((target) => job === null || target.job === job)
  return { process, targets }
}

export interface TargetFacts {
  readonly known: readonly KnownAs[]
  readonly active: readonly ScrapeTarget[]
  /** What the user asked for; null: whichever job scrapes it. */
  readonly job: string | null
  /** Of `up`, by the target. */
  readonly up: readonly Omit<Sample, 'name'>[]
}

/** Each process is one target, and it is up. */
export function targetFinding({ known, active, job, up }: TargetFacts): Finding {
  const faults = known.flatMap(({ process, targets }) => {
    const [target] = targets
    if (target === undefined) {
      const where = job === null ? '' : ` in the job ${job}`
      return [
        `Prometheus has scraped nothing of the process ${process}${where}. ${shownTargets(active, job)}`,
      ]
    }
    if (targets.length > 1) {
      const names = targets
        .map((each) => `${each.job}/${each.instance}`)
        .sort()
        .join(' and ')
      return [`The process ${process} is scraped as ${names}: sums count everything so many times.`]
    }
    const isUp = up.some(({ labels, value }) => isOf(labels, target) && value === 1)
    return isUp
      ? []
      : [`The target ${target.job}/${target.instance} is not up. ${shownTargets(active, job)}`]
  })
  const names = known.flatMap(({ targets }) =>
    targets.map((each) => `${each.job}/${each.instance}`),
  )
  return {
    seen: `up: ${names.join(', ')}`,
    faults,
    remedy:
      'Add the process to scrape_configs of Prometheus, and see that Prometheus can reach its address.',
  }
}

const isOf = (
  labels: Readonly<Record<string, string>>,
  { job, instance }: { readonly job: string; readonly instance: string },
): boolean => labels['job'] === job && labels['instance'] === instance

function shownTargets(active: readonly ScrapeTarget[], job: string | null): string {
  const shown = active.filter((target) => job === null || target.job === job)
  if (shown.length === 0)
    return `It has no target${job === null ? '' : ` in this job; its jobs are ${jobsOf(active)}`}.`
  const lines = shown
    .slice(0, 10)
    .map(
      ({ url, health, lastError }) => `${url} ${health}${lastError === '' ? '' : `, ${lastError}`}`,
    )
  return `Its targets: ${lines.join('; ')}.`
}

const jobsOf = (active: readonly ScrapeTarget[]): string =>
  [...new Set(active.map(({ job }) => job))].join(', ') || 'none'

/** What Prometheus holds of these processes, under the names that they told. */
export function collectedTotals(
  samples: readonly Omit<Sample, 'name'>[],
  prefix: string,
): ReadonlyMap<string, number> {
  const told = samples.map(({ labels: all, value }) => {
    const { __name__: name = '', job: _job, instance: _instance, ...labels } = all
    return { name, labels, value }
  })
  return ownTotals(told, prefix)
}

/** All counters of the validation's namespace, of these targets. */
export const collectionQuery = (known: readonly KnownAs[], prefix: string): string =>
  known
    .flatMap(({ targets }) => targets)
    .map(
      ({ job, instance }) =>
        `{__name__=~"${prefix}_.+_(total|count)",namespace="${validationNamespace}",job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}`,
    )
    .join(' or ')

/** Prometheus holds what the processes told. `active` explains why not. */
export function collectionFinding(
  told: ReadonlyMap<string, number>,
  collected: ReadonlyMap<string, number>,
  { active, known }: Pick<TargetFacts, 'active' | 'known'>,
): Finding {
  const different = [...told].filter(([series, value]) => collected.get(series) !== value)
  const targets = known.flatMap((each) => each.targets)
  const scrapes = active
    .filter((target) => targets.some((each) => isOf({ ...each }, target)))
    .map(
      ({ instance, health, lastScrape, lastError }) =>
        `${instance} is ${health}, last scraped ${lastScrape}${lastError === '' ? '' : `, ${lastError}`}`,
    )
  return {
    seen: `${told.size} series in Prometheus as the process tells them`,
    faults: different.map(
      ([series, value]) =>
        `${series} is ${collected.get(series) ?? 'missing'}, not ${value}. ${scrapes.join('; ')}`,
    ),
    remedy:
      'Wait longer with --timeout, or see why Prometheus does not scrape: interval, relabelling, limits.',
  }
}

export interface AskedQuery extends ObservabilityQuery {
  readonly answer: QueryAnswer
}

export function queriesFinding(asked: readonly AskedQuery[]): Finding {
  const withData = asked.filter(({ answer }) => answer.samples.length > 0)
  return {
    seen: `${asked.length} queries of the dashboard and the rules answered, ${withData.length} with values`,
    faults: asked.flatMap(({ title, expression, answer }) =>
      answer.error === null ? [] : [`${title}: ${answer.error}: ${expression}`],
    ),
    remedy: 'Use a version of Prometheus that knows these functions, or report the query.',
    more: asked.map(({ title, answer }) => `${title}: ${count(answer.samples.length, 'value')}`),
  }
}

/** Scrapes are far from their time limit, beyond which everything is lost. */
export function scrapeTimeFinding({
  active,
  known,
}: Pick<TargetFacts, 'active' | 'known'>): Finding {
  const targets = known.flatMap((each) => each.targets)
  const ours = active.filter((target) => targets.some((each) => isOf({ ...each }, target)))
  const slow = ours.filter((each) => each.lastScrapeSeconds > each.timeoutSeconds / 2)
  const lines = ours.map(
    ({ instance, lastScrapeSeconds, timeoutSeconds }) =>
      `${instance} in ${lastScrapeSeconds.toFixed(3)} s, of ${timeoutSeconds} s allowed`,
  )
  return {
    seen: `scraped ${lines.join('; ')}`,
    faults: [
      ...(ours.length === 0 ? ['None of the processes is an active target.'] : []),
      ...slow.map(
        ({ instance, lastScrapeSeconds, timeoutSeconds }) =>
          `A scrape of ${instance} took ${lastScrapeSeconds.toFixed(3)} s, of ${timeoutSeconds} s after which it is lost.`,
      ),
    ],
    remedy: 'Raise scrape_timeout, or lower telemetry.metricsSeriesMax.',
  }
}

/** The marker of the contexts is nowhere in what the processes tell. */
export function secretsInMetrics(scrapes: readonly Scrape[], marker: string): Finding {
  return {
    seen: 'nothing of the contexts',
    faults: scrapes
      .filter(({ answer }) => answer.body.includes(marker))
      .map(({ url }) => `${url} tells a value of a context.`),
    remedy: 'Report this: contexts belong in no metric.',
  }
}
