// `tasker validate jaeger`: real workflows, and whether their traces arrive whole and right. What must be seen is
// validation/trace-checks.ts; this file runs, reads and waits.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { count, spanNames, systemClock, type Tasker } from '@tasker/engine'
import { environment } from '../environment.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import { Checklist } from '../validation/checklist.ts'
import { lookUntil } from '../validation/deadline.ts'
import { requireAddress, shown, type Service } from '../validation/http-text.ts'
import { jaegerApi, type JaegerApi } from '../validation/jaeger-api.ts'
import { acceptFinding, sendProbe } from '../validation/otlp-probe.ts'
import type { SpanRecord } from '../validation/span-record.ts'
import * as validation from '../validation/session.ts'
import * as traces from '../validation/trace-checks.ts'
import { openTracing, tracingFinding, type Tracing } from '../validation/tracing-setup.ts'

export interface ValidateJaegerOptions {
  readonly url?: string
  readonly otlpUrl?: string
  readonly service?: string
  readonly import?: string
  readonly timeout: number
  readonly verbose?: boolean
}

const ofTraces = [
  ['root', traces.rootFinding],
  ['counts', traces.countsFinding],
  ['parents', traces.parentsFinding],
  ['durations', traces.durationsFinding],
  ['order', traces.orderFinding],
  ['overlap', traces.overlapFinding],
  ['attributes', traces.attributesFinding],
  ['correlation', traces.correlationFinding],
  ['links', traces.linksFinding],
] as const

const planned = [
  'jaeger',
  'set-up',
  'database',
  'workflows',
  'export',
  'service',
  'collection',
  ...ofTraces.map(([name]) => name),
  'secrets',
]

export async function validateJaeger(
  { terminal, options }: CommandContext,
  given: ValidateJaegerOptions,
): Promise<ExitCode> {
  const env = environment()
  const { otlpUrl } = given
  const named = given.url ?? env['JAEGER_URL']
  const url = named ?? 'http://localhost:16686'
  // An OTLP endpoint takes spans and tells nothing: alone, it is all there is to look at.
  const isOtlpAlone = otlpUrl !== undefined && named === undefined
  for (const each of [url, ...(otlpUrl === undefined ? [] : [otlpUrl])]) requireAddress(each)
  if (given.import !== undefined) await loadFirst(given.import)
  const settings = await loadSettings(options, validation.ownWorker)
  const service =
    given.service ?? env['OTEL_SERVICE_NAME'] ?? settings.resolved.config.telemetry.serviceName
  return validation.untilStopped(terminal, async (signal) => {
    const wait = { timeoutMs: given.timeout * 1_000, intervalMs: 1_000, signal }
    const list = new Checklist([
      ...(otlpUrl === undefined ? [] : ['otlp endpoint']),
      ...(isOtlpAlone ? ['set-up'] : planned),
    ])
    const session = validation.newSession({ list, terminal, settings, wait })
    const api = jaegerApi(jaegerAt(url))
    const asked = given.service ?? null
    const look = { session, api, service, asked, otlpUrl: otlpUrl ?? null }
    if (otlpUrl !== undefined)
      await list.make('otlp endpoint', async () => acceptFinding(await sendProbe(otlpUrl, service)))
    const isThere =
      isOtlpAlone ||
      (await list.make('jaeger', async () => ({
        seen: `${count((await look.api.services()).length, 'service')} at ${shown(url)}`,
        faults: [],
      })))
    const tracing = isThere ? await checkSetUp(look) : null
    if (isOtlpAlone) session.notes.push(onlyTaken)
    else if (tracing !== null) {
      await validation.withValidationTasker(session, { metrics: false }, (tasker) =>
        checkAll({ ...look, tasker, tracing }),
      )
    }
    return validation.finish('jaeger', session, given.verbose === true)
  })
}

async function loadFirst(path: string): Promise<void> {
  if (!existsSync(path)) throw new UsageError(`--import ${path}: there is no such file.`, 64)
  await import(pathToFileURL(resolve(path)).href)
}

const onlyTaken =
  'An OTLP endpoint takes spans and tells nothing back: whether traces are kept, whole and right, only a query API can say, given with --url.'

const jaegerAt = (url: string): Service => ({
  name: 'Jaeger',
  url,
  answerMs: 10_000,
  remedy:
    'Start it, or say where its query API is with --url or JAEGER_URL. To try: docker run -p 16686:16686 -p 4318:4318 jaegertracing/jaeger',
})

interface Look {
  readonly session: validation.Session
  readonly api: JaegerApi
  /** Of spans that this command makes, and where no resource says a name. */
  readonly service: string
  /** With --service; null: it was not. */
  readonly asked: string | null
  readonly otlpUrl: string | null
}

/** Null: nothing would be traced. */
async function checkSetUp({ session, service, otlpUrl }: Look): Promise<Tracing | null> {
  let tracing: Tracing | null = null
  const isSetUp = await session.list.make('set-up', async () => {
    const env = environment()
    const { enabled } = session.settings.resolved.config.telemetry
    tracing = await openTracing({ folder: process.cwd(), env, service, otlpUrl })
    return tracingFinding(tracing.facts, { isEnabled: enabled })
  })
  return isSetUp ? tracing : null
}

async function checkAll(
  look: Look & { readonly tasker: Tasker; readonly tracing: Tracing },
): Promise<void> {
  const { session, api, tasker, tracing } = look
  const service = look.asked ?? (tracing.facts.service || look.service)
  const { list, plan } = session
  const sinceMs = systemClock.nowMs() - hourMs
  await tasker.worker.start()
  if (!(await validation.checkWorkflows(session, tasker, 'one'))) return
  // Its last call is over, so that its spans have ended.
  await tasker.worker.stop()
  const deadline = validation.freshDeadline(session)
  await list.make('export', async () => {
    await tracing.flush()
    return { seen: 'flushed', faults: [] }
  })
  const isKnown = await list.make('service', async () => {
    const services = await lookUntil(
      deadline,
      () => api.services(),
      (seen) => seen.includes(service),
    )
    return {
      seen: service,
      faults: services.includes(service)
        ? []
        : [`Jaeger knows no service ${service}; it knows ${services.join(', ') || 'none'}.`],
      remedy: 'Name it as your spans do: --service, or OTEL_SERVICE_NAME.',
    }
  })
  if (!isKnown) return
  const search = { service, sinceMs, untilMs: systemClock.nowMs() + hourMs }
  const read = (): Promise<readonly traces.TaskTrace[]> =>
    Promise.all(
      session.runs.map(async (run) => {
        const found = await api.search({ ...search, tags: { 'tasker.task.id': run.taskId } })
        const ids = [...new Set(found.map(({ traceId }) => traceId))]
        return { run, spans: (await Promise.all(ids.map((id) => api.trace(id)))).flat() }
      }),
    )
  let found: readonly traces.TaskTrace[] = []
  const isFound = await list.make('collection', async () => {
    found = await lookUntil(deadline, read, isWhole)
    return traces.collectionFinding(found)
  })
  if (!isFound) return
  for (const [name, finding] of ofTraces) await list.make(name, () => finding(found))
  await list.make('secrets', async () => {
    const calls = await api.search({ ...search, operation: spanNames.dispatch })
    const spans: readonly SpanRecord[] = [...found.flatMap((each) => each.spans), ...calls]
    return traces.secretsFinding(spans, plan.marker)
  })
}

const hourMs = 3_600_000

/** Spans come one by one, in any order. */
const isWhole = (found: readonly traces.TaskTrace[]): boolean =>
  [traces.collectionFinding, traces.countsFinding, traces.parentsFinding].every(
    (finding) => finding(found).faults.length === 0,
  )
