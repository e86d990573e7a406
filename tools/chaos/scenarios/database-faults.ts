// One fault of the database after the other, each under random graphs. The workers wait for its end, say so once when it
// begins and once when it is over, and leave no connection behind.
import pg from 'pg'
import {
  databaseFaults,
  prepareFaults,
  workerApplication,
  type DatabaseFault,
  type FaultyDatabase,
} from '../database-faults.ts'
import { mountSmallDisk } from '../full-disk.ts'
import { Proxy } from '../proxy.ts'
import { compareDags, randomPlans } from '../random-dags.ts'
import type { Scenario } from '../scenario.ts'
import { quickOptions, type ChaosStage } from '../stage.ts'
import type { WorkerHandle } from '../worker-handle.ts'

const workerCount = 2

export const scenario: Scenario = {
  name: 'database-faults',
  endsWith: 'nothing lost or doubled; each outage said once, its end too; the pools do not leak',
  serverSettings: { max_connections: '60' },
  async run(stage) {
    await prepareFaults(stage)
    const disk = await mountSmallDisk(stage)
    if (disk === null) stage.tell('No disk can be mounted here: a full one is pretended.')
    await disk?.moveTables()
    const proxy = await Proxy.open(stage.server)
    stage.atClose(() => proxy.close())
    const admin = new pg.Client({ connectionString: stage.server.url })
    admin.on('error', () => undefined)
    await admin.connect()
    stage.atClose(() => admin.end())
    await stage.startWorkers(workerCount, {
      databaseUrl: proxy.url,
      options: {
        // A connection that went silent is given up after this and five seconds.
        database: {
          applicationName: workerApplication,
          statementTimeoutMs: 1_000,
          lockTimeoutMs: 1_000,
        },
      },
    })
    const count = stage.isShort ? 15 : 300
    const faults: Record<string, number> = {}
    const recoveriesMs: number[] = []
    for (const fault of databaseFaults) {
      const { strikes, recoveredMs } = await under(fault, { stage, proxy, admin, disk }, count)
      faults[fault.name] = strikes
      if (recoveredMs !== null) recoveriesMs.push(recoveredMs)
    }
    return { faults, tasks: count * databaseFaults.length, recoveriesMs }
  },
}

interface Outcome {
  readonly strikes: number
  /** From the end of the fault until the next claim; null where it is not measured. */
  readonly recoveredMs: number | null
}

async function under(
  fault: DatabaseFault,
  database: FaultyDatabase,
  count: number,
): Promise<Outcome> {
  const { stage } = database
  const { name, noticedBy } = fault
  const saidBefore = stage.workers.map(saidBy)
  const plans = randomPlans(stage.random.fork(), { count, handlerMsMax: 100, prefix: name })
  const creating = stage.createDags(plans)
  await stage.until(`${name}: tasks run`, async () => (await startedOf(stage, name)) > 0)

  const heal = await fault.inject(database)
  if (noticedBy !== 'perhaps') {
    const enough = noticedBy === 'each' ? workerCount : 1
    await stage.until(`${name}: workers notice`, () => offlineCount(stage) >= enough)
  }
  if (stage.isShort) await stage.pauseBetween(400, 700)
  else await stage.pauseBetween(3_000, 6_000)
  const strikes = await heal()
  const healedAt = new Date()
  await stage.until(`${name}: every worker is live`, () => offlineCount(stage) === 0)

  await creating
  await stage.untilAllEnded(60_000)
  stage.fault(...(await compareDags(stage.ask, plans)))
  for (const [index, worker] of stage.workers.entries()) {
    const before = saidBefore[index] ?? { offline: 0, live: 0 }
    const { offline, live } = saidBy(worker)
    const said = `${name}: ${worker.name} said that the database was away, and back`
    if (noticedBy === 'each')
      stage.expect(said, [offline - before.offline, live - before.live], [1, 1])
    else stage.expect(said, live - before.live, offline - before.offline)
    if (offline - before.offline > Math.max(1, strikes)) stage.fault(`${said}, more than once each`)
  }
  await expectPoolsWithinBounds(stage, name)
  const { recoveredMs, says } = await recoveryFrom(fault, stage, healedAt)
  stage.tell(`${name}: ${strikes} ×, ${says}`)
  return { strikes, recoveredMs }
}

/** Where each strike is repeated at once, work never stands still: a claim after the last says nothing of any of them. */
async function recoveryFrom(
  { noticedBy }: DatabaseFault,
  stage: ChaosStage,
  healedAt: Date,
): Promise<{ readonly recoveredMs: number | null; readonly says: string }> {
  if (noticedBy === 'perhaps')
    return { recoveredMs: null, says: 'recovery not measured: work goes on under it' }
  const recoveredMs = await firstClaimAfter(stage, healedAt)
  if (recoveredMs === null)
    return { recoveredMs, says: 'recovery not measured: nothing was left to claim' }
  return { recoveredMs, says: `next claim after ${recoveredMs} ms` }
}

const offlineCount = (stage: ChaosStage): number =>
  stage.workers.map(saidBy).filter(({ offline, live }) => offline > live).length

function saidBy({ messages }: WorkerHandle): { readonly offline: number; readonly live: number } {
  const counted = (text: string): number =>
    messages.filter((message) => message.kind === 'log' && message.text.startsWith(text)).length
  return {
    offline: counted('the database cannot be used'),
    live: counted('the database answers again'),
  }
}

async function firstClaimAfter(stage: ChaosStage, healedAt: Date): Promise<number | null> {
  const [row] = await stage.ask('select min(at) as at from tasker.step_claims where at > $1', [
    healedAt,
  ])
  const at = row?.['at']
  return at instanceof Date ? at.getTime() - healedAt.getTime() : null
}

const startedOf = (stage: ChaosStage, prefix: string): Promise<number> =>
  stage.count(
    `select count(*) from tasker.idempotency_keys k join tasker.tasks t using (task_id)
     where k.key like $1 and t.state <> 'pending'`,
    [`${prefix}-%`],
  )

/** Sessions that a fault left behind are over soon: those of the pool, and one that listens, are all there is. */
async function expectPoolsWithinBounds(stage: ChaosStage, name: string): Promise<void> {
  const most = workerCount * (quickOptions.database.poolSize + 1)
  await stage.until(
    `${name}: at most ${most} sessions of the workers`,
    async () =>
      (await stage.count('select count(*) from pg_stat_activity where application_name = $1', [
        workerApplication,
      ])) <= most,
  )
}
