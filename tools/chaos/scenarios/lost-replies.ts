// Through a proxy, one in ten statements commits and its acknowledgement is lost with the connection; the others are late.
// Tasks are created through it too.
import { Proxy } from '../proxy.ts'
import { compareDags, randomPlans } from '../random-dags.ts'
import type { Scenario } from '../scenario.ts'

const lostShare = 0.1
const workerCount = 3

export const scenario: Scenario = {
  name: 'lost-replies',
  endsWith: 'the same outcome as with every reply; the pools do not leak',
  async run(stage) {
    const plans = randomPlans(stage.random.fork(), { count: stage.isShort ? 100 : 1_000 })
    const proxy = await Proxy.open(stage.server)
    stage.atClose(() => proxy.close())
    const chance = stage.random.fork()
    const databaseUrl = proxy.url
    await stage.startWorkers(workerCount, { databaseUrl })
    proxy.inject({
      latencyMs: () => chance.between(0, 5),
      losesReply: () => chance.next() < lostShare,
    })
    await stage.createDags(plans, databaseUrl)
    await stage.untilAllEnded(stage.isShort ? 120_000 : 600_000)
    proxy.inject({})
    stage.fault(...(await compareDags(stage.ask, plans)))
    stage.expect('tasks', await stage.count('select count(*) from tasker.tasks'), plans.length)
    // Each worker: four calls at once, and one connection that listens.
    const connectionsMax = workerCount * 5
    if (proxy.connectionCount > connectionsMax)
      stage.fault(`${proxy.connectionCount} connections of ${workerCount} workers are open`)

    return { faults: { 'reply lost': proxy.lostReplies }, tasks: plans.length }
  },
}
