// A steady load on two workers for half an hour, with retention at work: whatever leaks, bloats or slows down shows as a
// slope in the readings of vital-signs.ts.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { accountsTable, soakDefinitions } from '../casts/soak.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'
import { SteadyLoad } from '../steady-load.ts'
import { VitalSigns, type Finding } from '../vital-signs.ts'

interface Course {
  /** Until memory, caches, retention and free space have found their level. */
  readonly warmUpMs: number
  readonly windowMs: number
  readonly windows: number
  readonly retentionMs: number
}

const full: Course = { warmUpMs: 300_000, windowMs: 15_000, windows: 100, retentionMs: 60_000 }
const short: Course = { warmUpMs: 20_000, windowMs: 2_000, windows: 20, retentionMs: 3_000 }

/** 24 tasks and some 56 steps a second: what two cores do beside everything else. */
const createEveryMs = 500

export const scenario: Scenario = {
  name: 'soak',
  endsWith: 'no slope in memory, latency, sizes of tables and indexes, connections and leftovers',
  limitMinutes: { short: 5, full: 50 },
  // Vacuum comes as often as the short form needs it.
  serverSettings: { autovacuum_naptime: '1s' },
  async run(stage) {
    const { retentionMs, ...course } = stage.isShort ? short : full
    await stage.ask(accountsTable)
    const options = { database: { applicationName: 'soak' } }
    await stage.startWorkers(2, { cast: 'soak', options })
    const tasker = await stage.createTasker(soakDefinitions(() => undefined))
    const load = new SteadyLoad(stage, tasker, { everyMs: createEveryMs, retentionMs })
    const signs = new VitalSigns(stage)
    try {
      await Promise.all([load.run(), watch(stage, signs, course).finally(() => load.stop())])
      await stage.untilAllEnded(60_000)
      await load.check()
    } finally {
      load.stop()
      await tasker.close()
    }
    const findings = signs.findings()
    for (const finding of findings.filter(isFault))
      stage.fault(`${finding.sign} grows: ${described(finding)}`)
    const told = findings.filter((finding) => finding.isMain || isFault(finding))
    return {
      faults: {},
      tasks: load.created,
      figures: {
        'tasks pruned': load.pruned,
        'rounds of tasks left out, because the machine was too slow': load.leftOut,
        ...Object.fromEntries(told.map((finding) => [finding.sign, described(finding)])),
      },
    }
  },
}

async function watch(
  stage: ChaosStage,
  signs: VitalSigns,
  course: Omit<Course, 'retentionMs'>,
): Promise<void> {
  await pause(course.warmUpMs)
  signs.start()
  const startedMs = performance.now()
  for (let window = 1; window <= course.windows; window += 1) {
    await pause(Math.max(startedMs + window * course.windowMs - performance.now(), 0))
    await signs.read()
    if (window % 10 === 0) {
      stage.tell(`${window} of ${course.windows} readings`)
      await writeFile(join(stage.folder, 'readings.json'), JSON.stringify(signs.readings))
    }
  }
}

const isFault = ({ driftAtLeast, allowed }: Finding): boolean => driftAtLeast > allowed

const described = ({ mean, drift, driftAtLeast, allowed }: Finding): string =>
  `mean ${shown(mean)}, drift ${shown(drift)} (99 %: at least ${shown(driftAtLeast)}), ` +
  `allowed ${shown(allowed)}`

/** Three digits are enough. */
const shown = (value: number): string =>
  Math.abs(value) >= 10_000
    ? `${Math.round(value / 1000).toLocaleString('en')} k`
    : String(Number(value.toPrecision(3)))
