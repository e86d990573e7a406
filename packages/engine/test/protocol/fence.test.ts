// Rules 4, 6 and 13; S4, M2 and M3: only the claim that holds a step may record its outcome. Whoever comes late is refused,
// and what was done is kept in the history.
import { describe, expect, test } from 'vitest'
import { settleTasks } from '../../src/database/steps.ts'
import { checkInvariants } from './invariants.ts'
import { labsOfFile, named, outcomeOf, stepStatesOf, taskStateOf, type Lab } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

async function chainUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', ['a']],
  ])
  const taskId = await lab.create(definition)
  const one = await lab.worker([definition])
  const two = await lab.worker([definition])
  const { claims } = await lab.claim(one, [definition])
  return { definition, taskId, one, two, a: named(claims, 'a') }
}

const cancel = (lab: Lab, taskId: Parameters<typeof taskStateOf>[1]) =>
  settleTasks(lab.eye.database, {
    taskIds: [taskId],
    state: 'cancelled',
    actor: 'operator',
    reason: 'test',
    now: null,
  })

const withoutConditions = (lab: Lab): Promise<void> =>
  withoutRule(lab, 'finish_steps', (sql) =>
    replaceOnce(
      replaceOnce(
        sql,
        `where s.state = 'in_progress'
        and s.claim_no = o.claim_no
        and (t.state in ('pending', 'in_progress') or s.step_no <= 0)`,
        'where s.claim_no = o.claim_no',
      ),
      `where s.ctid = e.at
        and s.state = 'in_progress'`,
      'where s.ctid = e.at',
    ),
  )

const refusedEntries = (lab: Lab) =>
  lab.eye.query(
    `select step_no, claim_no, to_state, actor, metadata
     from tasker.workflow_step_transitions where reason = 'outcome_refused' order by seq`,
  )

describe('a handler that goes on after its step was handed back and claimed again', () => {
  async function aba(lab: Lab) {
    const { definition, taskId, one, two, a } = await chainUnderWay(lab)
    await lab.finish(one, [outcomeOf(a, { kind: 'release' })])
    const { claims } = await lab.claim(two, [definition])
    const [second] = claims
    const late = await lab.finish(one, [outcomeOf(a, { result: '"late"' })])
    return { taskId, one, two, a, second, late }
  }

  test('is refused, though the attempt has the same number; the claim in progress is not disturbed', async () => {
    const lab = await openLab()
    const { taskId, a, second, late } = await aba(lab)
    expect(second).toMatchObject({ name: 'a', attempts: a.attempts, claimNo: a.claimNo + 1 })
    expect(late.recorded.size).toBe(0)
    expect(late.unrecorded).toMatchObject([{ claimNo: 1, answer: 'refused', state: 'in_progress' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'in_progress', b: 'pending' })
    expect(await refusedEntries(lab)).toEqual([
      {
        step_no: 1,
        claim_no: 1,
        to_state: 'in_progress',
        actor: 'worker:1',
        metadata: { outcome: 'complete', result: 'late' },
      },
    ])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('is refused again when it asks again', async () => {
    const lab = await openLab()
    const { one, a } = await aba(lab)
    const again = await lab.finish(one, [outcomeOf(a, { result: '"late"' })])
    expect(again.unrecorded).toMatchObject([{ claimNo: 1, answer: 'refused' }])
    expect(await refusedEntries(lab)).toHaveLength(1)
  })

  test('beside the outcome of the newer claim in one call is refused alone', async () => {
    const lab = await openLab()
    const { definition, taskId, one, a } = await chainUnderWay(lab)
    await lab.finish(one, [outcomeOf(a, { kind: 'release' })])
    const { claims } = await lab.claim(one, [definition])
    const newer = named(claims, 'a')
    const reply = await lab.finish(one, [
      outcomeOf(a, { result: '"late"' }),
      outcomeOf(newer, { result: '"right"' }),
    ])
    expect([...reply.recorded.values()]).toMatchObject([{ to: 'complete' }])
    expect(reply.unrecorded).toMatchObject([{ claimNo: 1, answer: 'refused' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'pending' })
    expect(await refusedEntries(lab)).toHaveLength(1)
  })

  test('with the attempt as the fence is believed, and the running claim is robbed', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, 'and s.claim_no = o.claim_no', 'and s.attempts = o.claim_no'),
    )
    const { taskId, late } = await aba(lab)
    expect([...late.recorded.values()]).toMatchObject([{ to: 'complete' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'pending' })
  })
})

describe('an outcome that comes after its task was cancelled', () => {
  async function late(lab: Lab) {
    const { taskId, one, a } = await chainUnderWay(lab)
    await cancel(lab, taskId)
    const reply = await lab.finish(one, [outcomeOf(a, { result: '"charged"' })])
    return { taskId, reply }
  }

  test('is refused and kept with its result; the task stays cancelled', async () => {
    const lab = await openLab()
    const { taskId, reply } = await late(lab)
    expect(reply.unrecorded).toMatchObject([{ answer: 'refused', state: 'cancelled' }])
    expect(await taskStateOf(lab, taskId)).toBe('cancelled')
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'cancelled', b: 'cancelled' })
    expect(await refusedEntries(lab)).toMatchObject([
      { to_state: 'cancelled', metadata: { outcome: 'complete', result: 'charged' } },
    ])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('is, without the conditions on step and task, recorded into a task that has ended', async () => {
    const lab = await openLab({ alone: true })
    await lab.eye.query('alter table tasker.task_progress drop constraint task_progress_open_check')
    await withoutConditions(lab)
    const { taskId, reply } = await late(lab)
    expect([...reply.recorded.values()]).toMatchObject([{ to: 'complete' }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'cancelled' })
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toMatch(/after cancelled \(\d+\), in_progress to complete/)
  })

  test('is, with that check on the counters left, at least thrown out', async () => {
    const lab = await openLab()
    await withoutConditions(lab)
    await expect(late(lab)).rejects.toMatchObject({ constraint: 'task_progress_open_check' })
  })

  test('that reports a failure is kept with its error', async () => {
    const lab = await openLab()
    const { taskId, one, a } = await chainUnderWay(lab)
    await cancel(lab, taskId)
    await lab.finish(one, [outcomeOf(a, { kind: 'failed', error: { message: 'no' } })])
    expect(await refusedEntries(lab)).toMatchObject([
      { metadata: { outcome: 'failed', error: { message: 'no' } } },
    ])
  })

  test('too large to keep is kept without its result', async () => {
    const lab = await openLab()
    const { taskId, one, a } = await chainUnderWay(lab)
    await cancel(lab, taskId)
    await lab.finish(one, [outcomeOf(a, { result: JSON.stringify('x'.repeat(70_000)) })])
    expect(await refusedEntries(lab)).toMatchObject([
      { metadata: { result: 'too large to keep here' } },
    ])
  })

  test.each(['release', 'wait'] as const)(
    'and only hands back (%s) leaves no entry',
    async (kind) => {
      const lab = await openLab()
      const { taskId, one, a } = await chainUnderWay(lab)
      await cancel(lab, taskId)
      const reply = await lab.finish(one, [outcomeOf(a, { kind })])
      expect(reply.unrecorded).toMatchObject([{ answer: 'refused' }])
      expect(await refusedEntries(lab)).toEqual([])
    },
  )
})

describe('an outcome sent twice in two calls', () => {
  test.each([
    ['complete', 'complete'],
    ['failed', 'error'],
    ['wait', 'pending'],
    ['release', 'pending'],
  ] as const)('%s is recorded once', async (kind, to) => {
    const lab = await openLab()
    const { taskId, one, a } = await chainUnderWay(lab)
    const outcome = outcomeOf(a, { kind, delayMs: kind === 'failed' ? 1000 : null })
    expect([...(await lab.finish(one, [outcome])).recorded.values()]).toMatchObject([{ to }])
    const again = await lab.finish(one, [outcome])
    expect(again.unrecorded).toMatchObject([{ answer: 'already_recorded', state: to }])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: to, b: 'pending' })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })
})

test('an outcome of a step that does not exist is refused', async () => {
  const lab = await openLab()
  const { one, a } = await chainUnderWay(lab)
  const reply = await lab.finish(one, [outcomeOf({ ...a, stepNo: 99 })])
  expect(reply.unrecorded).toMatchObject([{ answer: 'refused', state: null }])
})
