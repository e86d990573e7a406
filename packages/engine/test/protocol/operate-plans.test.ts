// Rule 23 for operators: an action on one step of a wide task looks up that step, and a batch of tasks costs its tasks.
// Counted in buffers and in processor time, never by the clock, also with plans that were made when the tables were nearly empty.
import { describe, expect, test } from 'vitest'
import { createTasks } from '../../src/database/create-tasks.ts'
import type { DefinitionId, TaskId } from '../../src/ids.ts'
import { labsOfFile, newTask, outcomeOf, type Connection, type Lab, type StepPlan } from './lab.ts'

const openLab = labsOfFile()

/** Steps of the wide task. */
const width = 10_000

/** A root, and steps that each depend on it alone. */
const wide = (children: number): readonly StepPlan[] => [
  ['root', []],
  ...Array.from({ length: children }, (_, index): StepPlan => [`s${index}`, ['root']]),
]

interface Scene {
  readonly definition: DefinitionId
  readonly taskId: TaskId
}

/** The root is done, every child is due, all but some of them later, in backoff. */
async function released(lab: Lab, children: number): Promise<Scene> {
  const definition = await lab.define(wide(children))
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition])
  await lab.finish(
    workerId,
    claims.map((step) => outcomeOf(step)),
  )
  const first = await lab.claim(workerId, [definition], 8)
  const failure = { kind: 'failed', delayMs: 3_600_000 } as const
  await lab.finish(
    workerId,
    first.claims.map((step) => outcomeOf(step, failure)),
  )
  await lab.eye.query(
    `update tasker.due set run_at = run_at + interval '1 hour' where task_id = $1 and run_at < now()`,
    [taskId],
  )
  return { definition, taskId }
}

/** What an order needs of a scene: a step in backoff, or one that is pending. */
const orders: Readonly<
  Record<string, { readonly of: 'error' | 'pending'; readonly order: object }>
> = {
  resolve: { of: 'pending', order: { action: 'resolve', result: null } },
  skip: { of: 'error', order: { action: 'skip' } },
  cancel: { of: 'pending', order: { action: 'cancel' } },
  retry_now: { of: 'error', order: { action: 'retry_now' } },
  wake: { of: 'pending', order: { action: 'wake' } },
  set_retry_limit: { of: 'error', order: { action: 'set_retry_limit', limit: 9 } },
  'set_retry_limit, refused': { of: 'error', order: { action: 'set_retry_limit', limit: 1 } },
  'retry, refused': { of: 'pending', order: { action: 'retry', more_attempts: 1 } },
}

async function nameOf(on: Connection, { taskId }: Scene, state: string): Promise<string> {
  const [row] = await on.query(
    `select g.name
     from tasker.workflow_steps s
     join tasker.tasks t on t.task_id = s.task_id
     join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
     where s.task_id = $1 and s.state = $2
     order by s.step_no desc limit 1`,
    [taskId, state],
  )
  return String(row?.['name'])
}

/** Of the outermost node, which counts what is below it, in a transaction that is undone. */
async function buffersOf(
  on: Connection,
  order: object,
  taskIds: readonly TaskId[],
): Promise<number> {
  await on.query('begin')
  const literal = JSON.stringify(order).replaceAll("'", "''")
  const ids = taskIds.map((id) => `'${id}'`).join()
  const rows = await on.query(
    `explain (analyze, buffers, timing off, format json)
     select tasker.operate_tasks('${literal}', array[${ids}]::uuid[], 'ana', 'test', false, false)`,
  )
  await on.query('rollback')
  const plan = JSON.stringify(rows)
  const read = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(plan)?.[1])
  return read('Shared Hit Blocks') + read('Shared Read Blocks')
}

/** Each time every action is done twice; beyond six PL/pgSQL keeps the plan it has. */
const timesBeforePlansAreKept = 3

describe('an action on one step', () => {
  async function costs(on: Connection, scene: Scene): Promise<Record<string, number>> {
    const found: Record<string, number> = {}
    for (const [name, { of, order }] of Object.entries(orders)) {
      const whole = { ...order, steps: [await nameOf(on, scene, of)] }
      await buffersOf(on, whole, [scene.taskId]) // plans, and warms up
      found[name] = await buffersOf(on, whole, [scene.taskId])
    }
    return found
  }

  test(`costs as much among ${width} as among ten`, async () => {
    const lab = await openLab({ alone: true })
    const narrow = await released(lab, 10)
    const kept = await lab.connect() // plans of this connection are made now
    for (let time = 0; time < timesBeforePlansAreKept; time += 1) await costs(kept, narrow)
    const few = await costs(kept, narrow)
    const wideOne = await released(lab, width)
    const seen: Record<string, Record<string, number>> = { kept: await costs(kept, wideOne) }
    const fresh = await lab.connect()
    seen['new, without statistics'] = await costs(fresh, wideOne)
    await lab.eye.query('analyze')
    const analyzed = await lab.connect()
    seen['new, analyzed'] = await costs(analyzed, wideOne)
    const grown = Object.entries(seen).flatMap(([plans, found]) =>
      Object.entries(found)
        .filter(([name, count]) => count > (few[name] ?? 0) * 3)
        .map(([name, count]) => `${name}, plans ${plans}: ${few[name]} to ${count}`),
    )
    expect(grown).toEqual([])
  })
})

describe('an action on all due steps of a task', () => {
  const whole = [{ action: 'hold' }, { action: 'wake' }, { action: 'retry_now' }]

  async function costs(on: Connection, scene: Scene): Promise<number[]> {
    const found: number[] = []
    for (const order of whole) found.push(await buffersOf(on, order, [scene.taskId]))
    return found
  }

  test(`costs no more for each of ${width} than for each of a hundred`, async () => {
    const lab = await openLab({ alone: true })
    const narrow = await released(lab, 100)
    const kept = await lab.connect()
    for (let time = 0; time < 2 * timesBeforePlansAreKept; time += 1) await costs(kept, narrow)
    const few = await costs(kept, narrow)
    const wideOne = await released(lab, width)
    const fresh = await lab.connect()
    for (const many of [await costs(kept, wideOne), await costs(fresh, wideOne)]) {
      const grown = many.map((count, index) => count / width / ((few[index] ?? 0) / 100))
      expect(Math.max(...grown)).toBeLessThan(2)
    }
  })
})

describe('an action on 500 tasks', () => {
  async function many(lab: Lab, count: number): Promise<readonly TaskId[]> {
    const definition = await lab.define([
      ['a', []],
      ['b', ['a']],
      ['c', ['b']],
    ])
    const created = await createTasks(
      lab.eye.database,
      Array.from({ length: count }, () => newTask(definition)),
      { lockTimeoutMs: 1000, now: null, transaction: null },
    )
    return created.map(({ taskId }) => taskId)
  }

  test.each([
    ['cancel', { action: 'cancel' }],
    ['cancel of a step', { action: 'cancel', steps: ['a'] }],
    ['skip', { action: 'skip', steps: ['a'] }],
    ['hold', { action: 'hold' }],
    ['set_retry_limit', { action: 'set_retry_limit', steps: ['a'], limit: 9 }],
    ['retry', { action: 'retry', more_attempts: 1 }],
  ])('to %s costs no more for each than on 50', async (_name, order) => {
    const lab = await openLab()
    const ids = await many(lab, 3000)
    await buffersOf(lab.eye, order, ids.slice(0, 5))
    const fifty = (await buffersOf(lab.eye, order, ids.slice(0, 50))) / 50
    const all = (await buffersOf(lab.eye, order, ids.slice(500, 1000))) / 500
    expect(all).toBeLessThan(fifty * 2)
  })
})

describe('an action that moves many steps works in proportion', () => {
  /** Ten times as many take ten times as long; were it quadratic, a hundred times. */
  const inProportion = 30

  /** How many steps of each task were moved, and the time that the server's processor was at work for it. */
  async function operate(lab: Lab, order: object, taskIds: readonly TaskId[]) {
    const { eye } = lab
    const usedSeconds: number[] = []
    const listen = ({ detail = '' }: { readonly detail?: string | undefined }): void => {
      const [, seconds] = /([\d.]+) s user,/.exec(detail) ?? []
      if (seconds !== undefined) usedSeconds.push(Number(seconds))
    }
    eye.client.on('notice', listen)
    await eye.query('set log_statement_stats = on; set client_min_messages = log')
    const rows = await eye.query(
      `select jsonb_array_length(operate_tasks -> 'steps') as moved
       from tasker.operate_tasks($1::jsonb, $2, 'ana', 'test', false, false)`,
      [JSON.stringify(order), taskIds],
    )
    eye.client.off('notice', listen)
    await eye.query('reset log_statement_stats; reset client_min_messages')
    return { moved: rows.map(({ moved }) => moved), userSeconds: Math.max(...usedSeconds) }
  }

  test(`in one task: ${width} retries`, async () => {
    const retryAll = async (children: number) => {
      const lab = await openLab()
      const { taskId } = await released(lab, children)
      // As though all of them had failed for good.
      await lab.eye.query(
        `with gone as (delete from tasker.due returning *)
         update tasker.workflow_steps s set state = 'error', attempts = 3 from gone g
         where s.task_id = g.task_id and s.step_no = g.step_no`,
      )
      await lab.eye.query('update tasker.task_progress set open = 0, errors = not_satisfied')
      await lab.eye.query(`update tasker.tasks set state = 'error', ended_at = now()`)
      return operate(lab, { action: 'retry', more_attempts: 1 }, [taskId])
    }
    const few = await retryAll(width / 10)
    const many = await retryAll(width)
    expect([few.moved, many.moved]).toEqual([[width / 10], [width]])
    expect(many.userSeconds / few.userSeconds).toBeLessThan(inProportion)
  })

  test('in many tasks: ten steps of each of 500', async () => {
    const steps = ['root', ...Array.from({ length: 9 }, (_, index) => `s${index}`)]
    const skipIn = async (count: number) => {
      const lab = await openLab()
      const definition = await lab.define(wide(50))
      const created = await createTasks(
        lab.eye.database,
        Array.from({ length: count }, () => newTask(definition)),
        { lockTimeoutMs: 1000, now: null, transaction: null },
      )
      const ids = created.map(({ taskId }) => taskId)
      return operate(lab, { action: 'skip', steps }, ids)
    }
    const few = await skipIn(50)
    const many = await skipIn(500)
    expect([few.moved.length, many.moved.length]).toEqual([50, 500])
    expect(new Set([...few.moved, ...many.moved])).toEqual(new Set([51]))
    expect(many.userSeconds / few.userSeconds).toBeLessThan(inProportion)
  })
})
