// Programs without a database of their own share the embedded server: one starts it, the others adopt it, all create tasks
// and run steps. A seeded killer ends one of them, the server, a session of it, or everything in one moment, as when the
// machine goes down. Nobody repairs anything by hand.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { checkAfterTheEnd } from '../../../packages/engine/test/protocol/invariants.ts'
import { EmbeddedFleet, killAll } from '../embedded-fleet.ts'
import type { Random } from '../random.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'

const processCount = 3
const fewestBetween = 5

const strikes = {
  'kill -9 of the process that started the server': oneProcess((fleet) => fleet.processes[0]),
  'kill -9 of a process that adopted it': oneProcess((fleet, random) =>
    random.pick(fleet.processes.slice(1)),
  ),
  'kill -9 of the postmaster': ofServer(([postmaster]) => [postmaster]),
  'kill -9 of a session': ofServer(([, ...others], random) => [random.pick(others)]),
  'kill -9 of the whole server': ofServer((pids) => pids),
  'kill -9 of everything': everything,
} as const satisfies Record<string, Strike>

/** Returns how many processes of the fleet it has ended. */
type Strike = (fleet: EmbeddedFleet, random: Random) => Promise<number>
type StrikeName = keyof typeof strikes

export const scenario: Scenario = {
  name: 'embedded',
  endsWith: 'every acknowledged task done, each result once, the next start unhindered',
  async run(stage) {
    const fleet = new EmbeddedFleet(stage.folder, 20)
    stage.atClose(() => endAll(fleet))
    fleet.start(processCount)
    const faults: Partial<Record<StrikeName, number>> = {}
    const recoveriesMs: number[] = []
    for (const name of drawn(stage)) {
      await stage.pauseBetween(200, 1_000)
      // Whoever is left has to start a server that was killed: nobody else does.
      if (!name.endsWith('everything')) await serverRuns(stage, fleet)
      const struckMs = performance.now()
      const lost = await strikes[name](fleet, stage.random)
      faults[name] = (faults[name] ?? 0) + 1
      fleet.start(lost)
      // Now and then the next strike meets a start, a recovery of the server or a migration under way.
      if (stage.random.next() < 0.3) continue
      await goesOn(stage, fleet, name)
      recoveriesMs.push(performance.now() - struckMs)
    }
    await goesOn(stage, fleet, 'the last strike')
    const tasks = await checkTasks(stage, fleet)
    await checkNextStart(stage, fleet, tasks)
    return { faults, tasks, recoveriesMs }
  },
}

/** Each strike at least once, in an order of chance. */
function drawn({ random, isShort }: ChaosStage): readonly StrikeName[] {
  const names = Object.keys(strikes) as StrikeName[] // the keys of the literal above
  return Array.from({ length: isShort ? 1 : 8 }).flatMap(() =>
    names
      .map((name) => ({ name, place: random.next() }))
      .toSorted((one, other) => one.place - other.place)
      .map(({ name }) => name),
  )
}

function oneProcess(
  choose: (fleet: EmbeddedFleet, random: Random) => EmbeddedFleet['processes'][number] | undefined,
): Strike {
  return async (fleet, random) => {
    const victim = choose(fleet, random)
    if (victim === undefined) return 0
    await fleet.kill([victim])
    return 1
  }
}

function ofServer(
  choose: (
    pids: readonly (number | undefined)[],
    random: Random,
  ) => readonly (number | undefined)[],
): Strike {
  return async (fleet, random) => {
    killAll(choose(fleet.serverProcesses(), random).filter((pid) => pid !== undefined))
    return 0
  }
}

async function everything(fleet: EmbeddedFleet): Promise<number> {
  const count = fleet.processes.length
  // Listed before the first one dies, then ended without a pause.
  const pids = fleet.serverProcesses()
  const dead = fleet.kill(fleet.processes)
  killAll(pids)
  await dead
  return count
}

const serverRuns = (stage: ChaosStage, fleet: EmbeddedFleet): Promise<void> =>
  stage.until('the embedded server runs', () => fleet.serverProcesses().length > 1)

/** Tasks are acknowledged again. */
async function goesOn(stage: ChaosStage, fleet: EmbeddedFleet, after: string): Promise<void> {
  const before = fleet.acknowledged().length
  await stage.until(`after ${after} tasks are created again`, () => {
    if (fleet.fallen.length > 0) throw new Error(fleet.fallen.join('; '))
    return fleet.acknowledged().length >= before + fewestBetween
  })
}

/** Waits until all is done, compares it with what was acknowledged, and lets the processes leave. Returns the tasks. */
async function checkTasks(stage: ChaosStage, fleet: EmbeddedFleet): Promise<number> {
  fleet.tell('rest')
  const server = await startEmbeddedPostgres({ folder: fleet.folder })
  const client = new pg.Client({ connectionString: server.url })
  try {
    await client.connect()
    await stage.until('every task of the embedded server has ended', async () => {
      const { rows } = await client.query(openTasks)
      return rows.length === 0
    })
    await stage.until('every receipt is settled', async () => {
      const { rows } = await client.query('select 1 from tasker.receipts limit 1')
      return rows.length === 0
    })
    const exits = fleet.exits()
    fleet.tell('close')
    const codes = await exits
    stage.expect(
      'exit codes',
      codes,
      codes.map(() => 0),
    )
    stage.fault(...(await checkAfterTheEnd(client, 'tasker')))
    const acknowledged = fleet.acknowledged()
    const { rows: wrong } = await client.query<{ says: string }>(wrongTasks, [
      acknowledged.map(({ taskId }) => taskId),
      acknowledged.map(({ n }) => n),
    ])
    stage.fault(...wrong.map(({ says }) => says))
    stage.tell(`${acknowledged.length} tasks were acknowledged`)
    return acknowledged.length
  } finally {
    await client.end()
    await server.release()
  }
}

/** The last user has left: nothing of the server runs or is in the way, and what was stored is there. */
async function checkNextStart(
  stage: ChaosStage,
  fleet: EmbeddedFleet,
  tasks: number,
): Promise<void> {
  const home = join(fleet.folder, 'postgres')
  stage.expect('processes of the server that are left', fleet.serverProcesses(), [])
  stage.expect('users left', readdirSync(join(home, 'users')), [])
  stage.expect('sockets left', readdirSync(join(home, 'run')), [])
  const locks = readdirSync(join(home, 'lock')).filter((name) => !/^\d+$/.test(name))
  stage.expect('drafts of locks left', locks, [])
  const drafts = readdirSync(home).filter((name) => name.startsWith('data-draft-'))
  stage.expect('drafts of the data folder left', drafts, [])
  const server = await startEmbeddedPostgres({ folder: fleet.folder })
  const client = new pg.Client({ connectionString: server.url })
  try {
    stage.expect('the next start adopts a server', server.adopted, false)
    await client.connect()
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::integer as n from tasker.tasks where state = 'complete'`,
    )
    if ((rows[0]?.n ?? 0) < tasks) stage.fault(`only ${rows[0]?.n} of ${tasks} tasks are there`)
  } finally {
    await client.end()
    await server.release()
  }
}

async function endAll(fleet: EmbeddedFleet): Promise<void> {
  await fleet.kill(fleet.processes)
  killAll(fleet.serverProcesses())
}

const openTasks = `select 1 from tasker.tasks where state in ('pending', 'in_progress') limit 1`

const wrongTasks = `
  with acknowledged as (select * from unnest($1::uuid[], $2::integer[]) as a(task_id, n)),
  found as (
    select a.task_id, a.n, t.state, r.result,
      (
        select count(*) from tasker.workflow_step_transitions h
        where h.task_id = a.task_id and h.from_state = 'in_progress' and h.to_state = 'complete'
      ) as completions
    from acknowledged a
    left join tasker.tasks t on t.task_id = a.task_id
    left join tasker.step_results r on r.task_id = a.task_id and r.step_no = 3
  )
  select format('acknowledged task %s (%s): state %s, sum %s, %s completions recorded',
    task_id, n, coalesce(state, 'none, it is gone'), result, completions) as says
  from found
  where state is distinct from 'complete' or result is distinct from to_jsonb(n + 1) or completions <> 3
  union all
  select format('task %s was acknowledged under two numbers', task_id)
  from acknowledged group by task_id having count(*) > 1`
