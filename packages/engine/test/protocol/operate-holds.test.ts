// Rule 15 and rule 1: what is held starts nothing. A held task's due rows stand in lane 0; a held namespace's lanes are
// refused, by what is so after the locks were waited for.
import { describe, expect, test } from 'vitest'
import { finishSteps } from '../../src/database/steps.ts'
import { holdNamespace } from '../../src/database/operate.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import {
  countOf,
  finishCall,
  labsOfFile,
  named,
  outcomeOf,
  type Connection,
  type Lab,
} from './lab.ts'
import { operate } from './operator.ts'
import { replaceEach, replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

const expectWellKept = async (lab: Lab): Promise<void> =>
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])

/** a runs, b depends on it. */
async function chainUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', ['a']],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition])
  const fused = finishCall(workerId, {
    outcomes: [outcomeOf(named(claims, 'a'))],
    want: 5,
    lanes: [definition],
  })
  return { definition, taskId, workerId, fused }
}

const holdAll = (on: Connection, isHeld = true) =>
  holdNamespace(on.database, {
    namespace: 'protocol',
    isHeld,
    actor: 'ana',
    reason: 'test',
    now: null,
  })

describe('a hold of a task and a finish that claims its child', () => {
  test('the hold waits: the child that was just claimed runs on', async () => {
    const lab = await openLab()
    const { taskId, fused } = await chainUnderWay(lab)
    const [finishing, operating] = [await lab.connect(), await lab.connect()]
    await finishing.query('begin')
    const { claims } = await finishSteps(finishing.database, fused)
    expect(claims).toMatchObject([{ name: 'b' }])
    const held = start(operating, () => operate(operating, 'hold', taskId))
    expect(await waitsForLock(lab, held)).toBe(true)
    await finishing.query('commit')
    expect(await valueOf(held)).toMatchObject({ isHeld: true })
    await expectWellKept(lab)
  })

  /** The other way round. */
  async function finishAfterHold(lab: Lab) {
    const { definition, taskId, workerId, fused } = await chainUnderWay(lab)
    const [finishing, operating] = [await lab.connect(), await lab.connect()]
    await operating.query('begin')
    await operate(operating, 'hold', taskId)
    const finished = start(finishing, () => finishSteps(finishing.database, fused))
    expect(await waitsForLock(lab, finished)).toBe(true)
    await operating.query('commit')
    return { definition, taskId, workerId, finished: await valueOf(finished) }
  }

  test('the finish waits: the child is due where nobody looks, until the task is resumed', async () => {
    const lab = await openLab()
    const { definition, taskId, workerId, finished } = await finishAfterHold(lab)
    expect(finished.claims).toEqual([])
    expect(await countOf(lab, 'select count(*) from tasker.due where lane = 0')).toBe(1)
    await expectWellKept(lab)
    await operate(lab.eye, 'resume', taskId)
    expect((await lab.claim(workerId, [definition])).claims).toMatchObject([{ name: 'b' }])
    await expectWellKept(lab)
  })

  test('a finish that does not ask for holds starts the child', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, 'is_released and not held', 'is_released'),
    )
    const { finished } = await finishAfterHold(lab)
    expect(finished.claims).toMatchObject([{ name: 'b' }])
  })
})

test('a hold that waited for the first claim is entered as of a task in progress', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const [claiming, operating] = [await lab.connect(), await lab.connect()]
  await claiming.query('begin')
  await finishSteps(claiming.database, finishCall(workerId, { want: 1, lanes: [definition] }))
  const held = start(operating, () => operate(operating, 'hold', taskId))
  expect(await waitsForLock(lab, held)).toBe(true)
  await claiming.query('commit')
  expect(await valueOf(held)).toMatchObject({ from: 'in_progress', to: 'in_progress' })
  const entries = await lab.eye.query(
    'select from_state, to_state from tasker.task_transitions where task_id = $1 order by seq',
    [taskId],
  )
  expect(entries.slice(1)).toEqual([
    { from_state: 'pending', to_state: 'in_progress' },
    { from_state: 'in_progress', to_state: 'in_progress' },
  ])
  await expectWellKept(lab)
})

test('a trial says what it would be, and changes nothing', async () => {
  const lab = await openLab()
  const { taskId } = await chainUnderWay(lab)
  expect(await operate(lab.eye, 'hold', taskId, { isTrial: true })).toMatchObject({ isHeld: true })
  expect(await operate(lab.eye, 'resume', taskId)).toMatchObject({ isHeld: false, steps: null })
  await expectWellKept(lab)
})

describe('a hold of a namespace', () => {
  test('lets a claim under way be; after it nothing of the namespace starts, until it is resumed', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    await lab.create(definition)
    await lab.create(definition)
    const workerId = await lab.worker([definition])
    const [claiming, operating] = [await lab.connect(), await lab.connect()]
    await claiming.query('begin')
    const call = finishCall(workerId, { want: 1, lanes: [definition, -definition] })
    expect((await finishSteps(claiming.database, call)).claims).toHaveLength(1)
    const held = start(operating, () => holdAll(operating))
    expect(await waitsForLock(lab, held)).toBe(false)
    await claiming.query('commit')
    const lanes = [definition, -definition]
    expect((await lab.claim(workerId, lanes, 5)).claims).toEqual([])
    await holdAll(lab.eye, false)
    expect((await lab.claim(workerId, lanes, 5)).claims).toHaveLength(1)
    await expectWellKept(lab)
  })

  /** A finish waits for a task; meanwhile its namespace is held. */
  async function holdWhileFinishWaits(lab: Lab) {
    const { taskId, fused } = await chainUnderWay(lab)
    const [finishing, locking] = [await lab.connect(), await lab.connect()]
    await locking.query('begin')
    await locking.query('select 1 from tasker.task_progress where task_id = $1 for update', [
      taskId,
    ])
    const finished = start(finishing, () => finishSteps(finishing.database, fused))
    expect(await waitsForLock(lab, finished)).toBe(true)
    await holdAll(lab.eye)
    await locking.query('commit')
    return valueOf(finished)
  }

  test('is seen by a finish that was waiting for its task: the child does not start', async () => {
    const lab = await openLab()
    const { recorded, claims } = await holdWhileFinishWaits(lab)
    expect(recorded.size).toBe(1)
    expect(claims).toEqual([])
    await expectWellKept(lab)
  })

  test('asked for before the lock is missed: the child starts in a held namespace', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) => {
      const reading = sql.slice(
        sql.indexOf('  v_barred := array('),
        sql.indexOf(`  if v_locked <> '{}' then`),
      )
      return replaceOnce(
        sql.replace(reading, ''),
        '  perform tasker.require_read_committed();\n',
        `  perform tasker.require_read_committed();\n${reading}`,
      )
    })
    const { claims } = await holdWhileFinishWaits(lab)
    expect(claims).toMatchObject([{ name: 'b' }])
  })

  test('a claim that does not refuse its lanes takes what is held', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceEach(sql, 'where not abs(l) = any (v_barred)', ''),
    )
    const definition = await lab.define([['a', []]])
    await lab.create(definition)
    await holdAll(lab.eye)
    const workerId = await lab.worker([definition])
    expect((await lab.claim(workerId, [definition])).claims).toHaveLength(1)
  })

  test('waits for a registration under way, so that its version is held too', async () => {
    const lab = await openLab()
    await lab.define([['a', []]])
    const [registering, operating] = [await lab.connect(), await lab.connect()]
    await registering.query('begin')
    await registering.query(
      `select tasker.register_definition(jsonb_build_object('namespace', 'protocol', 'name', 'another',
        'description', '', 'version', '1', 'digest', 'd', 'graph_id', gen_random_uuid(), 'settings', '{}'::jsonb,
        'annotates', false, 'steps', '[]'::jsonb))`,
    )
    const held = start(operating, () => holdAll(operating))
    expect(await waitsForLock(lab, held)).toBe(true)
    await registering.query('commit')
    expect(await valueOf(held)).toBe(true)
    const free = 'select count(*) from tasker.definitions where not held'
    expect(await countOf(lab, free)).toBe(0)
  })
})
