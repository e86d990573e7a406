// The clocks of two workers are an hour ahead and an hour behind, a third one is right. Retries and waits must come when the
// database's clock says so, nothing may be taken over wrongly, and what is stored tells the right time.
import { compareDags, randomPlans } from '../random-dags.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'

const hourMs = 3_600_000
/** A claim comes this late at most; an hour's skew would show as an hour. */
const lateMaxMs = 30_000

export const scenario: Scenario = {
  name: 'clock-skew',
  endsWith: 'readiness and backoff unaffected',
  async run(stage) {
    const plans = randomPlans(stage.random.fork(), { count: stage.isShort ? 60 : 500 })
    const skews = { ahead: hourMs, behind: -hourMs, right: 0 }
    const started = Object.entries(skews).map(([name, clockSkewMs]) =>
      stage.startWorker({ name, clockSkewMs }),
    )
    await Promise.all(started.map((worker) => worker.ready()))
    await stage.createDags(plans)
    await stage.untilAllEnded(stage.isShort ? 60_000 : 300_000)
    stage.fault(...(await compareDags(stage.ask, plans)))
    await checkTimes(stage)
    await checkShares(stage, Object.keys(skews))
    return { faults: { 'clock off by an hour': 2 }, tasks: plans.length }
  },
}

async function checkTimes(stage: ChaosStage): Promise<void> {
  const [row] = await stage.ask(
    `select
       count(*)::integer as retries,
       count(*) filter (where c.at < h.run_at)::integer as early,
       count(*) filter (where c.at > h.run_at + $1 * interval '1 millisecond')::integer as late,
       count(*) filter (where h.run_at > h.at + interval '2 seconds')::integer as far
     from (
       select task_id, step_no, claim_no, at, (metadata ->> 'run_at')::timestamptz as run_at
       from tasker.workflow_step_transitions
       where from_state = 'in_progress' and metadata ? 'run_at'
     ) h
     join tasker.step_claims c
       on c.task_id = h.task_id and c.step_no = h.step_no and c.claim_no = h.claim_no + 1`,
    [lateMaxMs],
  )
  const { retries, ...wrong } = row ?? {}
  if (Number(retries) === 0) stage.fault('no step was tried again: nothing was proved')
  stage.expect('second claims before, long after, or due at a wrong time', wrong, {
    early: 0,
    late: 0,
    far: 0,
  })
  const strange = await stage.count(
    `select count(*) from (
       select created_at as at from tasker.tasks
       union all select started_at from tasker.tasks
       union all select ended_at from tasker.tasks
       union all select started_at from tasker.workflow_steps
       union all select at from tasker.task_transitions
       union all select at from tasker.workflow_step_transitions
       union all select seen_at from tasker.workers
     ) t
     where abs(extract(epoch from clock_timestamp() - t.at)) > 1800`,
  )
  stage.expect('stored times that are half an hour off', strange, 0)
  const lost = await stage.count(`select count(*) from tasker.workers where state = 'lost'`)
  stage.expect('workers that were given up', lost, 0)
}

/** Each of them did some of the work: otherwise its clock proves nothing. */
async function checkShares(stage: ChaosStage, names: readonly string[]): Promise<void> {
  const rows = await stage.ask('select distinct worker from chaos.ledger order by worker')
  stage.expect(
    'workers that ran steps',
    rows.map((row) => row['worker']),
    names.toSorted(),
  )
}
