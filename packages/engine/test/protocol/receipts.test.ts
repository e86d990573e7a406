// Rule 7, S2 and S3: a claiming call leaves a receipt, so that a lost reply is answered again without being done again, and
// a dead worker's steps are found without searching the steps.
import { describe, expect, test } from 'vitest'
import { finishSteps, type FinishCall, type FinishReply } from '../../src/database/steps.ts'
import { renewWorker, stopWorker } from '../../src/database/workers.ts'
import type { TaskId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import { countOf, finishCall, labsOfFile, named, outcomeOf, stepStatesOf, type Lab } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()
const receipts = 'select count(*) from tasker.receipts'

/** a runs; b follows it; `other` is due too. */
async function chainUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', ['a']],
  ])
  const taskId = await lab.create(definition)
  const workerId = await lab.worker([definition])
  const { claims } = await lab.claim(workerId, [definition])
  const call = finishCall(workerId, {
    outcomes: [outcomeOf(named(claims, 'a'), { result: '"ra"' })],
    want: 5,
    lanes: [definition],
  })
  return { definition, taskId, workerId, call }
}

/** Everything a second call could change. */
async function rowsOf(lab: Lab, taskId: TaskId): Promise<unknown> {
  const tables = ['workflow_steps', 'task_progress', 'tasks', 'step_results', 'step_claims', 'due']
  const history = ['task_transitions', 'workflow_step_transitions']
  const parts = [...tables, ...history].map(
    (table) =>
      `(select json_agg(x::text order by x::text) from tasker.${table} x where x.task_id = $1) as ${table}`,
  )
  return lab.eye.query(`select ${parts.join(', ')}`, [taskId])
}

const brief = (reply: FinishReply) => ({
  recorded: [...reply.recorded.keys()].length,
  answers: reply.unrecorded.map(({ answer }) => answer),
  claims: reply.claims.map(({ name, claimNo, results }) => ({ name, claimNo, results })),
})

describe('a reply that was lost', () => {
  async function sendTwice(lab: Lab) {
    const { definition, taskId, call } = await chainUnderWay(lab)
    const first = await finishSteps(lab.eye.database, call)
    await lab.create(definition) // due now: a call that claims again would take it
    const before = await rowsOf(lab, taskId)
    const second = await finishSteps(lab.eye.database, call)
    return {
      first,
      second,
      hasChanged: JSON.stringify(before) !== JSON.stringify(await rowsOf(lab, taskId)),
    }
  }

  test('is answered again with the same claims, and nothing is done again', async () => {
    const lab = await openLab()
    const { first, second, hasChanged } = await sendTwice(lab)
    const claims = [{ name: 'b', claimNo: 1, results: { a: 'ra' } }]
    expect(brief(first)).toEqual({ recorded: 1, answers: [], claims })
    expect(brief(second)).toEqual({ recorded: 0, answers: ['already_recorded'], claims })
    expect(hasChanged).toBe(false)
    expect(await countOf(lab, receipts)).toBe(2) // of a's claim and of this call
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('without the receipt is answered with other steps: the first claim is in nobody\u2019s memory', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, `if not v_is_resend and v_tasks <> '{}' then`, 'if false then'),
    )
    const { first, second } = await sendTwice(lab)
    expect(brief(first).claims).toMatchObject([{ name: 'b' }])
    expect(brief(second).claims).toMatchObject([{ name: 'a' }]) // of the other task
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('a step in progress that no receipt names')
  })

  test('of a call that claimed nothing leaves no receipt; sent again, it is already recorded', async () => {
    const lab = await openLab()
    const { call } = await chainUnderWay(lab)
    const silent: FinishCall = { ...call, want: 0 }
    await finishSteps(lab.eye.database, silent)
    expect(await countOf(lab, receipts)).toBe(1)
    const second = await finishSteps(lab.eye.database, silent)
    expect(brief(second)).toEqual({ recorded: 0, answers: ['already_recorded'], claims: [] })
  })

  test('does not name steps that ended meanwhile', async () => {
    const lab = await openLab()
    const { taskId, workerId, call } = await chainUnderWay(lab)
    const { claims } = await finishSteps(lab.eye.database, call)
    await lab.finish(workerId, [outcomeOf(named(claims, 'b'))])
    expect((await finishSteps(lab.eye.database, call)).claims).toEqual([])
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'complete', b: 'complete' })
  })

  test('answers busy for an outcome that its first sending met busy', async () => {
    const lab = await openLab()
    const { definition, taskId, call } = await chainUnderWay(lab)
    const other = await lab.create(definition)
    const holder = await lab.connect()
    await holder.query('begin')
    await holder.query('select 1 from tasker.task_progress where task_id = $1 for update', [taskId])
    const sent = { ...call, waits: false }
    const first = await finishSteps(lab.eye.database, sent)
    expect(brief(first).answers).toEqual(['busy'])
    expect(first.claims).toMatchObject([{ taskId: other, name: 'a' }])
    const second = await finishSteps(lab.eye.database, sent)
    expect(brief(second)).toEqual(brief(first))
  })
})

describe('a call sent again while its first sending has not yet committed', () => {
  /** The connection broke, but the server goes on with the call. */
  async function overtake(lab: Lab) {
    const { definition, call } = await chainUnderWay(lab)
    await lab.create(definition)
    await lab.create(definition)
    const claimOnly = { ...call, outcomes: [], want: 1 }
    const [first, second] = [await lab.connect(), await lab.connect()]
    await first.query('begin')
    const { claims } = await finishSteps(first.database, claimOnly)
    const again = start(second, () => finishSteps(second.database, claimOnly))
    expect(await waitsForLock(lab, again)).toBe(true)
    await first.query('commit')
    return { claims, again }
  }

  test('waits for it and answers with its claims', async () => {
    const lab = await openLab()
    const { claims, again } = await overtake(lab)
    expect((await valueOf(again)).claims).toEqual(claims)
    expect(await countOf(lab, receipts)).toBe(2)
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('finds its receipt after it has waited for the task, though there is nothing else to claim', async () => {
    const lab = await openLab()
    const { call } = await chainUnderWay(lab)
    const [first, second] = [await lab.connect(), await lab.connect()]
    await first.query('begin')
    const { claims } = await finishSteps(first.database, call)
    const again = start(second, () => finishSteps(second.database, call))
    expect(await waitsForLock(lab, again)).toBe(true)
    await first.query('commit')
    expect(brief(await valueOf(again))).toEqual({
      recorded: 0,
      answers: ['already_recorded'],
      claims: [{ name: 'b', claimNo: 1, results: { a: 'ra' } }],
    })
    expect(claims).toHaveLength(1)
    expect(await countOf(lab, receipts)).toBe(2)
  })
})

describe('claims of a call whose reply never came', () => {
  test('are handed back by the heartbeat, unless the call is still in flight', async () => {
    const lab = await openLab()
    const { definition, workerId } = await chainUnderWay(lab)
    await lab.create(definition)
    const lost = finishCall(workerId, { want: 1, lanes: [definition] })
    const { claims } = await finishSteps(lab.eye.database, lost)
    const renew = (calls: FinishCall['settled']) =>
      renewWorker(lab.eye.database, {
        workerId,
        leaseMs: 1000,
        slots: 1,
        holding: [],
        calls,
        now: null,
      })
    const known = await lab.eye.query('select call_id from tasker.receipts where call_id <> $1', [
      lost.callId,
    ])
    const knownCalls = known.map((row) => row['call_id'] as FinishCall['callId']) // a uuid column
    const [step] = claims.map(({ taskId, stepNo, claimNo }) => ({ taskId, stepNo, claimNo }))
    expect(await renew([...knownCalls, lost.callId])).toEqual({
      isLive: true,
      abort: [],
      handBack: [],
    })
    expect(await renew(knownCalls)).toEqual({
      isLive: true,
      abort: [],
      handBack: [{ ...step, callId: lost.callId }],
    })
  })
})

describe('settled receipts', () => {
  test('are deleted by id by a later call of the same worker, and by no other', async () => {
    const lab = await openLab()
    const { definition, workerId, call } = await chainUnderWay(lab)
    const stranger = await lab.worker([definition])
    await finishSteps(lab.eye.database, call)
    await finishSteps(lab.eye.database, finishCall(stranger, { settled: [call.callId] }))
    expect(await countOf(lab, receipts)).toBe(2)
    await finishSteps(lab.eye.database, finishCall(workerId, { settled: [call.callId] }))
    expect(await countOf(lab, receipts)).toBe(1)
  })

  test('go with their worker when it stops; one whose step still runs stays for the rescue', async () => {
    const lab = await openLab()
    const { workerId, call } = await chainUnderWay(lab)
    const { claims } = await finishSteps(lab.eye.database, call)
    expect(await countOf(lab, receipts)).toBe(2)
    await stopWorker(lab.eye.database, workerId, null)
    expect(await callsKept(lab)).toEqual([call.callId])
    expect(claims).toHaveLength(1)
  })

  test('of workers that are gone go with the next prune, and so do those workers', async () => {
    const lab = await openLab()
    const { workerId, call } = await chainUnderWay(lab)
    const { claims } = await finishSteps(lab.eye.database, call)
    await lab.eye.query(`update tasker.workers set state = 'lost'`)
    expect(await pruneWorkers(lab, '1 hour')).toBe(0)
    expect(await callsKept(lab)).toEqual([call.callId]) // b runs under it
    await lab.eye.query(`update tasker.workers set state = 'live'`)
    await lab.finish(
      workerId,
      claims.map((step) => outcomeOf(step)),
    )
    await lab.eye.query(`update tasker.workers set state = 'lost'`)
    expect(await pruneWorkers(lab, '1 hour')).toBe(1)
    expect(await callsKept(lab)).toEqual([])
  })

  test('of the last worker, which was killed, go a day after its lease; of a live one, never', async () => {
    const lab = await openLab()
    const { workerId, call } = await chainUnderWay(lab)
    const { claims } = await finishSteps(lab.eye.database, call)
    await lab.finish(
      workerId,
      claims.map((step) => outcomeOf(step)),
    )
    await pruneWorkers(lab, '-1 hour')
    expect(await countOf(lab, receipts)).toBe(2)
    await pruneWorkers(lab, '1 hour')
    expect(await callsKept(lab)).toEqual([])
  })

  const callsKept = async (lab: Lab): Promise<unknown[]> =>
    (await lab.eye.query('select call_id from tasker.receipts')).map((row) => row['call_id'])

  /** How many worker rows go that are older than the moment so far from now. */
  async function pruneWorkers(lab: Lab, fromNow: string): Promise<unknown> {
    const [row] = await lab.eye.query(
      `select tasker.prune_leftovers(null, 100, clock_timestamp() + $1::interval, false) -> 'workers' as n`,
      [fromNow],
    )
    return row?.['n']
  }
})
