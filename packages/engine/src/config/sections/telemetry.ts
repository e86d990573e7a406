// Options of the section `telemetry`: logs, traces and metrics. Its export to Prometheus is
// prometheus.ts.
import {
  decimal,
  listOf,
  mapOfSome,
  nullOr,
  oneOf,
  text,
  textOrPattern,
  wholeNumber,
  yesOrNo,
} from '../kinds.ts'
import { logComponents } from '../../log.ts'
import { option } from '../option.ts'
import { eventRoutesOption } from './event-routes.ts'
import { exportsOptions } from './exports.ts'
import { prometheusOptions } from './prometheus.ts'

const automatic = (help: string) =>
  option(oneOf(['auto', 'on', 'off']), {
    default: 'auto',
    help,
    reason: 'As in the product documents of the first generation, where it had no effect.',
  })

const logLevels = ['debug', 'info', 'warn', 'error', 'fatal'] as const

export const telemetryOptions = {
  enabled: option(yesOrNo(), {
    default: true,
    help: 'Tell traces, logs and metrics what happens. False: none of them.',
    reason: 'As in the first generation.',
  }),
  serviceName: option(text(), {
    default: 'tasker',
    help: 'Name of the tracer: the instrumentation scope of every span.',
    reason: 'As in the first generation, which put it in front of attributes too.',
  }),
  serviceVersion: option(text(), {
    default: '0.1.0',
    help: 'Version of the tracer.',
    reason: 'As in the first generation.',
  }),
  filterParameters: option(listOf(textOrPattern(), { min: 0, max: 1_000 }), {
    default: [
      'passw',
      'email',
      'secret',
      'token',
      '_key',
      'crypt',
      'salt',
      'certificate',
      'otp',
      'ssn',
    ],
    help:
      'Names whose values are masked in logs: a text is found anywhere in a name or in a dotted path of names ' +
      '(`card.number`), in any case; a regular expression can be given in code.',
    reason: 'As in the first generation.',
  }),
  filterMask: option(text(), {
    default: '[FILTERED]',
    help: 'What stands in place of a masked value.',
    reason: 'As in the first generation.',
  }),
  structuredLoggingEnabled: option(yesOrNo(), {
    default: true,
    help: 'Lines of Tasker’s own are structured. False: plain text.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  correlationIdHeader: option(
    text({
      pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/,
      looksLike: 'the name of an HTTP header',
    }),
    {
      default: 'X-Correlation-ID',
      help: 'Header of the correlation id, in requests of steps.',
      reason: 'As in the first generation, where it had no effect.',
    },
  ),
  logLevel: option(oneOf(logLevels), {
    default: 'info',
    help: 'Least level of the lines that are written.',
    reason: 'As in the first generation, which took an unknown level for info.',
  }),
  logLevels: option(mapOfSome(logComponents, oneOf(logLevels)), {
    default: {},
    help: 'Levels of single components, where they differ from `telemetry.logLevel`.',
    reason: 'New: one noisy component can be read without all the others.',
  }),
  logFormat: option(oneOf(['json', 'pretty_json', 'logfmt']), {
    default: 'json',
    help: 'Form of the lines of Tasker’s own. At a terminal, `json` is one that people read.',
    reason: 'As in the first generation, which took an unknown format for json.',
  }),
  metricsEnabled: option(yesOrNo(), {
    default: true,
    help: 'Metrics are collected where they are asked for. False: nowhere.',
    reason: 'As in the first generation, which collected all the same.',
  }),
  metricsEndpoint: option(text({ pattern: /^\/\S*$/, looksLike: 'a path that begins with /' }), {
    default: '/tasker/metrics',
    help: 'Path of the metrics; the listener answers at `/metrics` too.',
    reason: 'As in the first generation, where it was only displayed.',
  }),
  metricsPort: option(nullOr(wholeNumber({ min: 0, max: 65_535 })), {
    default: null,
    help:
      'Port at which `tasker worker` answers scrapes, and where `tasker.metrics.listen()` does. ' +
      '0: any that is free. Null: `tasker worker` does not listen.',
    reason: 'New: a worker is scraped without a server. A library listens to nothing unasked.',
  }),
  metricsHost: option(text(), {
    default: '127.0.0.1',
    help: 'Address at which scrapes are answered. `0.0.0.0`, or `::`, are all of this machine.',
    reason: 'New: nobody else can ask unless you say so; the listener checks no credentials.',
  }),
  metricsSeriesMax: option(wholeNumber({ min: 1, max: 1_000_000 }), {
    default: 1_000,
    unit: 'label sets',
    help: 'Most label sets of one metric in one process. What comes after them counts as `other`.',
    reason: 'New: names of steps and errors may come from outside, and each is kept for good.',
  }),
  metricsLegacyNames: option(yesOrNo(), {
    default: false,
    help:
      'Also give the four metrics of the first generation: `task_completed_total`, ' +
      '`task_failed_total`, `step_completed_total` and `step_failed_total`.',
    reason: 'New: dashboards of the first generation go on while you change them.',
  }),
  metricsFormat: option(oneOf(['prometheus', 'openmetrics', 'json', 'csv', 'otlp']), {
    default: 'prometheus',
    help: 'Form of rendered and exported metrics, scrapes among them, where a caller asks for none.',
    reason: 'As in the first generation, where it was only displayed.',
  }),
  metricsAuthRequired: option(nullOr(yesOrNo()), {
    default: null,
    help:
      'Metrics and analytics of the server are given only to an authenticated caller. Null: as ' +
      '`auth.authenticationEnabled` says for everything else; false: to everybody.',
    reason:
      'In the first generation they stayed public when authentication was enabled for everything.',
  }),
  performanceMonitoringEnabled: option(yesOrNo(), {
    default: true,
    help:
      'Measure duration and memory of the operations of the engine, and duration of its statements, where ' +
      'metrics are collected or somebody listens; tell what is slow or large.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  slowQueryThresholdSeconds: option(decimal({ min: 0, max: 3_600 }), {
    default: 1.0,
    unit: 'seconds',
    help: 'Duration from which an operation of the engine, or a statement, is told as slow.',
    reason: 'As in the first generation.',
  }),
  memoryThresholdMb: option(wholeNumber({ min: 1, max: 1_048_576 }), {
    default: 100,
    unit: 'megabytes',
    help: 'Growth of memory during an operation of the engine from which it is told.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  eventSamplingRate: option(decimal({ min: 0, max: 1 }), {
    default: 1.0,
    unit: 'share of the tasks',
    help: 'Of how many tasks the events are told to traces and logs. Metrics count all.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  filteredEvents: option(listOf(text(), { min: 0, max: 1_000 }), {
    default: [],
    help: 'Names and patterns of events that are told to none of traces, logs and metrics.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  routes: eventRoutesOption,
  maxStoredSamples: option(wholeNumber({ min: 1, max: 1_000_000 }), {
    default: 1_000,
    unit: 'samples',
    help: 'Most lines, and most events, that are kept in memory where `createTasker` is given `recent: true`.',
    reason: 'As in the first generation, where it had no effect and all were kept.',
  }),
  metricsRetentionHours: option(wholeNumber({ min: 1, max: 8_760 }), {
    default: 24,
    unit: 'hours',
    help:
      'How long what processes shared of their metrics is kept in the cache after the last of them wrote. As long as one ' +
      'writes, it is kept.',
    reason: 'As in the first generation.',
  }),
  crossContainerCoordination: automatic(
    'Whether processes share their metrics through the cache. `auto`: where the store is one for all of them. `on`: a Tasker does ' +
      'not start with another store. `off`: each has its own only.',
  ),
  atomicOperations: automatic(
    'Whether what must be exclusive between processes is locked in the store. `auto`: where it can lock. `on`: a Tasker does not ' +
      'start with a store that cannot. `off`: always in the database.',
  ),
  distributedExport: automatic(
    'Whether an export tells of all processes. `auto`: where they share their metrics. `on`: a Tasker does not start where they ' +
      'do not. `off`: of the process that exports.',
  ),
  syncInterval: option(wholeNumber({ min: 1, max: 86_400 }), {
    default: 30,
    unit: 'seconds',
    help:
      'Time between two writes of this process’s metrics into the shared cache. A killed process loses what it counted since ' +
      'the last. After ten without one (a minute, if that is longer) it is taken for ended.',
    reason: 'As in the first generation, where nothing did it.',
  }),
  exports: exportsOptions,
  prometheus: prometheusOptions,
}
