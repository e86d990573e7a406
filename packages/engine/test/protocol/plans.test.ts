// Rules 8, 16 and 23; M7 and M13: what a call touches depends on the work due, never on the size of the tables, also when its
// plans were made while the tables were empty. Counted in buffers and scans, never in time.
import { describe, expect, test } from 'vitest'
import { createTasks } from '../../src/database/create-tasks.ts'
import { finishSteps, rescueSteps, settleTasks } from '../../src/database/steps.ts'
import { serverMajorVersion } from '../support/database.ts'
import { renewWorker } from '../../src/database/workers.ts'
import type { DefinitionId, TaskId, WorkerId } from '../../src/ids.ts'
import {
  finishCall,
  labsOfFile,
  newTask,
  outcomeOf,
  type Connection,
  type Lab,
  type StepPlan,
} from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

const chain: readonly StepPlan[] = [
  ['a', []],
  ['b', ['a']],
]

const createMany = (lab: Lab, definition: DefinitionId, count: number) =>
  createTasks(
    lab.eye.database,
    Array.from({ length: count }, () => newTask(definition)),
    { lockTimeoutMs: 1000, now: null, transaction: null },
  )

describe('the buffers that a claim touches', () => {
  /** Due rows of nobody's steps: a claim that behaves never gets as far as their steps. */
  const addRows = (
    lab: Lab,
    count: number,
    row: { lane: number; priority: number; runAt: string },
  ) =>
    lab.eye.query(
      `insert into tasker.due (lane, priority, run_at, task_id, step_no)
       select $2, $3, statement_timestamp() + $4::interval + n * interval '1 millisecond', gen_random_uuid(), 1
       from generate_series(1, $1) n`,
      [count, row.lane, row.priority, row.runAt],
    )

  /** After a first claim, which plans and warms up; both are undone. */
  async function buffersOfClaim(lab: Lab, workerId: WorkerId, lane: number): Promise<number> {
    const explain = `explain (analyze, buffers, timing off, format json)
      select tasker.finish_steps(${workerId}, gen_random_uuid(), '[]', false, 1, array[${lane}], false, '{}', 'worker:1', 5, 0)`
    const counts: number[] = []
    while (counts.length < 2) {
      await lab.eye.query('begin')
      const rows = await lab.eye.query(explain)
      await lab.eye.query('rollback')
      counts.push(buffersIn(JSON.stringify(rows)))
    }
    return counts[1] ?? 0
  }

  /** Of the outermost node, which counts what is below it. */
  function buffersIn(plan: string): number {
    const read = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(plan)?.[1])
    return read('Shared Hit Blocks') + read('Shared Read Blocks')
  }

  async function grow(
    lab: Lab,
    row: { readonly priority: number; readonly runAt: string; lane?: number },
  ) {
    const lane = await lab.define(chain)
    const workerId = await lab.worker([lane])
    await createMany(lab, lane, 40)
    const before = await buffersOfClaim(lab, workerId, lane)
    await addRows(lab, 30_000, { lane, ...row })
    return { before, growth: (await buffersOfClaim(lab, workerId, lane)) / before }
  }

  const future = { priority: 0, runAt: '1 hour' }
  const unserved = { priority: 0, runAt: '-1 hour', lane: 77 }

  test.each([
    ['steps of a better priority that are due later', future],
    ['due steps that this worker does not serve', unserved],
    ['due steps that it serves, of its own priority', { priority: 2, runAt: '1 minute' }],
  ])('hardly grow with 30,000 %s', async (_name, row) => {
    const { before, growth } = await grow(await openLab(), row)
    expect(before).toBeGreaterThan(20)
    expect(growth).toBeLessThan(1.5)
  })

  test('when it asks for deadlines alone hardly grow with 30,000 due steps in the same lane', async () => {
    const lab = await openLab()
    const lane = await lab.define(chain)
    const workerId = await lab.worker([lane])
    const deadlines = lane + 2 ** 30
    const before = await buffersOfClaim(lab, workerId, deadlines)
    await addRows(lab, 30_000, { lane, priority: 0, runAt: '-1 hour' })
    expect(before).toBeGreaterThan(5)
    expect((await buffersOfClaim(lab, workerId, deadlines)) / before).toBeLessThan(1.5)
  })

  test('with a volatile clock grow with the future', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'claim_due', (sql) =>
      replaceOnce(
        sql,
        'and d.run_at <= p_now\n      order by',
        'and d.run_at <= clock_timestamp()\n      order by',
      ),
    )
    expect((await grow(lab, future)).growth).toBeGreaterThan(1.5)
  })

  describe('with one scan in the order of priority', () => {
    async function growWithOneScan(row: typeof future): Promise<number> {
      const lab = await openLab({ alone: true })
      await lab.eye.query('drop index tasker.due_lane_idx')
      await lab.eye.query('create index on tasker.due (priority, run_at)')
      await withoutRule(lab, 'claim_due', (sql) => {
        const from = sql.indexOf('    from unnest(p_lanes) as l(lane)')
        const to = sql.indexOf('    order by c.priority, c.run_at')
        const scan = '    from tasker.due c where c.lane = any (p_lanes) and c.run_at <= p_now\n'
        return `${sql.slice(0, from)}${scan}${sql.slice(to)}`
      })
      return (await grow(lab, row)).growth
    }

    test('grow with what others serve', async () => {
      expect(await growWithOneScan(unserved)).toBeGreaterThan(1.5)
    })

    test('grow with the future, before version 18 learned to skip in an index', async () => {
      const growth = await growWithOneScan(future)
      expect(growth > 1.5).toBe(serverMajorVersion() < 18)
    })
  })
})

describe('an outcome of a task that another call holds', () => {
  /** Of a call with this outcome alone, the second time, when everything is warm. */
  async function buffersOfBusy(lab: Lab, workerId: WorkerId, taskId: TaskId): Promise<number> {
    const holder = await lab.connect()
    await holder.query('begin')
    await holder.query('select from tasker.task_progress where task_id = $1 for update', [taskId])
    const outcome = `[{"task_id": "${taskId}", "step_no": 1, "claim_no": 1, "kind": "complete"}]`
    const counts: number[] = []
    while (counts.length < 2) {
      const rows = await lab.eye.query(
        `explain (analyze, buffers, timing off, format json)
         select tasker.finish_steps(${workerId}, gen_random_uuid(), '${outcome}', false, 0, '{}', false, '{}', 'worker:1', 5, 0)`,
      )
      const plan = JSON.stringify(rows)
      const read = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(plan)?.[1])
      counts.push(read('Shared Hit Blocks') + read('Shared Read Blocks'))
    }
    await holder.query('rollback')
    return counts[1] ?? 0
  }

  test('is sent back without a look through the history of its task, however long that is', async () => {
    const lab = await openLab()
    const lane = await lab.define(chain)
    const workerId = await lab.worker([lane])
    const taskId = await lab.create(lane)
    await lab.claim(workerId, [lane])
    const before = await buffersOfBusy(lab, workerId, taskId)
    await lab.eye.query(
      `insert into tasker.workflow_step_transitions
         (task_id, seq, step_no, claim_no, from_state, to_state, attempt, actor, at)
       select $1, 100 + n, 1, 0, 'in_progress', 'error', 1, 'worker:1', now() from generate_series(1, 20000) n`,
      [taskId],
    )
    expect(before).toBeGreaterThan(5)
    expect((await buffersOfBusy(lab, workerId, taskId)) / before).toBeLessThan(1.5)
  })
})

describe('no large table is read from end to end', () => {
  const large = [
    'due',
    'graph_steps',
    'idempotency_keys',
    'step_claims',
    'step_results',
    'task_contexts',
    'task_progress',
    'task_transitions',
    'tasks',
    'workflow_step_transitions',
    'workflow_steps',
  ]

  interface Scene {
    readonly definition: DefinitionId
    readonly workerId: WorkerId
    readonly taskIds: readonly TaskId[]
  }

  /** Each call claims first, so that there is something to finish, renew, rescue or settle. */
  const calls: Record<string, (on: Connection, scene: Scene) => Promise<unknown>> = {
    'finish_steps, claiming': claimSome,
    'finish_steps, with outcomes': async (on, scene) => {
      const { claims } = await claimSome(on, scene)
      const outcomes = claims.map((step, index) =>
        outcomeOf(step, index % 2 === 0 ? {} : { kind: 'failed', delayMs: 1 }),
      )
      const call = { outcomes, want: 10, lanes: [scene.definition] }
      await finishSteps(on.database, finishCall(scene.workerId, call))
      await finishSteps(on.database, finishCall(scene.workerId, call)) // already recorded
    },
    create_tasks: (on, { definition }) =>
      createTasks(
        on.database,
        [newTask(definition, { key: 'k', digest: 'd', bypassSteps: ['a'] }), newTask(definition)],
        { lockTimeoutMs: 1000, now: null, transaction: null },
      ),
    renew_worker: async (on, scene) => {
      const { claims } = await claimSome(on, scene)
      const parts = { leaseMs: 60_000, slots: 1, calls: [], now: null }
      await renewWorker(on.database, { workerId: scene.workerId, holding: claims, ...parts })
    },
    rescue_steps: async (on, scene) => {
      await claimSome(on, scene)
      const [other] = await on.query(
        `select tasker.register_worker('lab', 1, '0', array[$1::integer], 1, 60000) as id`,
        [scene.definition],
      )
      await on.query(`update tasker.workers set state = 'lost' where worker_id = $1`, [
        scene.workerId,
      ])
      await rescueSteps(on.database, {
        workerId: other?.['id'] as WorkerId, // the identity column of workers
        leaseMs: 1,
        mayTakeOver: true,
        lostLimit: 5,
        receiptsMax: 100,
        now: null,
      })
    },
    settle_tasks: async (on, scene) => {
      await claimSome(on, scene)
      const parts = { state: 'cancelled', actor: 'a', reason: 'r', now: null } as const
      await settleTasks(on.database, { taskIds: scene.taskIds.slice(0, 3), ...parts })
    },
    step_readiness: (on, { taskIds }) =>
      on.query('select * from tasker.step_readiness($1)', [taskIds.slice(0, 3)]),
    task_execution_context: (on, { taskIds }) =>
      on.query('select * from tasker.task_execution_context($1)', [taskIds.slice(0, 3)]),
    task_history: (on, { taskIds }) =>
      on.query('select * from tasker.task_history where task_id = $1', [taskIds[0]]),
  }

  function claimSome(on: Connection, { workerId, definition }: Scene) {
    return finishSteps(on.database, finishCall(workerId, { want: 10, lanes: [definition] }))
  }

  /** Tables that the call read from end to end, in a transaction that is undone. */
  async function scannedBy(
    on: Connection,
    call: () => Promise<unknown>,
  ): Promise<readonly string[]> {
    await on.query('begin')
    const before = await scansOf(on) // earlier transactions may still be counted in
    await call()
    const after = await scansOf(on)
    await on.query('rollback')
    return large.filter((table) => after.get(table) !== before.get(table))
  }

  async function scansOf(on: Connection): Promise<Map<unknown, unknown>> {
    const rows = await on.query(
      `select relname, seq_scan from pg_stat_xact_user_tables where schemaname = 'tasker'`,
    )
    return new Map(rows.map((row) => [row['relname'], row['seq_scan']]))
  }

  async function sceneOf(lab: Lab, tasks: number): Promise<Scene> {
    const definition = await lab.define(chain)
    const workerId = await lab.worker([definition])
    const created = await createMany(lab, definition, tasks)
    // Some have ended, some run, some are due.
    const { claims } = await lab.claim(workerId, [definition], Math.floor(tasks / 2))
    const call = { outcomes: claims.map((step) => outcomeOf(step)), want: Math.floor(tasks / 4) }
    const fused = await finishSteps(lab.eye.database, finishCall(workerId, call))
    await lab.finish(
      workerId,
      fused.claims.map((step) => outcomeOf(step)),
    )
    // Graphs of other definitions and of tasks that have their own.
    await lab.eye.query(
      `insert into tasker.graph_steps
       select gen_random_uuid(), step_no, name, handler, parents, children, retryable, retry_limit, skippable, priority,
         timeout_ms, dependent_system, inputs
       from tasker.graph_steps, generate_series(1, $1)`,
      [tasks],
    )
    return { definition, workerId, taskIds: created.map(({ taskId }) => taskId) }
  }

  /** Beyond this PL/pgSQL keeps the plan it has, unless pinned otherwise. */
  const callsBeforePlansAreKept = 6

  test('by any call, though its plans were made when the tables were nearly empty', async () => {
    const lab = await openLab({ alone: true })
    const small = await sceneOf(lab, 1)
    const on = await lab.connect()
    for (const call of Object.values(calls)) {
      for (let time = 0; time < callsBeforePlansAreKept; time += 1) {
        await scannedBy(on, () => call(on, small))
      }
    }
    const scene = await sceneOf(lab, 3000)
    const scanned: Record<string, unknown> = {}
    for (const [name, call] of Object.entries(calls)) {
      scanned[name] = await scannedBy(on, () => call(on, scene))
    }
    expect(scanned).toEqual(Object.fromEntries(Object.keys(calls).map((name) => [name, []])))
  })

  test('by any call on a connection that is new, with statistics or without', async () => {
    const lab = await openLab({ alone: true })
    const scene = await sceneOf(lab, 3000)
    const scanned: Record<string, unknown> = {}
    for (const statistics of ['none', 'analyzed']) {
      const on = await lab.connect()
      if (statistics === 'analyzed') await on.query('analyze')
      for (const [name, call] of Object.entries(calls)) {
        scanned[`${name} (${statistics})`] = await scannedBy(on, () => call(on, scene))
      }
    }
    expect(Object.entries(scanned).filter(([, tables]) => String(tables) !== '')).toEqual([])
  })

  test('the heartbeat, were its plan not pinned, would read every step there is', async () => {
    const lab = await openLab({ alone: true })
    await withoutRule(lab, 'renew_worker', (sql) =>
      sql.replaceAll(/^set enable_.*$|^ *offset 0.*$/gm, ''),
    )
    const scene = await sceneOf(lab, 3000)
    const scanned = await scannedBy(lab.eye, async () => calls['renew_worker']?.(lab.eye, scene))
    expect(scanned).toEqual(['workflow_steps'])
  })
})
