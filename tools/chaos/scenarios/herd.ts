// Many at once: a hundred workers that wait for one step, thousands of steps due at the same instant, and as many retries
// after the outage of what they call.
import type { Tasker } from '@tasker/engine'
import { herdDefinitions } from '../casts/herd.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'
import type { WorkerOptions } from '../worker-settings.ts'

export const scenario: Scenario = {
  name: 'herd',
  endsWith: 'no stampede, nothing starves while thousands are due at once, and retries spread',
  serverSettings: { max_connections: '800', 'pg_stat_statements.track': 'top' },
  async run(stage) {
    await stage.ask('create extension if not exists pg_stat_statements')
    const tasker = await stage.createTasker(herdDefinitions)
    try {
      const woken = await wakeHundred(stage, tasker)
      const flood = await floodAll(stage, tasker)
      return {
        faults: { 'steps for a hundred workers': woken.steps, 'steps due at once': flood.count },
        tasks: woken.steps + flood.count + (2 * flood.count) / urgentEvery,
        figures: { ...woken.figures, ...flood.figures },
      }
    } finally {
      await tasker.close()
    }
  },
}

/** Calm, so that what is counted is wake-ups: a poll claims, and a worker whose lease was renewed or whose slots were raised. */
const calmOptions = {
  orchestration: {
    pollIntervalMs: 60_000,
    heartbeatIntervalMs: 60_000,
    leaseMs: 200_000,
    scanIntervalMs: 60_000,
    sweepIntervalMs: 60_000,
  },
  execution: { minConcurrentSteps: 4, maxConcurrentStepsLimit: 4 },
  database: { poolSize: 1, transactionPoolSize: 1, connectTimeoutMs: 30_000 },
} as const satisfies WorkerOptions

const processCount = 4
const workersPerProcess = 25

/**
 * Claiming calls of all workers for one step. Each worker hears of it and looks once, and once more if a look was under way
 * when it heard. Who finds it in another's hands looks again after 20 ms, and waits twice as long each time, until whoever takes
 * it has committed: after `takingMs`, and a commit, which is no longer than one of these waits. The taker records it in one more.
 */
const callsMax = (workers: number, takingMs: number): number =>
  workers * (3 + Math.ceil(Math.log2(1 + takingMs / 20))) + 1
/** The creator's. Whoever takes the step releases nothing, so nobody else has anything to say. */
const notificationsMax = 1

/** A hundred workers wait, and one step falls due, several times. */
async function wakeHundred(
  stage: ChaosStage,
  tasker: Tasker,
): Promise<{ readonly steps: number; readonly figures: Record<string, number> }> {
  const workers = processCount * workersPerProcess
  const request = { cast: 'herd', options: calmOptions, workers: workersPerProcess }
  await stage.startWorkers(processCount, request)
  await stage.until('all workers live', async () => (await stage.count(liveWorkers)) === workers)
  await untilQuiet(stage, workers)
  const steps = stage.isShort ? 5 : 30
  let [most, notifications] = [0, 0]
  for (let step = 0; step < steps; step += 1) {
    await stage.ask('select pg_stat_statements_reset()')
    await tasker.tasks.create('herd/flood', { context: {} })
    await stage.untilAllEnded(20_000) // the poll comes after a minute
    await untilQuiet(stage, workers)
    const calls = await callsOf(stage, 'finish_steps')
    const limit = callsMax(workers, await longestMs(stage))
    if (calls > limit)
      stage.fault(`${calls} claiming calls for one step, more than ${limit}: a stampede`)
    most = Math.max(most, calls)
    notifications = Math.max(notifications, await callsOf(stage, 'pg_notify'))
  }
  if (notifications > notificationsMax) stage.fault(`${notifications} notifications for one step`)
  const stopped = stage.workers.map((worker) => worker.stop({ waitMs: 5_000, abortMs: 500 }))
  await Promise.all(stopped)
  return {
    steps,
    figures: {
      'workers that waited for one step': workers,
      'most claiming calls of all of them for it': most,
      'most notifications for it': notifications,
    },
  }
}

const liveWorkers = `select count(*) from tasker.workers where state = 'live'`

/** Each worker has looked at least once, and the count of looks rests. */
async function untilQuiet(stage: ChaosStage, workers: number): Promise<void> {
  let before = -1
  const isResting = async (): Promise<boolean> => {
    const calls = await callsOf(stage, 'finish_steps')
    const rests = calls >= workers && calls === before
    before = calls
    return rests
  }
  await stage.until('every worker has looked', isResting, { everyMs: 300 })
}

const callsOf = (stage: ChaosStage, name: string): Promise<number> =>
  stage.count(
    `select coalesce(sum(calls), 0) from pg_stat_statements
     where query like '%' || $1 || '(%' and query not like '%pg_stat_statements%'`,
    [name],
  )

const longestMs = (stage: ChaosStage): Promise<number> =>
  stage.count(
    `select coalesce(max(max_exec_time), 0) from pg_stat_statements where query like '%finish_steps(%'`,
  )

const floodWorkers = 4
const slotsPerWorker = 8
/** One urgent task, and one of another lane, for so many of the flood. */
const urgentEvery = 100
/**
 * How many steps may start between the moment a step could start and its own start, although it stands before them: what
 * each worker claims in the call under way and in the next one, twice.
 */
const overtakenMax = 4 * floodWorkers * slotsPerWorker
/** Of the claims that one of equal workers would have; a machine may be busy with others. */
const leastShare = 0.2

/** Of `backoff.jitterMaxPercentage`, which is a share. */
const jitterShare = 0.1
const backoff = {
  defaultBackoffSeconds: [2],
  maxBackoffSeconds: 10,
  jitterEnabled: true,
  jitterMaxPercentage: jitterShare,
} as const

/** Thousands are due at one instant, fail all, and are due again; urgent ones and others come in between. */
async function floodAll(
  stage: ChaosStage,
  tasker: Tasker,
): Promise<{ readonly count: number; readonly figures: Record<string, number> }> {
  const count = stage.isShort ? 2_000 : 10_000
  await tasker.namespaces.hold('herd')
  await createFlood(tasker, count)
  await stage.ask('update tasker.due set run_at = clock_timestamp() where step_no = 1')
  for (let no = 1; no <= floodWorkers; no += 1)
    stage.startWorker({
      name: `flood_${no}`,
      cast: 'herd',
      options: { backoff, execution: { maxConcurrentStepsLimit: slotsPerWorker } },
    })
  await Promise.all(stage.workers.map((worker) => worker.ready()))
  await tasker.namespaces.resume('herd')
  for (let sent = 0; sent < count / urgentEvery; sent += 1) {
    await stage.until(
      'the flood goes on',
      async () => (await stage.count(floodClaims)) >= sent * urgentEvery,
    )
    const context = {}
    await tasker.tasks.create('herd/flood', { context, tags: ['urgent'], priority: 'high' })
    await tasker.tasks.create('herd/other', { context, tags: ['other'] })
  }
  await stage.untilAllEnded(stage.isShort ? 120_000 : 300_000)
  const figures = { ...(await checkOrder(stage, count)), ...(await checkJitter(stage)) }
  return { count, figures }
}

const floodClaims = `
  select count(*) from tasker.step_claims c join tasker.tasks t using (task_id) where t.tags = '{flood}'`

async function createFlood(tasker: Tasker, count: number): Promise<void> {
  const batch = 500
  const request = { definition: 'herd/flood', context: { isAway: true }, tags: ['flood'] }
  for (let made = 0; made < count; made += batch)
    await tasker.tasks.createMany(Array.from({ length: batch }, () => request))
}

/** Each ran as often as it had to, nobody stood aside, and whoever came first was first served. */
async function checkOrder(stage: ChaosStage, count: number): Promise<Record<string, number>> {
  const [row] = await stage.ask(orderSql)
  const of = (name: string): number => Number(row?.[name])
  stage.expect('retries', of('retries'), count)
  stage.expect('steps that were claimed more often than they had to be', of('too_often'), 0)
  const fair = 1 / floodWorkers
  if (of('least_share') < fair * leastShare)
    stage.fault(`one of ${floodWorkers} workers claimed a share of ${of('least_share')}`)
  for (const who of ['urgent', 'other', 'retry']) {
    const overtaken = of(`${who}_overtaken`)
    if (overtaken > overtakenMax) stage.fault(`${who}: overtaken by ${overtaken} steps`)
  }
  return {
    'least share of the claims of a worker, percent': Math.round(of('least_share') * 100),
    'most steps that overtook an urgent one': of('urgent_overtaken'),
    'one of another lane': of('other_overtaken'),
    'a retry': of('retry_overtaken'),
  }
}

// A claim and the instant from which it could be made: its task's creation, or what the failure before it said.
const orderSql = `
  with claim as materialized (
    select t.tags[1] as tag, c.claim_no, c.worker_id, c.at as claimed_at,
      coalesce((h.metadata ->> 'run_at')::timestamptz, t.created_at) as due_at
    from tasker.step_claims c
    join tasker.tasks t on t.task_id = c.task_id
    left join tasker.workflow_step_transitions h
      on h.task_id = c.task_id and h.step_no = c.step_no and h.claim_no = c.claim_no - 1
    where t.tags <> '{}'
  ),
  place as (
    select rank() over (order by claimed_at) - rank() over (order by due_at) as behind
    from claim where tag = 'flood' and claim_no = 2
  )
  select
    (select count(*) from place) as retries,
    (select count(*) from claim where claim_no > case tag when 'flood' then 2 else 1 end) as too_often,
    (select coalesce(min(n.claims), 0)::double precision / sum(n.claims) from (
      select count(c.*) as claims from tasker.workers w left join claim c using (worker_id)
      where w.serves && array(select definition_id from tasker.definitions) and w.pid = any (array(
        select o.pid from tasker.workers o join claim using (worker_id)))
      group by w.pid) n) as least_share,
    (select max(behind) from place) as retry_overtaken,
    (select max(n.count) from (
      select (select count(*) from claim f
        where f.tag = 'flood' and f.claimed_at > u.due_at and f.claimed_at < u.claimed_at) as count
      from claim u where u.tag = 'urgent') n) as urgent_overtaken,
    (select max(n.count) from (
      select (select count(*) from claim f
        where f.tag = 'flood' and f.due_at > o.due_at and f.claimed_at < o.claimed_at) as count
      from claim o where o.tag = 'other') n) as other_overtaken`

/** The waits are spread over all that jitter allows, and none lies beyond. */
async function checkJitter(stage: ChaosStage): Promise<Record<string, number>> {
  const [row] = await stage.ask(
    `select min(w.ms) as shortest, max(w.ms) as longest, stddev(w.ms) as deviation
     from (
       select (h.metadata ->> 'delay_ms')::double precision as ms
       from tasker.workflow_step_transitions h where h.reason = 'failed') w`,
  )
  const [shortest, longest] = [Number(row?.['shortest']), Number(row?.['longest'])]
  const baseMs = backoff.defaultBackoffSeconds[0] * 1000
  const [leastMs, mostMs] = [baseMs * (1 - jitterShare), baseMs * (1 + jitterShare)]
  // Uniform over its whole width: so many draws come near both ends, and deviate by the width over the root of twelve.
  const width = mostMs - leastMs
  const isInside = shortest >= leastMs && longest <= mostMs
  const isWide = longest - shortest > width * 0.9
  const isEven = Math.abs(Number(row?.['deviation']) / (width / Math.sqrt(12)) - 1) < 0.1
  if (!isInside || !isWide || !isEven)
    stage.fault(`retries wait between ${shortest} and ${longest} ms: ${JSON.stringify(row)}`)
  return { 'shortest wait of a retry, ms': shortest, 'longest wait of a retry, ms': longest }
}
