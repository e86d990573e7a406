// `tasker validate prometheus`: real workflows, and whether Prometheus shows exactly what they did. What must be seen is
// validation/metrics-checks.ts; this file runs, reads and waits.
import { readObservabilityQueries, type Tasker } from '@tasker/engine'
import { environment } from '../environment.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import { Checklist } from '../validation/checklist.ts'
import { deadlineIn, leftOf, lookUntil, type Deadline } from '../validation/deadline.ts'
import { ask, requireAddress, shown, type Service } from '../validation/http-text.ts'
import * as metrics from '../validation/metrics-checks.ts'
import { prometheusApi, type PrometheusApi } from '../validation/prometheus-api.ts'
import * as validation from '../validation/session.ts'

export interface ValidatePrometheusOptions {
  readonly url?: string
  readonly appUrl?: readonly string[]
  readonly job?: string
  readonly metricsPort?: number
  readonly metricsHost?: string
  readonly timeout: number
  readonly verbose?: boolean
}

const planned = [
  'prometheus',
  'database',
  'endpoint',
  'workflows',
  'counters',
  'secrets',
  'target',
  'collection',
  'queries',
  'scrape time',
]

export async function validatePrometheus(
  { terminal, options }: CommandContext,
  given: ValidatePrometheusOptions,
): Promise<ExitCode> {
  const url = given.url ?? environment()['PROMETHEUS_URL'] ?? 'http://localhost:9090'
  for (const each of [url, ...(given.appUrl ?? [])]) requireAddress(each)
  const settings = await loadSettings(options, validation.ownWorker)
  const { telemetry } = settings.resolved.config
  const port = given.metricsPort ?? telemetry.metricsPort
  if (given.appUrl === undefined && (port === null || port === 0)) {
    throw new UsageError(
      'Prometheus must find the worker that runs the workflows: give --metrics-port, a port that it scrapes, or --app-url, the metrics of workers that serve them.',
      64,
    )
  }
  return validation.untilStopped(terminal, async (signal) => {
    const wait = { timeoutMs: given.timeout * 1_000, intervalMs: 500, signal }
    const list = new Checklist(planned)
    const session = validation.newSession({ list, terminal, settings, wait })
    const api = prometheusApi(prometheusAt(url))
    const isThere = await list.make('prometheus', async () => ({
      seen: `version ${await api.version()} at ${shown(url)}`,
      faults: [],
    }))
    if (isThere) {
      const urls = (given.appUrl ?? []).map(metricsAt)
      const isCounting = { metrics: urls.length === 0 }
      await validation.withValidationTasker(session, isCounting, async (tasker) => {
        const host = given.metricsHost ?? telemetry.metricsHost
        const prefix = telemetry.prometheus.metricPrefix
        const own = urls.length === 0 ? { host, port: port ?? 0 } : null
        await checkAll({ session, tasker, api, urls, own, prefix, job: given.job ?? null })
      })
    }
    return validation.finish('prometheus', session, given.verbose === true)
  })
}

const prometheusAt = (url: string): Service => ({
  name: 'Prometheus',
  url,
  answerMs: 10_000,
  remedy:
    'Start it, or say where it is with --url or PROMETHEUS_URL. To try: docker run -p 9090:9090 prom/prometheus',
})

interface Look {
  readonly session: validation.Session
  readonly tasker: Tasker
  readonly api: PrometheusApi
  /** The metrics of the workers that run the workflows; empty: `own` is to be opened. */
  readonly urls: readonly string[]
  readonly own: { readonly host: string; readonly port: number } | null
  readonly prefix: string
  readonly job: string | null
}

/** How long counters may lag behind the database that they count. */
const countingMs = 5_000

async function checkAll(look: Look): Promise<void> {
  const { session, tasker, own, prefix } = look
  const { list, plan } = session
  let urls = look.urls
  let before: readonly metrics.Scrape[] = []
  const isTold = await list.make('endpoint', async () => {
    if (own !== null) urls = [(await tasker.metrics.listen(own)).url]
    before = await scrapeAll(urls)
    return metrics.endpointFinding(before, prefix)
  })
  if (!isTold) return
  if (own !== null) await tasker.worker.start()
  if (!(await validation.checkWorkflows(session, tasker, own === null ? 'any' : 'one'))) return

  const expected = metrics.expectedDeltas(plan.runs, { prefix, isCreator: own !== null })
  const counted = (after: readonly metrics.Scrape[]): ReturnType<typeof metrics.countersFinding> =>
    metrics.countersFinding(totalsOf(before, prefix), totalsOf(after, prefix), expected)
  const deadline = validation.freshDeadline(session)
  let after = before
  await list.make('counters', async () => {
    const waitMs = Math.min(countingMs, leftOf(deadline))
    const soon = deadlineIn(waitMs, { intervalMs: 100, signal: deadline.signal })
    after = await lookUntil(
      soon,
      () => scrapeAll(urls),
      (seen) => counted(seen).faults.length === 0,
    )
    return counted(after)
  })
  await list.make('secrets', () => metrics.secretsInMetrics(after, plan.marker))
  await checkPrometheus(look, after, deadline)
}

async function checkPrometheus(
  look: Look,
  told: readonly metrics.Scrape[],
  deadline: Deadline,
): Promise<void> {
  const { session, api, prefix, job } = look
  const { list } = session
  const processes = told.map((scrape) => metrics.instanceOf(scrape, prefix) ?? '')
  let target: metrics.TargetFacts = { known: [], active: [], job, up: [] }
  const isTarget = await list.make('target', async () => {
    target = await lookUntil(
      deadline,
      async () => ({
        known: await Promise.all(processes.map((process) => knownAs(look, process))),
        active: await api.targets(),
        up: (await api.query('up')).samples,
        job,
      }),
      (facts) => metrics.targetFinding(facts).faults.length === 0,
    )
    return metrics.targetFinding(target)
  })
  if (isTarget) {
    await list.make('collection', async () => {
      const totals = totalsOf(told, prefix)
      const query = metrics.collectionQuery(target.known, prefix)
      const judge = ({ collected, active }: Collected): ReturnType<typeof metrics.targetFinding> =>
        metrics.collectionFinding(totals, collected, { active, known: target.known })
      return judge(
        await lookUntil(
          deadline,
          async () => ({
            collected: metrics.collectedTotals((await api.query(query)).samples, prefix),
            active: await api.targets(),
          }),
          (seen) => judge(seen).faults.length === 0,
        ),
      )
    })
  }
  await list.make('queries', async () => {
    const queries = await readObservabilityQueries({ prefix })
    const asked = queries.map(async (each) => ({
      ...each,
      answer: await api.query(each.expression),
    }))
    return metrics.queriesFinding(await Promise.all(asked))
  })
  if (isTarget) {
    await list.make('scrape time', async () =>
      metrics.scrapeTimeFinding({ active: await api.targets(), known: target.known }),
    )
  }
}

interface Collected {
  readonly collected: ReadonlyMap<string, number>
  readonly active: metrics.TargetFacts['active']
}

async function knownAs({ api, prefix, job }: Look, process: string): Promise<metrics.KnownAs> {
  return metrics.knownAs(process, await api.query(metrics.knownAsQuery(process, prefix)), job)
}

/** The address of the metrics, where only the worker's was given. */
function metricsAt(url: string): string {
  const address = new URL(url)
  if (address.pathname === '/') address.pathname = '/metrics'
  return address.href
}

const scrapeAll = (urls: readonly string[]): Promise<readonly metrics.Scrape[]> =>
  Promise.all(
    urls.map(async (url) => {
      const service = {
        name: 'The worker',
        url,
        answerMs: 10_000,
        remedy: 'Start it with --metrics-port, and give the address that it logs.',
      }
      return metrics.scrapeOf(shown(url), await ask(service, ''))
    }),
  )

const totalsOf = (
  scrapes: readonly metrics.Scrape[],
  prefix: string,
): ReadonlyMap<string, number> =>
  metrics.ownTotals(
    scrapes.flatMap(({ exposition }) => exposition.samples),
    prefix,
  )
