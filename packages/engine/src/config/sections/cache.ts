// Options of the section `cache`: lifetimes of cached answers and how they adapt.
import { decimal, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

/** 30 days: beyond it stores such as Memcached take a lifetime for a date. */
const ttlMaxSeconds = 2_592_000

const ttl = (defaultSeconds: number, help: string) =>
  option(wholeNumber({ min: 1, max: ttlMaxSeconds }), {
    default: defaultSeconds,
    unit: 'seconds',
    help,
    reason: 'As in the first generation.',
    takesEffectWith: 'the cache',
  })

const share = (defaultShare: number, help: string) =>
  option(decimal({ min: 0, max: 1 }), {
    default: defaultShare,
    unit: 'share',
    help,
    reason: 'As in the first generation.',
    takesEffectWith: 'the cache',
  })

export const cacheOptions = {
  defaultTtl: ttl(300, 'Lifetime of an entry whose caller names none.'),
  adaptiveTtlEnabled: option(yesOrNo(), {
    default: true,
    help: 'Lengthen or shorten lifetimes by hit rate, cost and use. False: they stay as asked for.',
    reason: 'As in the first generation.',
    takesEffectWith: 'the cache',
  }),
  performanceTrackingEnabled: option(yesOrNo(), {
    default: true,
    help: 'Keep hit rate, cost and use of each entry. Adaptive lifetimes need it.',
    reason: 'As in the first generation, where it had no effect.',
    takesEffectWith: 'the cache',
  }),
  hitRateSmoothingFactor: share(
    0.9,
    'Weight of the past in the hit rate: new = old × f + hit × (1 − f).',
  ),
  accessFrequencyDecayRate: share(0.95, 'Decay of the count of uses: new = old × d + 1.'),
  minAdaptiveTtl: ttl(30, 'Shortest lifetime that adaptation gives.'),
  maxAdaptiveTtl: ttl(3_600, 'Longest lifetime that adaptation gives.'),
  dashboardCacheTtl: ttl(120, 'Lifetime of the answers that the dashboard asks for.'),
  cachePressureThreshold: share(0.8, 'Use of the store from which it counts as under pressure.'),
  adaptiveCalculationInterval: option(wholeNumber({ min: 1, max: 86_400 }), {
    default: 30,
    unit: 'seconds',
    help: 'Shortest time between two computations of the lifetime of one entry.',
    reason: 'As in the first generation, where it had no effect.',
    takesEffectWith: 'the cache',
  }),
}
