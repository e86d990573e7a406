// The composition root: puts the parts together from one set of options. Nothing else knows all of them.
import { apiTokenOperations } from './api-token-operations.ts'
import { auditOperations } from './audit-operations.ts'
import { systemClock, type Clock } from './clock.ts'
import { environment, resolveConfig, type Config } from './config.ts'
import { hidePassword } from './config/printable.ts'
import { connect, type Database } from './database/connect.ts'
import { prepareSchema } from './database/prepare-schema.ts'
import { readQueue } from './database/read-queue.ts'
import { readCorrelationIds, readLostAttempts, readTraces } from './database/read-traces.ts'
import { readWorkers } from './database/read-workers.ts'
import type { OrderHook } from './dispatch/start-order.ts'
import { publishOperated } from './dispatch/publish.ts'
import { within } from './dispatch/within.ts'
import { calledOffBy, Notifier } from './dispatch/wake-up.ts'
import { Worker, type WorkerOptions } from './dispatch/worker.ts'
import { embeddedDatabase, type EmbeddedDatabase } from './embedded.ts'
import { TaskerError } from './errors.ts'
import { createEventBus } from './events/bus.ts'
import { allTold, createEvents } from './events/events.ts'
import type { EngineOperations } from './events/operations.ts'
import type { SubscriberSource } from './events/subscriptions.ts'
import { exportOperations, openExporters } from './export-operations.ts'
import { gatherDefinitions, type GivenDefinitions } from './given-definitions.ts'
import { openHistory } from './history/follow.ts'
import { createHttpClient } from './http/client.ts'
import { DependentSystems } from './http/systems/dependent-systems.ts'
import { thisInstance, type Instance } from './instance.ts'
import { namespaceOperations } from './namespace-operations.ts'
import { openAnswers, taskerCache } from './open-answers.ts'
import { openCache, type OpenCache } from './open-cache.ts'
import { openScheduledExports } from './scheduled-exports.ts'
import { reportOperations } from './report-operations.ts'
import { ResultCache } from './steps/result-cache.ts'
import { taskOperations } from './task-operations.ts'
import type { TaskerOptions } from './tasker-options.ts'
import type { Exporter } from './telemetry/exports/exporter.ts'
import { logEvents } from './telemetry/logs/event-lines.ts'
import type { Logs } from './telemetry/logs/logs.ts'
import { prepareLogs } from './telemetry/logs/prepare-logs.ts'
import { openRecent, type OpenRecent } from './telemetry/recent/recent.ts'
import { createRouter, type EventRouter } from './telemetry/router/router.ts'
import { activeSpan } from './telemetry/traces/api.ts'
import { loadPackages, openTelemetry, type TelemetryPackages } from './telemetry/telemetry.ts'
import { readinessProbe } from './reports/readiness.ts'
import type { ReadSecret } from './steps/attempt-secrets.ts'
import type { Outside } from './steps/outside.ts'
import { prune } from './tasks/prune.ts'
import { Waiting } from './tasks/wait-for.ts'
import { Watched } from './watched.ts'
import type { Tasker, TaskerWorker } from './tasker-interface.ts'

export type { Tasker }

/**
 * Connects, brings the schema up to date or checks it, stores the definitions, and returns the one object everything is
 * done with. Nothing runs until `worker.start()`.
 * @throws {TaskerError} CONFIG_INVALID, DATABASE_UNREACHABLE, SCHEMA_*, DEFINITION_*, CACHE_NOT_SHARED
 */
export function createTasker(options: TaskerOptions = {}): Promise<Tasker> {
  return assembleTasker(options, (parts) => new Worker(parts))
}

/** Makes a worker of its parts. The test kit changes them: it scripts the handlers of what was given. */
type MakeWorker = (options: WorkerOptions, given: GivenDefinitions) => Worker

/** What `createTasker` does, for the test kit, which makes workers of its own from the same parts. */
export async function assembleTasker(
  options: TaskerOptions,
  makeWorker: MakeWorker,
): Promise<Tasker> {
  const {
    definitions = [],
    handlers,
    subscribers = [],
    resolved,
    logger = null,
    logs: isLogging = false,
    secrets,
    order,
    cacheStore,
    cacheDetectors = [],
    metrics = false,
    recent: isKeepingRecent = false,
    exporters = [],
    clock = systemClock,
    random,
    ...sections
  } = options
  const { config } = resolved ?? resolveConfig({ code: sections })
  const packages = await loadPackages(config, metrics)
  const about: Parts['about'] = { workerId: () => null }
  const recent = openRecent({ config, clock, isAskedFor: isKeepingRecent })
  const logs = await prepareLogs({
    keepLine: recent.keepLine,
    config,
    clock,
    logger,
    logs: isLogging,
    activeSpan: () => activeSpan(packages.traceApi),
    workerId: () => about.workerId(),
  })
  const given = await gatherDefinitions(definitions, handlers ?? null, config)
  const router = createRouter(config.telemetry, given.declaredEvents)
  const embedded =
    config.database.url === null
      ? await embeddedDatabase(config.database.embedded, logs.of('database'))
      : null
  const url = config.database.url ?? embedded?.url ?? ''
  let database: Database | null = null
  let cache: OpenCache | null = null
  try {
    await prepareSchema({
      url,
      schema: config.database.schema,
      manner: config.database.migrate ?? (embedded === null ? 'check' : 'auto'),
    })
    database = connect({ ...config.database, url })
    await given.store(database)
    const instance = thisInstance(environment()['HOSTNAME'])
    cache = await openCache({
      config,
      given: cacheStore ?? null,
      detectors: cacheDetectors,
      database,
      clock,
      instance,
      logger: logs.of('cache'),
    })
    return compose({
      config,
      logs,
      recent,
      isLogging: isLogging !== false,
      about,
      clock,
      random: random ?? Math.random,
      secrets: secrets ?? null,
      order: order ?? null,
      subscribers,
      exporters,
      instance,
      cache,
      given,
      router,
      database,
      embedded,
      packages,
      makeWorker,
    })
  } catch (error) {
    await cache?.close()
    await database?.close()
    await embedded?.release()
    throw error
  }
}

interface Parts {
  readonly config: Config
  readonly logs: Logs
  readonly recent: OpenRecent
  /** Lines of what happens were asked for. */
  readonly isLogging: boolean
  /** Filled in when there is a worker. */
  readonly about: { workerId: () => number | null }
  readonly clock: Clock
  readonly random: () => number
  readonly secrets: ReadSecret | null
  readonly order: OrderHook | null
  readonly instance: Instance
  readonly cache: OpenCache
  readonly subscribers: readonly SubscriberSource[]
  readonly exporters: readonly Exporter[]
  readonly given: GivenDefinitions
  readonly router: EventRouter
  readonly database: Database
  readonly embedded: EmbeddedDatabase | null
  readonly packages: TelemetryPackages
  readonly makeWorker: MakeWorker
}

function compose(parts: Parts): Tasker {
  const { config, clock, database, given, embedded, logs } = parts
  const bus = createEventBus(({ event, subscriber, error }) =>
    logs.of('events').error({ event, subscriber, error }, 'a subscriber failed'),
  )
  const events = createEvents({
    bus,
    logger: logs.of('events'),
    declared: given.declaredEvents,
  })
  if (parts.isLogging) logEvents(bus, parts.router, logs)
  parts.recent.listen(bus, parts.router)
  for (const subscriber of parts.subscribers) events.subscribe(subscriber)
  for (const { namespace, name: taskName, version } of given.registry.list())
    bus.publish('handler.registered', { namespace, taskName, version })
  const exporting = { config, clock, logger: logs.of('registry') }
  const exporters = openExporters({ ...exporting, bus, given: parts.exporters })
  const notifier = new Notifier({
    database,
    clock,
    cooldownMs: config.orchestration.notifyCooldownMs,
  })
  const http = createHttpClient(config.http)
  const outside: Outside = {
    http,
    events: given.fileEvents,
    systems: new DependentSystems({
      limits: config.dependentSystems,
      clock,
      random: parts.random,
      logger: logs.of('http'),
    }),
    correlationHeader: config.telemetry.correlationIdHeader.toLowerCase(),
    log: logs.handlers,
    secrets: { readSecret: parts.secrets, variables: environment() },
    results: new ResultCache({
      store: parts.cache.store,
      ttlMs: config.cache.defaultTtl * 1_000,
      resultMaxBytes: config.execution.resultMaxBytes,
      logger: logs.of('cache'),
    }),
  }
  const answers = openAnswers(parts)
  const polling = { database, clock, pollIntervalMs: config.orchestration.pollIntervalMs }
  const waiting = new Waiting({ ...polling, bus })
  const { close: closeHistory, ...history } = openHistory(polling)
  const operations: EngineOperations = new Watched()
  const telemetry = openTelemetry({
    ...parts,
    logger: logs.of('events'),
    operations,
    statements: database.statements,
    events: bus,
    render: (order) => exports.render(order),
    readProcess: () => ({ ...worker.slots(), connections: database.connections() }),
    readCache: () => answers.reading(),
    readQueue: () => readQueue(database, clock.databaseNow()),
    readTraces: (taskIds) => readTraces(database, taskIds),
    readLostAttempts: (claims) => readLostAttempts(database, claims),
    instance: parts.instance,
    sharingLogger: logs.of('cache'),
    onCacheSync: (sync) => exporters.tell('onCacheSync', sync),
  })
  const exported = openScheduledExports({
    ...parts,
    ...parts.cache,
    locks: parts.cache.own.locks,
    bus,
    http,
    exporters,
    logger: logs.of('application'),
    metrics: telemetry.metrics,
    updates: telemetry.updates,
    extendShared: (seconds) => telemetry.sharing.extend(seconds * 1_000),
  })
  const exports = {
    ...exportOperations({ ...exporting, exporters, metrics: telemetry.metrics }),
    ...exported.operations,
  }
  const newWorker = (): Worker =>
    parts.makeWorker(
      {
        database,
        config,
        clock,
        bus,
        operations,
        logger: logs.of('worker'),
        notifier,
        outside,
        definitions: given.served(config.orchestration),
        random: parts.random,
        order: parts.order,
        observer: telemetry.observer,
        instrumentation: telemetry.instrumentation,
      },
      given,
    )
  let worker = newWorker()
  parts.about.workerId = () => worker.id()
  let closing: Promise<void> | null = null

  const due = (): void => {
    worker.wake()
    notifier.due()
  }
  const tasks = taskOperations({
    config,
    clock,
    database,
    definitions: given,
    bus,
    operations,
    waiting,
    instrumentation: telemetry.instrumentation,
    created: due,
    async operated(changes, order) {
      const calledOff = changes.flatMap(calledOffBy)
      worker.callOff(calledOff)
      if (calledOff.length > 0) await notifier.calledOff(calledOff)
      if (!['cancel', 'hold'].includes(order.action)) due()
      const at = clock.databaseNow() ?? new Date(clock.nowMs())
      await publishOperated(bus, changes, { ...order, at }, async (taskIds) =>
        readCorrelationIds(database, taskIds),
      )
    },
  })
  const stop: TaskerWorker['stop'] = async (grace = {}) => {
    await exported.schedule.stop()
    await worker.stop({
      waitMs: grace.waitMs ?? config.orchestration.shutdownGraceMs,
      abortMs: grace.abortMs ?? config.orchestration.abortGraceMs,
    })
  }
  // Each stage takes place whatever became of the one before it.
  const closeAll = async (): Promise<void> => {
    const { shutdownGraceMs, abortGraceMs } = config.orchestration
    const endsAtMs = clock.monotonicMs() + shutdownGraceMs + abortGraceMs
    try {
      await stop()
    } finally {
      await within(clock, allTold(events), Math.max(0, endsAtMs - clock.monotonicMs()))
      waiting.close()
      closeHistory()
      try {
        await telemetry.close()
        await http.close()
        await parts.cache.close()
        await database.close()
      } finally {
        await embedded?.release()
        logs.close()
      }
    }
  }
  const close = (): Promise<void> => {
    closing ??= closeAll()
    return closing
  }

  return {
    config,
    tasks,
    namespaces: namespaceOperations({ clock, database, due }),
    definitions: given.registry,
    reports: reportOperations({ ...parts, bus, cache: answers, definitions: given.registry }),
    audit: auditOperations({ clock, database }),
    apiTokens: apiTokenOperations({ clock, database }),
    readiness: readinessProbe({
      clock,
      database,
      store: parts.cache.store,
      strategy: parts.cache.strategy,
      timeoutMs: config.health.readinessTimeoutSeconds * 1_000,
    }),
    cache: taskerCache(answers, parts.cache),
    events,
    history,
    metrics: telemetry.metrics,
    recent: parts.recent.recent,
    exports,
    log: logs.application,
    logContext: () => logs.context(),
    worker: {
      async start() {
        if (worker.phase === 'stopping') await stop()
        if (closing !== null) throw new TaskerError('TASKER_CLOSED', 'The worker cannot start.')
        if (worker.phase === 'stopped') worker = newWorker()
        await worker.start()
        exported.schedule.start()
      },
      stop,
      wake: () => worker.wake(),
      settled: () => worker.settled(),
      idle: () => worker.idle(),
      get runningCount() {
        return worker.runningCount
      },
      get lateOutcomeCount() {
        return worker.lateOutcomeCount
      },
      serves: [...given.served(config.orchestration).values()].map(
        ({ namespace, name, version }) => ({ namespace, name, version }),
      ),
    },
    workers: async () => readWorkers(database, clock.databaseNow()),
    prune: (order) => prune(order, { database, clock }),
    now: () => clock.databaseNow() ?? new Date(clock.nowMs()),
    clock,
    database: {
      url: hidePassword(database.options.url),
      schema: database.schema,
      isEmbedded: embedded !== null,
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
