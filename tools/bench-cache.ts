// What adaptive lifetimes gain over fixed ones: replays a recorded trace of accesses on a test clock, against the cache itself,
// once for each way to set lifetimes. The same on every machine: what making an answer takes is the trace's.
// Run: npm run bench:cache [-- --trace bench/traces/2026-11-22-reports.csv --store].
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MemoryStore } from '@tasker/engine'
import { testClock, type TestClock } from '@tasker/engine/testing'
import { AdaptiveCache } from '../packages/engine/src/cache/adaptive-cache.ts'
import { readTrace, type AccessTrace, type TracedAccess, type TracedKey } from './access-trace.ts'

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    trace: { type: 'string', default: 'bench/traces/2026-11-22-reports.csv' },
    /** Write the figures to bench/results. */
    store: { type: 'boolean', default: false },
  },
})

interface Manner {
  readonly name: string
  readonly isAdaptive: boolean
  /** Of the lifetimes asked for. */
  readonly times: number
}

interface Figures {
  readonly hitRate: number
  readonly producerSeconds: number
  /** How old what was given was, on average. */
  readonly meanAgeSeconds: number
}

/** The defaults of section `cache`. */
const tracking = {
  sums: null,
  learning: { smoothing: 0.9, decayPerSecond: 0.95 },
  intervalMs: 30_000,
}
const bounds = { minSeconds: 30, maxSeconds: 3_600 }

async function replay(
  { keys, accesses }: AccessTrace,
  { isAdaptive, times }: Pick<Manner, 'isAdaptive' | 'times'>,
): Promise<Figures> {
  const clock = testClock()
  const startMs = clock.nowMs()
  const cache = new AdaptiveCache({
    store: new MemoryStore({ clock }),
    clock,
    owner: async () => '',
    locks: null,
    tracking: { ...tracking, bounds: isAdaptive ? bounds : null },
    defaultTtlMs: 300_000,
    pressureThreshold: 0.8,
  })
  let [hits, producerMs, ageMs] = [0, 0, 0]
  for (const access of accesses) {
    const key = keys[access.key]
    if (key === undefined) throw new Error(`the trace has no key ${access.key}`)
    await clock.advanceTo(new Date(startMs + access.atMs))
    const answer = await cache.fetch([key.kind, key.name], orderOf(key, access, times, clock))
    if (answer.isCached) hits += 1
    else producerMs += access.generationMs
    ageMs += answer.isCached ? clock.nowMs() - answer.generatedAt.getTime() : 0
  }
  return {
    hitRate: hits / accesses.length,
    producerSeconds: producerMs / 1_000,
    meanAgeSeconds: ageMs / accesses.length / 1_000,
  }
}

const orderOf = (key: TracedKey, access: TracedAccess, times: number, clock: TestClock) => ({
  ttlMs: key.ttlMs * times,
  ...(key.ttlMaxMs === null ? {} : { ttlMaxMs: key.ttlMaxMs * times }),
  ...(key.staleMs === null ? {} : { staleMs: key.staleMs }),
  version: [access.version],
  make: async () => {
    await clock.advance(access.generationMs)
    return null
  },
})

/** The fixed lifetimes, as multiples of those asked for, with which answers are as old on average. */
async function fixedOfAge(trace: AccessTrace, meanAgeSeconds: number): Promise<number> {
  let [low, high] = [0.1, 4]
  for (let step = 0; step < 12; step += 1) {
    const times = (low + high) / 2
    const figures = await replay(trace, { isAdaptive: false, times })
    if (figures.meanAgeSeconds < meanAgeSeconds) low = times
    else high = times
  }
  return Math.round(low * 100) / 100
}

async function compare(trace: AccessTrace) {
  const adaptive = await replay(trace, { isAdaptive: true, times: 1 })
  const times = await fixedOfAge(trace, adaptive.meanAgeSeconds)
  const manners: readonly Manner[] = [
    { name: 'fixed, as asked for', isAdaptive: false, times: 1 },
    { name: 'adaptive', isAdaptive: true, times: 1 },
    { name: `fixed, ×${times}: as old`, isAdaptive: false, times },
  ]
  const [base, ...others] = await Promise.all(
    manners.map(async (manner) => ({ name: manner.name, ...(await replay(trace, manner)) })),
  )
  if (base === undefined) throw new Error('there is a first one')
  return [base, ...others].map((one) => ({
    name: one.name,
    hitRate: round(one.hitRate),
    missesToFixed: round((1 - one.hitRate) / (1 - base.hitRate)),
    producerTimeToFixed: round(one.producerSeconds / base.producerSeconds),
    ageToFixed: round(one.meanAgeSeconds / base.meanAgeSeconds),
    producerSeconds: round(one.producerSeconds),
    meanAgeSeconds: round(one.meanAgeSeconds),
  }))
}

const ofKind = (trace: AccessTrace, kind: string): AccessTrace => ({
  ...trace,
  accesses: trace.accesses.filter(({ key }) => trace.keys[key]?.kind === kind),
})

const round = (value: number): number => Math.round(value * 1_000) / 1_000

const trace = await readTrace(join(root, values.trace))
const all = await compare(trace)
const kinds = [...new Set(trace.keys.map(({ kind }) => kind))]
const byKind = []
for (const kind of kinds) {
  const own = ofKind(trace, kind)
  const [fixed, adaptive] = [
    await replay(own, { isAdaptive: false, times: 1 }),
    await replay(own, { isAdaptive: true, times: 1 }),
  ]
  byKind.push({
    kind,
    accesses: own.accesses.length,
    hitRateFixed: round(fixed.hitRate),
    hitRateAdaptive: round(adaptive.hitRate),
    producerTimeToFixed: round(adaptive.producerSeconds / fixed.producerSeconds),
    ageToFixed: round(adaptive.meanAgeSeconds / fixed.meanAgeSeconds),
  })
}
const report = { trace: values.trace, accesses: trace.accesses.length, notes: trace.notes }
console.table(all)
console.table(byKind)
if (values.store) {
  const path = join(root, 'bench/results/2026-11-22-cache.json')
  await writeFile(path, `${JSON.stringify({ ...report, all, byKind }, null, 2)}\n`)
}
