// All workers die at once and stay away, then come back, many at a time, while one step is due now and then: no stampede, and
// whoever is there lives.
import { compareDags, createDags, dagsToCreate, randomPlans, type DagPlan } from '../random-dags.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'
import type { WorkerOptions } from '../worker-settings.ts'

export const scenario: Scenario = {
  name: 'all-gone',
  endsWith: 'no stampede; the last tasks of every worker finish',
  serverSettings: { max_connections: '800' },
  async run(stage) {
    const plans = randomPlans(stage.random.fork(), { count: stage.isShort ? 60 : 500 })
    const died = await stage.startWorkers(4)
    await stage.createDags(plans)
    await stage.until('some tasks are on their way', async () => (await claims(stage)) > 20)
    await Promise.all(died.map((worker) => worker.kill()))
    const goneAtMs = performance.now()
    const open = await stage.count(`select count(*) from tasker.tasks where ended_at is null`)
    if (open === 0) stage.fault('everything had ended before the workers were gone')
    const [fromMs, toMs] = stage.isShort ? [3_000, 4_000] : [60_000, 61_000]
    await stage.pauseBetween(fromMs, toMs)
    await Promise.all(died.map((worker) => stage.replace(worker).ready()))
    const backAtMs = performance.now()
    await stage.untilAllEnded(120_000)
    stage.fault(...(await compareDags(stage.ask, plans)))
    const figures = await wakeMany(stage)
    return {
      faults: { SIGKILL: died.length },
      tasks: plans.length,
      figures: {
        'all gone, s': Math.round((backAtMs - goneAtMs) / 1000),
        ...figures,
      },
    }
  },
}

const claims = (stage: ChaosStage): Promise<number> =>
  stage.count('select count(*) from tasker.step_claims')

/** Times of production, so that what is counted is wake-ups, not polls. */
const calmOptions = {
  orchestration: {
    pollIntervalMs: 30_000,
    heartbeatIntervalMs: 5_000,
    leaseMs: 15_000,
    scanIntervalMs: 30_000,
    sweepIntervalMs: 60_000,
  },
  database: { poolSize: 2, connectTimeoutMs: 30_000 },
} as const satisfies WorkerOptions

/** Claiming calls of one worker for one step that some worker takes: it is woken, looks, and perhaps looks once more. */
const callsPerStepMax = 3

/** Many workers wait for work, and one step at a time falls due. */
async function wakeMany(stage: ChaosStage): Promise<Record<string, number>> {
  await Promise.all(stage.workers.map((worker) => worker.stop({ waitMs: 5_000, abortMs: 500 })))
  const count = stage.isShort ? 12 : 100
  const steps = stage.isShort ? 10 : 30
  await stage.startWorkers(count, { options: calmOptions })
  const tasker = await stage.createTasker(dagsToCreate)
  const single = (number: number): DagPlan => ({
    key: `single-${number}`,
    steps: [{ name: 's[0]', parents: [], limit: 2, script: [], ms: 5 }],
  })
  const plans = Array.from({ length: steps }, (_, number) => single(number))
  const before = await claimingCalls(stage)
  try {
    for (const plan of plans) {
      await createDags(tasker, [plan])
      // Within a second, though the poll comes after thirty: the notification woke somebody.
      await stage.untilAllEnded(5_000)
    }
  } finally {
    await tasker.close()
  }
  const calls = (await claimingCalls(stage)) - before
  const perStep = calls / steps / count
  if (perStep > callsPerStepMax)
    stage.fault(`${calls} claiming calls of ${count} workers for ${steps} steps: a stampede`)
  stage.fault(...(await compareDags(stage.ask, plans)))
  return { 'workers that were woken': count, 'claiming calls per worker and step': round(perStep) }
}

async function claimingCalls(stage: ChaosStage): Promise<number> {
  const measures = await Promise.all(stage.workers.map((worker) => worker.measure()))
  return measures.reduce((sum, { statements }) => sum + (statements['finish_steps'] ?? 0), 0)
}

const round = (value: number): number => Math.round(value * 100) / 100
