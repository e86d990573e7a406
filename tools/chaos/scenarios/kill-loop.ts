// Four workers, of which one is killed every 0.5 to 3 s and started again, under random graphs.
import { compareDags, randomPlans } from '../random-dags.ts'
import { recoveriesMs } from '../recovery.ts'
import type { Scenario } from '../scenario.ts'
import { quickOptions, type ChaosStage } from '../stage.ts'

/** Beyond the scan, on a busy machine: whoever stalls for a moment has a gap in its own lease and waits for a whole one. */
const slackMs = 5_000

const workerCount = 4

export const scenario: Scenario = {
  name: 'kill-loop',
  endsWith: 'all tasks ended as predicted, counters exact, no lease older than its limit',
  async run(stage) {
    const plans = randomPlans(stage.random.fork(), { count: stage.isShort ? 200 : 2_000 })
    await stage.startWorkers(workerCount)
    const creating = stage.createDags(plans)
    let isOver = false
    const working = creating
      .then(() => stage.untilAllEnded(stage.isShort ? 240_000 : 900_000))
      .finally(() => {
        isOver = true
      })
    const [kills, oldestMs] = await Promise.all([
      killUntil(stage, () => isOver),
      watchLeases(stage, () => isOver),
      working,
    ])
    if (oldestMs > quickOptions.orchestration.scanIntervalMs + slackMs)
      stage.fault(`a lease was over for ${oldestMs} ms, and somebody could have taken it over`)
    stage.fault(...(await compareDags(stage.ask, plans)))
    return {
      faults: { SIGKILL: kills },
      tasks: plans.length,
      recoveriesMs: await recoveriesMs(stage.ask, stage.processes),
      figures: {
        'longest wait of an ended lease for one who may take it over, ms': Math.round(oldestMs),
      },
    }
  },
}

async function killUntil(stage: ChaosStage, isOver: () => boolean): Promise<number> {
  let kills = 0
  for (;;) {
    await stage.pauseBetween(500, 3_000)
    const victim = stage.random.pick(stage.workers)
    if (isOver()) return kills
    // A machine on which starting takes longer than this loop leaves alive would see no work done at all.
    const readyCount = stage.workers.filter((worker) => worker.isReady).length
    if (victim === undefined || readyCount < workerCount / 2) continue
    await victim.kill()
    kills += 1
    stage.replace(victim)
  }
}

/**
 * The longest that a worker was live in its row while its lease was over and another one had held a lease of its own for
 * long enough to take it over.
 */
async function watchLeases(stage: ChaosStage, isOver: () => boolean): Promise<number> {
  let oldestMs = 0
  while (!isOver()) {
    const overMs = await stage.count(
      `select coalesce(max(extract(epoch from
         clock_timestamp() - greatest(w.lease_until, o.may_at)) * 1000), 0)
       from tasker.workers w
       cross join (
         select min(started_at) + $1 * interval '1 millisecond' as may_at
         from tasker.workers where state = 'live' and lease_until > clock_timestamp()
       ) o
       where w.state = 'live' and w.lease_until < clock_timestamp() and o.may_at is not null`,
      [quickOptions.orchestration.leaseMs],
    )
    oldestMs = Math.max(oldestMs, overMs)
    await stage.pauseBetween(200, 300)
  }
  return oldestMs
}
