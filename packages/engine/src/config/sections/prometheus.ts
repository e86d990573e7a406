// Options of the group `telemetry.prometheus`: pushing metrics. Being scraped needs the prefix only.
import { nullOr, oneOf, text, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

const durationSeconds = (defaultSeconds: number, help: string) =>
  option(wholeNumber({ min: 1, max: 86_400 }), {
    default: defaultSeconds,
    unit: 'seconds',
    help,
    reason: 'As in the first generation.',
    takesEffectWith: 'metrics export',
  })

export const prometheusOptions = {
  endpoint: option(
    nullOr(text({ pattern: /^https?:\/\/\S+$/, looksLike: 'an http:// or https:// URL' })),
    {
      default: null,
      help: 'Where metrics are pushed to. Null: nowhere.',
      reason: 'As in the first generation.',
      takesEffectWith: 'metrics export',
      secret: 'url',
    },
  ),
  username: option(nullOr(text()), {
    default: null,
    help: 'User for basic authentication at the endpoint; goes with the password.',
    reason: 'As in the first generation.',
    takesEffectWith: 'metrics export',
  }),
  password: option(nullOr(text()), {
    default: null,
    help: 'Password for basic authentication at the endpoint; goes with the username.',
    reason: 'As in the first generation.',
    takesEffectWith: 'metrics export',
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
  compression: option(nullOr(oneOf(['snappy', 'gzip'])), {
    default: 'snappy',
    help: 'How the body of a push is compressed. Null: not.',
    reason: 'As in the first generation, which only named it in a header.',
    takesEffectWith: 'metrics export',
  }),
  jobTimeout: durationSeconds(300, 'Longest time of one export job, retries included.'),
  exportTimeout: durationSeconds(120, 'Longest time of one push.'),
  retryAttempts: option(wholeNumber({ min: 0, max: 100 }), {
    default: 3,
    unit: 'attempts',
    help: 'How often a failed push is tried again.',
    reason: 'As in the first generation, where it had no effect.',
    takesEffectWith: 'metrics export',
  }),
  retentionWindow: durationSeconds(300, 'How long values are kept for an export that is late.'),
  safetyMargin: durationSeconds(60, 'How long before values would expire they are exported.'),
  includeInstanceLabels: option(yesOrNo(), {
    default: true,
    help: 'Label each value with the process that it comes from.',
    reason: 'As in the first generation, where it had no effect.',
    takesEffectWith: 'metrics export',
  }),
  batchSize: option(wholeNumber({ min: 1, max: 100_000 }), {
    default: 1_000,
    unit: 'values',
    help: 'Most values in one push.',
    reason: 'As in the first generation, where it had no effect.',
    takesEffectWith: 'metrics export',
  }),
  skipIfUnavailable: option(yesOrNo(), {
    default: true,
    help: 'Skip an export, instead of failing it, while the endpoint cannot be reached.',
    reason: 'As in the first generation, where it had no effect.',
    takesEffectWith: 'metrics export',
  }),
}
