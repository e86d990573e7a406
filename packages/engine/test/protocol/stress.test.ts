// The protocol under several workers at once, which finish, fail, lose replies, die and are rescued, while tasks are created
// and an operator does anything to them at any moment; the invariants hold meanwhile, no entry of history is edited, and at
// the end nothing is left over. The seed is printed (TASKER_SEED); what the sessions make of it differs from run to run.
import { expect, test } from 'vitest'
import type { NewTask } from '../../src/database/create-tasks.ts'
import type { DefinitionId } from '../../src/ids.ts'
import { systemClock } from '../../src/clock.ts'
import { resolveConfig } from '../../src/config.ts'
import { openHistory, type HistoryEvent } from '../../src/history/follow.ts'
import { diagnose, type Diagnosis } from '../../src/reports/doctor/diagnose.ts'
import { runs } from '../properties/runs.ts'
import { checkAfterTheEnd, checkInvariants } from './invariants.ts'
import { countOf, labsOfFile, type Lab, type StepPlan } from './lab.ts'
import { StressOperator } from './stress-operator.ts'
import { pick, randomFrom, StressWorker, type Random } from './stress-worker.ts'

const openLab = labsOfFile()
const workersMax = 4
const tasksMax = 40
/** Things that each worker does before the test gives up; a run takes some 80. */
const actsMax = 2000

/** One to eight steps; each depends on some of those before it. */
function randomSteps(random: Random): StepPlan[] {
  const count = 1 + Math.floor(random() * 8)
  return Array.from({ length: count }, (_, index): StepPlan => {
    const before = Array.from({ length: index }, (_before, parent) => `s${parent}`)
    const parents = before.filter(() => random() < 0.35)
    return [
      `s${index}`,
      parents,
      { retryable: random() < 0.9, retry_limit: 1 + Math.floor(random() * 3) },
    ]
  })
}

/** Some tasks have a deadline, some begin with steps done elsewhere. */
function randomRequest(random: Random): Partial<NewTask> {
  return {
    deadlineMs: random() < 0.15 ? Math.floor(random() * 300) : null,
    bypassSteps: ['s0', 's1', 's2'].filter(() => random() < 0.1),
    priority: Math.floor(random() * 4),
  }
}

/** Makes the tasks one by one, and does things to all of them, while the workers work. */
async function operate(
  parts: { readonly lab: Lab; readonly operator: StressOperator; readonly random: Random },
  definitions: readonly DefinitionId[],
): Promise<string[]> {
  const { lab, operator, random } = parts
  const { client } = await lab.connect()
  const faults: string[] = []
  for (let created = 1; created <= tasksMax; created += 1) {
    const definition = pick(random, definitions)
    if (definition !== undefined)
      operator.knows(await lab.create(definition, randomRequest(random)))
    while (random() < 0.85) await operator.act()
    if (created % 10 === 0) faults.push(...(await checkInvariants(client, 'tasker')))
  }
  await operator.letGo()
  return faults
}

/** Follows all of it, now from where it is, now anew from any cursor it was given: what a reader has that kept none but that. */
async function follow(lab: Lab, random: Random, isOver: () => boolean) {
  const { database } = await lab.connect()
  const history = openHistory({ database, clock: systemClock, pollIntervalMs: 50 })
  let read: HistoryEvent[] = []
  let after = 'start'
  let breaks = 0
  for (let isEnd = false; !isEnd;) {
    const wasOver = isOver()
    const page = await history.read({ after, limit: 1 + Math.floor(random() * 60) })
    read.push(...page.events)
    after = page.cursor
    if (breaks < 100 && random() < 0.2 && read.length > 0) {
      const kept = Math.floor(random() * read.length)
      after = read[kept]?.cursor ?? after
      read = read.slice(0, kept + 1)
      breaks += 1
    } else {
      isEnd = page.isEnd && wasOver
    }
  }
  return read
}

/** Of each task, by its own numbers, what a follower was told; and the same from the history itself. */
async function expectWhole(lab: Lab, read: readonly HistoryEvent[]): Promise<void> {
  const keyOf = ({ name, eventId }: HistoryEvent): string => `${name} ${eventId}`
  expect(read.map(keyOf)).toEqual([...new Set(read.map(keyOf))])
  const rows = await lab.eye.query(
    `select e.task_id, e.seq from (
       select h.task_id, h.seq from tasker.task_transitions h where h.from_state is distinct from h.to_state
     ) e order by 1, 2`,
  )
  const ofTasks = read.filter(({ name }) => name.startsWith('task.'))
  expect(ofTasks.map(({ eventId }) => eventId).toSorted()).toEqual(
    rows.map((row) => `${String(row['task_id'])}/${String(row['seq'])}`).toSorted(),
  )
  const claims = await lab.eye.query(
    `select c.task_id || '/' || c.step_no || '/' || c.claim_no as key from tasker.step_claims c where c.step_no > 0 order by 1`,
  )
  const requested = read.filter(({ name }) => name === 'step.execution_requested')
  expect(requested.map(({ eventId }) => eventId).toSorted()).toEqual(
    claims.map((row) => String(row['key'])).toSorted(),
  )
  // In whatever windows it came, the order of a task is one: read anew, everything stands in few.
  const anew = await follow(
    lab,
    () => 0.99,
    () => true,
  )
  const orderOf = (events: readonly HistoryEvent[]) =>
    Map.groupBy(events.map(keyOf).filter(isOrdered), (key) => key.split(/[ /]/)[1])
  expect(orderOf(read)).toEqual(orderOf(anew))
}

/** A start and a claim take no number under the task's lock, so they may come later than what follows them. */
const isOrdered = (key: string): boolean => !/^(task\.start|step\.execution)_requested/.test(key)

/** What `tasker doctor --invariants` says, again and again, each time of one moment. */
async function lookOn(lab: Lab, isOver: () => boolean): Promise<readonly Diagnosis[]> {
  const { url } = lab
  const resolved = resolveConfig({ code: { database: { url } } })
  const seen: Diagnosis[] = []
  do {
    seen.push(
      await diagnose({ resolved, url, definitions: [], clock: systemClock, invariantsOf: 50 }),
    )
  } while (!isOver())
  return seen
}

test('many workers at once keep every invariant, and none edits history', async () => {
  const { seed } = runs(1)
  const lab = await openLab({ alone: true })
  await lab.eye.query(appendOnly)
  const random = randomFrom(seed)
  const definitions: DefinitionId[] = []
  for (let count = 0; count < 4; count += 1) definitions.push(await lab.define(randomSteps(random)))
  const workers: StressWorker[] = []
  for (let count = 1; count <= workersMax; count += 1) {
    workers.push(await StressWorker.start(lab, randomFrom(seed + count), definitions))
  }

  let isCreating = true
  const operator = new StressOperator(await lab.connect(), randomFrom(seed + 200))
  const parts = { lab, operator, random: randomFrom(seed + 100) }
  const operating = operate(parts, definitions).finally(() => {
    isCreating = false
  })
  const working = workers.map(async (worker) => {
    for (let acts = 0; acts < actsMax; acts += 1) {
      await worker.act()
      if (!isCreating && acts % 10 === 0 && !(await worker.seesWork())) return
    }
  })
  let isOver = false
  let isSettled = false
  const looking = lookOn(lab, () => isOver)
  const followed = follow(lab, randomFrom(seed + 300), () => isSettled)
  followed.catch(() => undefined) // read below
  const meanwhile = await operating
  await Promise.all(working).finally(() => {
    isOver = true
  })
  const looks = await looking
  // The dead are buried first, then everybody settles what is left.
  for (const worker of [...workers, ...workers]) await worker.drain()
  isSettled = true

  expect(meanwhile).toEqual([])
  await expectWhole(lab, await followed)
  console.info(`stress: doctor looked ${looks.length} times`)
  const alarms = looks.flatMap(({ findings }) => findings.filter(({ verdict }) => verdict !== 'ok'))
  expect(alarms).toEqual([])
  expect(workers.flatMap(({ faults }) => faults)).toEqual([])
  expect(await checkAfterTheEnd(lab.eye.client, 'tasker')).toEqual([])
  expect(await countOf(lab, mismatchedResults)).toBe(0)
  const without = workers.flatMap(({ withoutResult }) => withoutResult)
  expect(await countOf(lab, staleResults, [JSON.stringify(without)])).toBe(0)
  expect(await repairsOf(lab)).toBe(0)
  expect(await countOf(lab, deadlocks)).toBe(0)
  const seen = new Set(workers.flatMap((worker) => [...worker.seen.keys()]))
  expect([...seen]).toEqual(expect.arrayContaining(['complete', 'error', 'pending', 'reply lost']))
  expect(operator.done.size).toBeGreaterThan(4)
})

/** Promise 6: whoever edits history fails. Pruning, which has no part here, takes it away whole. */
const appendOnly = `
  create function public.refuse_edit() returns trigger language plpgsql as $$
  begin
    raise exception 'an entry of % would be edited (%)', tg_table_name, tg_op;
  end $$;
  create trigger refuse_edit before update or delete on tasker.task_transitions
    for each row execute function public.refuse_edit();
  create trigger refuse_edit before update or delete on tasker.workflow_step_transitions
    for each row execute function public.refuse_edit();
  create trigger refuse_edit before update or delete on tasker.step_claims
    for each row execute function public.refuse_edit();`

/** The stored result is the number of the claim that completed the step; that of a rerun may stand elsewhere. */
const mismatchedResults = `
  select count(*)
  from tasker.step_results r
  join tasker.workflow_steps s on s.task_id = r.task_id and s.step_no = r.step_no
  where s.state = 'complete' and r.result is not null and r.result <> 'null' and r.result <> to_jsonb(s.claim_no)`

/** A parent that ran and whose result its child did not get. */
const staleResults = `
  select count(*)
  from jsonb_to_recordset($1::jsonb) as m(task_id uuid, name text)
  join tasker.tasks t on t.task_id = m.task_id
  join tasker.graph_steps g on g.graph_id = t.graph_id and g.name = m.name
  join tasker.workflow_steps s on s.task_id = m.task_id and s.step_no = g.step_no
  where s.state <> 'skipped'`

const deadlocks = 'select deadlocks from pg_stat_database where datname = current_database()'

async function repairsOf(lab: Lab): Promise<number> {
  const sweep = `select repaired from tasker.sweep_due(
    (select min(worker_id) from tasker.workers where state = 'live'),
    '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 1000)`
  return countOf(lab, sweep)
}
