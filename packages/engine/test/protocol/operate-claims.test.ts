// Rules 2, 5, 12 and 15; S7 and M8: what an operator does while a claim is under way. Due rows go first and steps are read
// in a later statement, so the claim is waited for and its step is seen; nobody deadlocks, and nothing of it is lost.
import { describe, expect, test } from 'vitest'
import { finishSteps, settleTasks } from '../../src/database/steps.ts'
import type { OperatorAction } from '../../src/tasks/operator-order.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import {
  countOf,
  finishCall,
  labsOfFile,
  named,
  outcomeOf,
  stepStatesOf,
  taskStateOf,
  type Lab,
} from './lab.ts'
import { operate, operateAll } from './operator.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

const expectWellKept = async (lab: Lab): Promise<void> =>
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])

/** a is due, b depends on it; a claim of a is under way when the operator comes. */
async function meetClaim(lab: Lab, action: OperatorAction, isInBackoff = false) {
  const definition = await lab.define([
    ['a', []],
    ['b', ['a']],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  if (isInBackoff) {
    const { claims } = await lab.claim(workerId, [definition])
    await lab.finish(workerId, [outcomeOf(named(claims, 'a'), { kind: 'failed', delayMs: 0 })])
  }
  const [claiming, operating] = [await lab.connect(), await lab.connect()]
  await claiming.query('begin')
  const call = finishCall(workerId, { want: 1, lanes: [definition] })
  const { claims } = await finishSteps(claiming.database, call)
  const isOfTask = action === 'hold' || action === 'resume'
  const operated = start(operating, () =>
    operate(operating, action, taskId, isOfTask ? {} : { steps: ['a'], limit: 9 }),
  )
  const hasWaited = await waitsForLock(lab, operated)
  await claiming.query('commit')
  return {
    definition,
    taskId,
    workerId,
    hasWaited,
    a: named(claims, 'a'),
    operated: await valueOf(operated),
  }
}

describe('an operator who meets the claim of the step', () => {
  test.each([
    ['resolve', 'resolved_manually'],
    ['skip', 'skipped'],
    ['cancel', 'cancelled'],
  ] as const)(
    'to %s waits, settles what was claimed, and the late outcome is refused and kept',
    async (action, to) => {
      const lab = await openLab()
      const { taskId, workerId, hasWaited, a, operated } = await meetClaim(lab, action)
      expect(hasWaited).toBe(true)
      expect(operated?.steps?.[0]).toMatchObject({ step: 'a', from: 'in_progress', to })
      const late = await lab.finish(workerId, [outcomeOf(a, { result: '"charged"' })])
      expect(late.unrecorded).toMatchObject([{ answer: 'refused', state: to }])
      expect((await stepStatesOf(lab, taskId))['a']).toBe(to)
      const kept = await lab.eye.query(
        `select metadata from tasker.workflow_step_transitions where reason = 'outcome_refused'`,
      )
      expect(kept).toEqual([{ metadata: { outcome: 'complete', result: 'charged' } }])
      await expectWellKept(lab)
    },
  )

  test.each(['retry', 'retry_now'] as const)(
    'to %s waits for nothing it could break, is told that the step runs, and changes nothing',
    async (action) => {
      const lab = await openLab()
      const { taskId, operated } = await meetClaim(lab, action, true)
      expect(operated).toMatchObject({ steps: null, refused: [{ step: 'a' }] })
      expect(await stepStatesOf(lab, taskId)).toMatchObject({ a: 'in_progress' })
      const notes = `select count(*) from tasker.workflow_step_transitions where actor = 'ana'`
      expect(await countOf(lab, notes)).toBe(0)
      await expectWellKept(lab)
    },
  )

  test('to raise its limit waits and raises it', async () => {
    const lab = await openLab()
    const { operated } = await meetClaim(lab, 'set_retry_limit', true)
    expect(operated?.steps).toMatchObject([{ step: 'a', from: 'in_progress' }])
    await expectWellKept(lab)
  })

  test('to hold the task waits; what was claimed goes on, and its child stays where nobody looks', async () => {
    const lab = await openLab()
    const { definition, taskId, workerId, a, hasWaited } = await meetClaim(lab, 'hold')
    expect(hasWaited).toBe(true)
    const call = finishCall(workerId, { outcomes: [outcomeOf(a)], want: 5, lanes: [definition] })
    expect((await finishSteps(lab.eye.database, call)).claims).toEqual([])
    expect((await lab.claim(workerId, [definition], 5)).claims).toEqual([])
    await expectWellKept(lab)
    await operate(lab.eye, 'resume', taskId)
    expect((await lab.claim(workerId, [definition], 5)).claims).toMatchObject([{ name: 'b' }])
    await expectWellKept(lab)
  })

  test('without taking the due row first misses it: the step runs on, and its child runs beside it', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'move_steps', (sql) =>
      replaceOnce(sql, `if p_action <> 'retry' then`, 'if false then'),
    )
    const { definition, taskId, workerId } = await meetClaim(lab, 'skip', true)
    const beside = await lab.claim(workerId, [definition], 5)
    expect(beside.claims).toMatchObject([{ name: 'b' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'in_progress', b: 'in_progress' })
  })
})

describe('an operator who is in the middle when a claim comes', () => {
  test.each(['resolve', 'skip', 'cancel', 'hold', 'set_retry_limit'] as const)(
    'to %s: the claim passes by and takes other work',
    async (action) => {
      const lab = await openLab()
      const definition = await lab.define([['a', []]])
      const [taskId, other] = [await lab.create(definition), await lab.create(definition)]
      const workerId = await lab.worker([definition])
      const [operating, claiming] = [await lab.connect(), await lab.connect()]
      await operating.query('begin')
      await operate(operating, action, taskId, {
        steps: action === 'hold' ? null : ['a'],
        limit: 9,
      })
      const claim = start(claiming, () =>
        finishSteps(claiming.database, finishCall(workerId, { want: 5, lanes: [definition] })),
      )
      expect(await waitsForLock(lab, claim)).toBe(false)
      expect((await valueOf(claim)).claims).toMatchObject([{ taskId: other }])
      await operating.query('commit')
      await expectWellKept(lab)
    },
  )
})

/** Limits are changed without touching the due rows of their steps. */
const withoutDueRows = (lab: Lab): Promise<void> =>
  withoutRule(lab, 'adjust_tasks', (sql) => {
    const from = sql.indexOf('      with gone as (')
    const to = sql.indexOf('      with changed as (')
    return sql.slice(0, from) + sql.slice(to)
  })

describe('an operator who changes limits of steps that a claim takes in another order', () => {
  /** The operator stops between the two steps for as long as the gate is held; then the claim comes, b first. */
  async function meet(lab: Lab) {
    const definition = await lab.define([
      ['a', []],
      ['b', [], { priority: 0 }],
    ])
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    await lab.eye.query(`
      create function tasker.stop_once() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(1);
        return new;
      end $$`)
    await lab.eye.query(`
      create trigger stop_once before update of retry_limit on tasker.workflow_steps
      for each row when (new.step_no = 1) execute function tasker.stop_once()`)
    const [gate, operating, claiming] = [
      await lab.connect(),
      await lab.connect(),
      await lab.connect(),
    ]
    await gate.query('select pg_advisory_lock(1)')
    // Without the callers of src, which repeat a deadlock's victim: the test wants to see it.
    const operated = start(operating, () =>
      operating.query(
        `select tasker.operate_tasks('{"action": "set_retry_limit", "steps": ["a", "b"], "limit": 9}',
          array[$1::uuid], 'ana', 'test', true, false)`,
        [taskId],
      ),
    )
    expect(await waitsForLock(lab, operated)).toBe(true)
    const claimed = start(claiming, () =>
      claiming.query(
        `select tasker.finish_steps($1, gen_random_uuid(), '[]', false, 2, array[$2::integer], false, '{}', 'worker:1', 5, 1)`,
        [workerId, definition],
      ),
    )
    const hasWaited = await waitsForLock(lab, claimed)
    await gate.query('select pg_advisory_unlock(1)')
    const endings = [await claimed.ending, await operated.ending]
    return {
      hasWaited,
      states: endings.map((ending) => ('sqlState' in ending ? ending.sqlState : null)),
    }
  }

  test('does not deadlock: it holds their due rows, so the claim passes by', async () => {
    const lab = await openLab({ alone: true })
    expect(await meet(lab)).toEqual({ hasWaited: false, states: [null, null] })
    await expectWellKept(lab)
  })

  test('without those rows deadlocks', async () => {
    const lab = await openLab({ alone: true })
    await withoutDueRows(lab)
    const { hasWaited, states } = await meet(lab)
    expect(hasWaited).toBe(true)
    expect(states).toContain('40P01')
  })
})

describe('an operator who changes a step whose claim has looked and not yet locked', () => {
  /** The claim stops with its snapshot taken for as long as the gate is held; meanwhile the operator comes and goes. */
  async function meet(lab: Lab, action: 'set_retry_limit' | 'wake') {
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    const now = new Date(Date.UTC(2040, 0))
    await withoutRule(lab, 'claim_due', (sql) =>
      replaceOnce(
        sql,
        '    from picked k\n    join tasker.due d',
        '    from (select pg_advisory_xact_lock(1)) gate\n    cross join picked k\n    join tasker.due d',
      ),
    )
    const [gate, claiming] = [await lab.connect(), await lab.connect()]
    await gate.query('select pg_advisory_lock(1)')
    const call = finishCall(workerId, { want: 1, lanes: [definition], now })
    const claimed = start(claiming, () => finishSteps(claiming.database, call))
    expect(await waitsForLock(lab, claimed)).toBe(true)
    // Before the time that the claim was told, so that there is something to wake.
    const order = { steps: ['a'], limit: 9, now: new Date(Date.UTC(2020, 0)) }
    const operated = await operate(lab.eye, action, taskId, order)
    expect(operated?.steps).toHaveLength(1)
    await gate.query('select pg_advisory_unlock(1)')
    const { claims } = await valueOf(claimed)
    return { taskId, workerId, definition, claims }
  }

  test.each(['set_retry_limit', 'wake'] as const)(
    'to %s: the claim passes by, the next one takes it, and the history is in order',
    async (action) => {
      const lab = await openLab()
      const { workerId, definition, claims } = await meet(lab, action)
      expect(claims).toEqual([])
      expect((await lab.claim(workerId, [definition])).claims).toMatchObject([{ name: 'a' }])
      await expectWellKept(lab)
    },
  )

  test('with the due row left in place, the claim stands in the history before what it followed', async () => {
    const lab = await openLab()
    await withoutDueRows(lab)
    const { claims } = await meet(lab, 'set_retry_limit')
    expect(claims).toMatchObject([{ name: 'a' }])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toMatchObject([
      expect.stringMatching(/step whose history .* \(2\), .* \(1\)/),
    ])
  })
})

describe('an operator who ends a task that nobody has started, while its deadline is claimed', () => {
  async function meet(lab: Lab) {
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition, { deadlineMs: 0 })
    const workerId = await lab.worker([definition])
    const [claiming, operating] = [await lab.connect(), await lab.connect()]
    await claiming.query('begin')
    const call = finishCall(workerId, { want: 1, lanes: [definition] })
    const { claims } = await finishSteps(claiming.database, call)
    expect(claims).toMatchObject([{ stepNo: -1 }])
    const resolved = start(operating, () => operate(operating, 'resolve', taskId, { steps: ['a'] }))
    expect(await waitsForLock(lab, resolved)).toBe(true)
    await claiming.query('commit')
    return { taskId, workerId, claims, operated: await valueOf(resolved) }
  }

  test('sees that the claim has started it, and ends it', async () => {
    const lab = await openLab()
    const { taskId, workerId, claims, operated } = await meet(lab)
    expect(operated).toMatchObject({ from: 'in_progress', to: 'complete' })
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    const parts = { actor: 'worker', reason: 'deadline_exceeded', now: null }
    await settleTasks(lab.eye.database, { taskIds: [taskId], state: 'error', ...parts })
    await lab.finish(
      workerId,
      claims.map((step) => outcomeOf(step)),
    )
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    await expectWellKept(lab)
  })

  test('without waiting for that claim leaves a task that nothing will end', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'move_steps', (sql) =>
      replaceOnce(
        sql,
        `  perform 1
  from tasker.tasks t
  where t.task_id = any (v_locked)
  for no key update;
`,
        '',
      ),
    )
    const { taskId, operated } = await meet(lab)
    expect(operated).toMatchObject({ to: 'complete' })
    expect(await taskStateOf(lab, taskId)).toBe('in_progress')
  })
})

describe('a task that is held when its last step completes', () => {
  test('is complete, and its annotations hook runs, and runs again when it failed', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    await lab.eye.query('update tasker.definitions set annotates = true')
    const taskId = await lab.create(definition)
    const workerId = await lab.worker([definition])
    const { claims } = await lab.claim(workerId, [definition])
    await operate(lab.eye, 'hold', taskId)
    await lab.finish(
      workerId,
      claims.map((step) => outcomeOf(step)),
    )
    expect(await taskStateOf(lab, taskId)).toBe('complete')
    await expectWellKept(lab)
    const first = await lab.claim(workerId, [definition])
    expect(first.claims).toMatchObject([{ stepNo: 0 }])
    const failure = { kind: 'failed', delayMs: 0 } as const
    await lab.finish(
      workerId,
      first.claims.map((step) => outcomeOf(step, failure)),
    )
    await expectWellKept(lab)
    expect((await lab.claim(workerId, [definition])).claims).toMatchObject([{ stepNo: 0 }])
  })
})

test('in bulk, waits for each claim it meets and settles what each took', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const taskIds = [await lab.create(definition), await lab.create(definition)]
  const workerId = await lab.worker([definition])
  const [claiming, operating] = [await lab.connect(), await lab.connect()]
  await claiming.query('begin')
  await finishSteps(claiming.database, finishCall(workerId, { want: 2, lanes: [definition] }))
  const skipped = start(operating, () =>
    operateAll(operating, 'skip', taskIds.toReversed(), { steps: ['a'] }),
  )
  expect(await waitsForLock(lab, skipped)).toBe(true)
  await claiming.query('commit')
  const froms = (await valueOf(skipped)).flatMap(({ steps }) => steps?.map(({ from }) => from))
  expect(froms).toEqual(['in_progress', 'in_progress'])
  for (const taskId of taskIds) expect(await taskStateOf(lab, taskId)).toBe('complete')
  await expectWellKept(lab)
})
