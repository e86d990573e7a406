// PostgreSQL is killed with -9 and started again, again and again, under random graphs; once it stays away for longer than
// the lease. The same worker processes must live through all of it, and none may take another for dead.
import { compareDags, randomPlans } from '../random-dags.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'

const workerCount = 4
const leaseMs = 4_000

export const scenario: Scenario = {
  name: 'postgres-restart',
  endsWith: 'nothing lost or doubled, no worker process restarted, no false takeover',
  async run(stage) {
    const count = stage.isShort ? 200 : 2_000
    const plans = randomPlans(stage.random.fork(), { count, handlerMsMax: 1_000 })
    await stage.startWorkers(workerCount, {
      // A lease that a busy machine does not miss: who is given up here was given up wrongly.
      options: { orchestration: { leaseMs, heartbeatIntervalMs: 500 } },
    })
    const creating = stage.createDags(plans)
    let isOver = false
    const working = creating
      .then(() => stage.untilAllEnded(stage.isShort ? 180_000 : 900_000))
      .finally(() => {
        isOver = true
      })
    const [outagesMs] = await Promise.all([killUntil(stage, () => isOver), working])
    stage.fault(...(await compareDags(stage.ask, plans)))
    stage.expect('worker processes started', stage.processes.length, workerCount)
    stage.expect('worker processes that run', stage.workers.length, workerCount)
    await checkTakeovers(stage)
    return {
      faults: { 'kill -9 of PostgreSQL': outagesMs.length },
      tasks: plans.length,
      figures: { 'longest outage, ms': Math.round(Math.max(0, ...outagesMs)) },
    }
  },
}

/** Returns how long each outage took, its recovery included. */
async function killUntil(stage: ChaosStage, isOver: () => boolean): Promise<readonly number[]> {
  const outagesMs: number[] = []
  const [fromMs, toMs] = stage.isShort ? [2_000, 4_000] : [5_000, 10_000]
  for (;;) {
    await stage.pauseBetween(fromMs, toMs)
    if (isOver()) return outagesMs
    const startedMs = performance.now()
    stage.server.kill()
    // The second outage outlasts every lease.
    if (outagesMs.length === 1) await stage.pauseBetween(leaseMs + 1_000, leaseMs + 2_000)
    await stage.server.start()
    outagesMs.push(performance.now() - startedMs)
  }
}

/** Nobody died, so nobody may have been given up: neither a worker nor a step. */
async function checkTakeovers(stage: ChaosStage): Promise<void> {
  const lost = await stage.count(`select count(*) from tasker.workers where state = 'lost'`)
  stage.expect('workers that were given up', lost, 0)
  const losses = await stage.count('select coalesce(sum(losses), 0) from tasker.workflow_steps')
  stage.expect('losses of steps', losses, 0)
}
