// The server dies under random graphs, and its synchronous standby takes over at the same address. What had been
// acknowledged is there; the same worker processes go on.
import { join } from 'node:path'
import { compareDags, randomPlans } from '../random-dags.ts'
import type { Scenario } from '../scenario.ts'
import { Standby } from '../standby.ts'

const workerCount = 3

export const scenario: Scenario = {
  name: 'failover',
  endsWith: 'nothing acknowledged lost, nothing done twice, no worker restarted, no false takeover',
  async run(stage) {
    const standby = await Standby.of(stage.server, join(stage.folder, 'standby'))
    stage.atClose(() => standby.stop())
    await standby.makeSynchronous()
    await stage.until('commits wait for the standby', () => standby.isSynchronous())

    const count = stage.isShort ? 60 : 1_000
    const plans = randomPlans(stage.random.fork(), { count })
    await stage.startWorkers(workerCount)
    const creating = stage.createDags(plans)
    await stage.until('a third of the tasks has ended', async () => {
      const ended = await stage.count(
        'select count(*) from tasker.tasks where ended_at is not null',
      )
      return ended >= count / 3
    })
    const diedAt = new Date()
    stage.server.kill()
    await standby.takeOver()
    const tookOverAt = new Date()
    stage.tell(`the standby took over after ${tookOverAt.getTime() - diedAt.getTime()} ms`)

    await creating
    await stage.untilAllEnded(stage.isShort ? 60_000 : 600_000)
    stage.fault(...(await compareDags(stage.ask, plans)))
    stage.expect('worker processes started', stage.processes.length, workerCount)
    const lost = await stage.count(`select count(*) from tasker.workers where state = 'lost'`)
    stage.expect('workers that were given up', lost, 0)
    const losses = await stage.count('select coalesce(sum(losses), 0) from tasker.workflow_steps')
    stage.expect('losses of steps', losses, 0)
    const [row] = await stage.ask('select min(at) as at from tasker.step_claims where at > $1', [
      tookOverAt,
    ])
    const nextAt = row?.['at']
    return {
      faults: { failover: 1 },
      tasks: plans.length,
      recoveriesMs: nextAt instanceof Date ? [nextAt.getTime() - diedAt.getTime()] : [],
    }
  },
}
