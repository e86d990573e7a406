// Options of the group `telemetry.prometheus`: a target of its own, pushed to as remote write, and the limits of all exports.
// Being scraped needs the prefix only.
import { nullOr, oneOf, text, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

const durationSeconds = (defaultSeconds: number, help: string) =>
  option(wholeNumber({ min: 1, max: 86_400 }), {
    default: defaultSeconds,
    unit: 'seconds',
    help,
    reason: 'As in the first generation.',
  })

export const prometheusOptions = {
  endpoint: option(
    nullOr(text({ pattern: /^https?:\/\/\S+$/, looksLike: 'an http:// or https:// URL' })),
    {
      default: null,
      help:
        'Where metrics are pushed to by remote write: it is the target `prometheus` of exports. Null: there is none. Pushed on ' +
        'schedule where `telemetry.exports.enabled` is true.',
      reason: 'As in the first generation.',
      secret: 'url',
    },
  ),
  username: option(nullOr(text()), {
    default: null,
    help: 'User for basic authentication at the endpoint; goes with the password.',
    reason: 'As in the first generation.',
  }),
  password: option(nullOr(text()), {
    default: null,
    help: 'Password for basic authentication at the endpoint; goes with the username.',
    reason: 'As in the first generation.',
    secret: 'whole',
  }),
  metricPrefix: option(
    text({ pattern: /^[a-zA-Z_:][a-zA-Z0-9_:]*$/, looksLike: 'the beginning of a metric name' }),
    {
      default: 'tasker',
      help: 'What the names of metrics begin with; an underscore follows.',
      reason: 'As in the first generation, where only pushed metrics had it.',
    },
  ),
  compression: option(oneOf(['snappy']), {
    default: 'snappy',
    help: 'How the body of a remote write is compressed. Its protocol knows no other way; targets of other kinds may use gzip.',
    reason: 'As in the first generation, which sent plain text under this name.',
  }),
  jobTimeout: durationSeconds(
    300,
    'Longest time of one export, retries included; then it has failed.',
  ),
  exportTimeout: durationSeconds(120, 'Longest time of one try of an export.'),
  retryAttempts: option(wholeNumber({ min: 0, max: 100 }), {
    default: 3,
    unit: 'attempts',
    help: 'How often a failed export is tried again, each time after a longer wait.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  retentionWindow: durationSeconds(
    300,
    'What may lie between two exports. Targets without a time of their own are due every so many seconds, less the safety margin.',
  ),
  safetyMargin: durationSeconds(
    60,
    'How long before the end of that window an export is due, and how much longer than `telemetry.prometheus.jobTimeout` a process ' +
      'that died keeps others from exporting.',
  ),
  includeInstanceLabels: option(yesOrNo(), {
    default: true,
    help:
      'Metrics of all processes have each gauge once for each process, with its label `instance`. False: their sum, or the ' +
      'greatest, as the reference of metrics says.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  batchSize: option(wholeNumber({ min: 1, max: 100_000 }), {
    default: 1_000,
    unit: 'values',
    help: 'Most values in one request of a remote write.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  skipIfUnavailable: option(yesOrNo(), {
    default: true,
    help: 'Skip an export with a warning, instead of failing it and trying again, while its target cannot be reached.',
    reason: 'As in the first generation, where it had no effect.',
  }),
}
