// What the cache store can do, whether it does it, and what follows for the processes of this database. Pure: a reading in,
// findings out.
import type { Coordination } from '../../cache/capabilities.ts'
import type { Sharing } from '../../cache/sharing.ts'
import type { StoreTrial } from '../../cache/try-store.ts'
import { count } from '../../wording.ts'
import { findingsOf, type Finding } from './finding.ts'

export interface CacheReading {
  readonly storeClass: string
  readonly coordination: Coordination
  /** False: it is there to keep nothing. */
  readonly isToKeep: boolean
  readonly sharing: Sharing
  /** What was said while it was opened. */
  readonly warnings: readonly string[]
  readonly trial: StoreTrial
}

export function checkCache(reading: CacheReading, liveWorkers: number): readonly Finding[] {
  const { ok, warning, problem } = findingsOf('cache')
  const { storeClass, trial, warnings } = reading
  const faults = trial.faults.filter(({ part }) => part !== 'keeping' || reading.isToKeep)
  // What it can do besides shows only in a store that keeps something.
  const keeping = faults.find(({ part }) => part === 'keeping')
  const found = [
    ...(keeping === undefined ? faults : [keeping]).map(({ part, seen }) =>
      part === 'keeping'
        ? problem(
            `The store ${storeClass} does not keep what it is given: ${seen}.`,
            'Check that it is there and where `cache.url` points. Until then nothing is reused or shared; steps run all the same.',
          )
        : problem(
            `The store ${storeClass} is taken to have \`${part}\`, and has it not: ${seen}.`,
            'Declare what it cannot do (`declareCapabilities`, or a detector in `cacheDetectors`).',
          ),
    ),
    ...(keeping === undefined ? warnings : []).map((said) =>
      warning(`${said}.`, 'The log of a start says more.'),
    ),
  ]
  return found.length > 0 ? found : [ok(well(reading, liveWorkers))]
}

function well({ storeClass, coordination, sharing, trial }: CacheReading, live: number): string {
  const store = `${storeClass} answers (${count(trial.tried.length, 'part')} tried in ${Math.ceil(trial.tookMs)} ms)`
  return `${store}: ${following[coordination](sharing, live)}.`
}

const following: Readonly<Record<Coordination, (sharing: Sharing, live: number) => string>> = {
  distributed_atomic: ({ sharesMetrics }) =>
    `one store for all processes, which counts and locks; ${metrics(sharesMetrics)}`,
  distributed_basic: ({ sharesMetrics }) =>
    `one store for all processes; what is exclusive is locked in the database; ${metrics(sharesMetrics)}`,
  local_only: (_sharing, live) =>
    live > 1
      ? `each process has its own. ${count(live, 'worker')} are live: results of steps and metrics are not shared between them`
      : 'each process has its own',
}

const metrics = (isShared: boolean): string =>
  isShared ? 'metrics are shared' : 'metrics are not shared, as configured'
