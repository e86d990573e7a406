// Everything through PgBouncer in transaction mode, where each transaction may meet another session: no LISTEN, nothing
// prepared, nothing set on a session. The server's default isolation is wrong on purpose: the role's is what counts.
import { readFile } from 'node:fs/promises'
import { createTasker, type Tasker } from '@tasker/engine'
import { endless, transfer } from '../casts/pooled.ts'
import { PgBouncer } from '../pgbouncer.ts'
import { compareDags, createDags, dagsToCreate, randomPlans, type DagPlan } from '../random-dags.ts'
import type { Scenario, ScenarioReport } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'
import type { WorkerOptions } from '../worker-settings.ts'

/** What docs/guides/running.md says to set. */
const behindPooler = {
  database: { preparedStatements: false },
  orchestration: { listen: false },
} as const satisfies WorkerOptions

export const scenario: Scenario = {
  name: 'pgbouncer',
  endsWith:
    'everything done by polling alone, running handlers called off by the heartbeat, no session used',
  serverSettings: { log_statement: 'all', default_transaction_isolation: 'serializable' },
  async run(stage) {
    const program = PgBouncer.find()
    if (program === null) {
      if (process.env['CI'] === 'true') throw new Error('there is no pgbouncer on this machine')
      stage.tell('NOT RUN: there is no pgbouncer here (Debian: apt-get install pgbouncer)')
      return { faults: {}, tasks: 0 }
    }
    await stage.ask(`alter role current_user set default_transaction_isolation to 'read committed'`)
    await stage.ask('create table chaos.transfers (task_id uuid primary key)')
    // Fewer sessions than connections: they have to be shared.
    const pooler = await PgBouncer.start(program, {
      server: stage.server,
      folder: stage.folder,
      poolSize: 4,
    })
    stage.atClose(() => pooler.stop())
    const report = await runThrough(pooler, stage)
    return { ...report, figures: { ...report.figures, pooler: PgBouncer.version(program) } }
  },
}

async function runThrough(pooler: PgBouncer, stage: ChaosStage): Promise<ScenarioReport> {
  const { ask } = stage
  const plans = randomPlans(stage.random.fork(), { count: stage.isShort ? 60 : 500 })
  await stage.startWorkers(2, { cast: 'pooled', databaseUrl: pooler.url, options: behindPooler })
  const tasker = await createTasker({
    database: { ...behindPooler.database, url: pooler.url, migrate: 'off' },
    orchestration: behindPooler.orchestration,
    definitions: [...dagsToCreate, transfer(null), endless(() => undefined)],
  })
  const transfers = stage.isShort ? 20 : 200
  let calledOffMs = 0
  try {
    await createAll(tasker, plans, transfers)
    calledOffMs = await cancelRunning(stage, tasker)
    await stage.untilAllEnded(120_000)
  } finally {
    await tasker.close()
  }
  stage.fault(...(await compareDags(ask, plans)))
  const [booked] = await ask(
    `select count(*)::integer as rows, count(*) filter (where t.state = 'complete')::integer as complete
     from chaos.transfers b join tasker.tasks t using (task_id)`,
  )
  stage.expect('transfers, each once', booked, { rows: transfers, complete: transfers })
  const used = await sessionUse(stage)
  stage.expect('statements that lean on a session', used.offending, [])
  if (used.unnamed === 0) stage.fault('the log of the server shows no statement of the workers')
  return {
    faults: {},
    tasks: plans.length + transfers + 1,
    figures: { 'cancelled until called off, ms': Math.round(calledOffMs) },
  }
}

async function createAll(
  tasker: Tasker,
  plans: readonly DagPlan[],
  transfers: number,
): Promise<void> {
  await createDags(tasker, plans)
  await tasker.tasks.createMany(
    Array.from({ length: transfers }, () => ({ definition: 'chaos/transfer', context: {} })),
  )
}

/** No notification arrives, so the next heartbeat has to tell the worker. */
async function cancelRunning(stage: ChaosStage, tasker: Tasker): Promise<number> {
  const { taskId } = await tasker.tasks.create('chaos/endless', { context: {} })
  await stage.until('the endless step runs', async () => {
    const { steps } = await tasker.tasks.get(taskId)
    return steps.some(({ state }) => state === 'in_progress')
  })
  const startedMs = performance.now()
  await tasker.tasks.cancel(taskId)
  await stage.until('its handler is called off', () =>
    stage.workers.some((worker) => worker.countSaid('called off') > 0),
  )
  return performance.now() - startedMs
}

/**
 * What the server has logged of everybody, the harness included, which uses no session either. PgBouncer itself sets the
 * application_name of whoever is served next.
 */
async function sessionUse(
  stage: ChaosStage,
): Promise<{ readonly unnamed: number; readonly offending: readonly string[] }> {
  const statements = (await readFile(stage.server.logFile, 'utf8')).split('\n')
  const offending = statements.filter((line) =>
    /LOG: {2}(execute (?!<unnamed>)|statement: (listen|set (?!local|application_name)|prepare))/i.test(
      line,
    ),
  )
  return {
    unnamed: statements.filter((line) => /execute <unnamed>: .*finish_steps/.test(line)).length,
    offending: offending.slice(0, 5),
  }
}
