// A worker is frozen (SIGSTOP) for twice its lease and more, once with an outcome in hand, once while its handlers run, once
// while they hold locks in transactions; another takes its steps over; then it goes on where it was.
import { execFileSync } from 'node:child_process'
import { accountsTable, heldInTransaction, heldTask, heldToCreate } from '../held-task.ts'
import type { Scenario } from '../scenario.ts'
import { quickOptions, type ChaosStage, type WorkerRequest } from '../stage.ts'
import type { WorkerHandle } from '../worker-handle.ts'

const tasksPerRound = 4

export const scenario: Scenario = {
  name: 'freeze',
  endsWith: 'late results refused, handlers called off, nothing recorded twice',
  async run(stage) {
    await stage.ask(accountsTable)
    const rounds = stage.isShort ? 1 : 5
    const recoveriesMs: number[] = []
    for (let round = 1; round <= rounds; round += 1) {
      recoveriesMs.push(await freezeWithOutcome(stage, `outcome_${round}`))
      recoveriesMs.push(await freezeWithHandlers(stage, `handlers_${round}`))
      recoveriesMs.push(await freezeWithLocks(stage, `locks_${round}`))
    }
    await checkTasks(stage, rounds * 3 * tasksPerRound)
    const accounts = await stage.count('select count(*) from chaos.accounts')
    stage.expect('rows written in transactions', accounts, rounds * tasksPerRound)
    const refused = stage.processes.reduce(
      (sum, worker) => sum + worker.countEvents('step.outcome_refused'),
      0,
    )
    return {
      faults: { SIGSTOP: rounds * 3 },
      tasks: rounds * 3 * tasksPerRound,
      recoveriesMs,
      figures: { 'results refused': refused },
    }
  },
}

/** It stops itself just before the call that would record a result; that call is sent when others have long done the work. */
async function freezeWithOutcome(stage: ChaosStage, name: string): Promise<number> {
  const frozen = await startWithTasks(stage, name, { holdMs: 100, stopsAtFinish: true })
  await stage.until(`${name} has stopped itself`, () => isStopped(frozen))
  const recoveryMs = await takeOver(stage, frozen)
  await stage.until(
    `${name} is told that its result came too late`,
    () => frozen.countEvents('step.outcome_refused') > 0,
  )
  await untilBack(stage, frozen)
  return recoveryMs
}

/** Its handlers run; when it goes on, its lease is over, and it calls them off by itself. */
async function freezeWithHandlers(stage: ChaosStage, name: string): Promise<number> {
  const frozen = await startWithTasks(stage, name, { holdMs: 600_000, stopsAtFinish: false })
  await stage.until(`${name} runs all tasks`, () => frozen.countSaid('began') === tasksPerRound)
  frozen.freeze()
  await stage.until(`${name} is frozen`, () => isStopped(frozen))
  const recoveryMs = await takeOver(stage, frozen)
  await stage.until(
    `${name} has called off its handlers`,
    () => frozen.countSaid('called off: lease_lost') === tasksPerRound,
  )
  stage.expect(`results of ${name}`, frozen.countEvents('step.outcome_refused'), 0)
  await untilBack(stage, frozen)
  return recoveryMs
}

/** Its transactions are open; what they have locked is needed by whoever takes over. */
async function freezeWithLocks(stage: ChaosStage, name: string): Promise<number> {
  const castOptions = { holdMs: 600_000, stopsAtFinish: false }
  const frozen = await startWithTasks(stage, name, castOptions, heldInTransaction)
  await stage.until(`${name} runs all tasks`, () => frozen.countSaid('began') === tasksPerRound)
  frozen.freeze()
  await stage.until(`${name} is frozen`, () => isStopped(frozen))
  const recoveryMs = await takeOver(stage, frozen)
  await untilBack(stage, frozen)
  return recoveryMs
}

/** A worker that has claimed the tasks of this round: no other one is there yet. */
async function startWithTasks(
  stage: ChaosStage,
  name: string,
  castOptions: NonNullable<WorkerRequest['castOptions']>,
  task: typeof heldTask | typeof heldInTransaction = heldTask,
): Promise<WorkerHandle> {
  await Promise.all(stage.workers.map((worker) => worker.stop({ waitMs: 5_000, abortMs: 500 })))
  const frozen = stage.startWorker({ name, cast: 'held', castOptions })
  const tasker = await stage.createTasker(heldToCreate)
  const { namespace, name: taskName, version } = task
  const request = { definition: `${namespace}/${taskName}@${version}`, context: {} }
  await tasker.tasks.createMany(Array.from({ length: tasksPerRound }, () => request))
  await tasker.close()
  return frozen
}

/** Another worker does what the frozen one began, for at least twice the lease. Returns how long that took. */
async function takeOver(stage: ChaosStage, frozen: WorkerHandle): Promise<number> {
  const frozenAtMs = performance.now()
  const other = stage.startWorker({
    name: `${frozen.name}_other`,
    cast: 'held',
    castOptions: { holdMs: 50 },
  })
  await other.ready()
  await stage.untilAllEnded(60_000)
  const recoveryMs = performance.now() - frozenAtMs
  const { leaseMs } = quickOptions.orchestration
  await stage.until(
    'twice the lease has passed',
    () => performance.now() - frozenAtMs >= 2 * leaseMs,
  )
  frozen.thaw()
  return recoveryMs
}

/** Given up by the others, it registers anew. */
async function untilBack(stage: ChaosStage, worker: WorkerHandle): Promise<void> {
  await stage.until(
    `${worker.name} is back under a new id`,
    async () =>
      (await stage.count(`select count(*) from tasker.workers where pid = $1 and state = 'live'`, [
        worker.pid,
      ])) === 1 &&
      (await stage.count(`select count(*) from tasker.workers where pid = $1 and state = 'lost'`, [
        worker.pid,
      ])) === 1,
  )
}

async function checkTasks(stage: ChaosStage, tasks: number): Promise<void> {
  const rows = await stage.ask(
    `select s.state, s.claim_no, s.attempts, s.losses, r.result ->> 'by' as by,
       (select count(*)::integer from tasker.workflow_step_transitions h
        where h.task_id = s.task_id and h.step_no = s.step_no and h.to_state = 'complete'
          and h.from_state = 'in_progress') as completions,
       (select count(*)::integer from chaos.ledger l
        where l.task_id = s.task_id and l.step = 'slow') as runs
     from tasker.workflow_steps s
     join tasker.tasks t using (task_id)
     join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
     left join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
     where g.name = 'slow'`,
  )
  stage.expect('tasks', rows.length, tasks)
  const expected = {
    state: 'complete',
    claim_no: 2,
    attempts: 1,
    losses: 1,
    by: '2',
    completions: 1,
    runs: 2,
  }
  for (const row of rows) stage.expect('a step that was taken over', row, expected)
}

const isStopped = ({ pid }: WorkerHandle): boolean =>
  execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .startsWith('T')
