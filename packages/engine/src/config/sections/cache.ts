// Options of the section `cache`: where entries are kept, their lifetimes and how those adapt.
import { decimal, nullOr, oneOf, text, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

/** 30 days: beyond it stores such as Memcached take a lifetime for a date. */
const ttlMaxSeconds = 2_592_000

const ttl = (defaultSeconds: number, help: string) =>
  option(wholeNumber({ min: 1, max: ttlMaxSeconds }), {
    default: defaultSeconds,
    unit: 'seconds',
    help,
    reason: 'As in the first generation.',
  })

const share = (defaultShare: number, help: string, reason: string) =>
  option(decimal({ min: 0, max: 1 }), {
    default: defaultShare,
    unit: 'share',
    help,
    reason,
  })

export const cacheOptions = {
  store: option(oneOf(['memory', 'file', 'null', 'redis', 'memcached', 'postgres']), {
    default: 'memory',
    help:
      'Where entries are kept, unless `createTasker` is given a store: in this process, in files of this machine, nowhere, in ' +
      'Redis or Memcached at `cache.url`, or in a table of Tasker’s own database.',
    reason: 'New: in the first generation the store was the host framework’s.',
  }),
  url: option(nullOr(text()), {
    default: null,
    help:
      'Where the store is. Redis: `redis://user:password@host:6379/0`, or `rediss://` over TLS. Memcached: ' +
      '`host:11211`, several with commas between.',
    reason: 'New, see `cache.store`.',
    secret: 'url',
  }),
  namespace: option(
    text({ pattern: /^[!-~]{1,100}$/, looksLike: 'up to 100 characters without spaces' }),
    {
      default: 'tasker',
      help: 'What all keys begin with in a store that others see: applications that share one have a name each.',
      reason: 'New, see `cache.store`.',
    },
  ),
  directory: option(text(), {
    default: '.tasker/cache',
    help: 'Folder of the store `file`, for nothing else; made when it is not there.',
    reason: 'New, see `cache.store`.',
  }),
  memoryMaxMb: option(wholeNumber({ min: 1, max: 65_536 }), {
    default: 32,
    unit: 'megabytes',
    help:
      'Most that the store `memory` keeps in this process, or the store `file` in its folder, about. In memory, what was not asked for ' +
      'the longest goes first; of files, what ends the soonest.',
    reason: 'New: a cache without a bound is a leak.',
  }),
  operationTimeoutMs: option(wholeNumber({ min: 1, max: 60_000 }), {
    default: 500,
    unit: 'milliseconds',
    help: 'Longest wait for one answer of a store, also one that `createTasker` is given. After it, one goes on as if there were no cache.',
    reason: 'New: a store that hangs must not hold steps up.',
  }),
  compressionMinBytes: option(nullOr(wholeNumber({ min: 1, max: 1_073_741_824 })), {
    default: 8_192,
    unit: 'bytes',
    help: 'Texts from this length are compressed, in stores that other processes or machines hold. Null: none.',
    reason: 'New: below that compression saves little and costs processor time.',
  }),
  defaultTtl: ttl(300, 'Lifetime of an entry whose caller names none.'),
  adaptiveTtlEnabled: option(yesOrNo(), {
    default: true,
    help: 'Lengthen or shorten lifetimes of answers by hit rate, cost and use. False: they stay as asked for.',
    reason: 'As in the first generation.',
  }),
  performanceTrackingEnabled: option(yesOrNo(), {
    default: true,
    help: 'Keep hit rate, cost and use of each answer, for `tasker.cache.performance()`. Adaptive lifetimes need it.',
    reason: 'As in the first generation, where it had no effect.',
  }),
  hitRateSmoothingFactor: share(
    0.9,
    'Weight of the past in hit rate and cost, per access: new = old × f + now × (1 − f).',
    'As in the first generation.',
  ),
  accessFrequencyDecayRate: share(
    0.95,
    'What one second leaves of the weight of the past in accesses per minute. 0.95: the last 20 seconds count most, 0.98: the ' +
      'last 50. 1: use is not looked at.',
    'The first generation’s number, which had no time: its count of uses never came above 20.',
  ),
  minAdaptiveTtl: ttl(30, 'Shortest lifetime that adaptation gives.'),
  maxAdaptiveTtl: ttl(3_600, 'Longest lifetime that adaptation gives.'),
  dashboardCacheTtl: ttl(
    120,
    'Lifetime, before it adapts, of what a dashboard shows of the system as a whole and seldom changes: the bottleneck report, ' +
      'handlers and their definitions.',
  ),
  cachePressureThreshold: share(
    0.8,
    'Use of the store’s room from which answers are kept half as long, not below `cache.minAdaptiveTtl`, and not beyond their ' +
      'time; of stores that tell their use (`memory`).',
    'As in the first generation, where it had no effect.',
  ),
  adaptiveCalculationInterval: option(wholeNumber({ min: 1, max: 86_400 }), {
    default: 30,
    unit: 'seconds',
    help:
      'Shortest time between two computations of the lifetime of one entry, and between two exchanges with other processes of ' +
      'what was seen of it.',
    reason: 'As in the first generation, where it had no effect.',
  }),
}
